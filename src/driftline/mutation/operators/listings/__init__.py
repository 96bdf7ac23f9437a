"""The mutants of `x-listing`."""
