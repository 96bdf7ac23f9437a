"""Tells whether one rule alone makes a parameter invalid: the spec is read without it."""

from __future__ import annotations

import copy
from functools import lru_cache
from typing import Any

import attrs

from driftline.mock import HttpRequest, Rejection, read_arguments
from driftline.mutation.operators.query import read_path_texts
from driftline.openapi import Operation, Parameter, Spec, follow


@attrs.frozen
class LooseRule:
    """A keyword of a schema, or `required` of a parameter; `owner` has it."""

    keyword: str
    pointer: str
    owner: str


def is_only_wrong_by(
    spec: Spec, operation: Operation, parameter: Parameter, rule: LooseRule, request: HttpRequest
) -> bool:
    """Return whether the parameter is invalid in the request only because of the rule."""
    strict = attrs.evolve(operation, parameters=(parameter,), body=None)
    if _is_right(spec, strict, request):
        return False
    if rule.owner == parameter.pointer:
        optional = attrs.evolve(parameter, required=False)
        return _is_right(spec, attrs.evolve(strict, parameters=(optional,)), request)
    return _is_right(_drop_rule(spec, rule), strict, request)


def _is_right(spec: Spec, operation: Operation, request: HttpRequest) -> bool:
    try:
        read_arguments(spec, operation, request, read_path_texts(operation, request.path))
    except Rejection:
        return False
    return True


@lru_cache(maxsize=1024)
def _drop_rule(spec: Spec, rule: LooseRule) -> Spec:
    """Return the spec without the rule; a type is remembered, since strings are read by it."""
    document: Any = copy.deepcopy(dict(spec.document))
    schema = follow(document, rule.owner)
    if rule.keyword == "type":
        types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        schema["type"] = [*types, "string"]
    else:
        del schema[rule.keyword]
    return attrs.evolve(spec, document=document)
