"""The mock's data: valid, complete and deterministic."""

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


def list_rows_by_operation(mock: Mock) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Yield the response schema and all rows of every listing."""
    for operation in mock.spec.operations:
        if operation.listing and operation.success and operation.success.json:
            path = operation.path.replace("{shelf}", "1")
            shown_rows: list[dict[str, Any]] = []
            while True:
                page = {"page": len(shown_rows) // 10 + operation.listing.page.first, "limit": 10}
                page |= {"offset": len(shown_rows), "page_size": 10, "per_page": 10}
                if operation.listing.page.opaque_parameter and shown_rows:
                    page["after"] = shown_rows[-1]["id"]
                parameter_names = {p.name for p in operation.parameters}
                query = {key: value for key, value in page.items() if key in parameter_names}
                response = call(mock, "GET", path, query=query).parse_json()
                page_rows = follow(response, operation.listing.items)
                shown_rows += page_rows
                if not page_rows or operation.listing.page.is_single:
                    break
            schema_pointer = operation.success.json.schema_pointer
            yield schema_pointer, shown_rows


@pytest.mark.parametrize("seed", range(3))
def test_listings_have_the_requested_number_of_valid_rows(spec: Spec, seed: int) -> None:
    """For any seed, listings have 250 rows with
    distinct IDs, and their responses match the schema.
    """
    mock = Mock(spec, seed=seed)
    for operation in spec.operations:
        if operation.listing is None or operation.listing.page.is_single:
            continue
        for schema_pointer, shown_rows in list_rows_by_operation(mock):
            envelope = call(
                mock, "GET", operation.path.replace("{shelf}", "1"), query=_choose_needed(spec)
            )
            assert list_violations(spec, schema_pointer, envelope.parse_json()) == []
            ids = [follow(row, operation.listing.id) for row in shown_rows]
            assert len(ids) == len(set(ids)) == 250


def _choose_needed(spec: Spec) -> dict[str, Any]:
    required = {p.name for o in spec.operations for p in o.parameters if p.required}
    return {name: 1 for name in required if name in {"page", "page_size"}}


def test_a_seed_determines_the_rows(roark: Spec) -> None:
    """Two mocks with one seed return the same bytes; another seed returns others."""
    first, same_mock, other_mock = Mock(roark), Mock(roark), Mock(roark, seed=1)
    bodies = [call(mock, "GET", "/v1/call").body for mock in (first, same_mock, other_mock)]
    assert bodies[0] == bodies[1] != bodies[2]


def test_every_enum_value_null_and_optional_field_occurs(spec: Spec) -> None:
    """Across the rows, every enum value and null
    occurs, and optional fields are present and absent.
    """
    mock = Mock(spec)
    for schema_pointer, shown_rows in list_rows_by_operation(mock):
        if len(shown_rows) < 250:
            continue
        items = spec.operations[0].listing
        assert items is not None
        row_schema = _get_row_schema(spec, schema_pointer, items.items)
        for field in row_schema.get("properties", {}):
            values = [row[field] for row in shown_rows if field in row]
            label = f"{spec.name}.{field}"
            assert values, label
            if field not in row_schema.get("required", ()):
                assert len(values) < len(shown_rows), f"{label} is never absent"
            choices = list_choices(
                spec,
                f"{_resolve_row_pointer(spec, schema_pointer, items.items)}/properties/{field}",
            )
            for value in choices or ():
                assert value in values, f"{label} never is {value!r}"
            if "null" in list_types(
                spec,
                f"{_resolve_row_pointer(spec, schema_pointer, items.items)}/properties/{field}",
            ):
                assert None in values, f"{label} never is null"
                assert any(value is not None for value in values), f"{label} always is null"


def _resolve_row_pointer(spec: Spec, schema_pointer: str, items: str) -> str:
    pointer = spec.resolve(schema_pointer)[0]
    for token in filter(None, items.split("/")):
        pointer = spec.resolve(f"{pointer}/properties/{token}")[0]
    return spec.resolve(f"{pointer}/items")[0]


def _get_row_schema(spec: Spec, schema_pointer: str, items: str) -> dict[str, Any]:
    schema: dict[str, Any] = spec.get_node(_resolve_row_pointer(spec, schema_pointer, items))
    return schema


def test_rows_sets_the_number_of_rows(roark: Spec) -> None:
    """`rows` sets the number of rows, and zero rows give a valid response."""
    for count in (0, 1, 7):
        response = call(Mock(roark, rows=count), "GET", "/v1/call").parse_json()
        assert response["pagination"]["total"] == count
        assert len(response["data"]) == count
