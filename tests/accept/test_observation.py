"""Observations of findings are bounded, merged and without secrets."""

from __future__ import annotations

import json
from typing import Any

from examples import count_examples
from hypothesis import HealthCheck, given, settings, strategies as st
from jsonschema_rs import Draft202012Validator

from driftline.checks.finding import Finding, merge
from driftline.checks.observation import (
    ObservedSchema,
    describe_shape,
    merge_observations,
    observe_absence,
    observe_size,
    observe_type,
    observe_value,
    redact_observation,
)
from driftline.errors import Location

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(-1e9, 1e9)
    | st.text(max_size=30)
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(
    max_examples=count_examples(60), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
@given(st.lists(VALUES, min_size=1, max_size=6))
def test_a_merged_schema_allows_each_observed_value(values: list[Any]) -> None:
    """The merged schema of several values allows each of them."""
    [observation] = merge_observations(map(observe_type, values))
    assert observation.count == len(values)
    assert all(Draft202012Validator(observation.schema).is_valid(value) for value in values)


@settings(
    max_examples=count_examples(40), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
@given(st.lists(VALUES, max_size=20))
def test_equal_values_are_counted_and_few_are_kept(values: list[Any]) -> None:
    """Equal values are counted, and at most eight different ones are kept."""
    observations = merge_observations(map(observe_value, values))
    assert len(observations) <= 8
    assert len(
        {json.dumps(observation.schema, sort_keys=True) for observation in observations}
    ) == len(observations)


@settings(max_examples=count_examples(30))
@given(st.integers(1, 400))
def test_the_schema_of_a_value_is_limited_in_size(width: int) -> None:
    """The schema of a wide or deep value is limited in size."""
    wide = {f"field{number}": number for number in range(width)}
    deep: Any = "end"
    for _ in range(width):
        deep = [{"a": deep}]
    assert len(describe_shape(wide)["properties"]) == min(width, 60)
    assert len(json.dumps(describe_shape(deep))) < 400


def test_sizes_are_merged_to_a_minimum_and_a_maximum() -> None:
    """The sizes of numbers, strings and lists are merged to a minimum and a maximum."""
    numbers = merge_observations([observe_size(4), observe_size(-1.5)])
    assert numbers == (ObservedSchema(schema={"minimum": -1.5, "maximum": 4}, count=2),)
    observations = merge_observations([observe_size("abc"), observe_size("")])
    assert observations == (ObservedSchema(schema={"minLength": 0, "maxLength": 3}, count=2),)


def test_secrets_are_not_observed() -> None:
    """A secret is not observed as a value or as a field name, only as its type."""

    def clean(string: str) -> str:
        return string.replace("s3cret", "***")

    assert redact_observation(observe_value("s3cret"), clean) == ObservedSchema(
        schema={"type": "string"}
    )
    observation = redact_observation(observe_type({"s3cret": 1, "plain": [{"s3cret": 2}]}), clean)
    assert observation is not None
    assert observation.schema["properties"] == {
        "plain": {"type": "array", "items": {"type": "object", "properties": {}}}
    }
    assert redact_observation(observe_absence("s3cret"), clean) is None


def test_merged_findings_keep_the_received_values() -> None:
    """Two findings of one cause are merged with both values, and are unchanged by JSON."""
    common: dict[str, Any] = {"id": "response.enum.undocumented", "severity": "breaking"}
    common |= {"api": "shop", "operation": "order.list", "message": "", "expected": "", "got": ""}
    location = Location.from_dict({"file": "specs/shop.yaml", "line": 3, "pointer": "/enum"})
    first, second = (
        Finding(**common, location=location, observed=(observe_value(value),))
        for value in ("PAUSED", "HELD")
    )
    [finding] = merge([first, second, first])
    assert [
        (observation.schema["const"], observation.count) for observation in finding.observed
    ] == [
        ("PAUSED", 2),
        ("HELD", 1),
    ]
    assert Finding.from_dict(finding.to_dict()) == finding
