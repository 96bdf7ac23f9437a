"""What changed in a generated client, for the code that uses it."""
