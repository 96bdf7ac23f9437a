"""Parts of a document that may be very long cause a limited number of requests, and a message."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from driftline.suite.fuzzing.schema import _MOST_EXAMPLES, load_schema

from .documents import build_operation, load_document
from .test_false_alarms import format_alarms
from .test_right_documents import check_alone

NUMBERS = range(30)
TEXT = {"type": "string"}


def build_schemes(location: str) -> dict[str, Any]:
    """Return thirty API keys with different names."""
    return {
        f"key{number}": {"type": "apiKey", "in": location, "name": f"X-Key-{number}"}
        for number in NUMBERS
    }


@pytest.mark.parametrize("location", ["header", "query", "cookie"])
@pytest.mark.parametrize(
    "build_security",
    [
        lambda names: [{name: []} for name in names],
        lambda names: [{name: [] for name in names}],
    ],
    ids=["alternatives", "together"],
)
def test_the_first_of_many_security_schemes_are_checked(
    location: str, build_security: Callable[[Any], list[Any]], tmp_path: Path
) -> None:
    """The first 20 security schemes get at most six requests each, and the check says so."""
    schemes = build_schemes(location)
    operation = build_operation("rows.get", {"type": "object"}, security=build_security(schemes))
    spec = load_document(tmp_path, {"/rows": {"get": operation}}, securitySchemes=schemes)
    checks = check_alone(spec)
    message = "credentials: only the first 20 security schemes of the operation were checked"
    assert format_alarms(checks) == message
    check = next(check for check in checks if check.name == "credentials")
    assert 20 <= check.requests <= 120


@pytest.mark.parametrize("in_schema", [True, False])
def test_the_first_of_many_examples_are_fuzzed(in_schema: bool, tmp_path: Path) -> None:
    """Fuzzing uses the first examples of a schema or media type; a field named `examples` stays."""
    examples = [{"label": str(number)} for number in NUMBERS]
    components = {f"e{number}": {"value": example} for number, example in enumerate(examples)}
    row = {"type": "object", "properties": {"label": TEXT, "examples": TEXT}}
    media: dict[str, Any] = {"schema": {**row, "examples": examples} if in_schema else row}
    if not in_schema:
        media["examples"] = {name: {"$ref": f"#/components/examples/{name}"} for name in components}
    operation = build_operation(
        "rows.create", row, requestBody={"content": {"application/json": media}}
    )
    spec = load_document(tmp_path, {"/rows": {"post": operation}}, examples=components)
    fuzzed = load_schema(spec).raw_schema["paths"]["/rows"]["post"]["requestBody"]
    fuzzed_media = fuzzed["content"]["application/json"]
    holder = fuzzed_media["schema"] if in_schema else fuzzed_media
    assert len(holder["examples"]) == _MOST_EXAMPLES
    assert fuzzed_media["schema"]["properties"]["examples"] == TEXT
    assert format_alarms(check_alone(spec)) == ""
