"""Edits of requests: requirements of the server that the spec lacks."""

from __future__ import annotations

from collections.abc import Iterator

from driftline.accept.edits import EditedDocument, Proposal, UnacceptableError
from driftline.accept.proposals.sites import list_types
from driftline.checks import Finding
from driftline.openapi import MISSING, TextEdit, is_array, is_object, join, split, walk

MISSING_OPERATION = "operation.missing"
_METHODS = frozenset({"get", "put", "post", "delete", "options", "head", "patch", "trace"})
_NOT_KNOWN = "the report does not show which clause the spec lacks"
_READ = "Read the server's message with the curl command, and edit the spec by hand."


def propose_narrowing(clauses: EditedDocument, finding: Finding) -> Proposal:
    """Propose what accepted requests have and rejected ones lack: a required part, an integer."""
    for each in finding.observed:
        if "required" in each.schema:
            return _propose_required(clauses, finding, each.schema["required"][0])
        if each.schema == {"type": "integer"}:
            return _propose_integer(clauses, finding)
    raise UnacceptableError(_NOT_KNOWN, _READ)


def propose_removal(clauses: EditedDocument, finding: Finding) -> Proposal:
    """Propose to remove an operation, and its path if it has no other."""
    pointer = finding.location.pointer
    clauses.require(pointer)
    above = join(*split(pointer)[:-1])
    item = clauses.get(above)
    others = len(_METHODS & item.keys()) - 1 if is_object(item) else 0
    gone = pointer if others else above
    edits = (TextEdit(op="remove", pointer=gone), *_drop_mentions(clauses, finding.operation, gone))
    return Proposal(f"remove the operation {finding.operation}", edits)


def _drop_mentions(clauses: EditedDocument, operation: str, gone: str) -> Iterator[TextEdit]:
    """Remove the references of extensions to an operation."""
    listed = clauses.get("/x-contradictions")
    rows = listed if is_array(listed) else []
    below = [n for n, row in enumerate(rows) if f"{row['clause']}/".startswith(f"{gone}/")]
    if below and len(below) == len(rows):
        yield TextEdit(op="remove", pointer="/x-contradictions")
    else:
        for number in reversed(below):
            yield TextEdit(op="remove", pointer=f"/x-contradictions/{number}")
    for pointer, node in walk(clauses.get("/paths")):
        effect = node.get("x-effect") if is_object(node) else None
        place = f"/paths{pointer}"
        if is_object(effect) and effect.get("of") == operation and place != gone:
            yield TextEdit(op="remove", pointer=f"{place}/x-effect")


def _propose_integer(clauses: EditedDocument, finding: Finding) -> Proposal:
    """Propose an integer type, if the parameter or field itself has the type number."""
    node = clauses.require(finding.location.pointer)
    is_parameter = is_object(node) and "in" in node
    pointer = finding.location.pointer + ("/schema/type" if is_parameter else "/type")
    known = clauses.get(pointer)
    summary = f"let {finding.where} be an integer"
    if known == "integer":
        return Proposal(summary)
    if known is MISSING or "number" not in list_types(known):
        raise UnacceptableError(_NOT_KNOWN, _READ)
    kinds = ["integer" if kind == "number" else kind for kind in list_types(known)]
    value = kinds if is_array(known) else kinds[0]
    return Proposal(summary, (TextEdit(op="put", pointer=pointer, value=value),))


def _propose_required(clauses: EditedDocument, finding: Finding, name: str) -> Proposal:
    pointer = finding.location.pointer
    node = clauses.require(pointer)
    summary = f"make {finding.where} required"
    if is_object(node) and "in" in node:
        edit = TextEdit(op="put", pointer=f"{pointer}/required", value=True, after="in")
        return Proposal(summary, () if node.get("required") else (edit,))
    *above, last = split(pointer)
    if above[-1:] != ["properties"] or last != name:
        raise UnacceptableError(_NOT_KNOWN, _READ)
    required = join(*above[:-1], "required")
    known = clauses.get(required)
    if is_array(known):
        added = () if name in known else (TextEdit(op="append", pointer=required, value=name),)
        return Proposal(summary, added)
    return Proposal(summary, (TextEdit(op="put", pointer=required, value=[name], after="type"),))
