"""The rules of pages."""
