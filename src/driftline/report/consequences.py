"""Finds findings that follow from others: lost rows are also missing from filters, for example."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from functools import cache
from typing import Final

import attrs

from driftline.checks import Finding
from driftline.openapi import split

Paths = Mapping[tuple[str, str], str]
"""The path of each operation, by API and id."""
_Relation = Callable[[Finding, Finding, Paths], bool]
_UNREADABLE: Final = frozenset({"response.content-type.undocumented", "response.json.unreadable"})
_WRONG_FIELD: Final = frozenset(
    {
        "response.bound.exceeded",
        "response.enum.undocumented",
        "response.field.undocumented",
        "response.format.wrong",
        "response.required.missing",
        "response.type.wrong",
    }
)
SHAPE: Final = frozenset({"response.required.missing", "response.field.undocumented"})
"""The findings of a renamed field, or of an object with another shape."""
_OTHER_PAGES: Final = frozenset(
    {
        "listing.next.missing",
        "listing.page.endless",
        "listing.page.out-of-range",
        "listing.page.repeats",
        "listing.size.ignored",
        "listing.size.short",
    }
)
_OF_PAGES: Final = (
    *("listing.page.", "listing.row.", "listing.size.", "listing.total.", "listing.more."),
    *("listing.filter.lost", "listing.search.lost", "listing.order.", "listing.next."),
    "effect.not-listed",
)
_OF_ROWS: Final = ("listing.", "effect.")
_BY_READING: Final = ("effect.not-",)
"""Rows that are not listed, found, created or deleted, as another operation shows."""
_SEARCH: Final = ("listing.search.",)


def is_consequence(part: Finding, root: Finding, paths: Paths) -> bool:
    """Return whether `part` is a consequence of `root`."""
    return part.api == root.api and any(
        is_related(part, root, paths) for is_related in _list_relations(part.id, root.id)
    )


@cache
def _list_relations(part: str, root: str) -> tuple[_Relation, ...]:
    return tuple(
        rule.is_related
        for rule in RULES
        if root in rule.root_ids and part.startswith(rule.id_prefixes)
    )


def list_locations(root: Finding, paths: Paths) -> Iterator[Hashable]:
    """Yield the keys under which consequences of a finding look for it."""
    yield root.api, root.id, _find_rows(root, paths)
    yield root.api, root.id, root.where, root.expected


def list_root_locations(part: Finding, paths: Paths) -> Iterator[Hashable]:
    """Yield the keys of all findings that may explain `part`.

    Related findings are about the same rows, or have the same field and the same expected value.
    With thousands of findings, comparing all pairs would take minutes.
    """
    rows = _find_rows(part, paths)
    for name in _list_root_ids(part.id):
        yield part.api, name, rows
        yield part.api, name, part.where, part.expected


@cache
def _list_root_ids(part: str) -> frozenset[str]:
    return frozenset[str]().union(
        *(rule.root_ids for rule in RULES if part.startswith(rule.id_prefixes))
    )


@attrs.frozen
class _Rule:
    """Findings with an id in `root_ids` explain those whose id begins with one of `id_prefixes`."""

    root_ids: frozenset[str]
    id_prefixes: tuple[str, ...]
    is_related: _Relation


def _have_same_operation(part: Finding, root: Finding, _: Paths) -> bool:
    return part.operation == root.operation


def _have_same_rows(part: Finding, root: Finding, paths: Paths) -> bool:
    """Return whether two findings are about the same rows: `POST /pets`, `GET /pets`, …"""
    return _find_rows(part, paths) == _find_rows(root, paths)


def _find_rows(finding: Finding, paths: Paths) -> str:
    path = paths.get((finding.api, finding.operation), finding.operation)
    steps = path.rstrip("/").split("/")
    return "/".join(steps[:-1] if steps[-1].startswith("{") else steps)


def _is_read_back(part: Finding, root: Finding, paths: Paths) -> bool:
    """Return whether a write is judged by reading rows, where `root` is not about another write."""
    tokens = split(root.location.pointer)
    is_of_write = tokens[:1] == ["paths"] and tokens[2:3] not in (["get"], ["head"], [])
    return _have_same_rows(part, root, paths) and (
        not is_of_write or _have_same_operation(part, root, paths)
    )


def _have_same_field(part: Finding, root: Finding, paths: Paths) -> bool:
    """Return whether a field is that of a filter, an order or a write, or the id of rows."""
    field = _get_field(root)
    field_names = {part.where, *(step.lstrip("/") for step in split(part.location.pointer))}
    return _have_same_rows(part, root, paths) and (
        field in field_names or field in {"id", "[]", ""}
    )


def _have_same_clause(part: Finding, root: Finding, paths: Paths) -> bool:
    """Return whether the clauses are equal, since documents repeat schemas in operations."""
    has_same_value = part.where == root.where and part.expected == root.expected
    are_shapes = part.id in SHAPE and root.id in SHAPE
    is_other_operation = part.operation != root.operation
    has_same_field = (
        part.id == root.id and _get_field(part) == _get_field(root) and is_other_operation
    )
    return part.variant == root.variant and (
        (has_same_field and (has_same_value or _have_same_rows(part, root, paths)))
        or (are_shapes and _have_same_rows(part, root, paths))
    )


def _get_field(finding: Finding) -> str:
    return finding.where.rpartition(".")[2]


def _have_same_parameter(part: Finding, root: Finding, paths: Paths) -> bool:
    """Return whether both are about one parameter: an ignored one is not validated either."""
    tokens = split(root.location.pointer)
    is_same_parameter = (
        tokens[-1] == part.where or tokens[-2] == part.where or "filter" not in tokens
    )
    return (
        _have_same_operation(part, root, paths)
        and "parameters" in part.location.pointer
        and is_same_parameter
    )


def _is_general(part: Finding, root: Finding, paths: Paths) -> bool:
    """Return whether a finding is about an operation, and the other about a part of its request."""
    is_about_part = bool(root.where) or "parameters" in split(root.location.pointer)
    return not part.where and is_about_part and _have_same_operation(part, root, paths)


def _is_unread_body(part: Finding, root: Finding, paths: Paths) -> bool:
    """Return whether a server reads no body of an operation: it accepts what is not JSON."""
    is_whole = split(root.location.pointer)[-3:-1] == ["requestBody", "content"]
    in_body = "parameters" not in split(part.location.pointer)
    return is_whole and in_body and _have_same_operation(part, root, paths)


RULES: Final = (
    _Rule(
        frozenset({"operation.missing"}),
        ("request.valid.", "response.status.", "security.rejection.", *_OF_ROWS),
        _have_same_operation,
    ),
    _Rule(
        frozenset({"response.server-error"}), ("request.valid.", *_OF_ROWS), _have_same_operation
    ),
    _Rule(frozenset({"response.server-error"}), _BY_READING, _is_read_back),
    _Rule(_UNREADABLE, ("request.valid.", *_OF_ROWS), _have_same_operation),
    _Rule(_WRONG_FIELD, ("listing.", "effect."), _have_same_field),
    # A search reads fields that its finding does not name.
    _Rule(
        frozenset({"response.required.missing", "response.type.wrong"}), _SEARCH, _have_same_rows
    ),
    _Rule(_WRONG_FIELD, tuple(_WRONG_FIELD), _have_same_clause),
    _Rule(
        frozenset({"listing.size.ignored"}),
        ("listing.size.short", "listing.page.repeats", "listing.echo.wrong"),
        _have_same_operation,
    ),
    _Rule(frozenset({"listing.size.short"}), ("listing.echo.wrong",), _have_same_operation),
    _Rule(frozenset({"request.invalid.accepted"}), ("request.invalid.",), _is_unread_body),
    _Rule(_OTHER_PAGES, ("request.invalid.",), _have_same_parameter),
    _Rule(_OTHER_PAGES, tuple({*_OF_PAGES} - {"listing.size.", "listing.page."}), _have_same_rows),
    _Rule(
        frozenset({"listing.page.repeats"}),
        ("listing.page.endless", "listing.echo.wrong"),
        _have_same_rows,
    ),
    _Rule(
        frozenset({"listing.row.lost"}),
        ("listing.filter.lost", "listing.search.lost", "listing.total.", "effect.not-listed"),
        _have_same_rows,
    ),
    _Rule(frozenset({"request.valid.rejected"}), ("request.valid.",), _is_general),
    _Rule(frozenset({"request.valid.rejected"}), ("listing.row.lost",), _have_same_operation),
    _Rule(frozenset({"effect.field.changed"}), ("effect.field.changed",), _have_same_field),
    _Rule(frozenset({"effect.field.reset"}), ("effect.field.reset",), _have_same_field),
    _Rule(frozenset({"effect.version.wrong"}), ("effect.version.wrong",), _have_same_field),
    _Rule(frozenset({"effect.parent.ignored"}), ("effect.parent.ignored",), _have_same_field),
    _Rule(
        frozenset({"effect.not-listed", "effect.not-found"}),
        ("effect.not-found", "request.valid."),
        _have_same_rows,
    ),
    _Rule(
        frozenset({"security.not-enforced"}), ("security.rejection.status",), _have_same_operation
    ),
    _Rule(
        frozenset({"effect.not-deleted"}),
        ("effect.missing.", "effect.not-deleted"),
        _have_same_rows,
    ),
    _Rule(
        frozenset({"listing.filter.ignored", "listing.order.wrong", "listing.search.ignored"}),
        ("request.invalid.",),
        _have_same_parameter,
    ),
    _Rule(
        frozenset({"listing.filter.ignored"}),
        ("listing.filter.lost", "listing.total."),
        _have_same_operation,
    ),
)
