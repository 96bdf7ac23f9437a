"""Smaller requests that show the same finding, and the part that matters."""
