"""The mutants for each kind of clause."""
