"""Serves the mock: a port, an ASGI application, an httpx transport."""
