"""Requests that are made up where a document has no example of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from driftline.openapi import Spec, load
from driftline.openapi.schema.validation import list_violations
from driftline.suite.samples import make_value

SCHEMAS: dict[str, Any] = {
    "Code": {"type": "string", "pattern": "^SK[0-9a-f]{32}$"},
    "Short": {"type": "string", "pattern": "^[a-z]+$", "maxLength": 5, "minLength": 2},
    "Pair": {
        "type": "object",
        "required": ["code", "month"],
        "properties": {
            "code": {"$ref": "#/components/schemas/Code"},
            "month": {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}$"},
        },
    },
}


@pytest.fixture(scope="module")
def spec(tmp_path_factory: pytest.TempPathFactory) -> Spec:
    """A document with these schemas, and one operation."""
    file: Path = tmp_path_factory.mktemp("samples") / "made.json"
    ok = {"description": "Yes."}
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Made", "version": "1"},
        "servers": [{"url": "https://made.example"}],
        "paths": {"/it": {"get": {"operationId": "it.read", "responses": {"200": ok}}}},
        "components": {"schemas": SCHEMAS},
    }
    file.write_text(json.dumps(document))
    return load(file)


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_text_has_the_form_that_its_pattern_wants(spec: Spec, name: str) -> None:
    """No example says it: a server that refused such a request would be blamed for nothing."""
    pointer = f"/components/schemas/{name}"
    assert list_violations(spec, pointer, make_value(spec, pointer)) == []
