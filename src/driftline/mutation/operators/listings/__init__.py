"""The mutants of what `x-listing` says."""
