"""Converts any OpenAPI or Swagger document to plain data in the shape of OpenAPI 3.1."""
