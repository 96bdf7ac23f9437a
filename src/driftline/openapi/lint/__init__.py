"""The rules for specs, each with an id."""
