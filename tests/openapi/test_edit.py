"""Edits of YAML and JSON strings result in the edited data and change as few lines as possible."""

from __future__ import annotations

import difflib
import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from examples import count_examples
from hypothesis import HealthCheck, given, settings, strategies as st
from ruamel.yaml import YAML

from driftline.openapi.edit import EditError, TextEdit, dump_yaml, edit_data, edit_text
from driftline.openapi.pointer import follow, is_array, is_object, join
from driftline.openapi.read.reader import parse

DOCUMENT = """\
# The shop.
openapi: 3.1.0
components:
  schemas:
    Status:   # what became of it
      type: string
      enum: [OPEN, 'ENDED']  # more to come
    Order:
      type: object
      required:
        - id
        - status  # always
      properties:
        id: {type: string, format: uuid}
        # The state.
        status:
          $ref: "#/components/schemas/Status"
        note: {"type": "string"}
    Sizes:
      enum:
      - "s"
      - "m"
"""
SCHEMAS = "/components/schemas"
EDITS: list[tuple[TextEdit, list[str]]] = [
    (
        TextEdit(op="append", pointer=f"{SCHEMAS}/Status/enum", value="PAUSED", comment="why"),
        [
            "-      enum: [OPEN, 'ENDED']  # more to come",
            "+      # why",
            "+      enum: [OPEN, 'ENDED', 'PAUSED']  # more to come",
        ],
    ),
    (
        TextEdit(op="append", pointer=f"{SCHEMAS}/Sizes/enum", value="l", comment="why"),
        ["+      # why", '+      - "l"'],
    ),
    (
        TextEdit(op="append", pointer=f"{SCHEMAS}/Sizes/enum", value={"a": [1, {"b": None}]}),
        ["+      - a:", "+          - 1", "+          - b: null"],
    ),
    (
        TextEdit(op="put", pointer=f"{SCHEMAS}/Status/type", value=["string", "null"]),
        ["-      type: string", "+      type: [string, 'null']"],
    ),
    (
        TextEdit(op="remove", pointer=f"{SCHEMAS}/Order/required/1", comment="why"),
        ["-        - status  # always", "+        # why"],
    ),
    (
        TextEdit(op="remove", pointer=f"{SCHEMAS}/Order/properties/id/format"),
        [
            "-        id: {type: string, format: uuid}",
            "+        id: {type: string}",
        ],
    ),
    (
        TextEdit(op="put", pointer=f"{SCHEMAS}/Status/nullable", value=True, after="type"),
        ["+      nullable: true"],
    ),
    (
        TextEdit(
            op="put",
            pointer=f"{SCHEMAS}/Order/properties/paid",
            value={"type": "array", "items": {"type": "string"}},
            comment="seen twice",
        ),
        [
            "+        # seen twice",
            "+        paid:",
            "+          type: array",
            "+          items:",
            "+            type: string",
        ],
    ),
    (
        TextEdit(op="put", pointer=f"{SCHEMAS}/Order/properties/note/maxLength", value=9),
        [
            '-        note: {"type": "string"}',
            '+        note: {"type": "string", "maxLength": 9}',
        ],
    ),
]


def list_changed(before: str, after: str) -> list[str]:
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=0)
    return [line for line in lines if line[:1] in "+-" and line[:3] not in {"+++", "---"}]


@pytest.mark.parametrize(("edit", "expected_lines"), EDITS)
def test_an_edit_changes_only_the_lines_it_must(edit: TextEdit, expected_lines: list[str]) -> None:
    """An edit keeps the comments, order and quotes of the document."""
    assert list_changed(DOCUMENT, edit_text(DOCUMENT, edit)) == expected_lines


@pytest.mark.parametrize(("edit", "expected_lines"), EDITS)
@pytest.mark.parametrize("indent", [2, None, "\t"])
def test_json_stays_json(
    edit: TextEdit, expected_lines: list[str], indent: int | str | None
) -> None:
    """The same edits of JSON keep its form, on one line or many."""
    data = parse(Path("a.yaml"), DOCUMENT).data
    source = json.dumps(data, indent=indent)
    edited_source = edit_text(source, edit)
    assert edited_source == json.dumps(edit_data(data, edit), indent=indent) or edit.after
    assert json.loads(edited_source) == edit_data(data, edit)
    assert ("\n" in edited_source) == (indent is not None)


def test_line_ends_and_wide_characters_stay() -> None:
    """An edit keeps CRLF line ends and a BOM, and counts wide characters correctly."""
    source = "\ufeffa: '\U0001f600 é'\r\nb: [1, 2]\r\nc: x\r\n"
    edited_source = edit_text(source, TextEdit(op="append", pointer="/b", value=3, comment="é"))
    assert edited_source == "\ufeffa: '\U0001f600 é'\r\n# é\r\nb: [1, 2, 3]\r\nc: x\r\n"


@pytest.mark.parametrize(
    ("source", "edit"),
    [
        ("a: &x [1]\nb: *x\n", TextEdit(op="append", pointer="/a", value=2)),
        ("a: &x {k: 1}\nb:\n  <<: *x\n", TextEdit(op="remove", pointer="/b/k")),
        ("a: 1\n", TextEdit(op="remove", pointer="/b")),
        ("a: 1\n", TextEdit(op="append", pointer="/a", value=1)),
        ("a:\n  b: 1\n", TextEdit(op="remove", pointer="/a/b")),
    ],
)
def test_what_cannot_be_edited_is_rejected(source: str, edit: TextEdit) -> None:
    """An edit of an aliased value, a missing value or the last item of a block raises an error."""
    with pytest.raises(EditError):
        edit_text(source, edit)


STRINGS = st.sampled_from(["a", "b", "no", "1", "x y", "é", "#", "a: b", "", "~", "null", "'", '"'])
SCALARS = st.none() | st.booleans() | st.integers(-9, 9) | STRINGS | st.text(max_size=6)
DATA = st.dictionaries(
    STRINGS,
    st.recursive(
        SCALARS,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(STRINGS, inner, max_size=3),
        max_leaves=8,
    ),
    min_size=1,
    max_size=4,
)


def list_pointers(node: Any, parent: str = "") -> list[str]:
    pointers = [parent] if parent else []
    items = node.items() if is_object(node) else enumerate(node) if is_array(node) else ()
    for key, value in items:
        pointers += list_pointers(value, parent + join(key))
    return pointers


def dump_ruamel(data: Any) -> str:
    stream = StringIO()
    dumper: Any = YAML()
    dumper.dump(data, stream)
    return stream.getvalue()


@settings(
    max_examples=count_examples(150), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
@given(DATA, SCALARS, st.sampled_from(["put", "append", "remove", "add"]), st.data())
def test_an_edit_of_the_source_equals_the_edit_of_the_data(
    data: Any, value: Any, op: Any, choice: st.DataObject
) -> None:
    """An edit of YAML or JSON results in the same data as the edit of the data, and changes only
    nearby lines, or raises EditError.
    """
    pointer = choice.draw(st.sampled_from(list_pointers(data)))
    edit = TextEdit(op="put" if op == "add" else op, pointer=pointer, value=value, comment="why")
    if op == "add":
        edit = TextEdit(op="put", pointer=pointer + "/new", value=[value], comment="why")
    for source in (
        dump_yaml(data),
        json.dumps(data),
        json.dumps(data, indent=1),
        dump_ruamel(data),
    ):
        parsed_data = parse(Path("a"), source).data
        if parsed_data != data:
            continue  # no text of this data that we could edit
        try:
            expected_data = edit_data(data, edit)
            edited_source = edit_text(source, edit)
        except EditError:
            continue
        assert parse(Path("a"), edited_source).data == expected_data
        original_lines = source.splitlines()
        removed_lines = [
            line for line in list_changed(source, edited_source) if line.startswith("-")
        ]
        node = follow(data, edit.pointer)
        max_removed = (
            1 if op in {"append", "add"} else 1 + len(json.dumps(node, indent=1).splitlines())
        )
        assert len(removed_lines) <= max(max_removed, 1) or len(original_lines) == 1
