"""The next version and its changelog entry."""
