"""A small document to which `add` changes only the server's variable, and changes to it."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

__all__ = ["Change", "change_document", "copy_plain_document"]

Change = Callable[[dict[str, Any]], None]
PLAIN_DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Shop", "version": "1"},
    "servers": [{"url": "https://shop.example.com", "x-env": "SHOP_BASE_URL"}],
    "paths": {
        "/orders": {
            "get": {
                "operationId": "orders.list",
                "parameters": [{"name": "q", "in": "query", "schema": {"type": "string"}}],
                "responses": {
                    "200": {
                        "description": "All.",
                        "content": {
                            "application/json": {"schema": {"$ref": "#/components/schemas/Page"}}
                        },
                    },
                    "default": {"description": "Something is wrong."},
                },
            },
            "post": {
                "operationId": "orders.create",
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/json": {"schema": {"$ref": "#/components/schemas/New"}}
                    },
                },
                "responses": {
                    "201": {"description": "Done."},
                    "default": {"description": "Something is wrong."},
                },
            },
        },
        "/orders/{id}": {
            "delete": {
                "operationId": "orders.delete",
                "parameters": [
                    {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
                ],
                "responses": {
                    "204": {"description": "Gone."},
                    "default": {"description": "Something is wrong."},
                },
            }
        },
    },
    "components": {
        "schemas": {
            "Page": {
                "type": "object",
                "properties": {"orders": {"type": "integer"}, "note": {"type": "string"}},
            },
            "New": {"type": "object", "properties": {"item": {"type": "string"}}},
        }
    },
}


def copy_plain_document() -> dict[str, Any]:
    """Return a copy of the document."""
    return copy.deepcopy(PLAIN_DOCUMENT)


def change_document(change: Change) -> dict[str, Any]:
    """Return the document with one change."""
    document = copy_plain_document()
    change(document)
    return document
