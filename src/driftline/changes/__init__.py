"""What a new version changes: on the wire, for Python callers, and in the release."""
