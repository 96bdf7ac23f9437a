"""Converts any version of OpenAPI, including common mistakes, to the shape of OpenAPI 3.1."""
