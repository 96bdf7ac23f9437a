"""Each thing that has to be normalised is, with its reason; what is nearly such a thing is not."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import attrs
import pytest

from add.documents import Change, changed, plain
from driftline.add.plan import Action
from driftline.add.propose import Proposal, propose
from driftline.errors import SpecError
from driftline.spec.overlay import applied
from driftline.spec.pointer import follow
from driftline.spec.reader import Source, parse

GET = "/paths/~1orders/get"
POST = "/paths/~1orders/post"
PAGE = "/components/schemas/Page"
URL = "https://api.example.com/v1/openapi.json"


def proposed(document: dict[str, Any]) -> Proposal:
    return propose(parse(Path("shop.json"), json.dumps(document)), "shop", URL)


def result(document: dict[str, Any], actions: Sequence[Action]) -> Any:
    overlay = Source(Path("overlay"), {"actions": list(actions)}, {"": 1})
    source = parse(Path("shop.json"), json.dumps(document))
    done = applied(source, overlay)
    assert done.idle == ()
    return done.source.data


def at(document: dict[str, Any], pointer: str) -> Any:
    found = follow(document, pointer)
    assert found is not None
    return found


def put(pointer: str, **members: Any) -> Change:
    """Sets members of what is at a pointer; `at_` stands for `$`, None takes away."""

    def change(document: dict[str, Any]) -> None:
        for key, value in members.items():
            name = key.replace("at_", "$")
            if value is None:
                at(document, pointer).pop(name)
            else:
                at(document, pointer)[name] = value

    return change


def old(*changes: Change) -> Change:
    """The same in OpenAPI 3.0."""

    def change(document: dict[str, Any]) -> None:
        document["openapi"] = "3.0.3"
        for each in changes:
            each(document)

    return change


def together(*changes: Change) -> Change:
    def change(document: dict[str, Any]) -> None:
        for each in changes:
            each(document)

    return change


@attrs.frozen
class Case:
    """A change to the plain document, what is to become of it, and a near-twin that stays."""

    change: Change
    pointer: str
    becomes: Any
    twin: Change
    why: str


STRING = {"type": "string"}
NULL = {"type": "null"}
NOTE = f"{PAGE}/properties/note"
CONTENT = f"{GET}/responses/200/content"
PAGE_REF = {"schema": {"$ref": "#/components/schemas/Page"}}
FILTER = {"name": "f", "in": "query", "content": {"application/json": {"schema": {}}}}
CASES = {
    "nullable": Case(
        old(put(NOTE, nullable=True)),
        NOTE,
        {"type": ["string", "null"]},
        put(NOTE, description="nullable: true", example="nullable"),
        "no nullable",
    ),
    "nullable with an enum": Case(
        old(put(NOTE, nullable=True, enum=["a"])),
        NOTE,
        {"type": ["string", "null"], "enum": ["a", None]},
        put(NOTE, type=["string", "null"], enum=["a", None]),
        "allow null",
    ),
    "a nullable reference": Case(
        old(
            put(
                f"{PAGE}/properties",
                note={"nullable": True, "allOf": [{"$ref": "#/components/schemas/New"}]},
            )
        ),
        NOTE,
        {"anyOf": [{"$ref": "#/components/schemas/New"}, NULL]},
        put(f"{PAGE}/properties", note={"allOf": [{"$ref": "#/components/schemas/New"}]}),
        "no nullable",
    ),
    "nullable in 3.1": Case(
        put(NOTE, nullable=True),
        NOTE,
        {"type": ["string", "null"]},
        put(f"{PAGE}/properties", nullable={"type": "boolean"}),
        "no nullable",
    ),
    "a nullable reference in 3.1": Case(
        put(f"{PAGE}/properties", note={"nullable": True, "$ref": "#/components/schemas/New"}),
        NOTE,
        {"anyOf": [{"$ref": "#/components/schemas/New"}, NULL]},
        put(f"{PAGE}/properties", note={"$ref": "#/components/schemas/New"}),
        "null is what is meant",
    ),
    "several types, nullable in 3.1": Case(
        put(NOTE, nullable=True, type=["string", "boolean"]),
        NOTE,
        {"type": ["string", "boolean", "null"]},
        put(NOTE, type=["string", "boolean"]),
        "null is what is meant",
    ),
    "a required field of which nothing is said": Case(
        put(PAGE, required=["note", "more"]),
        f"{PAGE}/properties/more",
        {},
        put(PAGE, required=["note", "more"], additionalProperties={"type": "string"}),
        "it may be anything",
    ),
    "an exclusive minimum": Case(
        old(put(f"{PAGE}/properties/orders", minimum=3, exclusiveMinimum=True)),
        f"{PAGE}/properties/orders",
        {"type": "integer", "exclusiveMinimum": 3},
        put(f"{PAGE}/properties/orders", exclusiveMinimum=3),
        "the bound itself",
    ),
    "no operationId": Case(
        put(GET, operationId=None),
        f"{GET}/operationId",
        "orders.list",
        put(GET, operationId="orders.all"),
        "gives no operationId",
    ),
    "an operationId without a resource": Case(
        put(GET, operationId="getOrdersByName"),
        f"{GET}/operationId",
        "orders.get_by_name",
        put(GET, operationId="other.getOrdersByName"),
        "calls it 'getOrdersByName'",
    ),
    "an operationId twice": Case(
        put(GET, operationId="orders.create"),
        f"{GET}/operationId",
        "orders.list",
        put(GET, operationId="orders.create_all"),
        "stands 2 times",
    ),
    "a reference into a path": Case(
        put(f"{PAGE}/properties", note={"$ref": f"#{GET}/parameters/0/schema"}),
        NOTE,
        {"$ref": "#/components/schemas/Parameters"},
        put(f"{PAGE}/properties", note={"$ref": "#/components/schemas/New"}),
        "has a name in components",
    ),
    "a reference to nothing": Case(
        put(f"{PAGE}/properties", note={"$ref": "#/components/schemas/None"}),
        NOTE,
        {},
        put(f"{PAGE}/properties", note={}),
        "names nothing",
    ),
    "two forms of an answer": Case(
        put(GET + "/responses/200", content={"text/csv": {}, "application/json": PAGE_REF}),
        CONTENT,
        {"application/json": PAGE_REF},
        put(GET + "/responses/200", content={"application/vnd.x+json": PAGE_REF}),
        "Clients carry JSON",
    ),
    "an answer of any form": Case(
        put(GET + "/responses/200", content={"*/*": PAGE_REF}),
        f"{CONTENT}/application~1json/schema",
        PAGE_REF["schema"],
        put(GET + "/responses/200", content={"text/plain": {"schema": STRING}}),
        "describes JSON",
    ),
    "an optional parameter described by a media type": Case(
        put(GET, parameters=[FILTER]),
        f"{GET}/parameters",
        [],
        put(GET, parameters=[{"name": "f", "in": "query", "schema": {"type": "integer"}}]),
        "described by a media type",
    ),
    "a header that OpenAPI ignores": Case(
        put(GET, parameters=[{"name": "accept", "in": "header", "schema": STRING}]),
        f"{GET}/parameters",
        [],
        put(GET, parameters=[{"name": "X-Accept", "in": "header", "schema": STRING}]),
        "ignores a header",
    ),
    "a path parameter that nothing describes": Case(
        put("/paths/~1orders~1{id}/delete", parameters=None),
        "/paths/~1orders~1{id}/delete/parameters/0/name",
        "id",
        put("/paths/~1orders~1{id}/delete", summary="About {it}"),
        "does not describe",
    ),
    "a relative server": Case(
        put("/servers/0", url="/v2"),
        "/servers/0/url",
        "https://api.example.com/v2",
        put("/servers/0", url="http://localhost/v2"),
        "relative to",
    ),
    "a server with variables": Case(
        put("/servers/0", url="https://{r}.x.com", variables={"r": {"default": "eu"}}),
        "/servers/0/url",
        "https://eu.x.com",
        put("/servers/0", url="https://eu.x.com", description="{r} is eu"),
        "filled in",
    ),
    "a security scheme that is not there": Case(
        put(GET, security=[{"none": []}]),
        f"{GET}/security",
        [],
        put(GET, security=[{}]),
        "none of its security schemes",
    ),
    "an example that breaks its schema": Case(
        put(NOTE, example=5),
        NOTE,
        STRING,
        put(NOTE, example="5"),
        "breaks its own schema",
    ),
    "a pattern that is none": Case(
        put(NOTE, pattern="("),
        NOTE,
        STRING,
        put(NOTE, pattern="^[a-z]+$"),
        "Not a regular expression",
    ),
    "a schema of no kind": Case(
        put(NOTE, type="text"),
        NOTE,
        {},
        put(NOTE, type="string"),
        "Not a JSON Schema",
    ),
    "properties of anything": Case(
        put(PAGE, type=None),
        f"{PAGE}/type",
        "object",
        put(PAGE, properties=None),
        "an object is meant",
    ),
    "remarks on a text": Case(
        put(
            f"{PAGE}/properties",
            note={"allOf": [{"$ref": "#/components/schemas/T"}, {"title": "x"}]},
        ),
        NOTE,
        {"$ref": "#/components/schemas/T", "title": "x"},
        put(
            f"{PAGE}/properties",
            note={"allOf": [{"$ref": "#/components/schemas/New"}, {"title": "x"}]},
        ),
        "remarks on it",
    ),
    "only mistakes are described": Case(
        put("/paths/~1orders~1{id}/delete/responses", **{"204": None}),
        "/paths/~1orders~1{id}/delete/responses/2XX/description",
        "It is done.",
        put("/paths/~1orders~1{id}/delete/responses", **{"303": {"description": "Elsewhere."}}),
        "when all is well",
    ),
    "an answer that stands at another operation": Case(
        put(
            f"{POST}/responses",
            default={"$ref": "#/paths/~1orders/get/responses/default"},
        ),
        f"{POST}/responses/default/$ref",
        "#/components/responses/Default",
        put(f"{POST}/responses", default={"description": "As of GET."}),
        "components/responses",
    ),
    "a parameter that stands at another operation": Case(
        put(
            "/paths/~1orders~1{id}/delete",
            parameters=[
                {"name": "id", "in": "path", "required": True, "schema": STRING},
                {"$ref": "#/paths/~1orders/get/parameters/0"},
            ],
        ),
        "/paths/~1orders~1{id}/delete/parameters/1/$ref",
        "#/components/parameters/Parameters",
        put(GET, parameters=[{"name": "q", "in": "query", "schema": STRING}]),
        "components/parameters",
    ),
    "an answer that says nothing of mistakes": Case(
        put(f"{GET}/responses", default=None),
        f"{GET}/responses/4XX/description",
        "The request is wrong.",
        put(f"{GET}/responses/default", description="Other"),
        "is refused",
    ),
    "an extension that is nearly a word": Case(
        put(GET, **{"x-listings": 3}),
        GET,
        plain()["paths"]["/orders"]["get"],
        put(GET, **{"x-internal": 3}),
        "not an extension of driftline",
    ),
}
TEXT: Change = put("/components/schemas", T={"type": "string", "maxLength": 9})


def with_text(change: Change) -> dict[str, Any]:
    return changed(together(TEXT, change))


def test_what_needs_nothing_gets_nothing() -> None:
    """No action for a document that driftline can take as it is."""
    assert proposed(with_text(lambda document: None)).actions == []


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_each_step_and_its_near_twin(case: Case) -> None:
    """The change is undone by actions that say why; the twin is left as it is."""
    document = with_text(case.change)
    found = proposed(document)
    assert follow(result(document, found.actions), case.pointer) == case.becomes
    assert any(case.why in action["description"] for action in found.actions)
    assert found.left_out == []
    twin = with_text(case.twin)
    assert proposed(twin).actions == []


LEFT_OUT: dict[str, tuple[Change, str]] = {
    "a form": (
        put("/paths/~1orders/post/requestBody", content={"multipart/form-data": {"schema": {}}}),
        "this one is multipart/form-data",
    ),
    "a file": (put(GET + "/responses/200", content={"image/png": {}}), "is image/png"),
    "a required parameter of a media type": (
        put(GET, parameters=[{**FILTER, "required": True}]),
        "its parameter f is described by a media type",
    ),
    "an odd type in a path": (
        put(
            "/paths/~1orders~1{id}/delete/parameters/0",
            schema={"type": ["string", "integer", "null"]},
        ),
        "is not allowed in path",
    ),
    "a query in the path": (
        lambda document: document["paths"].update(
            {"/x?y=1": document["paths"].pop("/orders/{id}")}
        ),
        "has a query",
    ),
    "the same place twice": (
        lambda document: document["paths"].update(
            {"/orders/{key}": json.loads(json.dumps(document["paths"]["/orders/{id}"]))}
        ),
        "no request tells it from DELETE /orders/{id}",
    ),
}


@pytest.mark.parametrize("case", LEFT_OUT.values(), ids=LEFT_OUT)
def test_what_cannot_be_taken_is_said(case: tuple[Change, str]) -> None:
    """One operation is left out, by an action with the reason; the others stay."""
    change, why = case
    document = changed(change)
    found = proposed(document)
    assert [each.reason for each in found.left_out if why in each.reason], found.left_out
    assert len(found.left_out) == 1
    removed = [action for action in found.actions if action.get("remove")]
    assert any(why in action["description"] for action in removed)
    paths = result(document, found.actions)["paths"]
    kept = sum(len(set(item) & {"get", "post", "delete"}) for item in paths.values())
    assert kept == found.operations - 1


def test_a_document_of_several_files_is_refused() -> None:
    """No file or URL that it names is read: the one problem says where it is."""
    document = changed(put(f"{PAGE}/properties", note={"$ref": "http://127.0.0.1:9/x.json"}))
    with pytest.raises(SpecError) as caught:
        proposed(document)
    (problem,) = caught.value.problems
    assert "leaves the file" in problem.message
    assert problem.hint == "Bundle the spec into one file."


def test_many_of_one_kind_are_one_action() -> None:
    """A query that selects just these; with a stray that it would select too, an action each."""

    def many(document: dict[str, Any]) -> None:
        document["openapi"] = "3.0.0"
        fields = document["components"]["schemas"]["Page"]["properties"]
        fields |= {f"f{number}": {"type": "string", "nullable": True} for number in range(30)}

    few = proposed(changed(many)).actions
    queries = [action["target"] for action in few if ".." in action["target"]]
    assert "$.components..[?@.nullable == true && @.type == 'string'].type" in queries
    stray = together(many, put(PAGE, example={"x": {"nullable": True, "type": "string"}}))
    each = proposed(changed(stray)).actions
    assert len(each) > len(few) + 30
    for document, actions in ((changed(many), few), (changed(stray), each)):
        done = result(document, actions)["components"]["schemas"]["Page"]
        assert all(done["properties"][f"f{n}"] == {"type": ["string", "null"]} for n in range(30))
