"""Slips in a document are corrected, each with a problem at its line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from driftline.errors import Location, Problem, SpecError, UsageError
from driftline.openapi import find, load

SHOP = Path(__file__).with_name("shop.yaml").read_text("utf-8")

# What is replaced by what, and the id of the problem. The line is that of the mark `#<`.
SLIPS = {
    "key twice": (
        "  - url: https://api.example.com",
        "  - url: https://api.example.com\n    url: https://api.example.com #<",
        "file.key-duplicate",
    ),
    "paths is a list": (
        "paths:\n  /orders:",
        "paths: [] #<\nx-paths:\n  /orders:",
        "openapi.invalid",
    ),
    "operationId is missing": (
        "    post:\n      operationId: order.create\n",
        "    post: #<\n",
        "operation.id-missing",
    ),
    "duplicate operationId": (
        "operationId: order.create",
        "operationId: order.list #<",
        "operation.id-duplicate",
    ),
    "parameter without a location": (
        "{name: text, in: query, schema: {type: string}}",
        "{name: text, schema: {type: string}} #<",
        "parameter.invalid",
    ),
    "parameter that is null": (
        "- {name: text, in: query, schema: {type: string}}",
        "- #<",
        "parameter.invalid",
    ),
    "security scheme without a type": (
        "token: {type: http, scheme: bearer, x-env: SHOP_TOKEN}",
        "token: {scheme: bearer, x-env: SHOP_TOKEN} #<",
        "security.scheme-invalid",
    ),
    "flag of YAML 1.1": (
        "{name: text, in: query, schema: {type: string}}",
        "{name: text, in: query, required: Yes, schema: {type: string}} #<",
        "flag.not-boolean",
    ),
    "flag in quotes": (
        '        note: {type: [string, "null"]}',
        '        note: {type: string, nullable: "true", readOnly: "no"} #<',
        "flag.not-boolean",
    ),
    "pattern between slashes": (
        '        note: {type: [string, "null"]}',
        "        note: {type: string, pattern: '/^[a-z]+$/'} #<",
        "schema.pattern-dialect",
    ),
    "pattern with a flag": (
        '        note: {type: [string, "null"]}',
        "        note: {type: string, pattern: '/^[a-z]+$/i'} #<",
        "schema.pattern-dialect",
    ),
    "enum of an object": (
        '        note: {type: [string, "null"]}',
        "        note: {type: object, enum: [a, b]} #<",
        "schema.enum-type",
    ),
    "invalid enum of numbers": (
        '        note: {type: [string, "null"]}',
        "        note: {type: integer, enum: [a, b]} #<",
        "schema.enum-type",
    ),
    "media type without a slash": (
        "        content:\n          application/json:\n",
        "        content:\n          json: #<\n",
        "content.media-type-invalid",
    ),
    "form that is a string": (
        "        content:\n          application/json:\n",
        "        content:\n          multipart/form-data: {schema: {type: string}} #<\n"
        "          application/json:\n",
        "content.form-without-fields",
    ),
    "$ref to nothing": (
        '        note: {type: [string, "null"]}',
        '        note: {$ref: "#/components/schemas/Nothing"} #<',
        "ref.dangling",
    ),
    "$ref that leaves the file": (
        '        note: {type: [string, "null"]}',
        '        note: {$ref: "other.yaml#/Note"} #<',
        "ref.file-unreadable",
    ),
    "$ref to itself": (
        "    Asked: {type: string, enum: [open, closed]}",
        '    Asked: {$ref: "#/components/schemas/Asked"} #<',
        "ref.circular",
    ),
    "a schema that is part of itself": (
        "    Asked: {type: string, enum: [open, closed]}",
        '    Asked: {allOf: [{$ref: "#/components/schemas/Asked"}]} #<',
        "ref.circular",
    ),
    "$ref to something else": (
        '      responses:\n        "201":',
        '      responses:\n        "403": {$ref: "#/components/schemas/Error"} #<\n        "201":',
        "ref.wrong-kind",
    ),
    "$ref that is a number": (
        '        note: {type: [string, "null"]}',
        "        note: {$ref: 5} #<",
        "ref.dangling",
    ),
    "unknown type": (
        "            more: {type: boolean}",
        "            more: {type: bool} #<",
        "schema.type-unknown",
    ),
    "invalid pattern": (
        "    Asked: {type: string, enum: [open, closed]}",
        '    Asked: {type: string, pattern: "["} #<',
        "schema.pattern-invalid",
    ),
    "listing without items": (
        "      x-listing:\n        items: /orders\n",
        "      x-listing: #<\n",
        "extension.invalid",
    ),
    "listing with an unknown keyword": (
        "        size: {parameter: limit}",
        "        size: {parameter: limit}\n        sizes: {} #<",
        "extension.invalid",
    ),
    "pointer without a slash": (
        "        total: /page/total",
        "        total: page.total #<",
        "extension.invalid",
    ),
    "effect of an unknown kind": (
        "        kind: create",
        "        kind: make #<",
        "extension.invalid",
    ),
    "assumed reference by its own name": (
        "    Asked: {type: string, enum: [open, closed]}",
        '    Asked: {type: string, enum: [open, closed], x-assumed: {$ref: "a guess"}} #<',
        "extension.invalid",
    ),
    "environment variable": (
        "    x-env: SHOP_BASE_URL",
        "    x-env: shop-base-url #<",
        "extension.invalid",
    ),
}


@pytest.mark.parametrize("case", SLIPS)
def test_a_slip_is_read_and_reported(tmp_path: Path, case: str) -> None:
    """`load` keeps every operation and reports the slip with its line and a hint."""
    before, after, name = SLIPS[case]
    assert SHOP.count(before) == 1, before
    source = SHOP.replace(before, after)
    line = 1 + next(i for i, line_text in enumerate(source.splitlines()) if "#<" in line_text)
    file = tmp_path / "shop.yaml"
    file.write_text(source, encoding="utf-8")
    spec = load(file)
    assert len(spec.operations) == (0 if case == "paths is a list" else 3)
    assert (line, name) in [(problem.location.line, problem.id) for problem in spec.problems]
    assert all(problem.hint for problem in spec.problems)
    is_ours = name == "extension.invalid"
    assert {problem.severity for problem in spec.problems} == {"error" if is_ours else "warning"}


def test_a_document_without_slips_has_no_problem(tmp_path: Path) -> None:
    """A document without slips has no problem, even if a schema refers to itself."""
    file = tmp_path / "shop.yaml"
    file.write_text(SHOP, encoding="utf-8")
    spec = load(file)
    assert spec.problems == ()
    assert spec.get_node("/components/schemas/Order/allOf/1/properties/parts/items") == {
        "$ref": "#/components/schemas/Order"
    }


UNREADABLE = {
    "binary": (b"\x89PNG\r\n\x1a\n\0\0\0", "file.unreadable"),
    "empty": (b"", "file.empty"),
    "a comment": (b"# nothing", "file.empty"),
    "a list": (b"[]", "openapi.version"),
    "a text": (b"openapi", "openapi.version"),
    "no version": (b"{}", "openapi.version"),
    "another version": (b"openapi: 4.0.0", "openapi.version"),
    "Swagger 1": (b'{"swaggerVersion": "1.2"}', "openapi.version"),
    "AsyncAPI": (b"asyncapi: 2.0.0", "openapi.version"),
    "broken YAML": (b"openapi: [\n", "file.syntax"),
    "broken JSON": (b'{"openapi": "3.1.0",', "file.syntax"),
    "too deep": (b"[" * 500 + b"]" * 500, "file.too-large"),
    "very deep": (b"[" * 500_000, "file.too-large"),
    "a bomb": (
        b"a: &a [x,x,x,x,x,x,x,x,x,x]\n"
        + b"".join(
            b"%c: &%c [%s]\n" % (n, n, b",".join([b"*%c" % (n - 1)] * 10)) for n in b"bcdefgh"
        ),
        "file.too-large",
    ),
}


@pytest.mark.parametrize(("content", "name"), UNREADABLE.values(), ids=UNREADABLE)
def test_a_file_that_is_not_a_document_is_one_problem(
    tmp_path: Path, content: bytes, name: str
) -> None:
    """A file that is not a document is one problem with the reason."""
    file = tmp_path / "api.yaml"
    file.write_bytes(content)
    with pytest.raises(SpecError) as caught:
        load(file)
    (problem,) = caught.value.problems
    assert (problem.id, problem.severity) == (name, "error")
    assert problem.location.file == file


def test_a_problem_is_formatted_as_two_lines() -> None:
    """A problem is formatted as file, line, message and id, with the hint on the next line."""
    location = Location(Path("specs/shop.yaml"), 7, "/paths")
    problem = Problem("openapi.invalid", location, "paths is a list", "Make it an object.")
    assert str(problem) == (
        "specs/shop.yaml:7: paths is a list [openapi.invalid]\n  Make it an object."
    )
    assert str(SpecError((problem, problem))).count("\n") == 3


@pytest.mark.parametrize("name", ["missing.yaml", "."])
def test_a_file_that_cannot_be_read_is_rejected(tmp_path: Path, name: str) -> None:
    """A missing file and a folder raise SpecError."""
    with pytest.raises(SpecError, match="could not be read"):
        load(tmp_path / name)


def test_find_lists_specs_by_name(tmp_path: Path) -> None:
    """`find` returns all specs of a folder, or the named ones."""
    for name in ("b.yaml", "a.json", "README.md"):
        (tmp_path / name).touch()
    assert [path.name for path in find(tmp_path)] == ["a.json", "b.yaml"]
    assert [path.name for path in find(tmp_path, ["b"])] == ["b.yaml"]


def test_find_distinguishes_missing_folders_specs_and_apis(tmp_path: Path) -> None:
    """`find` distinguishes a missing folder, no specs and an unknown API, and the hint lists the
    APIs.
    """
    with pytest.raises(UsageError, match="no such directory"):
        find(tmp_path / "specs")
    with pytest.raises(UsageError, match="no specs in"):
        find(tmp_path)
    (tmp_path / "a.yaml").touch()
    with pytest.raises(UsageError, match=r"unknown API 'b'\n  Choose one of: a\."):
        find(tmp_path, ["b"])


@pytest.mark.parametrize(
    ("schema", "expected_schema"),
    [
        ({"type": "string", "pattern": "/^a+$/"}, {"type": "string", "pattern": "^a+$"}),
        ({"type": "string", "pattern": "/^a+$/i"}, {"type": "string"}),
        ({"type": "string", "pattern": r"\A\d+\z"}, {"type": "string", "pattern": r"^\d+$"}),
        ({"type": "string", "pattern": "/a/b"}, {"type": "string", "pattern": "/a/b"}),
        ({"type": "array", "enum": ["a"], "items": {}}, {"type": "array", "items": {}}),
        ({"type": "integer", "enum": ["a"]}, {"enum": ["a"]}),
        ({"type": "integer", "enum": ["1"]}, {"type": "integer", "enum": [1]}),
        ({"type": "string", "enum": ["a", 1]}, {"type": "string", "enum": ["a", 1]}),
    ],
)
def test_an_unsatisfiable_schema_is_corrected_or_widened(
    schema: dict[str, Any], expected_schema: dict[str, Any], tmp_path: Path
) -> None:
    """A schema that a slip makes unsatisfiable is corrected or widened."""
    file = tmp_path / "shop.json"
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Shop", "version": "1"},
        "paths": {},
        "components": {"schemas": {"A": schema}},
    }
    file.write_text(json.dumps(document))
    assert load(file).document["components"]["schemas"]["A"] == expected_schema


@pytest.mark.parametrize(("word", "expected_flag"), [("Yes", True), ("true", True), ("no", False)])
def test_a_flag_such_as_yes_is_read_as_a_boolean(
    word: str, expected_flag: bool, tmp_path: Path
) -> None:
    """A flag such as `Yes` is read as a boolean in parameters and bodies, with a problem."""
    query = {"name": "q", "in": "query", "required": word, "type": "string"}
    body = {"name": "body", "in": "body", "required": word, "schema": {"type": "object"}}
    for version, parameters in (("2.0", [query, body]), ("3.0.3", [query])):
        operation: dict[str, Any] = {"operationId": "a.add", "parameters": parameters}
        operation["responses"] = {"200": {"description": "added"}}
        if version != "2.0":
            operation["requestBody"] = {"required": word, "content": {"text/plain": {}}}
        document: dict[str, Any] = {"paths": {"/a": {"post": operation}}}
        document |= {"info": {"title": "Shop", "version": "1"}}
        document["swagger" if version == "2.0" else "openapi"] = version
        file = tmp_path / "shop.json"
        file.write_text(json.dumps(document))
        spec = load(file)
        read_operation = spec.operations[0]
        assert read_operation.parameters[0].required is expected_flag
        assert read_operation.body is not None
        assert read_operation.body.required is expected_flag
        assert [problem.id for problem in spec.problems].count("flag.not-boolean") == 2
