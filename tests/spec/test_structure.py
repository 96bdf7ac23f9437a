"""What `load` refuses: a table of broken files, each with its line and its sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from driftline.errors import Location, Problem, SpecError, UsageError
from driftline.spec import find, load
from driftline.spec.structure import LIMIT

SHOP = Path(__file__).with_name("shop.yaml").read_text("utf-8")

# What is replaced by what, and what is then said. The line is that of the mark `#<`.
BROKEN = {
    "version": (
        "openapi: 3.1.0",
        "openapi: 3.0.3 #<",
        "this is no OpenAPI 3.1 document (openapi: '3.0.3')",
    ),
    "key twice": (
        "  - url: https://api.example.com",
        "  - url: https://api.example.com\n    url: https://api.example.com #<",
        "the key 'url' stands twice",
    ),
    "syntax": (
        "info: {title: Shop,",
        "info: {title: Shop]  #<\n ",
        "not YAML: ",
    ),
    "paths is a list": (
        "paths:\n  /orders:",
        "paths: [] #<\nx-paths:\n  /orders:",
        'not OpenAPI 3.1: [] is not of type "object"',
    ),
    "operationId is a number": (
        "operationId: order.create",
        "operationId: 3 #<",
        'not OpenAPI 3.1: 3 is not of type "string"',
    ),
    "operationId is missing": (
        "    post:\n      operationId: order.create\n",
        "    post: #<\n",
        "POST /orders has no operationId",
    ),
    "operationId stands twice": (
        "operationId: order.create",
        "operationId: order.list #<",
        "operationId 'order.list' of POST /orders is also GET /orders's",
    ),
    "parameters is an object": (
        "parameters:\n        - {name: orderId, in: path, required: true, schema: "
        "{type: string, format: uuid}}",
        "parameters: {} #<",
        'not OpenAPI 3.1: {} is not of type "array"',
    ),
    "parameter without a place": (
        "{name: text, in: query, schema: {type: string}}",
        "{name: text, schema: {type: string}} #<",
        'not OpenAPI 3.1: "in" is a required property',
    ),
    "parameter that is null": (
        "- {name: text, in: query, schema: {type: string}}",
        "- #<",
        'not OpenAPI 3.1: null is not of type "object"',
    ),
    "security scheme without a type": (
        "token: {type: http, scheme: bearer, x-env: SHOP_TOKEN}",
        "token: {scheme: bearer, x-env: SHOP_TOKEN} #<",
        'not OpenAPI 3.1: "type" is a required property',
    ),
    "$ref to nothing": (
        '        note: {type: [string, "null"]}',
        '        note: {$ref: "#/components/schemas/Nothing"} #<',
        "$ref '#/components/schemas/Nothing' names nothing",
    ),
    "$ref that leaves the file": (
        '        note: {type: [string, "null"]}',
        '        note: {$ref: "other.yaml#/Note"} #<',
        "$ref 'other.yaml#/Note' leaves the file",
    ),
    "$ref to itself": (
        "    Asked: {type: string, enum: [open, closed]}",
        '    Asked: {$ref: "#/components/schemas/Asked"} #<',
        "$ref '#/components/schemas/Asked' leads back to itself",
    ),
    "$ref to something else": (
        '      responses:\n        "201":',
        '      responses:\n        "403": {$ref: "#/components/schemas/Error"} #<\n        "201":',
        "$ref '#/components/schemas/Error' leads to no response",
    ),
    "$ref that is a number": (
        '        note: {type: [string, "null"]}',
        "        note: {$ref: 5} #<",
        'not a JSON Schema: 5 is not of type "string"',
    ),
    "type that is none": (
        "            more: {type: boolean}",
        "            more: {type: bool} #<",
        "not a JSON Schema: ",
    ),
    "pattern that is none": (
        "    Asked: {type: string, enum: [open, closed]}",
        '    Asked: {type: string, pattern: "["} #<',
        "not a ",
    ),
    "listing without items": (
        "      x-listing:\n        items: /orders\n",
        "      x-listing: #<\n",
        'x-listing: "items" is a required property',
    ),
    "listing with an unknown word": (
        "        size: {parameter: limit}",
        "        size: {parameter: limit}\n        sizes: {} #<",
        "x-listing: 'sizes' has no place here",
    ),
    "pointer without a slash": (
        "        total: /page/total",
        "        total: page.total #<",
        'x-listing: "page.total" does not match ',
    ),
    "effect of an unknown kind": (
        "        kind: create",
        "        kind: make #<",
        'x-effect: "make" is not one of ',
    ),
    "assumed reference by its own name": (
        "    Asked: {type: string, enum: [open, closed]}",
        '    Asked: {type: string, enum: [open, closed], x-assumed: {$ref: "a guess"}} #<',
        'x-assumed: "$ref" ',
    ),
    "environment variable": (
        "    x-env: SHOP_BASE_URL",
        "    x-env: shop-base-url #<",
        'x-env: "shop-base-url" does not match ',
    ),
    "parameter described by content": (
        "{name: text, in: query, schema: {type: string}}",
        "{name: text, in: query, content: {application/json: {}}} #<",
        "a parameter described by `content` is not supported",
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_spec_is_refused(tmp_path: Path, case: str) -> None:
    """`load` names what is wrong, with its line and a remedy, and little else."""
    before, after, message = BROKEN[case]
    assert SHOP.count(before) == 1, before
    text = SHOP.replace(before, after)
    line = 1 + next(i for i, each in enumerate(text.splitlines()) if "#<" in each)
    file = tmp_path / "shop.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(SpecError) as raised:
        load(file)
    found = raised.value.problems
    assert any(p.location.line == line and p.message.startswith(message) for p in found), found
    assert len(found) <= 3
    assert all(problem.hint for problem in found)


def test_many_problems_are_not_a_flood(tmp_path: Path) -> None:
    """Of many problems the first ones are told, and how many more there are."""
    file = tmp_path / "shop.yaml"
    broken = "".join(f"    Broken{i}: {{type: bool}}\n" for i in range(50))
    file.write_text(SHOP + broken, encoding="utf-8")
    with pytest.raises(SpecError) as raised:
        load(file)
    assert len(raised.value.problems) == LIMIT + 1
    assert raised.value.problems[-1].message == "and 30 problems more from here on"


def test_recursive_schemas_are_fine(tmp_path: Path) -> None:
    """A schema may hold itself."""
    file = tmp_path / "shop.yaml"
    file.write_text(SHOP, encoding="utf-8")
    assert load(file).node("/components/schemas/Order/allOf/1/properties/parts/items") == {
        "$ref": "#/components/schemas/Order"
    }


def test_a_problem_reads_as_two_lines() -> None:
    """The text of a problem is file, line, message and id, and then the hint."""
    location = Location(Path("specs/shop.yaml"), 7, "/paths")
    problem = Problem("openapi.invalid", location, "paths is a list", "Make it an object.")
    assert str(problem) == (
        "specs/shop.yaml:7: paths is a list [openapi.invalid]\n  Make it an object."
    )
    assert str(SpecError((problem, problem))).count("\n") == 3


@pytest.mark.parametrize("name", ["missing.yaml", "."])
def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path, name: str) -> None:
    """A missing file and a folder are refused as a broken one is."""
    with pytest.raises(SpecError, match="cannot be read"):
        load(tmp_path / name)


def test_find_lists_specs_by_name(tmp_path: Path) -> None:
    """`find` answers all spec files of a folder, or those asked for."""
    for name in ("b.yaml", "a.json", "README.md"):
        (tmp_path / name).touch()
    assert [path.name for path in find(tmp_path)] == ["a.json", "b.yaml"]
    assert [path.name for path in find(tmp_path, ["b"])] == ["b.yaml"]


def test_find_says_what_there_is(tmp_path: Path) -> None:
    """No folder, no spec and no such API are told apart, and the remedy names what there is."""
    with pytest.raises(UsageError, match="there is no folder"):
        find(tmp_path / "specs")
    with pytest.raises(UsageError, match="there is no spec in"):
        find(tmp_path)
    (tmp_path / "a.yaml").touch()
    with pytest.raises(UsageError, match=r"no API named 'b'\n  Known here: a\."):
        find(tmp_path, ["b"])
