"""The mock's data: valid, complete, and the same every time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from driftline.mock import Mock
from driftline.openapi import Spec
from driftline.openapi.pointer import follow
from driftline.openapi.schema.validation import list_violations
from driftline.openapi.schema.walk import list_choices, list_types
from mocks.calling import call  # see pythonpath in pyproject.toml


def rows(mock: Mock) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The schema and the rows of every listing, straight from the store."""
    for operation in mock.spec.operations:
        if operation.listing and operation.success and operation.success.json:
            path = operation.path.replace("{shelf}", "1")
            shown: list[dict[str, Any]] = []
            while True:
                page = {"page": len(shown) // 10 + operation.listing.page.first, "limit": 10}
                page |= {"offset": len(shown), "page_size": 10, "per_page": 10}
                if operation.listing.page.opaque_parameter and shown:
                    page["after"] = shown[-1]["id"]
                known = {p.name for p in operation.parameters}
                asked = {key: value for key, value in page.items() if key in known}
                answer = call(mock, "GET", path, query=asked).parse_json()
                found = follow(answer, operation.listing.items)
                shown += found
                if not found or operation.listing.page.is_single:
                    break
            place = operation.success.json.schema_pointer
            yield place, shown


@pytest.mark.parametrize("seed", range(3))
def test_every_row_is_valid_and_there_as_often_as_asked(spec: Spec, seed: int) -> None:
    """Whatever the seed: 250 rows, no ID twice, each response valid by its schema."""
    mock = Mock(spec, seed=seed)
    for operation in spec.operations:
        if operation.listing is None or operation.listing.page.is_single:
            continue
        for place, shown in rows(mock):
            envelope = call(
                mock, "GET", operation.path.replace("{shelf}", "1"), query=_choose_needed(spec)
            )
            assert list_violations(spec, place, envelope.parse_json()) == []
            ids = [follow(row, operation.listing.id) for row in shown]
            assert len(ids) == len(set(ids)) == 250


def _choose_needed(spec: Spec) -> dict[str, Any]:
    required = {p.name for o in spec.operations for p in o.parameters if p.required}
    return {name: 1 for name in required if name in {"page", "page_size"}}


def test_the_same_seed_gives_the_same_rows_and_another_seed_others(roark: Spec) -> None:
    """Two mocks of one seed agree to the byte; a third differs."""
    first, again, other = Mock(roark), Mock(roark), Mock(roark, seed=1)
    answers = [call(mock, "GET", "/v1/call").body for mock in (first, again, other)]
    assert answers[0] == answers[1] != answers[2]


def test_enums_options_and_nulls_are_all_there(spec: Spec) -> None:
    """Over the rows: every enum value and null, each optional field present and absent."""
    mock = Mock(spec)
    for place, shown in rows(mock):
        if len(shown) < 250:
            continue
        items = spec.operations[0].listing
        assert items is not None
        row_schema = _row_schema(spec, place, items.items)
        for field in row_schema.get("properties", {}):
            values = [row[field] for row in shown if field in row]
            where = f"{spec.name}.{field}"
            assert values, where
            if field not in row_schema.get("required", ()):
                assert len(values) < len(shown), f"{where} is never absent"
            listed = list_choices(
                spec, f"{_row_pointer(spec, place, items.items)}/properties/{field}"
            )
            for value in listed or ():
                assert value in values, f"{where} never is {value!r}"
            if "null" in list_types(
                spec, f"{_row_pointer(spec, place, items.items)}/properties/{field}"
            ):
                assert None in values, f"{where} never is null"
                assert any(value is not None for value in values), f"{where} always is null"


def _row_pointer(spec: Spec, place: str, items: str) -> str:
    pointer = spec.resolve(place)[0]
    for token in filter(None, items.split("/")):
        pointer = spec.resolve(f"{pointer}/properties/{token}")[0]
    return spec.resolve(f"{pointer}/items")[0]


def _row_schema(spec: Spec, place: str, items: str) -> dict[str, Any]:
    schema: dict[str, Any] = spec.get_node(_row_pointer(spec, place, items))
    return schema


def test_the_number_of_rows_is_the_callers(roark: Spec) -> None:
    """`rows` says how many; none at all is a valid response too."""
    for count in (0, 1, 7):
        answer = call(Mock(roark, rows=count), "GET", "/v1/call").parse_json()
        assert answer["pagination"]["total"] == count
        assert len(answer["data"]) == count
