"""Fetches and reads a document: from a file, a URL or a package."""
