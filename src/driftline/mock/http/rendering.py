"""Encodes a value as a body, for each kind of media type."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree  # only used for writing

from driftline.media import TRAITS, VALUE_KINDS, get_essence, matches
from driftline.mock.fake import sample_file
from driftline.mock.http.messages import encode_json
from driftline.openapi import (
    MediaType,
    Spec,
    find_schema_at,
    is_array,
    is_object,
    join,
    split,
)

_BOUNDARY = "driftline-part"
_CONCRETE = {
    "image": "image/png",
    "audio": "audio/wav",
    "video": "video/mp4",
    "text": "text/plain",
    "multipart": "multipart/mixed",
}
"""The types that are sent for documented ranges."""
_OF_ANY = {"json": "application/json", "text": "text/plain"}
_NO_NAME = re.compile(r"[^A-Za-z0-9_.-]")


def choose_concrete_name(media: MediaType, accept: str = "") -> str:
    """Return the media type to send for a documented one, which may be a range.

    For a range, the one in `accept`, or plain JSON, or a usual one of the type.
    """
    if "*" not in media.name:
        return media.name
    accepted_names = (get_essence(part) for part in accept.split(","))
    concrete_name = next(
        (name for name in accepted_names if "*" not in name and matches(name, media.name)), None
    )
    if concrete_name:
        return concrete_name
    if media.kind in _OF_ANY:
        return _OF_ANY[media.kind]
    kind = media.essence.partition("/")[0]
    return _CONCRETE.get(kind, "application/octet-stream")


def render(spec: Spec, media: MediaType, name: str, value: Any) -> tuple[str, bytes]:
    """Return content type and bytes of a value; `name` is the media type to send.

    A string is the body itself if the media type has no structure.
    """
    kind = media.kind
    if kind in VALUE_KINDS:
        return name, TRAITS[kind].from_json(encode_json(value).encode())
    if kind == "json_lines":
        rows: list[Any] = value if is_array(value) else [value] * 2
        return name, "".join(f"{encode_json(row)}\n" for row in rows).encode()
    if kind == "event_stream":
        return name, _render_events(value)
    if kind == "form" and is_object(value):
        return name, urlencode(
            {key: _render_field(field) for key, field in value.items()}, doseq=True
        ).encode()
    if kind == "multipart":
        return f"{get_essence(name)}; boundary={_BOUNDARY}", _render_parts(value)
    is_written = isinstance(value, str) and value.lstrip()[:1] in {"", "<"}  # XML itself
    if kind == "xml" and not is_written:
        return name, _render_xml(spec, media, value)
    if isinstance(value, str) and value:
        return name, value.encode("utf-8", "replace")
    return name, sample_file(get_essence(name)) if value in (None, "") else _render_text(
        value
    ).encode()


def _render_text(value: Any) -> str:
    return value if isinstance(value, str) else encode_json(value)


def _render_field(value: Any) -> Any:
    if is_array(value):
        return [_render_field(item) for item in value]
    return _render_text(value) if not isinstance(value, str) else value


def _render_events(value: Any) -> bytes:
    """Return two events, or one per item; a string that is a stream already is kept."""
    if isinstance(value, str) and re.match(r"(data|event|id|retry|):", value):
        return value.encode("utf-8", "replace")
    events: list[Any] = value if is_array(value) else [value] * 2
    lines = (
        "\n".join(f"data: {line}" for line in _render_text(e).splitlines() or [""]) for e in events
    )
    return "".join(f"{event}\n\n" for event in lines).encode("utf-8", "replace")


def _render_parts(value: Any) -> bytes:
    fields: Mapping[str, Any] = value if is_object(value) else {"file": _render_text(value)}
    body = ""
    for name, field in fields.items():
        quoted = json.dumps(name)[1:-1]
        kind = "text/plain" if isinstance(field, str) else "application/json"
        head = f'Content-Disposition: form-data; name="{quoted}"\r\nContent-Type: {kind}'
        body += f"--{_BOUNDARY}\r\n{head}\r\n\r\n{_render_text(field)}\r\n"
    return f"{body}--{_BOUNDARY}--\r\n".encode("utf-8", "replace")


def _render_xml(spec: Spec, media: MediaType, value: Any) -> bytes:
    """Return the value as elements, by the `xml` members of its schemas."""
    schema_pointer = media.schema_pointer or None
    pointer, _ = spec.resolve(media.schema_pointer) if schema_pointer else ("", None)
    tokens = split(pointer)
    is_component = tokens[:2] == ["components", "schemas"] and len(tokens) == 3
    name = _read_xml_hints(spec, schema_pointer).get("name") or (
        tokens[-1] if is_component else "root"
    )
    root = ElementTree.Element(_name(name))
    if is_array(value):
        _append_items(spec, root, schema_pointer, _name(name), value)
    else:
        _fill(spec, root, schema_pointer, value)
    return bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True))


def _fill(spec: Spec, element: ElementTree.Element, schema_pointer: str | None, value: Any) -> None:
    if not is_object(value):
        element.text = "" if value is None else _remove_unprintable(_render_text(value))
        return
    for key, member in value.items():
        inner = find_schema_at(spec, schema_pointer, join(key)) if schema_pointer else None
        hints = _read_xml_hints(spec, inner)
        name = _name(hints.get("name") or key)
        if hints.get("attribute") is True:
            element.set(name, _remove_unprintable(_render_text(member)))
        elif is_array(member):
            owner = ElementTree.SubElement(element, name) if hints.get("wrapped") else element
            _append_items(spec, owner, inner, name, member)
        else:
            _fill(spec, ElementTree.SubElement(element, name), inner, member)


def _append_items(
    spec: Spec, owner: ElementTree.Element, schema_pointer: str | None, name: str, values: list[Any]
) -> None:
    inner = find_schema_at(spec, schema_pointer, "/0") if schema_pointer else None
    item_name = _name(_read_xml_hints(spec, inner).get("name") or name)
    for item in values:
        _fill(spec, ElementTree.SubElement(owner, item_name), inner, item)


def _read_xml_hints(spec: Spec, schema_pointer: str | None) -> Mapping[str, Any]:
    node = spec.resolve(schema_pointer)[1] if schema_pointer else None
    hints = node.get("xml") if is_object(node) else None
    return hints if is_object(hints) else {}


def _name(name: Any) -> str:
    valid_name = _NO_NAME.sub("_", str(name))
    return valid_name if valid_name[:1].isalpha() or valid_name[:1] == "_" else f"_{valid_name}"


def _remove_unprintable(string: str) -> str:
    """Remove the characters that XML does not allow."""
    return "".join(
        c for c in string if c in "\t\n\r" or (c >= " " and not "\ud800" <= c <= "\udfff")
    )
