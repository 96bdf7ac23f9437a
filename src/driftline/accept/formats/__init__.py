"""Formats of an acceptance: terminal, JSON, Markdown."""
