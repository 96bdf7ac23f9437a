"""Reads an operationId without the parts that frameworks add.

Frameworks put path, method, class or a counter into an operationId. Each of these is recognized by
its form or by the path, never by the name of a framework.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import attrs

from driftline.openapi import METHODS, to_snake_case

_NOT_ASCII: Final = re.compile(r"[^A-Za-z0-9]+")
_PARAMETER: Final = re.compile(r"\{([^{}]*)\}")
_USING: Final = re.compile(r"Using(GET|PUT|POST|DELETE|OPTIONS|HEAD|PATCH|TRACE)$")
_COUNTER: Final = re.compile(r"_\d+$|\[\d+\]$|_v\d+$")
_PREFIX: Final = re.compile(
    r"v\d+([._-]?\w+)?|\d{4}-\d\d(-\d\d)?(-[a-z]+)?|api|rest", re.IGNORECASE
)
_EXTENSION: Final = re.compile(r"\.(?:json|xml|csv)$", re.IGNORECASE)
_SEPARATORS: Final = re.compile(r"[./#:]+")
_CLASS_AND_METHOD: Final = re.compile(r"([A-Z][A-Za-z0-9]*)_([A-Za-z][A-Za-z0-9]*)")
_CLASS_KINDS: Final = frozenset(
    {"api", "controller", "endpoint", "endpoints", "handler", "resource", "service", "viewset"}
)
_ROLES: Final = frozenset({"endpoint", "handler", "route", "view"})
"""Affixes that people add to the name of a function that serves an operation."""


@attrs.frozen
class Phrase:
    """The words of an operationId; `resource` is empty if the id has none."""

    resource: tuple[str, ...]
    words: tuple[str, ...]


def parse_phrase(operation_id: str, method: str, path: str) -> Phrase:
    """Return the words of an operationId without the parts that frameworks add."""
    identifier = _drop_whole_path(_drop_counter(operation_id), method, path)
    resource, rest = _split_resource(identifier, path)
    words = _drop_role(_drop_path(split_words(rest), method, path), path)
    return Phrase(strip_suffixes(resource), words)


@lru_cache(maxsize=4096)
def split_words(name: str) -> tuple[str, ...]:
    """Return the words of a name in lower case: `getHTTPRoute` gives get, http, route."""
    marked = "".join(character if character.isalnum() else "_" for character in name)
    plain = unicodedata.normalize("NFKD", marked).encode("ascii", "ignore").decode()
    spaced = _NOT_ASCII.sub("_", plain)
    return tuple(word for word in to_snake_case(spaced).split("_") if word)


def has_name(name: str, names: Sequence[str]) -> bool:
    """Return whether a name is one of `names`, in any notation: `pageSize` for `page_size`."""
    return split_words(name) in {split_words(candidate) for candidate in names}


def strip_suffixes(words: Sequence[str]) -> tuple[str, ...]:
    """Return the words of a class or tag without its suffix: `tickets controller` gives tickets."""
    count = len(words)
    while count > 1 and words[count - 1] in _CLASS_KINDS:
        count -= 1
    return tuple(words[:count])


def is_class(name: str) -> bool:
    """Return whether a name is that of a controller class: `TicketsController`."""
    words = split_words(name)
    return name[:1].isupper() and len(words) > 1 and words[-1] in _CLASS_KINDS


def strip_extension(path: str) -> str:
    """Return a path without a trailing slash or file extension."""
    return _EXTENSION.sub("", path.rstrip("/"))


def is_item_path(path: str) -> bool:
    """Return whether a path ends with the parameter of a row.

    `/a/{id}`, `/a/{id}.json`, `/a/{id}:lock`.
    """
    last = strip_extension(path).rpartition("/")[2]
    return last.endswith("}") or "}:" in last


def list_fixed_segments(path: str) -> list[str]:
    """Return the fixed parts of a path without versions."""
    plain = re.split(r"[?#]", path, maxsplit=1)[0]
    parts = [part for part in strip_extension(plain).split("/") if part and "{" not in part]
    return [part for part in parts if not _PREFIX.fullmatch(part)]


def _drop_counter(operation_id: str) -> str:
    """Remove the counter of duplicate method names: `list_1`, `listUsingGET_2`, `find[0]`."""
    shorter = _COUNTER.sub("", operation_id)
    return _USING.sub("", shorter) or operation_id


def _drop_whole_path(operation_id: str, method: str, path: str) -> str:
    """Return what follows the method and path, verbatim: `get-/rows/{id}_getById` gives getById."""
    lead = re.match(rf"{method}[^A-Za-z0-9/]*{re.escape(path)}(?![^_-])", operation_id, re.I)
    return operation_id[lead.end() :].strip("_-").removeprefix(path) if lead else operation_id


def _split_resource(operation_id: str, path: str) -> tuple[tuple[str, ...], str]:
    """Return the resource in an id, and the rest."""
    if "{" in operation_id or " " in operation_id.strip() or operation_id.startswith("/"):
        return (), operation_id
    parts = [part for part in _SEPARATORS.split(operation_id) if split_words(part)]
    if len(parts) > 1:
        resource_parts = [part for part in parts[:-1] if not _PREFIX.fullmatch(part)]
        if resource_parts and is_class(resource_parts[-1]):
            resource_parts = resource_parts[-1:]  # the others are its modules
        return split_words("_".join(resource_parts)), parts[-1]
    match = _CLASS_AND_METHOD.fullmatch(operation_id)
    is_class_name = match and match[1].lower() not in METHODS
    if match and is_class_name and not _is_camel_word_of_path(operation_id, path):
        return split_words(match[1]), match[2]
    words = split_words(operation_id)
    if "controller" in words[1:-1]:
        at = words.index("controller", 1)
        return words[:at], "_".join(words[at + 1 :])
    return (), operation_id


def _is_camel_word_of_path(operation_id: str, path: str) -> bool:
    """Return whether the id is the path with underscores: `Tickets_Id`."""
    return split_words(operation_id) == _split_path(path)


def _split_path(path: str) -> tuple[str, ...]:
    return split_words(_PARAMETER.sub(r"_\1_", path))


def _drop_role(words: tuple[str, ...], path: str) -> tuple[str, ...]:
    """Remove the suffix of `read_items_route`, unless the path is about routes."""
    *rest, last = words or ("",)
    is_role = len(rest) > 1 and last in _ROLES
    return tuple(rest) if is_role and last not in path.lower() else words


def _drop_path(words: tuple[str, ...], method: str, path: str) -> tuple[str, ...]:
    """Remove the path and method after the function's name, or the path before it."""
    tail = (*_split_path(path), method)
    if words[-len(tail) :] == tail and len(words) > len(tail):
        return words[: -len(tail)]
    prefix = [part for part in path.split("/") if _PREFIX.fullmatch(part)]
    lead = split_words("_".join(prefix))
    if lead and words[: len(lead)] == lead and len(words) > len(lead):
        words = words[len(lead) :]
    path_words = tuple(_split_path(path)[len(lead) :])
    if path_words and words[: len(path_words)] == path_words and len(words) > len(path_words) + 1:
        return words[len(path_words) :]
    return words
