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
    for observation in finding.observed:
        if "required" in observation.schema:
            return _propose_required(clauses, finding, observation.schema["required"][0])
        if observation.schema == {"type": "integer"}:
            return _propose_integer(clauses, finding)
    raise UnacceptableError(_NOT_KNOWN, _READ)


def propose_removal(clauses: EditedDocument, finding: Finding) -> Proposal:
    """Propose to remove an operation, and its path if it has no other."""
    pointer = finding.location.pointer
    clauses.require(pointer)
    item_pointer = join(*split(pointer)[:-1])
    item = clauses.get(item_pointer)
    other_count = len(_METHODS & item.keys()) - 1 if is_object(item) else 0
    removed_pointer = pointer if other_count else item_pointer
    edits = (
        TextEdit(op="remove", pointer=removed_pointer),
        *_drop_mentions(clauses, finding.operation, removed_pointer),
    )
    return Proposal(f"remove the operation {finding.operation}", edits)


def _drop_mentions(
    clauses: EditedDocument, operation: str, removed_pointer: str
) -> Iterator[TextEdit]:
    """Remove the references of extensions to an operation."""
    contradictions = clauses.get("/x-contradictions")
    rows = contradictions if is_array(contradictions) else []
    numbers = [
        n for n, row in enumerate(rows) if f"{row['clause']}/".startswith(f"{removed_pointer}/")
    ]
    if numbers and len(numbers) == len(rows):
        yield TextEdit(op="remove", pointer="/x-contradictions")
    else:
        for number in reversed(numbers):
            yield TextEdit(op="remove", pointer=f"/x-contradictions/{number}")
    for pointer, node in walk(clauses.get("/paths")):
        effect = node.get("x-effect") if is_object(node) else None
        node_pointer = f"/paths{pointer}"
        if is_object(effect) and effect.get("of") == operation and node_pointer != removed_pointer:
            yield TextEdit(op="remove", pointer=f"{node_pointer}/x-effect")


def _propose_integer(clauses: EditedDocument, finding: Finding) -> Proposal:
    """Propose an integer type, if the parameter or field itself has the type number."""
    node = clauses.require(finding.location.pointer)
    is_parameter = is_object(node) and "in" in node
    pointer = finding.location.pointer + ("/schema/type" if is_parameter else "/type")
    current_type = clauses.get(pointer)
    summary = f"let {finding.where} be an integer"
    if current_type == "integer":
        return Proposal(summary)
    if current_type is MISSING or "number" not in list_types(current_type):
        raise UnacceptableError(_NOT_KNOWN, _READ)
    kinds = ["integer" if kind == "number" else kind for kind in list_types(current_type)]
    value = kinds if is_array(current_type) else kinds[0]
    return Proposal(summary, (TextEdit(op="put", pointer=pointer, value=value),))


def _propose_required(clauses: EditedDocument, finding: Finding, name: str) -> Proposal:
    pointer = finding.location.pointer
    node = clauses.require(pointer)
    summary = f"make {finding.where} required"
    if is_object(node) and "in" in node:
        edit = TextEdit(op="put", pointer=f"{pointer}/required", value=True, after="in")
        return Proposal(summary, () if node.get("required") else (edit,))
    *parent_tokens, last = split(pointer)
    if parent_tokens[-1:] != ["properties"] or last != name:
        raise UnacceptableError(_NOT_KNOWN, _READ)
    required = join(*parent_tokens[:-1], "required")
    required_names = clauses.get(required)
    if is_array(required_names):
        edits = (
            () if name in required_names else (TextEdit(op="append", pointer=required, value=name),)
        )
        return Proposal(summary, edits)
    return Proposal(summary, (TextEdit(op="put", pointer=required, value=[name], after="type"),))
