"""A comparison as text for terminals, Markdown and JSON."""
