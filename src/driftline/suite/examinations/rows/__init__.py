"""What operations do to rows: creations, updates, deletions and uploads."""
