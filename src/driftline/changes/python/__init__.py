"""The changes to a generated client that matter for the code that uses it."""
