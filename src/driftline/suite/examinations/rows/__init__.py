"""Examinations of operations on rows: creations, updates, deletions and uploads."""
