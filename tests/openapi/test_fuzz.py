"""Whatever a spec file contains, `load` returns a spec or raises SpecError; `lint` never raises."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from examples import count_examples
from hypothesis import HealthCheck, given, settings, strategies as st

from driftline.errors import Problem, SpecError
from driftline.openapi import load
from driftline.openapi.lint.rules import lint
from driftline.openapi.read.reader import read
from driftline.openapi.read.upgrade.parts import METHODS
from driftline.openapi.schema.validation import find_broken
from driftline.openapi.schema.walk import list_roots

ROOT = Path(__file__).parents[2]
SPECS = (
    *sorted((ROOT / "specs").glob("*.yaml")),
    ROOT / "tests/acceptance/specs/pet-store.yaml",
    ROOT / "tests/acceptance/specs/bookshop.json",
)
JUNK: tuple[Any, ...] = (
    *(None, True, 0, -1, 3, 10**400, 1.5, "", "x", "/", "{", "[", "é\U0001f600", [], {}, [[]]),
    *([None], [3], ["x"], [{}], {"": None}, {"x": 3}, {"$ref": 5}, {"$ref": "#"}, {"$ref": ""}),
    {"$ref": "#/info"},
    {"$ref": "#/info/title"},
    {"$ref": "#/paths"},
    {"$ref": "http://localhost:1/x"},
    {"$ref": "#/components/schemas/Error"},
    {"$ref": "#/components/responses/Unauthorized"},
    {"$ref": "#/components/schemas/%zz"},
    *({"type": "strin"}, {"pattern": "["}, {"$id": "http://localhost:1/y"}, {"enum": []}),
    *({"type": {}}, {"type": [3]}, {"allOf": [{"$ref": "#/components/schemas/Error"}]}),
    *({"items": [{}, {}]}, {"required": True}, {"nullable": True, "$ref": "#/paths"}),
    *({"properties": []}, {"enum": [[]]}, {"discriminator": {"mapping": 3}}, {"in": "body"}),
    *({"name": 3, "in": "QUERY"}, {"get": 5}, {"content": {"x": None}}, {"parameters": {"a": 1}}),
)
QUICK = settings(
    max_examples=count_examples(60),
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


@cache
def _read_paths(path: Path) -> tuple[Any, tuple[tuple[str | int, ...], ...]]:
    data = read(path).data
    return data, tuple(_walk_paths(data, ()))


def _walk_paths(node: Any, prefix: tuple[str | int, ...]) -> Iterator[tuple[str | int, ...]]:
    keys: Any = node if isinstance(node, dict) else range(len(node))
    for key in keys:
        yield (*prefix, key)
        if isinstance(node[key], dict | list):
            yield from _walk_paths(node[key], (*prefix, key))


def _count_operations(document: Any) -> int:
    """Return how many operations the paths of a document have."""
    paths = document.get("paths")
    return sum(
        key in METHODS
        for path, item in (paths.items() if isinstance(paths, dict) else ())
        if isinstance(item, dict) and not path.startswith("x-")
        for key in item
    )


def _check_survival(file: Path) -> None:
    try:
        spec = load(file)
    except SpecError as error:
        problems: tuple[Problem, ...] = error.problems
    else:
        problems = tuple(lint(spec))
        # No operation is lost, each has its own names, and every schema can be used.
        assert len(spec.operations) >= _count_operations(read(file).data)
        assert len({operation.id for operation in spec.operations}) == len(spec.operations)
        names = {(operation.resource, operation.name) for operation in spec.operations}
        assert len(names) == len(spec.operations)
        find_broken(spec, [(pointer, None) for pointer, _ in list_roots(spec.document)])
    for problem in problems:
        assert problem.location.file == file
        assert problem.location.line >= 1
        assert problem.message
        assert problem.hint


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
@QUICK
@given(data=st.data())
def test_a_mutated_spec_is_read_or_rejected(
    path: Path, tmp_path: Path, data: st.DataObject
) -> None:
    """A spec with removed, renamed or replaced keys is read, or rejected with SpecError."""
    document, paths = _read_paths(path)
    document = copy.deepcopy(document)
    for key_path in data.draw(st.lists(st.sampled_from(paths), min_size=1, max_size=2)):
        node = document
        for key in key_path[:-1]:
            has_key = isinstance(node, dict) and key in node
            has_key = has_key or (
                isinstance(node, list) and isinstance(key, int) and key < len(node)
            )
            node = node[key] if has_key else None
        junk = data.draw(st.sampled_from(("delete", "rename", *JUNK)))
        if not isinstance(node, dict):
            continue
        if junk in ("delete", "rename"):
            value = node.pop(key_path[-1], None)
            if junk == "rename":
                node[f"x-{key_path[-1]}"] = value
        else:
            node[str(key_path[-1])] = copy.deepcopy(junk)
    file = tmp_path / "mutated.json"
    file.write_text(json.dumps(document), encoding="utf-8")
    _check_survival(file)
    if isinstance(document.get("openapi"), str) and document["openapi"].startswith("3."):
        load(file)  # nothing but a version that is not read makes it unreadable


@QUICK
@given(content=st.binary(max_size=200) | st.text(max_size=200).map(lambda t: t.encode("utf-8")))
def test_any_bytes_are_rejected(tmp_path: Path, content: bytes) -> None:
    """A file with any bytes is rejected with its file and a line."""
    file = tmp_path / "bytes.yaml"
    file.write_bytes(content)
    _check_survival(file)


@QUICK
@given(data=st.data())
def test_damaged_yaml_is_read_or_rejected(tmp_path: Path, data: st.DataObject) -> None:
    """YAML with a missing piece or a stray sign is rejected or read."""
    source = SPECS[-2].read_text("utf-8")
    start = data.draw(st.integers(0, len(source)))
    end = start + data.draw(st.integers(0, 30))
    sign = data.draw(st.sampled_from([*"\t{}[]:&*!|>%@`'\"#-?,\\\0", "<<: ", "? [", "!!int x"]))
    file = tmp_path / "damaged.yaml"
    file.write_text(source[:start] + sign + source[end:], encoding="utf-8")
    _check_survival(file)
