"""specs/README.md describes all extensions, and its examples are valid."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from ruamel.yaml import YAML

from driftline.openapi import load
from driftline.openapi.lint.rules import lint

README = Path(__file__).parents[2] / "specs/README.md"
VOCABULARY = json.loads(
    files("driftline.openapi.extensions").joinpath("vocabulary.schema.json").read_text("utf-8")
)
EXTENSIONS = [name for name in VOCABULARY["$defs"] if name.startswith("x-")]
SECTIONS = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", README.read_text("utf-8"), re.M | re.S))


def _find_blocks(markdown: str) -> list[str]:
    return re.findall(r"```yaml\n(.*?)```", markdown, re.S)


def _list_names(schema: Any) -> Iterator[str]:
    """Yield every property and every string in an enum of a schema of the vocabulary."""
    if isinstance(schema, dict):
        if "if" in schema or "then" in schema:
            schema = {key: value for key, value in schema.items() if key not in {"if", "then"}}
        yield from schema.get("properties", {})
        yield from (choice for choice in schema.get("enum", ()) if isinstance(choice, str))
        for value in schema.values():
            yield from _list_names(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from _list_names(value)


def _list_uses(node: Any) -> Iterator[tuple[str, Any]]:
    """Yield every extension in a document with its value."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key in EXTENSIONS:
                yield key, value
            yield from _list_uses(value)
    elif isinstance(node, list):
        for value in node:
            yield from _list_uses(value)


@pytest.mark.parametrize("extension", EXTENSIONS)
def test_every_property_of_an_extension_is_described(extension: str) -> None:
    """Each extension has a section that names each of its properties and choices."""
    prose = re.sub(r"```.*?```", "", SECTIONS[extension], flags=re.S)
    described_names = set(re.findall(r"`([^`]+)`", prose))
    missing = set(_list_names(VOCABULARY["$defs"][extension])) - described_names
    assert missing == set()


@pytest.mark.parametrize("extension", EXTENSIONS)
def test_every_extension_has_a_valid_example(extension: str) -> None:
    """The section of each extension has an example of it, and every extension in it is valid."""
    uses = [
        use
        for block in _find_blocks(SECTIONS[extension])
        for use in _list_uses(YAML(typ="safe").load(block))
    ]
    assert extension in {name for name, _ in uses}
    for name, value in uses:
        schema = {**VOCABULARY, "$ref": f"#/$defs/{name}"}
        jsonschema_rs.validate(schema, value)


def test_no_section_describes_an_unknown_extension() -> None:
    """No section describes an extension that does not exist."""
    assert {name for name in SECTIONS if name.startswith("x-")} == set(EXTENSIONS)


def test_the_complete_example_is_sound(tmp_path: Path) -> None:
    """The complete example of a spec can be loaded without problems."""
    file = tmp_path / "shop.yaml"
    file.write_text(_find_blocks(SECTIONS["Write a spec yourself"])[-1], encoding="utf-8")
    spec = load(file)
    assert lint(spec) == []
    assert [operation.id for operation in spec.operations] == ["order.list"]


@pytest.mark.parametrize("scalar", ["no", "off", "12:30", "yes"])
def test_yaml_is_1_2(tmp_path: Path, scalar: str) -> None:
    """A title that YAML 1.1 reads as a boolean or number stays a string."""
    file = tmp_path / "shop.yaml"
    block = _find_blocks(SECTIONS["Write a spec yourself"])[-1]
    file.write_text(block.replace("title: Shop", f"title: {scalar}"), encoding="utf-8")
    assert load(file).document["info"]["title"] == scalar
