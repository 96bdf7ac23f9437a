"""Marks what a live run creates, so that its owner can tell it apart: `tag` of `x-effect`."""

from __future__ import annotations

import json
from typing import Any

import attrs

from driftline.checks import Outgoing
from driftline.openapi import Operation, is_object, pointer as json_pointer


def build_tag(run: str) -> str:
    """Return the text that what a run creates is marked with."""
    return f"driftline {run}"


def add_tag(operation: Operation, request: Outgoing, run: str) -> Outgoing:
    """The request with the tag where the spec has a place for it, and the body leaves it out.

    The body is otherwise the same to the byte: what is meant to be wrong in it stays wrong.
    """
    effect = operation.effect
    if effect is None or effect.tag is None or request.method != operation.method:
        return request
    try:
        body: Any = json.loads(request.body)
    except ValueError:
        return request
    name, *way = json_pointer.split(effect.tag)
    if not is_object(body) or name in body:
        return request
    value: Any = build_tag(run)
    for step in reversed(way):
        value = {step: value}
    first = json.dumps({name: value}, separators=(",", ":")).encode()[:-1]
    rest = request.body[request.body.index(b"{") + 1 :]
    return attrs.evolve(request, body=first + (b"," if body else b"") + rest)
