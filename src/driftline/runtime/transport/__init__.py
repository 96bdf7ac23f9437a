"""Connections: the httpx client, its pools, and bodies as they arrive."""
