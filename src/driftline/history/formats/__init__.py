"""Formats of a history: terminal, HTML page, JSON, badge, feed."""
