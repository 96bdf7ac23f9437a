"""One API in several OpenAPI versions or several files has no changes."""

from __future__ import annotations

import json
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

from changes_wire.repository import commit, start_repository
from driftline.changes.wire import compare
from driftline.changes.wire.source.git import Repository
from driftline.changes.wire.source.sources import read_committed, read_file

SWAGGER: dict[str, Any] = {
    "swagger": "2.0",
    "info": {"title": "Shop", "version": "1"},
    "host": "api.example.com",
    "basePath": "/v1",
    "schemes": ["https"],
    "consumes": ["application/json"],
    "produces": ["application/json"],
    "securityDefinitions": {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}},
    "security": [{"key": []}],
    "paths": {
        "/items/{id}": {
            "parameters": [{"name": "id", "in": "path", "required": True, "type": "string"}],
            "put": {
                "operationId": "items.update",
                "parameters": [
                    {"name": "tags", "in": "query", "type": "array", "items": {"type": "string"}},
                    {"name": "body", "in": "body", "required": True,
                     "schema": {"$ref": "#/definitions/Item"}},
                ],
                "responses": {
                    "200": {"description": "Done.", "schema": {"$ref": "#/definitions/Item"}},
                },
            },
        }
    },
    "definitions": {
        "Item": {
            "type": "object",
            "required": ["name"],
            "properties": {
                "name": {"type": "string", "maxLength": 9},
                "note": {"type": "string", "x-nullable": True},
                "size": {"type": "integer", "minimum": 0, "exclusiveMinimum": True},
            },
        }
    },
}  # fmt: skip


def build_later_version(version: str, item: dict[str, Any]) -> dict[str, Any]:
    body = {"application/json": {"schema": {"$ref": "#/components/schemas/Item"}}}
    tags = {"type": "array", "items": {"type": "string"}}
    return {
        "openapi": version,
        "info": {"title": "Shop", "version": "1"},
        "servers": [{"url": "https://api.example.com/v1"}],
        "security": [{"key": []}],
        "paths": {
            "/items/{id}": {
                "put": {
                    "operationId": "items.update",
                    "parameters": [
                        {
                            "name": "id",
                            "in": "path",
                            "required": True,
                            "schema": {"type": "string"},
                        },
                        {"name": "tags", "in": "query", "explode": False, "schema": tags},
                    ],
                    "requestBody": {"required": True, "content": body},
                    "responses": {"200": {"description": "Done.", "content": body}},
                },
            }
        },
        "components": {
            "securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}},
            "schemas": {"Item": item},
        },
    }


OLD_ITEM = {
    **SWAGGER["definitions"]["Item"],
    "properties": {
        **SWAGGER["definitions"]["Item"]["properties"],
        "note": {"type": "string", "nullable": True},
    },
}
NEW_ITEM = {
    **OLD_ITEM,
    "properties": {
        **OLD_ITEM["properties"],
        "note": {"type": ["string", "null"]},
        "size": {"type": "integer", "exclusiveMinimum": 0},
    },
}
FORMS = {
    "2.0": SWAGGER,
    "3.0": build_later_version("3.0.3", OLD_ITEM),
    "3.1": build_later_version("3.1.0", NEW_ITEM),
    "3.2": build_later_version("3.2.0", NEW_ITEM),
}


def write(folder: Path, name: str, data: Any) -> Path:
    path = folder / name
    path.write_text(json.dumps(data, indent=1), encoding="utf-8")
    return path


@pytest.mark.parametrize("old", FORMS)
@pytest.mark.parametrize("new", FORMS)
def test_the_version_of_openapi_is_not_a_change(old: str, new: str, tmp_path: Path) -> None:
    """The same API has no changes between any two versions."""
    sides = [write(tmp_path, f"{name}.json", FORMS[name]) for name in (old, new)]
    assert compare(*(read_file(path, "shop") for path in sides)) == []


@pytest.mark.parametrize("old", FORMS)
def test_a_change_is_found_across_versions(old: str, tmp_path: Path) -> None:
    """A change between versions is found, with the lines of both sources."""
    item = {**NEW_ITEM, "required": ["name", "size"]}
    new = write(tmp_path, "new.json", build_later_version("3.1.0", item))
    path = write(tmp_path, "old.json", FORMS[old])
    found_changes = compare(read_file(path, "shop"), read_file(new, "shop"))
    assert [change.id for change in found_changes] == [
        "request.required.added",
        "response.required.added",
    ]
    lines = new.read_text(encoding="utf-8").splitlines()
    assert lines[found_changes[0].new.line - 1].strip() == '"size"'
    old_lines = path.read_text(encoding="utf-8").splitlines()
    assert '"required": [' in old_lines[found_changes[0].old.line - 1]


def test_a_document_may_be_in_several_files(tmp_path: Path) -> None:
    """A change in a referenced file is reported with that file and line."""
    several_files = build_later_version("3.1.0", {"$ref": "item.json#/Item"})
    new = write(tmp_path, "shop.json", several_files)
    write(tmp_path, "item.json", {"Item": NEW_ITEM})
    old = write(tmp_path, "old.json", build_later_version("3.1.0", NEW_ITEM))
    assert compare(read_file(old, "shop"), read_file(new, "shop")) == []
    write(tmp_path, "item.json", {"Item": {**NEW_ITEM, "required": ["name", "size"]}})
    found_changes = compare(read_file(old, "shop"), read_file(new, "shop"))
    assert found_changes[0].id == "request.required.added"
    assert found_changes[0].new.file.name == "item.json"


def test_several_files_are_read_at_a_revision(tmp_path: Path) -> None:
    """Referenced files are read at the revision of the document."""
    folder = tmp_path / "specs"
    folder.mkdir()
    write(folder, "shop.json", build_later_version("3.1.0", {"$ref": "parts/item.json#/Item"}))
    (folder / "parts").mkdir()
    write(folder / "parts", "item.json", {"Item": NEW_ITEM})
    start_repository(tmp_path)
    commit(tmp_path)
    write(folder / "parts", "item.json", {"Item": {**NEW_ITEM, "required": ["name", "size"]}})
    repository = Repository.find(tmp_path)
    assert repository is not None
    old = read_committed(repository, "HEAD", PurePosixPath("specs/shop.json"), "shop")
    found_changes = compare(old, read_file(folder / "shop.json", "shop"))
    assert found_changes[0].id == "request.required.added"
    assert str(found_changes[0].old.file) == "HEAD:specs/parts/item.json"
