"""The parts of other libraries that driftline replaces still exist."""

from __future__ import annotations

import importlib
from itertools import repeat
from types import SimpleNamespace
from typing import Any

import pytest
import schemathesis

from driftline.suite.fuzzing import schemathesis_tuning
from driftline.suite.fuzzing.schemathesis_tuning import (
    MOST_ATTEMPTS,
    MOST_BODY_CASES,
    MOST_CASES,
    MOST_DRAWN,
    MOST_VALUES,
    tune,
)


def test_every_replaced_function_exists() -> None:
    """Every replaced function exists in the installed version, and `tune` replaces it."""
    for module, name, replacement in schemathesis_tuning._CHANGES:
        owner = importlib.import_module(module)
        assert callable(getattr(owner, name))
        tune()
        assert getattr(owner, name) is replacement


def test_the_utf8_replacement_in_hypothesis_is_correct() -> None:
    """The replacement in Hypothesis computes correctly which characters UTF-8 can encode."""
    tune()
    charmap = importlib.import_module("hypothesis.internal.charmap")
    encodable, lossy = charmap.intervals_from_codec("utf-8")
    assert len(lossy) == 0
    for number in (0, 0xD7FF, 0xD800, 0xDFFF, 0xE000, 0x10FFFF):
        is_encodable = bool(chr(number).encode("utf-8", "ignore"))
        assert (number in encodable) == is_encodable
    assert 0x41 in charmap.intervals_from_codec("ascii")[0]


def test_the_cases_of_a_huge_body_are_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    """The number of cases of a body is limited."""
    tune()
    generator = importlib.import_module("schemathesis.generation.drivers").CoverageGenerator
    small_case = build_case({"a": [1]})
    monkeypatch.setattr(generator, "iterate_all", lambda _: repeat(small_case, 10 * MOST_CASES))
    assert len(list(generator.__new__(generator))) == MOST_CASES


def test_the_values_of_all_cases_of_a_huge_body_are_limited(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The number of values in all cases of a huge body is limited."""
    tune()
    generator = importlib.import_module("schemathesis.generation.drivers").CoverageGenerator
    huge_case = build_case({f"f{number}": [number] for number in range(1_000)})
    monkeypatch.setattr(generator, "iterate_all", lambda _: repeat(huge_case, MOST_CASES))
    case_count = len(list(generator.__new__(generator)))
    assert MOST_VALUES // 2_010 <= case_count <= MOST_VALUES // 2_000


def test_half_of_the_bodies_of_a_large_union_are_invalid() -> None:
    """Of a body with a thousand valid cases, as many invalid ones are made as valid ones."""
    tune()
    fields = {f"f{number}": {"enum": [*range(30)]} for number in range(30)}
    branch = {"type": "object", "properties": fields, "required": ["f0"]}
    operation = load_operation({"application/json": {"schema": branch}})
    modes = list(schemathesis.GenerationMode)
    config = importlib.import_module("schemathesis.config").GenerationConfig()
    cases = list(
        operation.schema.iter_coverage_cases(
            operation, generation_modes=modes, generation_config=config
        )
    )
    bodies = [case.meta.generation.mode for case in cases if case.body]
    assert bodies.count(modes[0]) == MOST_BODY_CASES
    assert bodies.count(modes[1]) >= MOST_BODY_CASES / 2
    assert len(bodies) <= 2 * MOST_BODY_CASES + 20


def build_case(body: dict[str, Any]) -> SimpleNamespace:
    """Return a stand-in for a schemathesis case that has only a body."""
    return SimpleNamespace(body=body, query={}, headers={}, cookies=None, path_parameters={})


def load_operation(content: dict[str, Any]) -> Any:
    """Return the schemathesis operation whose body has this content."""
    operation = {"requestBody": {"content": content}, "responses": {"200": {"description": "ok"}}}
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Rows", "version": "1"},
        "paths": {"/rows": {"post": operation}},
    }
    return schemathesis.openapi.from_dict(document)["/rows"]["POST"]


def test_the_values_beside_the_examples_of_a_huge_body_are_limited() -> None:
    """A body with an example gets a limited number of values for its other fields."""
    fields = {f"f{number}": {"type": "integer"} for number in range(3 * MOST_DRAWN)}
    body = {"type": "object", "properties": {"name": {"example": "Ada"}, **fields}}
    content = {"application/json": {"schema": body}}
    tune()
    examples = importlib.import_module("schemathesis.specs.openapi.examples")
    wide = load_operation(content)
    for _ in range(2):
        [example] = examples.extract_from_schemas(wide)
        assert example.value["name"] == "Ada"
        assert len(example.value) == 1 + MOST_DRAWN


def test_hypothesis_gives_up_soon_on_overlapping_alternatives(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Hypothesis gives up soon on overlapping alternatives, and its own limit is restored."""
    alternatives = [
        {"properties": {"cursor": {"type": "string"}}},
        {"properties": {"limit": {"type": "number"}}},
    ]
    content = {"application/json": {"schema": {"oneOf": alternatives}, "example": {"limit": 1}}}
    tune()
    examples = importlib.import_module("schemathesis.specs.openapi.examples")
    engine = importlib.import_module("hypothesis.internal.conjecture.engine")
    usual, run, attempts = engine.INVALID_THRESHOLD_BASE, engine.ConjectureRunner.test_function, []

    def count(runner: Any, data: Any) -> None:
        attempts.append(engine.INVALID_THRESHOLD_BASE)
        run(runner, data)

    monkeypatch.setattr(engine.ConjectureRunner, "test_function", count)
    overlapping = load_operation(content)
    assert len(list(examples.extract_top_level(overlapping))) <= 1
    assert set(attempts) == {MOST_ATTEMPTS}
    assert len(attempts) <= 4 * MOST_ATTEMPTS
    assert engine.INVALID_THRESHOLD_BASE == usual > MOST_ATTEMPTS


def test_bytes_are_always_valid(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bytes are always valid; the validator decides about all other values."""
    tune()
    coverage = importlib.import_module("schemathesis.specs.openapi.coverage._schema")
    binary = importlib.import_module("schemathesis.transport.serialization").Binary
    monkeypatch.setattr(coverage, "judge_text", lambda *_: lambda value: value == "right")
    judge = coverage._judge({}, None)
    assert [judge(value) for value in ({"file": binary(b"x")}, "right", "wrong")] == [
        True,
        True,
        False,
    ]
