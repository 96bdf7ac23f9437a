"""`scripts/soak`: hours of mixed load on a mock that is sometimes killed; no row may be lost."""
