"""Media types: the essence, whether one covers another, and the kind of body.

Every layer that encodes, decodes, fakes or judges a body branches on `BodyKind`, never on the
spelling of a media type.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Any, Final, Literal, NamedTuple

BodyKind = Literal[
    "json", "form", "multipart", "text", "xml", "event_stream", "json_lines", "binary"
]


def _keep(content: bytes) -> bytes:
    return content


class KindTraits(NamedTuple):
    """The traits of a kind of body that all layers use.

    names: its media types: whole ones, a suffix (`+json`) or all of a type (`text/`). Whole ones
        take precedence.
    read_as: what a client returns: a typed value, a `str` or a `BinaryResponse`.
    has_fields: it is written from a value, whose fields are arguments of a method. A kind that is
        read as a value has them.
    is_form: each field is encoded separately.
    can_have_files: a field can be a file.
    is_stream: it has items that are read as they arrive.
    can_be_empty: a body of no bytes is a body.
    to_json, from_json: translate a body that is read as a value, which is JSON in other bytes;
        `to_json` may raise ValueError. Client, suite and mock need nothing else for such a kind.
    """

    names: tuple[str, ...]
    read_as: Literal["value", "text", "bytes"]
    has_fields: bool = False
    is_form: bool = False
    can_have_files: bool = False
    is_stream: bool = False
    can_be_empty: bool = True
    to_json: Callable[[bytes], bytes] = _keep
    from_json: Callable[[bytes], bytes] = _keep


TRAITS: Final[dict[BodyKind, KindTraits]] = {
    "json": KindTraits(
        names=("application/json", "text/json", "+json"),
        read_as="value",
        has_fields=True,
        can_be_empty=False,
    ),
    "form": KindTraits(
        names=("application/x-www-form-urlencoded",),
        read_as="bytes",
        has_fields=True,
        is_form=True,
    ),
    "multipart": KindTraits(
        names=("multipart/",),
        read_as="bytes",
        has_fields=True,
        is_form=True,
        can_have_files=True,
        can_be_empty=False,
    ),
    "json_lines": KindTraits(
        names=(
            *("application/jsonl", "application/x-ndjson", "application/ndjson"),
            "application/json-seq",
        ),
        read_as="text",
        is_stream=True,
    ),
    "text": KindTraits(
        names=(
            *("text/", "application/yaml", "application/x-yaml", "application/javascript"),
            "application/graphql",
        ),
        read_as="text",
    ),
    "xml": KindTraits(names=("application/xml", "text/xml", "+xml"), read_as="text"),
    "event_stream": KindTraits(names=("text/event-stream",), read_as="text", is_stream=True),
    "binary": KindTraits(names=(), read_as="bytes"),
}
"""All that is known of each kind, in the order in which a client chooses one to send."""

FIELD_KINDS: Final = frozenset(kind for kind, traits in TRAITS.items() if traits.has_fields)
FORM_KINDS: Final = frozenset(kind for kind, traits in TRAITS.items() if traits.is_form)
FILE_FORM_KINDS: Final = frozenset(kind for kind, traits in TRAITS.items() if traits.can_have_files)
STREAM_KINDS: Final = frozenset(kind for kind, traits in TRAITS.items() if traits.is_stream)
VALUE_KINDS: Final = frozenset(kind for kind, traits in TRAITS.items() if traits.read_as == "value")
TEXT_KINDS: Final = frozenset(kind for kind, traits in TRAITS.items() if traits.read_as == "text")
BYTES_KINDS: Final = frozenset(kind for kind, traits in TRAITS.items() if traits.read_as == "bytes")
SENT_FIRST: Final = tuple(TRAITS)
ACCEPTED_FIRST: Final = tuple(
    sorted(TRAITS, key=lambda kind: ("value", "text", "bytes").index(TRAITS[kind].read_as))
)
"""Kinds that are read as a value come first, then text, then bytes."""
_BY_NAME: Final[dict[str, BodyKind]] = {
    name: kind for kind, traits in TRAITS.items() for name in traits.names
}


def get_essence(name: str) -> str:
    """Return type and subtype in lower case, without parameters: `application/json`."""
    return name.partition(";")[0].strip().lower()


def matches(media_type: str, media_range: str) -> bool:
    """Return whether a documented type, which may be a range, covers a media type."""
    return bool(get_essence(media_type)) and fnmatchcase(
        get_essence(media_type), get_essence(media_range)
    )


@lru_cache(maxsize=256)
def find_body_kind(name: str, *, of_range: BodyKind = "json") -> BodyKind:
    """Return the kind of body of a media type.

    A range such as `*/*` says nothing of the kind: it is `of_range`.
    """
    essence = get_essence(name)
    if essence in _BY_NAME:
        return _BY_NAME[essence]
    _, plus, suffix = essence.rpartition("+")
    if plus + suffix in _BY_NAME:
        return _BY_NAME[plus + suffix]
    if essence in {"*/*", "application/*"}:
        return of_range
    main, slash, _ = essence.partition("/")
    return _BY_NAME.get(main + slash, "binary")


def to_json(content: bytes, media_type: str) -> bytes:
    """Return the JSON of a body whose kind is read as a value.

    Raises:
        ValueError: the body is not of its media type.
    """
    return TRAITS[find_body_kind(media_type)].to_json(content)


def from_json(content: bytes, media_type: str) -> bytes:
    """Return a body of a kind that is read as a value from its JSON."""
    return TRAITS[find_body_kind(media_type)].from_json(content)


def find_item_separator(encoding: Mapping[str, Any]) -> str:
    """Return the separator of the items of an array in one field of a form.

    It is "" if each item is a field of its own, as it is without an `encoding`.
    """
    if encoding.get("explode") is True:
        return ""
    delimited = {"spaceDelimited": " ", "pipeDelimited": "|"}.get(str(encoding.get("style")), "")
    return delimited or ("," if encoding.get("explode") is False else "")
