"""Predicates that select the operations of a check; built-in and custom checks name them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from itertools import islice
from typing import Final

from driftline.media import FORM_KINDS
from driftline.openapi import (
    Operation,
    Response,
    Spec,
    find_bulk_creation,
    find_download,
    find_part_reader,
    find_required_parent,
    find_stream,
    has_followers,
    list_parents,
    list_path_parents,
    list_value_paths,
)

_TAKEN: Final = re.compile(
    r"\balready (exists?|taken|in use|used|registered)|\bduplicate|\bexists\b|\bin use\b"
    r"|\btaken\b|\bunique\b|\balready (has|have) (an?|the|this|that|such)\b"
    r"|\b(has|have) (an?|the|this|that) [^.;]* already\b|\bhas the same\b",
    re.IGNORECASE,
)
"""A description of a conflict with a row that has the same values."""
_MUST_BE_UNIQUE: Final = re.compile(
    r"\b(must|have to|has to) (be|remain|stay) unique\b", re.IGNORECASE
)
_UNIQUE: Final = re.compile(r"\b(be|remain|stay|is|are) unique\b|^\W*unique\b", re.IGNORECASE)
_REJECTED: Final = re.compile(r"\b(409|conflicts?|reject(ed|s)?|fails?)\b", re.IGNORECASE)
_MOST_PLACES = 300
"""The maximum number of inspected parts of a body, since listing the checks must be cheap."""
Applies = Callable[[Spec, Operation], bool]


def is_operation(_: Spec, __: Operation) -> bool:
    """Accept every operation."""
    return True


def is_read(_: Spec, operation: Operation) -> bool:
    """Accept operations that change nothing."""
    return operation.is_read


def find_duplicate_conflict(operation: Operation) -> Response | None:
    """Return the 409 that is said to reject a row with the values of an existing one."""
    conflict = operation.find_exact_response("409")
    return conflict if conflict and describe_duplicates(operation, conflict) else None


def describe_duplicates(operation: Operation, conflict: Response) -> str:
    """Return what the document says of values that no two rows may share, or "".

    The operation may say it instead of the response: "409 if another user has the same name".
    """
    if _TAKEN.search(conflict.description):
        return conflict.description
    text = f"{operation.summary}\n{operation.description}"
    sentences = re.split(r"[.;:]\s|\n", text)
    rejects = _REJECTED.search(text) is not None
    return ". ".join(
        sentence
        for sentence in sentences
        if (_REJECTED.search(sentence) and _TAKEN.search(sentence))
        or (rejects and _MUST_BE_UNIQUE.search(sentence))
    )


def is_described_unique(description: str) -> bool:
    """Return whether the description of a field says that no two rows may share its value."""
    return _UNIQUE.search(description) is not None


def is_listing(_: Spec, operation: Operation) -> bool:
    """Accept operations with `x-listing`."""
    return operation.listing is not None


def needs_credential(_: Spec, operation: Operation) -> bool:
    """Accept operations that cannot be called anonymously."""
    return bool(operation.security) and () not in operation.security


def needs_token(spec: Spec, operation: Operation) -> bool:
    """Accept operations whose credential is a token that the document says how to obtain."""
    names = {name for names in operation.security for name in names}
    has_endpoint = any(spec.security_schemes[name].token_urls for name in names)
    return has_endpoint and needs_credential(spec, operation)


def creates_rows(_: Spec, operation: Operation) -> bool:
    """Accept operations whose `x-effect` creates a row."""
    return operation.effect is not None and operation.effect.kind == "create"


def creates_many(spec: Spec, operation: Operation) -> bool:
    """Accept a POST that creates several rows of a listing at once."""
    return find_bulk_creation(spec, operation) is not None


def reads_rows(_: Spec, operation: Operation) -> bool:
    """Accept operations whose `x-effect` reads a row that a path parameter names."""
    effect = operation.effect
    return effect is not None and effect.kind == "read" and effect.id is not None


def updates_rows(_: Spec, operation: Operation) -> bool:
    """Accept operations whose `x-effect` updates a row that a path parameter names."""
    effect = operation.effect
    return effect is not None and effect.kind == "update" and effect.id is not None


def deletes_rows(_: Spec, operation: Operation) -> bool:
    """Accept operations whose `x-effect` deletes a row that a path parameter names."""
    effect = operation.effect
    return effect is not None and effect.kind == "delete" and effect.id is not None


def has_parent(spec: Spec, operation: Operation) -> bool:
    """Accept operations on a row below another one, and its listing."""
    is_below = operation.listing is not None and find_required_parent(spec, operation) is not None
    return is_below or bool(list_parents(spec, operation) or list_path_parents(spec, operation))


def has_choices(spec: Spec, operation: Operation) -> bool:
    """Accept operations whose parameters or body have an enum of strings or a format."""
    media = operation.body.json if operation.body else None
    schemas = [parameter.schema_pointer for parameter in operation.parameters]
    schemas += [media.schema_pointer] if media and media.schema_pointer else []
    return any(
        "format" in branch or any(isinstance(value, str) for value in branch.get("enum", ()))
        for schema in schemas
        for value_path in islice(list_value_paths(spec, schema), _MOST_PLACES)
        for _, branch in value_path.schemas
    )


def has_response(_: Spec, operation: Operation) -> bool:
    """Accept operations whose successful response is documented."""
    return operation.success is not None


def has_json_response(_: Spec, operation: Operation) -> bool:
    """Accept operations whose successful response is JSON with a schema."""
    media = operation.success.json if operation.success else None
    return media is not None and bool(media.schema_pointer)


def has_stream(_: Spec, operation: Operation) -> bool:
    """Accept operations whose successful response can be a stream."""
    return find_stream(operation.success) is not None


def has_parts(_: Spec, operation: Operation) -> bool:
    """Accept operations whose body is a form with a schema or JSON lines, and nothing else."""
    content = operation.body.content if operation.body else ()
    kinds = {
        media_type.kind
        for media_type in content
        if media_type.schema_pointer or media_type.kind == "json_lines"
    }
    return bool(kinds) and kinds <= {*FORM_KINDS, "json_lines"}


def has_upload(spec: Spec, operation: Operation) -> bool:
    """Accept operations that upload a file which another operation returns."""
    return operation.body is not None and find_download(spec, operation) is not None


def replaces_part(spec: Spec, operation: Operation) -> bool:
    """Accept a PUT without `x-effect` to a path that a GET reads."""
    return find_part_reader(spec, operation) is not None


def has_links(spec: Spec, operation: Operation) -> bool:
    """Accept operations whose response another call can use."""
    return has_followers(spec, operation)


SUBSETS: Mapping[str, Applies] = {
    "operation": is_operation,
    "reading": is_read,
    "listing": is_listing,
    "secured": needs_credential,
    "creating": creates_rows,
    "answering": has_json_response,
    "linked": has_links,
}
"""By the name of a fixture of own tests: which operations a test with it is about."""
