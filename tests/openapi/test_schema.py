"""A violation of a schema is reported with the violated clause."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import attrs
import pytest

from driftline.openapi import load
from driftline.openapi.schema.validation import describe, list_violations

SHOP = load(Path(__file__).with_name("shop.yaml"))
SCHEMAS = "/components/schemas"
LIST, ORDER = f"{SCHEMAS}/OrderList", f"{SCHEMAS}/Order"
PERSON = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}
FIRM = {"type": "object", "required": ["firm"], "properties": {"firm": {"type": "string"}}}
ID = "3c90c3cc-0d44-4b50-8888-8dd25736052a"


@pytest.mark.parametrize(
    ("value", "path", "clause"),
    [
        (
            {"orders": [{"id": 3}], "page": {}},
            "/orders/0/id",
            f"{ORDER}/allOf/1/properties/id/type",
        ),
        ({"orders": [{"id": "x"}], "page": {}}, "/orders/0/id", None),
        ({"orders": [{}], "page": {}}, "/orders/0", f"{ORDER}/allOf/1/required"),
        ({"orders": []}, "", f"{LIST}/required"),
        ({"orders": [{"id": ID, "state": "OLD"}], "page": {}}, "/orders/0/state", None),
        ({"orders": [{"id": ID, "note": 3}], "page": {}}, "/orders/0/note", None),
        ({"orders": [{"id": ID, "made": "2024-01-15"}], "page": {}}, "/orders/0/made", None),
    ],
)
def test_a_violation_names_value_and_clause(value: Any, path: str, clause: str | None) -> None:
    """A violation has the pointer of the value and of an existing clause of the spec."""
    (violation,) = list_violations(SHOP, LIST, value)
    assert violation.path == path
    assert clause in (None, violation.clause)
    assert SHOP.get_node(violation.clause)
    assert violation.clause.endswith("/" + violation.keyword)


def test_strings_with_lone_surrogates_are_validated() -> None:
    """Strings and names with unpaired surrogates are validated."""
    order = {"id": "\ud800", "state": "NEW", "\udc00": "\ud83d"}
    (violation,) = list_violations(SHOP, LIST, {"orders": [order], "page": {}})
    assert violation.path == "/orders/0/id"


def test_the_relevant_branch_of_any_of_is_named() -> None:
    """For `anyOf: [enum, null]`, the violation names the enum instead of `anyOf`."""
    (violation,) = list_violations(SHOP, ORDER, {"id": ID, "state": "OLD"})
    assert violation.clause == f"{SCHEMAS}/State/enum"
    assert violation.expected == ["NEW", "PAID", "SENT"]
    assert violation.got == "OLD"


def test_the_wrong_field_of_a_branch_is_named() -> None:
    """If one of several objects or null is allowed, the violation names the wrong field."""
    for choice in ("anyOf", "oneOf"):
        document = {**SHOP.document, "buyer": {choice: [PERSON, FIRM, {"type": "null"}]}}
        buyers = attrs.evolve(SHOP, document=document)
        for name in ("name", "firm"):
            (violation,) = list_violations(buyers, "/buyer", {name: 3})
            assert (violation.path, violation.keyword) == (f"/{name}", "type")
        assert [
            inner_violation.keyword for inner_violation in list_violations(buyers, "/buyer", {})
        ] == [choice]


def test_valid_values_have_no_violation() -> None:
    """An allowed null, unknown members and a timestamp with an offset are valid."""
    order = {"id": ID, "state": None, "note": None, "made": "2024-01-15T10:00:00+01:00", "new": 1}
    assert list_violations(SHOP, LIST, {"orders": [order], "page": {"next": None}}) == []


def test_describe_shortens_a_long_value() -> None:
    """A value is described as JSON and shortened if it is long."""
    assert describe({"a": None}) == '{"a": null}'
    assert describe("x" * 200, 10) == '"xxxxxxxx…'
