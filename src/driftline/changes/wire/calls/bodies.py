"""Compares request and response bodies by media type, and response headers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from driftline.changes.wire.calls.extensions import compare_assumed, compare_message
from driftline.changes.wire.schemas.views import Schema
from driftline.changes.wire.sides import DocumentSides
from driftline.changes.wire.source.document import Node
from driftline.changes.wire.uses import Use
from driftline.media import FORM_KINDS, find_body_kind, matches
from driftline.rules import Direction

_OTHER: Final[dict[Direction, Direction]] = {"request": "response", "response": "request"}


def compare_bodies(
    sides: DocumentSides, old: Node, new: Node, operation: str, direction: Direction
) -> None:
    """Compare the request bodies of one operation."""
    before, after = old.get("requestBody"), new.get("requestBody")
    use = Use(operation, "body")
    if not before and not after:
        return
    if not before or not after:
        if direction == "request":
            _report_added_or_removed(sides, before or old, after or new, use, was_added=bool(after))
        return
    before, after = before.resolve(), after.resolve()
    if direction == "request":
        if after.has_flag("required") and not before.has_flag("required"):
            flag = after.get("required")
            sides.add("body.required.added", "the body is now required", (before, flag), use)
        elif before.has_flag("required") and not after.has_flag("required"):
            flag = before.get("required")
            sides.add("body.required.removed", "the body is now optional", (flag, after), use)
    _compare_contents(sides, before, after, use, direction)


def _report_added_or_removed(
    sides: DocumentSides, old: Node, new: Node, use: Use, *, was_added: bool
) -> None:
    if not was_added:
        sides.add("body.removed", "the body is no longer accepted", (old, new), use)
    elif new.resolve().has_flag("required"):
        sides.add("body.required.added", "the body is now required", (old, new), use)
    else:
        sides.add("body.added", "an optional body was added", (old, new), use)


def compare_responses(
    sides: DocumentSides, old: Node, new: Node, operation: str, direction: Direction
) -> None:
    """Compare the responses of one operation by status.

    A status may fall under a range on the other side, such as 200 under 2XX or default.
    """
    before = {status: node.resolve() for status, node in _list_statuses(old)}
    after = {status: node.resolve() for status, node in _list_statuses(new)}
    pairs = _pair_statuses(before, after)
    for old_status, new_status in pairs:
        use = Use(
            operation, old_status if old_status == new_status else f"{old_status} → {new_status}"
        )
        if old_status != new_status and direction == "request":
            wider = _covers(new_status, old_status)
            message = f"the status was {old_status} and is now {new_status}"
            kind = "widened" if wider else "narrowed"
            nodes = (before[old_status], after[new_status])
            sides.add(f"response.status.{kind}", message, nodes, Use(operation, old_status))
        _compare_response(sides, before[old_status], after[new_status], use, direction)
    if direction != "request":
        return
    anchors = old.get("responses"), new.get("responses")
    for status in before.keys() - {paired for paired, _ in pairs}:
        kind = "success" if _is_success(status) else "error"
        message = f"status {status} is no longer returned"
        nodes, use = (before[status], anchors[1]), Use(operation, status)
        sides.add(f"response.{kind}.removed", message, nodes, use)
    for status in after.keys() - {paired for _, paired in pairs}:
        kind = "success" if _is_success(status) else "error"
        message = f"status {status} may now be returned"
        nodes, use = (anchors[0], after[status]), Use(operation, status)
        sides.add(f"response.{kind}.added", message, nodes, use)


def _pair_statuses(old: dict[str, Node], new: dict[str, Node]) -> list[tuple[str, str]]:
    """Return the pairs of entries that describe the same statuses.

    Either the statuses are equal, or one is a range that only one document has. A range that is in
    both documents is not paired with an added or removed status.
    """
    pairs = [(status, status) for status in old if status in new]
    for status in old:
        if status not in new:
            wider = [
                candidate
                for candidate in new
                if candidate not in old and _covers(candidate, status)
            ]
            pairs += [(status, candidate) for candidate in wider[:1]]
    for status in new:
        if status not in old:
            wider = [
                candidate
                for candidate in old
                if candidate not in new and _covers(candidate, status)
            ]
            pairs += [(candidate, status) for candidate in wider[:1]]
    return pairs


def _covers(wide: str, status: str) -> bool:
    """Return whether an entry includes the status and others."""
    if status in {wide, "DEFAULT"}:
        return False
    return wide in {f"{status[:1]}XX", "DEFAULT"}


def _list_statuses(operation: Node) -> Iterator[tuple[str, Node]]:
    members = operation.get("responses").list_members()
    return ((status.upper(), node) for status, node in members if not status.startswith("x-"))


def _is_success(status: str) -> bool:
    return status[:1] in {"1", "2", "3"}


def _compare_response(
    sides: DocumentSides, old: Node, new: Node, use: Use, direction: Direction
) -> None:
    if sides.schemas.equality.is_same(old, new):
        return
    if direction == "request":
        compare_message(sides, old, new, use)
        compare_assumed(sides, old, new, use, "response")
        _compare_headers(sides, old, new, use)
    body = Use(use.operation, f"{use.where} body")
    _compare_contents(sides, old, new, body, _OTHER[direction])


def _compare_headers(sides: DocumentSides, old: Node, new: Node, use: Use) -> None:
    before, after = (
        {name.lower(): node.resolve() for name, node in side.get("headers").list_members()}
        for side in (old, new)
    )
    for name in dict.fromkeys((*before, *after)):
        if name == "content-type":
            continue
        header_use = Use(use.operation, f"{use.where} header {name}")
        if name not in after:
            message = f"the header {name!r} is no longer returned"
            anchor = new.get("headers") or new
            sides.add("header.removed", message, (before[name], anchor), header_use)
        elif name not in before:
            message = f"the header {name!r} was added"
            sides.add("header.added", message, (old.get("headers") or old, after[name]), header_use)
        else:
            _compare_header(sides, before[name], after[name], header_use)


def _compare_header(sides: DocumentSides, old: Node, new: Node, use: Use) -> None:
    if old.has_flag("required") and not new.has_flag("required"):
        message = "the header may now be missing"
        sides.add("header.required.removed", message, (old.get("required"), new), use)
    elif new.has_flag("required") and not old.has_flag("required"):
        message = "the header is now always present"
        sides.add("header.required.added", message, (old, new.get("required")), use)
    schemas = _build_schema(old, "schema"), _build_schema(new, "schema")
    sides.schemas.compare(schemas, use, "response", is_text=True)


def _compare_contents(
    sides: DocumentSides, old: Node, new: Node, use: Use, direction: Direction
) -> None:
    before, after = (
        {_normalize_media_type(media): node for media, node in side.get("content").list_members()}
        for side in (old, new)
    )
    several = len(before) > 1 or len(after) > 1
    compared: set[str] = set()
    for media, node in before.items():
        new_media = _find_range(media, after)
        media_use = Use(use.operation, f"{use.where} ({media})" if several else use.where)
        if new_media is None and direction == "response" and "*" in media:
            new_media = next((candidate for candidate in after if matches(candidate, media)), None)
        if new_media is None:
            predicate = (
                "is no longer accepted" if direction == "request" else "is no longer returned"
            )
            anchor = new.get("content") or new
            sides.add(
                f"{direction}.media-type.removed", f"{media} {predicate}", (node, anchor), media_use
            )
            continue
        compared.add(new_media)
        if new_media != media and direction == "response":
            message = f"the media type was {media} and is now {new_media}"
            kind = "narrowed" if "*" in media else "widened"
            sides.add(f"response.media-type.{kind}", message, (node, after[new_media]), media_use)
        if not (
            find_body_kind(media) == "binary" and _is_file(node) and _is_file(after[new_media])
        ):
            _compare_schemas(sides, node, after[new_media], media_use, direction)
        if direction == "request" and find_body_kind(media) in FORM_KINDS:
            _compare_encodings(sides, node, after[new_media], media_use)
    for media, node in after.items():
        if media not in compared and _find_range(media, before) is None:
            predicate = "is now accepted" if direction == "request" else "may now be returned"
            anchor = old.get("content") or old
            sides.add(f"{direction}.media-type.added", f"{media} {predicate}", (anchor, node), use)


def _is_file(media: Node) -> bool:
    """Return whether a body is described as bytes: by `binary`, or by `{}` as 3.1 has it."""
    schema = media.get("schema").resolve()
    type_names = {schema.get_string("type"), schema.get_string("format")}
    return type_names <= {None, "", "string", "binary"} and not schema.get("properties")


def _compare_encodings(sides: DocumentSides, old: Node, new: Node, use: Use) -> None:
    """Compare the serialization of the form fields that both sides have."""
    for name, _ in old.get("schema").resolve().get("properties").list_members():
        if not new.get("schema").resolve().get("properties").get(name):
            continue
        before, after = (side.get("encoding").get(name) for side in (old, new))
        nodes = before or old, after or new
        kinds = _list_part_types(before), _list_part_types(after)
        if kinds[0] != kinds[1]:
            is_wider = not kinds[1] or (kinds[0] and kinds[0] <= kinds[1])
            descriptions = [", ".join(sorted(media_types)) or "any" for media_types in kinds]
            message = (
                f"the media type of {name!r} was {descriptions[0]} and is now {descriptions[1]}"
            )
            kind = "relaxed" if is_wider else "changed"
            sides.add(f"body.encoding.{kind}", message, nodes, use)
        was, now = _describe_style(before), _describe_style(after)
        if was != now:
            message = f"{name!r} was written as {was} and is now written as {now}"
            sides.add("body.encoding.changed", message, nodes, use)


def _list_part_types(encoding: Node) -> set[str]:
    """Return the media types that a field may have; none: any."""
    media_types = encoding.get_string("contentType").lower().split(",")
    return {media_type.strip() for media_type in media_types} - {"", "*/*"}


def _describe_style(encoding: Node) -> str:
    """Return how an array or object in a field is serialized, with defaults filled in."""
    style, explode = encoding.get_string("style", "form"), encoding.get("explode").value
    exploded = explode if isinstance(explode, bool) else style == "form"
    reserved = encoding.has_flag("allowReserved")
    return f"{style}{', exploded' if exploded else ''}{', unescaped' if reserved else ''}"


def _compare_schemas(
    sides: DocumentSides, old: Node, new: Node, use: Use, direction: Direction
) -> None:
    for keyword in ("schema", "itemSchema"):
        if old.get(keyword) or new.get(keyword):
            schema_use = Use(use.operation, use.where + ("[]" if keyword == "itemSchema" else ""))
            sides.schemas.compare(
                (_build_schema(old, keyword), _build_schema(new, keyword)), schema_use, direction
            )


def _build_schema(node: Node, keyword: str) -> Schema:
    schema = node.get(keyword)
    return Schema((schema,) if schema else (), owner_node=node)


def _normalize_media_type(media: str) -> str:
    """Return a media type without case and the default charset."""
    name, *parameters = (part.strip().lower() for part in media.split(";"))
    significant = sorted(part for part in parameters if part and not part.startswith("charset="))
    return "; ".join((name, *significant))


def _find_range(media: str, content: dict[str, Node]) -> str | None:
    """Return the entry that a media type falls under: its own, or a range such as `image/*`."""
    kind = media.partition("/")[0]
    return next((name for name in (media, f"{kind}/*", "*/*") if name in content), None)
