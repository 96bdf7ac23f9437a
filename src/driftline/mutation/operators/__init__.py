"""The mutants of each kind of clause."""
