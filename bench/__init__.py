"""How fast, small and quick to start the typed clients are, beside what one would use instead."""
