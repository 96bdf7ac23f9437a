"""With `add --own`, proposals count as documented and can fail a run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from add.test_trial import STRING, build_document
from driftline.cli.commands.add import command
from driftline.cli.group import driftline
from driftline.openapi import Spec, load

DATA = build_document({"item": STRING, "shop_id": STRING}, {"item": STRING, "shop_id": STRING})
SHOPS = {
    "get": {
        "operationId": "shops.list",
        "responses": {
            "200": {
                "description": "All.",
                "content": {
                    "application/json": {
                        "schema": {"type": "array", "items": {"$ref": "#/components/schemas/Shop"}}
                    }
                },
            },
            "default": {"description": "Something is wrong."},
        },
    }
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Create a document from which a listing, an effect and a reference are proposed."""
    monkeypatch.chdir(tmp_path)
    data = json.loads(json.dumps(DATA))
    data["paths"]["/shops"] = SHOPS
    data["components"]["schemas"]["Shop"] = {"type": "object", "properties": {"id": STRING}}
    (tmp_path / "shop.json").write_text(json.dumps(data))
    return tmp_path


def add(*arguments: str) -> str:
    result = CliRunner().invoke(command, ["--name", "shop", "--no-check", *arguments])
    assert result.exit_code == 0, result.output
    return result.output


def list_assumptions(folder: Path) -> dict[str, str | None]:
    """Return the assumption of each kind of proposal, or None if it counts as documented."""
    spec = load(folder / "specs/shop.yaml")
    return {
        "listing": spec.find_assumption(find_pointer(spec, "orders.list") + "/x-listing/page"),
        "effect": spec.find_assumption(find_pointer(spec, "orders.create") + "/x-effect/item"),
        "reference": spec.find_assumption(
            "/components/schemas/New/properties/shop_id/x-reference/of"
        ),
    }


def find_pointer(spec: Spec, name: str) -> str:
    operation = spec.find_operation(name)
    assert operation is not None
    return operation.pointer


def test_proposals_of_an_own_api_are_not_marked_as_assumed(folder: Path) -> None:
    """Proposals are marked as assumed, or with `--own` not, and the command reports it."""
    assert "References: 2. Proposals are marked x-assumed." in add("shop.json")
    assert None not in list_assumptions(folder).values()
    for path in (folder / "specs").rglob("shop.*"):
        path.unlink()
    assert "References: 2. Proposals count as documented." in add("shop.json", "--own")
    assert set(list_assumptions(folder).values()) == {None}


def test_an_update_keeps_x_own(folder: Path) -> None:
    """An overlay keeps `x-own`, so that updates need no option."""
    add("shop.json", "--own")
    before = (folder / "specs/shop.yaml").read_text()
    assert "The document is unchanged." in add("--update")
    assert (folder / "specs/shop.yaml").read_text() == before
    assert "\nx-own: true\n" in before


def test_update_own_removes_the_marks_of_proposals(folder: Path) -> None:
    """`--update --own` removes the marks of proposals and keeps those of manual actions."""
    add("shop.json")
    path = folder / "specs/shop.yaml"
    by_hand: dict[str, Any] = {"target": "$.info", "update": {"version": "2", "x-assumed": "by me"}}
    path.write_text(path.read_text() + f"  # By hand.\n  - {json.dumps(by_hand)}\n")
    output = add("--update", "--own")
    assert "Kept your actions: 1." in output
    assert "Proposals count as documented." in output
    assert set(list_assumptions(folder).values()) == {None}
    assert "# By hand." in path.read_text()
    assert load(path).find_assumption("/info/version") == "by me"
    assert "The document is unchanged." in add("--update")


def test_the_shown_configuration_names_the_overlay(folder: Path) -> None:
    """`check --show-config` reports `own` with the line of the overlay."""
    add("shop.json", "--own")
    lines = (folder / "specs/shop.yaml").read_text().splitlines()
    output_lines = CliRunner().invoke(driftline, ["check", "--show-config"]).output.splitlines()
    (own_row,) = (line.split() for line in output_lines if line.startswith("shop.own "))
    assert own_row == ["shop.own", "true", f"shop.yaml:{lines.index('x-own: true') + 1}"]
