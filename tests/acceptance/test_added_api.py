"""An added API works with every command, from add and generate to release and drill."""

from __future__ import annotations

import json
import subprocess
from contextlib import chdir
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from driftline.cli.group import driftline

IDENTITY = ("-c", "user.name=Test", "-c", "user.email=test@example.com")
BY_HAND = """\
  # The server rejects longer items.
  - target: $.components.schemas.NewOrder.properties.item
    description: Items are short.
    update: {maxLength: 40}
"""


def build_document(**fields: Any) -> dict[str, Any]:
    """Return a shop with a listing of orders, a filter, and operations to create, read and delete
    one.
    """
    row = {"id": {"type": "string"}, "item": {"type": "string"}, "paid": {"type": "boolean"}}

    def build_content(name: str) -> dict[str, Any]:
        return {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}

    def build_response(status: str, name: str) -> dict[str, Any]:
        return {
            status: {"description": "Done.", "content": build_content(name)},
            "400": {"description": "The request is wrong."},
            "404": {"description": "There is no such order."},
        }

    queries = [
        {"name": "offset", "in": "query", "schema": {"type": "integer", "minimum": 0}},
        {
            "name": "limit",
            "in": "query",
            "schema": {"type": "integer", "minimum": 1, "maximum": 50, "default": 20},
        },
        {"name": "paid", "in": "query", "schema": {"type": "boolean"}},
    ]
    order_id = {"name": "order_id", "in": "path", "required": True, "schema": {"type": "string"}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Shop", "version": "1"},
        "servers": [{"url": "https://shop.example.com"}],
        "paths": {
            "/orders": {
                "get": {
                    "operationId": "list_orders_orders_get",
                    "parameters": queries,
                    "responses": build_response("200", "Orders"),
                },
                "post": {
                    "operationId": "create_order_orders_post",
                    "requestBody": {"required": True, "content": build_content("NewOrder")},
                    "responses": build_response("201", "Order"),
                },
            },
            "/orders/{order_id}": {
                "parameters": [order_id],
                "get": {
                    "operationId": "get_order_orders__order_id__get",
                    "responses": build_response("200", "Order"),
                },
                "delete": {
                    "operationId": "delete_order_orders__order_id__delete",
                    "responses": {
                        "204": {"description": "It is gone."},
                        "404": {"description": "There is no such order."},
                    },
                },
            },
        },
        "components": {
            "schemas": {
                "Order": {
                    "type": "object",
                    "required": ["id", "item", "paid"],
                    "properties": {**row, **fields},
                },
                "NewOrder": {
                    "type": "object",
                    "required": ["item"],
                    "properties": {"item": {"type": "string"}},
                },
                "Orders": {
                    "type": "object",
                    "required": ["orders", "total"],
                    "properties": {
                        "orders": {
                            "type": "array",
                            "items": {"$ref": "#/components/schemas/Order"},
                        },
                        "total": {"type": "integer"},
                    },
                },
            }
        },
    }


class Project:
    """A folder in which commands run as a user runs them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def run(self, *arguments: str, code: int = 0) -> str:
        """Run a command of driftline and return its standard output."""
        with chdir(self.folder):
            result = CliRunner().invoke(driftline, arguments)
        assert result.exit_code == code, result.output
        return result.stdout

    def commit(self, tag: str = "") -> None:
        """Commit all files, and add the tag."""
        commands = [("add", "-A"), (*IDENTITY, "commit", "-qm", "A step")]
        for command in [*commands, *([("tag", tag)] if tag else [])]:
            subprocess.run(["git", *command], cwd=self.folder, check=True)  # noqa: S607

    def write_document(self, **fields: Any) -> None:
        (self.folder / "shop.json").write_text(json.dumps(build_document(**fields), indent=1))

    def read(self, path: str) -> str:
        return (self.folder / path).read_text(encoding="utf-8")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Create a repository with a version and a document."""
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)  # noqa: S607
    pyproject = '[project]\nname = "shop-client"\nversion = "0.1.0"\n'
    (tmp_path / "pyproject.toml").write_text(pyproject)
    (tmp_path / ".gitignore").write_text("report/\n__pycache__/\n")
    project = Project(tmp_path)
    project.write_document()
    return project


@pytest.mark.slow
def test_every_command_works_on_an_added_api(project: Project) -> None:
    """Every command of a project works in sequence on an API that is an overlay."""
    add_output = project.run("add", "shop.json", "--name", "shop", "--own")
    assert "Listings: 1. Effects on rows: 3. Proposals count as documented." in add_output
    assert "no drift." in add_output
    project.commit("v0.1.0")

    overlay = project.folder / "specs/shop.yaml"
    overlay.write_text(overlay.read_text() + BY_HAND)
    assert "shop" in project.run("generate", "--check", code=1)
    project.run("generate")
    project.run("generate", "--check")
    project.run("lint")
    project.commit()

    project.write_document(note={"type": "string"})
    update_output = project.run("add", "--name", "shop", "--update", "--no-check")
    assert "Kept your actions: 1." in update_output
    assert "note" in update_output
    assert BY_HAND in overlay.read_text()
    assert "note:" in project.read("generated/shop_client/models/order.py")

    changes = json.loads(project.run("diff", "HEAD", "--format", "json"))
    assert "note" in json.dumps(changes)
    project.commit()

    project.run("release")
    assert 'version = "0.1.0"' not in project.read("pyproject.toml")
    assert "note" in project.read("CHANGELOG.md")

    assert "No drift" in project.run("check", "shop")
    project.run("drill", "shop", "--only", "*orders.list*listing*")
    assert project.read("report/drill.json").count('"killed"') > 10
