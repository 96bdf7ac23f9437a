"""What documents of others have, and of which mock, client and suite once disagreed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from driftline.cli.group import driftline
from driftline.runtime.decode.lenient_decoder import get_reader
from driftline.runtime.telemetry.drift import DecodingContext

TEXT: dict[str, Any] = {"type": "string"}
UUID: dict[str, Any] = {"type": "string", "format": "uuid"}


def ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def body(schema: dict[str, Any]) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": schema}}}


def answers(schema: dict[str, Any]) -> dict[str, Any]:
    refused = {"description": "No.", "headers": {"X-Server": {"required": True, "schema": TEXT}}}
    return {"200": {"description": "Yes.", **body(schema)}, "default": refused}


def path(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": schema}


def query(name: str, schema: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": schema, **more}


SCHEMAS: dict[str, Any] = {
    # An allOf of one, with fields beside it.
    "Rule": {
        "type": "object",
        "allOf": [ref("Named")],
        "properties": {"properties": ref("Settings")},
        "required": ["properties"],
    },
    "Named": {"type": "object", "properties": {"name": TEXT}, "required": ["name"]},
    "Settings": {"type": "object", "properties": {"size": {"type": "integer"}}},
    # Each part is open, so that the whole cannot be closed.
    "Whole": {"allOf": [ref("Named"), ref("Settings")]},
    # Required, but never in a request.
    "Hook": {
        "type": "object",
        "properties": {"url": TEXT, "secret": {"type": "string", "readOnly": True}},
        "required": ["url", "secret"],
    },
    # Required, and nothing is said of it.
    "Bare": {"type": "object", "properties": {"status": TEXT}, "required": ["status", "data"]},
    # A word of OpenAPI 3.0.
    "Entry": {
        "type": "object",
        "properties": {
            "at": {"nullable": True, **ref("Moment")},
            "note": {**TEXT, "nullable": True},
        },
    },
    "Moment": {"type": "string", "format": "date-time"},
    # What fits one fits the other, so that hardly anything fits just one.
    "Either": {
        "oneOf": [
            {"type": "object", "properties": {"to": TEXT, "device": TEXT}},
            {"type": "object", "properties": {"to": TEXT, "client": TEXT}},
        ]
    },
    "Vault": {
        "type": "object",
        "properties": {"id": {"type": "string", "pattern": "^[a-z]{12}$"}},
        "required": ["id"],
    },
    "Scope": {"type": "object", "properties": {"of": {"type": ["object", "null"]}, "by": TEXT}},
}
SIZE: dict[str, Any] = {"type": "object", "properties": {"size": {"type": "integer"}}}
SHOWN = {"content": {"application/json": {"schema": SIZE, "example": {"size": 1, "weight": 2}}}}
# Refused in another form than JSON.
PLAIN = {"401": {"description": "No key.", "content": {"text/plain": {"schema": TEXT}}}}
PATHS: dict[str, Any] = {
    "/rules/{rule}": {
        "get": {"parameters": [path("rule", TEXT)], "responses": answers(ref("Rule"))},
        "delete": {
            "parameters": [path("rule", TEXT), query("version", TEXT, required=True)],
            "responses": {"200": {"description": "Gone."}, "404": {"description": "None."}},
        },
    },
    "/wholes": {"post": {"requestBody": body(ref("Whole")), "responses": answers(ref("Whole"))}},
    "/hooks": {"post": {"requestBody": body(ref("Hook")), "responses": answers(ref("Hook"))}},
    "/bare": {"get": {"responses": answers(ref("Bare")) | PLAIN}},
    # An example with more than its schema.
    "/sizes": {"get": {"responses": {**answers(SIZE), "200": {"description": "Yes.", **SHOWN}}}},
    "/entries": {"put": {"requestBody": body(ref("Entry")), "responses": answers(ref("Entry"))}},
    "/either": {"post": {"requestBody": body(ref("Either")), "responses": answers(ref("Named"))}},
    "/vaults": {"get": {"responses": answers({"type": "array", "items": ref("Vault")})}},
    # What the texts before have deleted is not there any more.
    "/vaults/{name}": {
        "delete": {
            "parameters": [path("name", TEXT), query("version", TEXT, required=True)],
            "responses": {"204": {"description": "Gone."}, "404": {"description": "None."}},
        }
    },
    "/vaults/{vault}/files": {
        "get": {
            "parameters": [
                path("vault", UUID),
                query("in", ref("Scope"), style="deepObject", explode=True),
            ],
            "responses": answers(
                {
                    "oneOf": [
                        {"type": "array", "items": ref("Settings")},
                        {"type": "array", "items": TEXT},
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
    """Whatever is odd in it, all three read it in the same way, and nothing is left out."""
    monkeypatch.chdir(tmp_path)
    Path("api.json").write_text(json.dumps(FOREIGN, indent=1))
    done = CliRunner().invoke(driftline, ["add", "api.json", "--name", "foreign"])
    assert done.exit_code == 0, done.output
    assert "checks, no drift" in done.output
    assert "11 operations." in done.output
    assert {path.name for path in tmp_path.iterdir()} == {"api.json", "specs", "generated"}


def test_of_two_arrays_the_one_that_its_entries_are_of() -> None:
    """An array is no drift where one type of a union has just its entries; else it is."""
    kinds = get_reader(list[int] | list[str])
    for entries, drifts in ((["a"], 0), ([1, 2], 0), ([], 0), ([None], 1)):
        events: list[object] = []
        assert kinds.read(entries, DecodingContext("it", events.append)) == entries
        assert len(events) == drifts
