"""JSON values that a schema allows, made by Hypothesis; the only module that knows how."""

# schemathesis' types are partly open; what comes from there is Any here.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportUnknownLambdaType=false
from __future__ import annotations

import copy
import warnings
from collections.abc import Callable
from typing import Any

import hypothesis
import schemathesis
from hypothesis import strategies as st
from schemathesis.config import SchemathesisConfig

from driftline.contract.closed import strangers
from driftline.spec.model import Spec
from driftline.spec.pointer import follow, is_array, is_object, split
from driftline.spec.schema import violations

__all__ = ["SETTINGS", "bodies", "run", "strategy"]

MAX_DEPTH = 6
# The same values in every run, whatever profile the surroundings have loaded.
SETTINGS = hypothesis.settings(
    max_examples=25,
    derandomize=True,
    database=None,
    deadline=None,
    phases=(hypothesis.Phase.generate,),
    suppress_health_check=(
        hypothesis.HealthCheck.too_slow,
        hypothesis.HealthCheck.filter_too_much,
        hypothesis.HealthCheck.data_too_large,
        hypothesis.HealthCheck.large_base_example,
    ),
    verbosity=hypothesis.Verbosity.quiet,
    print_blob=False,
)
_DROPPED = frozenset({"description", "title", "example", "examples", "deprecated", "discriminator"})
_ANSWERED = _DROPPED | {"readOnly"}


def bodies(spec: Spec, schema_pointer: str, count: int) -> list[Any]:
    """Up to `count` different values that the schema at `schema_pointer` allows."""
    found: list[Any] = []

    def keep(value: Any) -> None:
        if value not in found:
            found.append(copy.deepcopy(value))

    run(strategy(spec, schema_pointer), keep, count)
    return found[:count]


def run(values: st.SearchStrategy[Any], use: Callable[[Any], None], count: int) -> None:
    """Calls `use` with `count` generated values, the same ones in every run."""

    def body(value: Any) -> None:
        use(value)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        test = hypothesis.given(value=values)(body)
        hypothesis.settings(SETTINGS, max_examples=count)(test)()


def strategy(spec: Spec, schema_pointer: str, *, answered: bool = False) -> st.SearchStrategy[Any]:
    """Values that the schema allows, formats included; `$ref`s are put in place first.

    schemathesis makes request bodies by OpenAPI 3.1's schemas, so a body is what this asks for.
    What is only ever `answered` is in no request.
    """
    schema = _inline(spec, spec.node(schema_pointer), 0, _ANSWERED if answered else _DROPPED)
    content = {"application/json": {"schema": schema}}
    operation = {"requestBody": {"required": True, "content": content}, "responses": {}}
    document = {
        "openapi": "3.1.0",
        "info": {"title": "", "version": ""},
        "paths": {"/": {"post": operation}},
    }
    loaded: Any = schemathesis.openapi.from_dict(document, config=SchemathesisConfig.from_dict({}))
    cases = loaded["/"]["POST"].as_strategy(generation_mode=schemathesis.GenerationMode.POSITIVE)
    made: st.SearchStrategy[Any] = cases.map(lambda case: _known(spec, schema_pointer, case.body))
    return made.filter(lambda value: not violations(spec, schema_pointer, value))


def _known(spec: Spec, schema_pointer: str, value: Any) -> Any:
    """The value without the fields that nothing names, which an allOf cannot be closed to."""
    for stranger in list(strangers(spec, schema_pointer, value))[::-1]:
        follow(value, stranger.path.rpartition("/")[0]).pop(split(stranger.path)[-1])
    return value


def _inline(
    spec: Spec, schema: Any, depth: int, dropped: frozenset[str], *, close: bool = True
) -> Any:
    """The schema with every `$ref` replaced by what it names; recursion ends at `MAX_DEPTH`."""
    if is_array(schema):
        return [_inline(spec, each, depth, dropped) for each in schema]
    if not is_object(schema):
        return schema
    if isinstance(schema.get("$ref"), str):
        if depth > MAX_DEPTH:
            return {}
        node = spec.node(schema["$ref"].removeprefix("#"))
        target = _inline(spec, node, depth + 1, dropped, close=close)
        rest = {key: value for key, value in schema.items() if key != "$ref"}
        siblings = _inline(spec, rest, depth, dropped)
        return {"allOf": [target, siblings]} if siblings else target
    kept = {k: v for k, v in schema.items() if k not in dropped and not k.startswith("x-")}
    plain = {"enum", "const", "default", "required"}
    named = {"properties", "patternProperties", "$defs", "dependentSchemas"}
    result: dict[str, Any] = {}
    for key, value in kept.items():
        if key in plain:
            result[key] = value
        elif key in named and is_object(value):
            result[key] = {
                name: _inline(spec, each, depth, dropped) for name, each in value.items()
            }
        elif key in {"allOf", "anyOf", "oneOf"} and is_array(value):
            closed = close and key != "allOf"
            result[key] = [_inline(spec, each, depth, dropped, close=closed) for each in value]
        else:
            result[key] = _inline(spec, value, depth, dropped)
    if close and "properties" in schema and _is_silent(schema):
        result["additionalProperties"] = False
    return result


def _is_silent(schema: dict[str, Any]) -> bool:
    """Whether a schema leaves further properties open without meaning to."""
    words = ("additionalProperties", "unevaluatedProperties", "allOf", "anyOf", "oneOf")
    return not any(word in schema for word in words)
