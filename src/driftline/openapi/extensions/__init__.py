"""The extensions that driftline adds to OpenAPI."""
