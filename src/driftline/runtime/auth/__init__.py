"""Credentials of requests, and the tokens of OAuth 2."""
