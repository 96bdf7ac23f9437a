"""Forms, JSON lines and files: invalid bodies are rejected, and an uploaded file can be read."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any

from driftline.checks import NOTHING, choose_media_type, encode_body
from driftline.media import get_essence
from driftline.mock import sample_file
from driftline.openapi import (
    MISSING,
    MediaType,
    Operation,
    Spec,
    describe_stream,
    find_download,
    follow,
    is_array,
    is_file_field,
    is_object,
    join,
    list_violations,
    resolve_schema,
)
from driftline.suite.http.session import NotChecked
from driftline.suite.probe import Probe
from driftline.suite.samples import make_sample

_MOST_PARTS = 20
"""Lists with a higher `maxItems` are not sent with one item too many."""
_UNKNOWN = "driftlineUnknown"
_MULTI_STATUS = 207
"""A status that reports each line separately."""
MARK = b"driftline upload"
"""The end of each uploaded file, by which it is recognized."""


def check_body_parts(probe: Probe) -> None:
    """Send bodies without a required part, with an unknown part, and with too many items."""
    media, spec = choose_media_type(probe.operation.body), probe.spec
    sample = make_sample(probe.session, probe.operation)
    if media is not None and is_array(sample.body):
        wrong = _list_wrong_lines(spec, media, sample.body[0])
    elif media is not None and is_object(sample.body):
        wrong = _list_wrong_objects(spec, media.schema_pointer, sample.body, "part")
    else:
        raise NotChecked("the form has no fields; describe them")
    if not probe.send(sample.arguments, body=sample.body).ok:
        return  # what is rejected anyway shows nothing
    for fault, pointer, body in wrong:
        exchange = probe.send(sample.arguments, body=body)
        # A form without parts is an empty body, which may be valid.
        is_body = exchange.request.body or (probe.operation.body and probe.operation.body.required)
        if exchange.ok and is_body and exchange.status != _MULTI_STATUS:
            probe.report(
                "request.invalid.accepted",
                pointer,
                message=f"the server accepted a request that the spec rejects: {fault}",
                expected="a rejection (4xx)",
                got=str(exchange.status),
                where=fault,
                exchange=exchange,
            )


def _list_wrong_lines(spec: Spec, media: MediaType, right: Any) -> Iterator[tuple[str, str, Any]]:
    """Yield the fault of the second line, the violated clause, and both lines."""
    yield "line 2 is not JSON", media.pointer, encode_body(spec, media, [right])[1] + b'{"a":\n'
    item = describe_stream(spec, media).data.pointer
    if not item:
        return
    wrong_values: tuple[Any, ...] = (None, "driftline", 5, [], {})
    for value in wrong_values:
        violations = list_violations(spec, item, value, "request")
        if any(violation.keyword == "type" and not violation.path for violation in violations):
            yield "line 2 is of another type", f"{spec.resolve(item)[0]}/type", [right, value]
            break
    if is_object(right):
        for fault, clause, line in _list_wrong_objects(spec, item, right, "field"):
            yield f"line 2: {fault}", clause, [right, line]


def _list_wrong_objects(
    spec: Spec, pointer: str, right: Mapping[str, Any], part: str
) -> Iterator[tuple[str, str, Any]]:
    """Yield the fault, the violated clause, and the object."""
    pointer, schema = spec.resolve(pointer)
    properties: Mapping[str, Any] = schema.get("properties", {})
    for name in schema.get("required", ()):
        if name in right:
            less = {key: value for key, value in right.items() if key != name}
            yield f"the {part} {name} is missing", f"{pointer}/required", less
    if schema.get("additionalProperties") is False:
        clause = f"{pointer}/additionalProperties"
        yield f"an unknown {part}", clause, {**right, _UNKNOWN: "driftline"}
    for name in properties:
        property_pointer = pointer + join("properties", name)
        property_schema = resolve_schema(spec, property_pointer)
        max_items = property_schema.get("maxItems")
        if isinstance(max_items, int) and 0 <= max_items < _MOST_PARTS:
            current = right.get(name)
            item: Any = current[0] if is_array(current) and current else "driftline"
            many = {**right, name: [copy.deepcopy(item) for _ in range(max_items + 1)]}
            yield (
                f"{max_items + 1} {part}s {name}",
                f"{spec.resolve(property_pointer)[0]}/maxItems",
                many,
            )


def check_upload(probe: Probe) -> None:
    """Upload a small file and download it again."""
    spec, operation = probe.spec, probe.operation
    download = find_download(spec, operation)
    if download is None:
        raise LookupError(f"{operation.id} has no download")
    essence = get_essence(download.media.name)
    content = sample_file(essence) + MARK
    sample = make_sample(probe.session, operation)
    body = _put_file(spec, operation, sample.body, content)
    if body is NOTHING:
        raise NotChecked("the form has no file; describe it with format: binary")
    uploaded = probe.send(sample.arguments, body=body)
    if not uploaded.ok:
        return
    arguments = dict(sample.arguments)
    if download.parameter is not None:
        try:
            item = (operation.effect.item or "") if operation.effect else ""
            row_id = follow(uploaded.json, f"{item}/id")
        except ValueError:
            row_id = MISSING
        if row_id is MISSING:
            raise NotChecked("the response does not name what was created; describe its id")
        arguments[download.parameter] = row_id
    parameter_names = {parameter.name for parameter in download.operation.parameters}
    download_arguments = {
        name: value for name, value in arguments.items() if name in parameter_names
    }
    exchange = probe.session.send(download.operation, download_arguments)
    sent_as = get_essence(exchange.get_header("content-type") or "")
    if exchange.ok and sent_as == essence and exchange.body != content:
        probe.report(
            "effect.upload.lost",
            operation.pointer,
            message=f"{download.operation.id} does not return the uploaded file",
            expected=f"{len(content)} bytes that were uploaded",
            got=f"{len(exchange.body)} other bytes",
            exchange=exchange,
        )


def _put_file(spec: Spec, operation: Operation, body: Any, content: bytes) -> Any:
    """Return a body with the content as its file; NOTHING if it has no file."""
    media = choose_media_type(operation.body)
    if media is None or media.kind == "binary":
        return content
    pointer, schema = spec.resolve(media.schema_pointer)
    for name in schema.get("properties", {}) if is_object(body) else ():
        if is_file_field(spec, media.schema_pointer, name):
            field = resolve_schema(spec, pointer + join("properties", name))
            is_list = field.get("type") == "array"
            return {**body, name: [content] if is_list else content}
    return NOTHING
