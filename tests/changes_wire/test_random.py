"""Any two documents are compared, or rejected with one error."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from random import Random
from typing import Any

import pytest
from examples import count_examples
from hypothesis import given, settings, strategies as st

from changes_wire.comparing import Json
from changes_wire.documents import documents
from changes_wire.mutations import mutate
from driftline.changes.wire import RULES, Change, Document, compare
from driftline.changes.wire.schemas.compare import SchemaEquality
from driftline.errors import SpecError
from driftline.openapi.read.load import find
from driftline.openapi.read.reader import Source, read
from driftline.openapi.read.upgrade.document import read_document

ROOT = Path(__file__).parents[2]
OWN_DOCUMENTS = [dict(read(path).data) for path in find(ROOT / "specs")]
QUICKLY = settings(deadline=None, max_examples=count_examples(50))
RANDOMS = st.randoms(use_true_random=False)


def build_document(data: Any, name: str = "made.json") -> Document:
    """Return the data as a document without line numbers, which are slow to compute."""
    return Document.build(read_document(Source(Path(name), deepcopy(data), {})))


def changes(old: Any, new: Any) -> list[Change]:
    """Return the changes without skipping schemas that are equal on both sides."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SchemaEquality, "is_same", lambda *_: False)
        return compare(build_document(old), build_document(new))


def assert_comparable(old: Any, new: Any) -> None:
    """Check that two documents are compared with the same result twice, or rejected with an error.

    Comparing every schema gives the same changes as skipping those that are equal on both sides.
    """
    outcomes: list[str] = []
    for _ in range(2):
        try:
            found_changes = changes(old, new)
        except SpecError as error:
            outcomes.append(str(error))
        else:
            assert {change.id for change in found_changes} <= set(RULES)
            assert [
                change for change in found_changes if not change.uses or not change.message
            ] == []
            assert found_changes == compare(build_document(old), build_document(new))
            outcomes.append(repr(found_changes))
    assert outcomes[0] == outcomes[1] != ""


@QUICKLY
@given(documents())
def test_a_document_has_no_changes_to_itself(data: Json) -> None:
    """A document has no changes to itself, whatever its schemas and references."""
    assert changes(data, data) == []


@QUICKLY
@given(documents(), documents())
def test_any_two_documents_can_be_compared(old: Json, new: Json) -> None:
    """Any two documents can be compared in both directions."""
    assert_comparable(old, new)
    assert_comparable(new, old)


@QUICKLY
@given(documents(), RANDOMS, st.integers(1, 5))
def test_a_mutated_document_is_compared_or_rejected(data: Json, random: Random, count: int) -> None:
    """A mutated document is compared, or rejected with an error."""
    mutant = mutate(data, random, count)
    assert_comparable(data, mutant)
    assert_comparable(mutant, data)


@QUICKLY
@given(documents(), RANDOMS)
def test_the_order_of_members_is_not_a_change(data: Json, random: Random) -> None:
    """The order of members and of set-like lists is irrelevant."""

    def shuffle_members(node: Any, key: str = "") -> Any:
        if isinstance(node, dict):
            items = list(node.items())
            random.shuffle(items)
            return {name: shuffle_members(member, name) for name, member in items}
        if isinstance(node, list):
            items = [shuffle_members(item) for item in node]
            if key in {"required", "enum", "type", "parameters", "security"}:
                random.shuffle(items)
            return items
        return node

    assert changes(data, shuffle_members(data)) == []


@QUICKLY
@given(documents())
def test_descriptions_are_not_changes_of_the_api(data: Json) -> None:
    """Changed titles, descriptions and examples are not changes of the API."""
    reworded = deepcopy(data)
    reworded["info"] = {"title": "Another", "version": "2", "description": "More."}
    for schema in reworded["components"]["schemas"].values():
        if schema and "$ref" not in schema:
            schema |= {"title": "A thing", "description": "It is one.", "examples": [1]}
    assert changes(data, reworded) == []


@QUICKLY
@given(documents())
def test_renamed_components_are_not_a_change(data: Json) -> None:
    """Renamed components are not a change of the API."""
    serialized = json.dumps(data)
    for name in data["components"]["schemas"]:
        serialized = serialized.replace(f"schemas/{name}", f"schemas/{name}Two")
    renamed = json.loads(serialized)
    schemas = renamed["components"]["schemas"]
    renamed["components"]["schemas"] = {f"{name}Two": schema for name, schema in schemas.items()}
    assert changes(data, renamed) == []


@QUICKLY
@given(RANDOMS, st.integers(1, 4), st.sampled_from(OWN_DOCUMENTS))
def test_mutations_of_our_own_specs_are_compared_or_rejected(
    random: Random, count: int, data: Json
) -> None:
    """Mutations of our own specs, with their extensions, are compared or rejected with an error."""
    new = {**mutate(data, random, count), "openapi": "3.1.0"}
    assert_comparable(data, new)
    assert_comparable(new, data)


def test_most_mutations_change_the_document() -> None:
    """Most mutations change the document."""
    mutants = [mutate(OWN_DOCUMENTS[0], Random(seed)) for seed in range(50)]  # noqa: S311 - no secret
    assert sum(mutant != OWN_DOCUMENTS[0] for mutant in mutants) > 40
