"""Builders of small documents for a test: a few operations and a few schemas."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from driftline.openapi import Spec, load

__all__ = ["build_operation", "build_responses", "load_document"]


def build_responses(schema: Any, **other_responses: Any) -> dict[str, Any]:
    """Return a 200 response with a JSON body of this schema, and the other documented responses."""
    content = {"application/json": {"schema": schema}}
    return {"200": {"description": "Yes.", "content": content}, **other_responses}


def build_operation(name: str, schema: Any, **members: Any) -> dict[str, Any]:
    """Return an operation whose response is JSON of this schema."""
    return {"operationId": name, "responses": build_responses(schema), **members}


def load_document(
    folder: Path,
    paths: Mapping[str, Any],
    *,
    schemas: Mapping[str, Any] | None = None,
    **components: Any,
) -> Spec:
    """Return the spec of a document with these paths; `components` are all components but the
    schemas.
    """
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Made", "version": "1"},
        "servers": [{"url": "https://made.example"}],
        "paths": paths,
        "components": {"schemas": schemas or {}, **components},
    }
    file = folder / "made.json"
    file.write_text(json.dumps(document, indent=1))
    return load(file)
