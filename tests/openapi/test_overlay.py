"""A spec may be an overlay of an unchanged document: actions, lines and rejections."""

from __future__ import annotations

import copy
import hashlib
import json
import subprocess
from pathlib import Path
from typing import Any

import jsonpath_rfc9535
import pytest
from examples import count_examples
from hypothesis import HealthCheck, given, settings, strategies as st

from driftline.changes.wire.report import report
from driftline.changes.wire.source.sources import find_sides
from driftline.errors import SpecError
from driftline.openapi import load
from driftline.openapi.pointer import join
from driftline.openapi.read.jsonpath import build_query, select
from driftline.openapi.read.overlay import apply_overlay
from driftline.openapi.read.reader import Source, parse

BASE = """\
openapi: 3.1.0
info: {title: Shop, version: "1"}
paths:
  /orders:
    get:
      operationId: orders
      tags: [order, old]
      responses:
        "200": {description: All.}
    delete:
      operationId: clear
      responses:
        "204": {description: Gone.}
"""
HEAD = """\
overlay: 1.1.0
info: {title: Shop, version: "1"}
extends: sources/shop.yaml
actions:
"""
GET = "$.paths['/orders'].get"


def write_project(folder: Path, actions: str, *, base: str = BASE, head: str = HEAD) -> Path:
    """Return the path of an overlay in a new folder of specs."""
    (folder / "sources").mkdir(parents=True, exist_ok=True)
    (folder / "sources" / "shop.yaml").write_text(base, encoding="utf-8")
    path = folder / "shop.yaml"
    path.write_text(head + actions if actions else head.replace("actions:\n", "actions: []\n"))
    return path


def test_every_clause_has_its_own_file_and_line(tmp_path: Path) -> None:
    """A clause that an action sets is in the overlay; other clauses are in the document."""
    path = write_project(
        tmp_path,
        f"""\
  - target: {GET}
    description: A name for clients.
    update:
      operationId: order.list
      x-new: {{deep: [1]}}
  - target: $.paths['/orders'].delete
    remove: true
""",
    )
    spec = load(path)
    assert [operation.id for operation in spec.operations] == ["order.list"]
    assert spec.name == "shop"
    get = "/paths/~1orders/get"
    locations = {pointer: str(spec.locate(get + pointer)) for pointer in ("", "/operationId")}
    assert locations == {"": f"{tmp_path}/sources/shop.yaml:5", "/operationId": f"{path}:8"}
    assert str(spec.locate(get + "/x-new/deep/0")) == f"{path}:9"
    assert str(spec.locate(get + "/tags/1")) == f"{tmp_path}/sources/shop.yaml:7"
    assert str(spec.locate("/paths/~1orders/delete")) == f"{tmp_path}/sources/shop.yaml:4"
    assert set(spec.lines) == set(spec.files)
    assert len(spec.lines) == len(list(spec.lines))


def apply_actions(actions: list[Any], base: Any) -> Any:
    """Return `base` after the actions, and the indexes of actions that matched nothing."""
    overlay = {"overlay": "1.1.0", "info": {}, "extends": "x", "actions": actions}
    result = apply_overlay(
        Source(Path("base"), copy.deepcopy(base), {}), Source(Path("o"), overlay, {})
    )
    return result.source.data, list(result.idle)


ACTIONS: dict[str, tuple[list[Any], Any, Any]] = {
    "objects are merged": (
        [{"target": "$.a", "update": {"b": {"x": 1}, "c": 2}}],
        {"a": {"b": {"y": 0}, "c": 0}},
        {"a": {"b": {"y": 0, "x": 1}, "c": 2}},
    ),
    "arrays are joined": ([{"target": "$", "update": {"a": [2]}}], {"a": [1]}, {"a": [1, 2]}),
    "one is appended": ([{"target": "$.a", "update": {"n": 1}}], {"a": []}, {"a": [{"n": 1}]}),
    "a plain value is replaced": ([{"target": "$.a[0]", "update": "x"}], {"a": [1]}, {"a": ["x"]}),
    "one value at many locations": (
        [{"target": "$..[?@.n == true]", "update": {"t": [1]}}],
        {"a": {"n": True}, "b": [{"n": True}, {"n": 1}]},
        {"a": {"n": True, "t": [1]}, "b": [{"n": True, "t": [1]}, {"n": 1}]},
    ),
    "items are removed from one array": (
        [{"target": "$.a[?@ > 1]", "remove": True}],
        {"a": [*range(12)]},
        {"a": [0, 1]},
    ),
    "a node within a removed node": (
        [{"target": "$..b", "remove": True}],
        {"a": {"b": {"b": 1}}, "b": 2},
        {"a": {}},
    ),
    "a copy": (
        [{"target": "$.b", "copy": "$.a"}, {"target": "$.a", "update": {"y": 2}}],
        {"a": {"x": 1}, "b": {}},
        {"a": {"x": 1, "y": 2}, "b": {"x": 1}},
    ),
    "replaced by another kind": (
        [{"target": "$.a", "remove": True}, {"target": "$", "update": {"a": ["x", "null"]}}],
        {"a": "x"},
        {"a": ["x", "null"]},
    ),
}


@pytest.mark.parametrize("case", ACTIONS.values(), ids=ACTIONS)
def test_actions_follow_the_overlay_specification(case: tuple[list[Any], Any, Any]) -> None:
    """Actions follow the Overlay Specification, and match nothing in an unrelated document."""
    actions, before, after = case
    assert apply_actions(actions, before) == (after, [])
    other_actions = [action for action in actions if action["target"] != "$"]
    assert apply_actions(other_actions, {"z": 0}) == ({"z": 0}, [*range(len(other_actions))])


REJECTED_ACTIONS: dict[str, tuple[str, str, str, int]] = {
    "no JSONPath": ("  - {target: '$.paths[', remove: true}\n", HEAD, "invalid JSONPath", 5),
    "the whole": ("  - {target: $, remove: true}\n", HEAD, "cannot be removed", 5),
    "another kind": ("  - {target: $.info, update: [1]}\n", HEAD, "add a remove before it", 5),
    "kinds below": (
        "  - target: $.info\n    update:\n      title: {a: 1}\n",
        HEAD,
        "add a remove before it",
        7,
    ),
    "copies of nothing": ("  - {target: $.info, copy: $.x}\n", HEAD, "selects 0 nodes", 5),
    "no action": ("  - {target: $.info}\n", HEAD, "not an OpenAPI Overlay", 5),
    "no list": ("", HEAD.replace("actions:\n", ""), "not an OpenAPI Overlay", 1),
    "version 2": ("", HEAD.replace("1.1.0", "2.0.0"), "not an OpenAPI Overlay", 1),
    "out of the folder": ("", HEAD.replace("sources/", "../"), "leaves the overlay's directory", 3),
    "absolute": ("", HEAD.replace("sources/", "/etc/"), "leaves the overlay's directory", 3),
    "a URL": ("", HEAD.replace("sources/", "http://[::1]/"), "leaves the overlay's directory", 3),
    "no file": ("", HEAD.replace("shop.yaml", "stop.yaml"), "could not be read", 3),
    "edited": (
        "",
        HEAD + f"x-source: {{from: x, sha256: {'a' * 64}}}\n",
        "its SHA-256 does not match",
        5,
    ),
}


@pytest.mark.parametrize("case", REJECTED_ACTIONS.values(), ids=REJECTED_ACTIONS)
def test_an_invalid_overlay_is_one_problem_with_its_line(
    case: tuple[str, str, str, int], tmp_path: Path
) -> None:
    """An invalid overlay is one problem, at its line of the overlay."""
    actions, head, expected_message, line = case
    path = write_project(tmp_path, actions, head=head)
    with pytest.raises(SpecError) as caught:
        load(path)
    (problem,) = caught.value.problems
    assert expected_message in problem.message
    assert (problem.location.file, problem.location.line) == (path, line)


def test_a_link_that_leaves_the_folder_is_not_followed(tmp_path: Path) -> None:
    """A link that leaves the folder is not followed."""
    path = write_project(tmp_path / "specs", "")
    (tmp_path / "elsewhere.yaml").write_text(BASE)
    (path.parent / "sources" / "shop.yaml").unlink()
    (path.parent / "sources" / "shop.yaml").symlink_to(tmp_path / "elsewhere.yaml")
    with pytest.raises(SpecError, match="outside of the directory"):
        load(path)


def test_crlf_line_ends_do_not_change_the_digest(tmp_path: Path) -> None:
    """CRLF line ends do not change the SHA-256 of the document."""
    digest = hashlib.sha256(BASE.encode()).hexdigest()
    head = HEAD + f"x-source: {{from: x, sha256: {digest}}}\n"
    path = write_project(tmp_path, "", head=head)
    (tmp_path / "sources" / "shop.yaml").write_bytes(BASE.replace("\n", "\r\n").encode())
    assert [operation.id for operation in load(path).operations] == ["orders", "clear"]


def test_actions_that_double_the_document_are_rejected(tmp_path: Path) -> None:
    """Actions that repeatedly double the document are rejected."""
    double = "  - {target: $.info, copy: $}\n"
    with pytest.raises(SpecError, match="grows too large"):
        load(write_project(tmp_path, double * 40))


def test_a_diff_of_revisions_applies_the_overlay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A diff of revisions applies the overlay to both sources and reports lines of the source."""
    path = write_project(
        tmp_path / "specs", f"  - target: {GET}\n    update: {{operationId: o.list}}\n"
    )
    monkeypatch.chdir(tmp_path)
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "x"]):
        author = ("-c", "user.name=x", "-c", "user.email=x@example.com")
        subprocess.run(["git", *author, *command], check=True)  # noqa: S607
    source = path.parent / "sources" / "shop.yaml"
    source.write_text(BASE.replace('"200"', '"201"'))
    diff_report = report(find_sides("HEAD", None))
    assert {change.new.file.as_posix() for change in diff_report.changes} == {
        "specs/sources/shop.yaml"
    }
    assert 9 in {change.old.line for change in diff_report.changes}


NAMES = st.text(max_size=6) | st.sampled_from(
    ["a.b", "'", "\\", '"', "/x/{y}", "é", "\x00", "$", ""]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(0, 3) | NAMES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=10,
)
MANY_EXAMPLES = settings(
    max_examples=count_examples(80),
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)


@MANY_EXAMPLES
@given(data=st.dictionaries(NAMES, VALUES, max_size=3))
def test_each_node_has_a_unique_query(data: dict[str, Any]) -> None:
    """Every node has a unique query, which `select` and the library resolve to the same node."""
    source = parse(Path("x.json"), json.dumps(data))
    for pointer in source.lines:
        query = build_query(source.data, pointer)
        (tokens,) = select(source.data, query)
        assert join(*tokens) == pointer
        assert [node.location for node in jsonpath_rfc9535.find(query, source.data)] == [tokens]


EVERYWHERE = (
    *("$..[?@.a == true]", "$..[?@.a == 'b']", "$..[?!@.a]", "$..[?@.a]", "$..[?@.a].b"),
    *("$.a..[?@.b == false && !@.a].b", "$.a.b..[?@.a == 'a' && @.b]", "$..[?!@.b && !@.a]"),
)


@MANY_EXAMPLES
@given(
    data=st.recursive(
        st.sampled_from([None, True, False, 0, 1, 1.0, "a", "b"]),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2)
        ),
        max_leaves=12,
    )
)
def test_select_finds_the_same_nodes_as_the_library(data: Any) -> None:
    """`select` finds the same nodes as the library for queries with `..`, and 1 is not true."""
    for query in EVERYWHERE:
        locations = {node.location for node in jsonpath_rfc9535.find(query, data)}
        assert set(select(data, query)) == locations, query


@MANY_EXAMPLES
@given(
    base=st.dictionaries(st.sampled_from("ab"), VALUES),
    actions=st.lists(
        st.fixed_dictionaries(
            {"target": st.sampled_from(["$", "$.a", "$..a", "$.b[0]", "$..*", "$.a.b", "$..[?@]"])},
            optional={
                "update": VALUES,
                "remove": st.booleans(),
                "copy": st.sampled_from(["$.a", "$", "$..b"]),
            },
        ),
        max_size=4,
    ),
)
def test_any_actions_are_applied_or_rejected(base: dict[str, Any], actions: list[Any]) -> None:
    """Any actions are applied or rejected with SpecError, and every node has a line in a file."""
    overlay = {"overlay": "1.1.0", "info": {}, "extends": "x", "actions": actions}
    sides = [
        parse(Path(f"{i}.json"), json.dumps(document)) for i, document in enumerate((base, overlay))
    ]
    try:
        result = apply_overlay(*sides).source
    except SpecError as error:
        rejection = error
    else:
        rejection = None
    if rejection:
        assert rejection.problems[0].location.file == Path("1.json")
        return
    for pointer in result.lines:
        assert result.locate(pointer).file.name in {"0.json", "1.json"}
        assert result.locate(pointer).line == 1
