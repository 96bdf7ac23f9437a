"""Turns any OpenAPI or Swagger document into plain data in the shape of OpenAPI 3.1."""
