"""Edits of statuses, media types, headers, parameters and defaults."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from driftline.accept.edits import EditedDocument, Proposal, UnacceptableError
from driftline.accept.proposals.schemas import propose_keyword
from driftline.checks import Finding
from driftline.generate import describe_status
from driftline.openapi import (
    MISSING,
    TextEdit,
    describe,
    follow,
    is_array,
    is_object,
    join,
    parse_reference,
    split,
)

_PAGES: Final = frozenset({"text/html", "application/xhtml+xml"})


def propose_status(clauses: EditedDocument, finding: Finding) -> Proposal:
    """Propose a response for a status, with the schema of a similar status or of the body."""
    pointer, status = finding.location.pointer, finding.where
    responses = clauses.require(pointer)
    summary = f"document the status {status}"
    if status in responses:
        return Proposal(summary)
    value = _find_alike(clauses, responses, finding) or _build_response(status, finding)
    edit = TextEdit(op="put", pointer=pointer + join(status), value=value)
    return Proposal(summary, (edit,))


def _build_response(status: str, finding: Finding) -> dict[str, Any]:
    content = {
        observation.media_type: {"schema": observation.schema} if observation.schema else {}
        for observation in finding.observed
        if observation.media_type and observation.media_type not in _PAGES
    }
    return {"description": f"{describe_status(int(status))}."} | (
        {"content": content} if content else {}
    )


def _find_alike(
    clauses: EditedDocument, responses: dict[str, Any], finding: Finding
) -> dict[str, Any] | None:
    """Find a documented response of the same class whose referenced schema has all fields."""
    shapes = [
        observation for observation in finding.observed if observation.schema.get("properties")
    ]
    if not shapes:
        return None
    for status, response in responses.items():
        if status[:1] != finding.where[:1]:
            continue
        target = _resolve(clauses, response)
        for media, body in _list_bodies(target):
            schema = body.get("schema")
            fits = all(
                media == observation.media_type and _has_fields(clauses, schema, observation.schema)
                for observation in shapes
            )
            if fits and is_object(schema) and "$ref" in schema:
                inner = {media: {"schema": {"$ref": schema["$ref"]}}}
                return {**_build_response(finding.where, finding), "content": inner}
    return None


def _list_bodies(response: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    content = response.get("content") if is_object(response) else None
    for media, body in content.items() if is_object(content) else ():
        if is_object(body):
            yield media, body


def _has_fields(clauses: EditedDocument, schema: Any, shape: dict[str, Any]) -> bool:
    """Return whether a schema names all fields of a shape, and requires no other."""
    resolved_schema = _resolve(clauses, schema)
    if not is_object(resolved_schema) or not is_object(resolved_schema.get("properties")):
        return False
    names = set(shape["properties"])
    return (
        names <= set(resolved_schema["properties"])
        and set(resolved_schema.get("required", ())) <= names
    )


def _resolve(clauses: EditedDocument, node: Any) -> Any:
    for _ in range(20):
        if not is_object(node) or not isinstance(node.get("$ref"), str):
            break
        node = follow(clauses.document, parse_reference(node["$ref"]))
    return node


def propose_media_type(clauses: EditedDocument, finding: Finding) -> Proposal:
    """Propose a media type with the shape of the received body."""
    pointer = finding.location.pointer
    documented_content = clauses.require(pointer)
    content = {
        observation.media_type: {"schema": observation.schema} if observation.schema else {}
        for observation in finding.observed
        if observation.media_type not in _PAGES
    }
    if not content:
        reason = "an error page of a proxy or web server, not a response of the API"
        raise UnacceptableError(reason, "Inspect the response with the curl command.")
    edits = (
        TextEdit(op="put", pointer=pointer + join(media), value=value)
        for media, value in content.items()
        if media and media not in documented_content
    )
    return Proposal(f"document the media type {', '.join(content)}", tuple(edits))


def propose_optional_header(clauses: EditedDocument, finding: Finding) -> Proposal:
    """Make a header optional."""
    pointer = finding.location.pointer + "/required"
    edits = () if clauses.get(pointer) is MISSING else (TextEdit(op="remove", pointer=pointer),)
    return Proposal(f"make the header {finding.where} optional", edits)


def propose_header(clauses: EditedDocument, finding: Finding) -> Proposal:
    """Propose a looser schema of a header, unless HTTP itself defines its format."""
    pointer = finding.location.pointer
    *_, parent, last = split(pointer)
    if parent == "headers":
        reason = "HTTP itself defines this header"
        raise UnacceptableError(reason, "Fix the server, or the proxy in front of it.")
    if last != "type":
        return propose_keyword(clauses, finding)
    edit = TextEdit(op="put", pointer=pointer, value="string")
    return Proposal(f"let the header {finding.where} be any string", (edit,))


def propose_parameter(clauses: EditedDocument, finding: Finding) -> Proposal:
    """Document a query parameter that client code sends."""
    operation, name = finding.location.pointer, finding.where
    parameters = clauses.get(f"{operation}/parameters")
    if is_array(parameters) and any(
        _resolve(clauses, parameter).get("name") == name
        for parameter in parameters
        if is_object(parameter)
    ):
        return Proposal(f"document the query parameter {name}")
    schema = next((observation.schema for observation in finding.observed), {"type": "string"})
    value = {"name": name, "in": "query", "schema": schema}
    pointer = f"{operation}/parameters"
    edit = (
        TextEdit(op="append", pointer=pointer, value=value)
        if is_array(parameters)
        else TextEdit(op="put", pointer=pointer, value=[value], after="operationId")
    )
    return Proposal(f"document the query parameter {name}", (edit,))


def propose_default(clauses: EditedDocument, finding: Finding) -> Proposal:
    """Propose the default that the server uses, or none if it is unknown."""
    pointer = finding.location.pointer
    current_default = clauses.require(pointer)
    values = [
        observation.schema["const"]
        for observation in finding.observed
        if "const" in observation.schema
    ]
    if len(values) == 1:
        edit = TextEdit(op="put", pointer=pointer, value=values[0])
        summary = f"change the default to {describe(values[0])}"
        return Proposal(summary, () if current_default == values[0] else (edit,))
    return Proposal("drop the default", (TextEdit(op="remove", pointer=pointer),))


_TOGETHER = frozenset({"fields", "size"})
"""Members of rules that have no meaning without each other."""


def propose_without_rule(clauses: EditedDocument, finding: Finding) -> Proposal:
    """Propose to remove the violated rule, and members that have no meaning without it."""
    tokens = split(finding.location.pointer)
    summary = f"drop the rule {'.'.join(_shorten(tokens))}"
    if clauses.get(join(*tokens)) is MISSING:
        return Proposal(summary)
    while len(tokens) > 1:
        parent = clauses.get(join(*tokens[:-1]))
        is_last = is_object(parent) and len(parent) == 1
        if not tokens[-2].startswith("x-") and (is_last or tokens[-2] in _TOGETHER):
            tokens.pop()
            continue
        break
    return Proposal(summary, (TextEdit(op="remove", pointer=join(*tokens)),))


def _shorten(tokens: list[str]) -> list[str]:
    """Return the tokens from the extension on."""
    start = next((n for n, token in enumerate(tokens) if token.startswith("x-")), 0)
    return tokens[start:]
