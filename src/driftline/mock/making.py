"""The rows of a listing: those that a mock begins with, and those that are created."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from driftline.errors import UsageError
from driftline.mock.answers import Answers
from driftline.mock.data import Data
from driftline.mock.database import Database
from driftline.mock.store import Row, Store
from driftline.spec import Operation, Spec
from driftline.spec.pointer import follow, is_array, is_object
from driftline.spec.vocabulary import Listing
from driftline.spec.walk import schema_at

__all__ = ["first_rows", "new_row", "opened", "reset"]

_STEP = 1_000_003
_PROSE = {"description", "summary", "title"}
_NOTES = {"externalDocs", "x-assumed", "x-contradictions"}


def new_row(
    operation: Operation,
    answers: Answers,
    index: int,
    *sources: Mapping[str, Any],
    is_there: Callable[[Any], bool] = lambda _: False,
) -> Row:
    """A row of the operation's listing that takes over what fits of `sources`.

    One without sources gets an ID that is not there yet.
    """
    listing = operation.listing
    media = operation.success.json if operation.success else None
    assert listing is not None and media is not None  # noqa: PT018, S101 (lint says so)
    place = schema_at(answers.spec, media.schema_pointer, listing.items + "/0")
    assert place is not None  # noqa: S101
    step = 0
    while True:
        data = answers.item(place, index + step, *sources)
        row_id = follow(data, listing.id)
        if sources or not is_there(row_id):
            break
        step += _STEP  # an ID by chance the same: another row, further on
    names = {name for search in listing.searches for name in search.hidden}
    hidden = {name: answers.data.hidden(name, index) for name in sorted(names)}
    return Row(row_id, data, hidden)


@lru_cache(maxsize=8)
def first_rows(spec: Spec, rows: int, seed: int) -> Mapping[str, Sequence[Row]]:
    """By listing, the rows that every mock of these arguments begins with."""
    answers = Answers(spec, Data(spec, seed))
    found: dict[str, Sequence[Row]] = {}
    for operation in spec.operations:
        if operation.listing is not None:
            made: dict[str, Row] = {}
            for index in range(rows):
                row = new_row(
                    operation, answers, index, is_there=lambda row_id, made=made: str(row_id) in made
                )
                made[str(row.id)] = row
            found[operation.id] = list(made.values())
    return found


@lru_cache(maxsize=8)
def _first_content(spec: Spec, rows: int, seed: int) -> bytes:
    """A database with the first rows, to begin with in memory."""
    store = Store(Database(), spec.name, _listings(spec))
    store.fill(_digest(spec), first_rows(spec, rows, seed))
    return store.database.content()


def opened(spec: Spec, rows: int, seed: int, path: Path | None = None) -> Store:
    """The rows of an API, as they are kept in a file, or the first ones.

    Raises:
        UsageError: the file cannot be used, or was made from another spec.
    """
    if path is None:
        content = _first_content(spec, rows, seed)
        return Store(Database(content=content), spec.name, _listings(spec))
    store = Store(Database(path), spec.name, _listings(spec))
    digest = _digest(spec)
    first = first_rows(spec, rows, seed) if store.made_from() is None else {}
    with store.writing():  # another process may have been faster
        known = store.made_from()
        if known is None:
            store.fill(digest, first)
    if known not in {None, digest}:
        remedy = "Delete the file, or name another one: its rows are then made anew."
        raise UsageError(f"{path}: its rows of {spec.name} were made from another spec", remedy)
    return store


def reset(store: Store, spec: Spec, rows: int, seed: int) -> None:
    """Puts the first rows back, and forgets all others."""
    if store.database.path is None:
        store.database.forget()
    else:
        store.fill(_digest(spec), first_rows(spec, rows, seed))


def _listings(spec: Spec) -> dict[str, Listing]:
    return {each.id: each.listing for each in spec.operations if each.listing is not None}


@lru_cache(maxsize=64)
def _digest(spec: Spec) -> str:
    """What rows and their index depend on: the spec without what is there for people to read."""
    told = json.dumps(_bare(spec.document), sort_keys=True, default=str)
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()


def _bare(node: Any) -> Any:
    if is_array(node):
        return [_bare(each) for each in node]
    if not is_object(node):
        return node
    # A property may be called a title, and is then no text.
    is_prose = {key for key in node if key in _PROSE and isinstance(node[key], str)}
    return {str(key): _bare(node[key]) for key in node if key not in is_prose | _NOTES}
