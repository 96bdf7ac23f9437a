"""Features of public documents on which mock, client and suite once disagreed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from driftline.cli.group import driftline
from driftline.runtime.decode.lenient_decoder import get_reader
from driftline.runtime.telemetry.drift import DecodingContext

STRING: dict[str, Any] = {"type": "string"}
UUID: dict[str, Any] = {"type": "string", "format": "uuid"}


def build_reference(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def build_content(schema: dict[str, Any]) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": schema}}}


def build_responses(schema: dict[str, Any]) -> dict[str, Any]:
    default_response = {
        "description": "No.",
        "headers": {"X-Server": {"required": True, "schema": STRING}},
    }
    return {"200": {"description": "Yes.", **build_content(schema)}, "default": default_response}


def build_path_parameter(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": schema}


def build_query_parameter(name: str, schema: dict[str, Any], **keywords: Any) -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": schema, **keywords}


SCHEMAS: dict[str, Any] = {
    # An allOf of one, with fields beside it.
    "Rule": {
        "type": "object",
        "allOf": [build_reference("Named")],
        "properties": {"properties": build_reference("Settings")},
        "required": ["properties"],
    },
    "Named": {"type": "object", "properties": {"name": STRING}, "required": ["name"]},
    "Settings": {"type": "object", "properties": {"size": {"type": "integer"}}},
    # Each part is open, so that the whole cannot be closed.
    "Whole": {"allOf": [build_reference("Named"), build_reference("Settings")]},
    # Required, but never in a request.
    "Hook": {
        "type": "object",
        "properties": {"url": STRING, "secret": {"type": "string", "readOnly": True}},
        "required": ["url", "secret"],
    },
    # Required, and nothing is said of it.
    "Bare": {"type": "object", "properties": {"status": STRING}, "required": ["status", "data"]},
    # A word of OpenAPI 3.0.
    "Entry": {
        "type": "object",
        "properties": {
            "at": {"nullable": True, **build_reference("Moment")},
            "note": {**STRING, "nullable": True},
        },
    },
    "Moment": {"type": "string", "format": "date-time"},
    # What fits one fits the other, so that hardly anything fits just one.
    "Either": {
        "oneOf": [
            {"type": "object", "properties": {"to": STRING, "device": STRING}},
            {"type": "object", "properties": {"to": STRING, "client": STRING}},
        ]
    },
    "Vault": {
        "type": "object",
        "properties": {"id": {"type": "string", "pattern": "^[a-z]{12}$"}},
        "required": ["id"],
    },
    "Scope": {"type": "object", "properties": {"of": {"type": ["object", "null"]}, "by": STRING}},
}
SIZE: dict[str, Any] = {"type": "object", "properties": {"size": {"type": "integer"}}}
EXAMPLE_RESPONSE = {
    "content": {"application/json": {"schema": SIZE, "example": {"size": 1, "weight": 2}}}
}
# Refused in another form than JSON.
PLAIN_TEXT_ERROR = {
    "401": {"description": "No key.", "content": {"text/plain": {"schema": STRING}}}
}
PATHS: dict[str, Any] = {
    "/rules/{rule}": {
        "get": {
            "parameters": [build_path_parameter("rule", STRING)],
            "responses": build_responses(build_reference("Rule")),
        },
        "delete": {
            "parameters": [
                build_path_parameter("rule", STRING),
                build_query_parameter("version", STRING, required=True),
            ],
            "responses": {"200": {"description": "Gone."}, "404": {"description": "None."}},
        },
    },
    "/wholes": {
        "post": {
            "requestBody": build_content(build_reference("Whole")),
            "responses": build_responses(build_reference("Whole")),
        }
    },
    "/hooks": {
        "post": {
            "requestBody": build_content(build_reference("Hook")),
            "responses": build_responses(build_reference("Hook")),
        }
    },
    "/bare": {"get": {"responses": build_responses(build_reference("Bare")) | PLAIN_TEXT_ERROR}},
    # An example with more than its schema.
    "/sizes": {
        "get": {
            "responses": {
                **build_responses(SIZE),
                "200": {"description": "Yes.", **EXAMPLE_RESPONSE},
            }
        }
    },
    "/entries": {
        "put": {
            "requestBody": build_content(build_reference("Entry")),
            "responses": build_responses(build_reference("Entry")),
        }
    },
    "/either": {
        "post": {
            "requestBody": build_content(build_reference("Either")),
            "responses": build_responses(build_reference("Named")),
        }
    },
    "/vaults": {
        "get": {"responses": build_responses({"type": "array", "items": build_reference("Vault")})}
    },
    # What the texts before have deleted is not there any more.
    "/vaults/{name}": {
        "delete": {
            "parameters": [
                build_path_parameter("name", STRING),
                build_query_parameter("version", STRING, required=True),
            ],
            "responses": {"204": {"description": "Gone."}, "404": {"description": "None."}},
        }
    },
    "/vaults/{vault}/files": {
        "get": {
            "parameters": [
                build_path_parameter("vault", UUID),
                build_query_parameter(
                    "in", build_reference("Scope"), style="deepObject", explode=True
                ),
            ],
            "responses": build_responses(
                {
                    "oneOf": [
                        {"type": "array", "items": build_reference("Settings")},
                        {"type": "array", "items": STRING},
                    ]
                }
            ),
        }
    },
}
FOREIGN: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Foreign", "version": "1"},
    "servers": [{"url": "https://foreign.example.com"}],
    "security": [{"key": []}],
    "paths": PATHS,
    "components": {
        "schemas": SCHEMAS,
        "securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}},
    },
}


def test_mock_client_and_suite_agree_on_a_foreign_document(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mock, client and suite agree on a document with such features, with all its operations."""
    monkeypatch.chdir(tmp_path)
    Path("api.json").write_text(json.dumps(FOREIGN, indent=1))
    result = CliRunner().invoke(driftline, ["add", "api.json", "--name", "foreign"])
    assert result.exit_code == 0, result.output
    assert "checks, no drift" in result.output
    assert "11 operations." in result.output
    assert {path.name for path in tmp_path.iterdir()} == {"api.json", "specs", "generated"}


def test_an_array_matches_the_union_member_with_its_item_type() -> None:
    """An array matches the member of a union with its item type; an array that matches none is
    drift.
    """
    kinds = get_reader(list[int] | list[str])
    for entries, drifts in ((["a"], 0), ([1, 2], 0), ([], 0), ([None], 1)):
        events: list[object] = []
        assert kinds.read(entries, DecodingContext("it", events.append)) == entries
        assert len(events) == drifts
