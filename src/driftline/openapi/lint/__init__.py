"""The rules that a spec must keep, each with an id."""
