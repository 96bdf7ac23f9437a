"""A creation happens once for each idempotency key and accepts every string of the spec."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given, strategies as st

from driftline.checks.finding import Finding
from driftline.mock import HttpRequest, HttpResponse, Mock, run_server
from driftline.openapi import Spec, load
from driftline.openapi.schema.validation import list_violations
from driftline.suite.examinations.hostile_strings import make_hostile_bodies
from driftline.suite.examinations.rows.creations.creation import check_creation
from driftline.suite.examinations.rows.steps import shows_sent_value
from driftline.suite.http.session import Session
from driftline.suite.http.target import Target
from driftline.suite.probe import examine
from driftline.suite.telling_values import add_items, lengthen_values

from .documents import build_operation, load_document
from .faults import Handle, build_response

PETS = load(Path(__file__).parents[1] / "acceptance" / "specs" / "pet-store.yaml")
NEW_PET = "/components/schemas/NewPet"


def _find(fault: Callable[[Handle], Handle], seed: int = 0) -> dict[str, Finding]:
    handle = fault(Mock(PETS, rows=20).handle)
    operation = PETS.find_operation("pets.create")
    assert operation is not None
    with Session(Target.mock(PETS, handle=handle), seed=seed) as session:
        check = examine(session, operation, "creation", check_creation)
    return {finding.id: finding for finding in check.findings}


def _ignore_key(handle: Handle) -> Handle:
    """Ignore the idempotency key, and accept the same chip twice."""

    def respond_without_key(request: HttpRequest) -> HttpResponse:
        headers = tuple(header for header in request.headers if header[0] != "Idempotency-Key")
        if headers == request.headers:
            return handle(request)
        body = {**json.loads(request.body), "chip": f"chip-{len(created_bodies)}"}
        created_bodies.append(body)
        return handle(attrs.evolve(request, headers=headers, body=_bytes(body)))

    created_bodies: list[Any] = []
    return respond_without_key


def _bytes(body: Any) -> bytes:
    return json.dumps(body).encode()


def test_a_correct_server_has_no_finding() -> None:
    """The mock creates one pet for two requests with one key and accepts every string."""
    for seed in range(4):
        assert not _find(lambda handle: handle, seed)


def test_an_ignored_key_is_found() -> None:
    """If the second request with a key creates another pet, the finding names the header."""
    finding = _find(_ignore_key)["effect.repeated"]
    assert finding.where == "Idempotency-Key"
    assert "parameters/0" in finding.location.pointer


def test_another_body_with_the_same_key_is_another_request() -> None:
    """The mock creates another pet if the same key comes with another body."""
    mock = Mock(PETS, rows=0)
    key = mock.credentials
    names = [_create(mock, key, name) for name in ("Rex", "Tom", "Rex")]
    assert names[0] == names[2] != names[1]


def _create(mock: Mock, credentials: Any, name: str) -> Any:
    headers = (("Content-Type", "application/json"), ("Idempotency-Key", "k"))
    (key,) = credentials.values()
    body = _bytes({"name": name, "kind": "dog"})
    return mock.handle(HttpRequest("POST", "/pets", f"key={key}", headers, body)).parse_json()["id"]


@pytest.mark.parametrize("seed", [0, 9])
def test_a_rejected_string_is_found(seed: int) -> None:
    """A server that rejects quotes is reported, and the finding names the field with the quotes."""

    def reject_quotes(handle: Handle) -> Handle:
        def respond_unless_quoted(request: HttpRequest) -> HttpResponse:
            is_rejected = request.method == "POST" and "'" in json.loads(request.body).get(
                "name", ""
            )
            return (
                build_response({"title": "", "detail": ""}, 400) if is_rejected else handle(request)
            )

        return respond_unless_quoted

    finding = _find(reject_quotes, seed)["request.valid.rejected"]
    assert finding.where == "name"


@given(first=st.integers(0, 1_000))
def test_unusual_bodies_are_valid_and_differ(first: int) -> None:
    """Each body is valid, the first has letters beyond ASCII, and the other strings differ."""
    bodies = list(make_hostile_bodies(PETS, NEW_PET, {"name": "Rex", "kind": "dog"}, first))
    assert len(bodies) == 4
    for body in bodies:
        assert not list_violations(PETS, NEW_PET, body)
    for name in ("name", "chip"):
        assert "ź" in bodies[0][name]
        assert len({body[name] for body in bodies[1:]}) == 3


def test_a_filter_with_a_default_may_hide_what_was_created(tmp_path: Path) -> None:
    """A created row that the default of a filter hides is not reported as missing."""
    row = {
        "type": "object",
        "required": ["id", "state"],
        "properties": {"id": {"type": "string"}, "state": {"enum": ["held"]}},
    }
    state = {"name": "state", "in": "query", "schema": {"type": "string", "default": "open"}}
    page = {"name": "page", "in": "query", "schema": {"type": "integer", "minimum": 1}}
    list_operation = {
        **build_operation("rows.list", {"type": "array", "items": row}, parameters=[state, page]),
        "x-listing": {
            "items": "",
            "id": "/id",
            "filter": {"state": {"field": "/state"}},
            "page": {"style": "number", "parameter": "page", "first": 1},
            "size": {"fixed": 100},
        },
    }
    create_operation = {
        **build_operation("rows.create", row),
        "requestBody": {"content": {"application/json": {"schema": row}}},
        "x-effect": {"kind": "create", "of": "rows.list", "item": ""},
    }
    spec = load_document(tmp_path, {"/rows": {"get": list_operation, "post": create_operation}})
    assert not spec.problems
    with Session(Target.mock(spec), seed=0) as session:
        check = examine(session, spec.find_operation("rows.create"), "creation", check_creation)
    assert [finding.id for finding in check.findings] == []


def test_a_listing_with_a_bound_on_its_rows_may_hide_what_was_created(tmp_path: Path) -> None:
    """A created row is not reported as missing from a page that may have one row only."""
    row = {
        "type": "object",
        "required": ["id"],
        "properties": {"id": {"type": "string", "readOnly": True}, "name": {"type": "string"}},
    }
    list_operation = {
        **build_operation("rows.list", {"type": "array", "items": row, "maxItems": 1}),
        "x-listing": {"items": "", "id": "/id", "page": {"style": "single"}},
    }
    create_operation = {
        **build_operation("rows.create", row),
        "requestBody": {"content": {"application/json": {"schema": row}}},
        "x-effect": {"kind": "create", "of": "rows.list", "item": ""},
    }
    spec = load_document(tmp_path, {"/rows": {"get": list_operation, "post": create_operation}})
    with Session(Target.mock(spec), seed=0) as session:
        check = examine(session, spec.find_operation("rows.create"), "creation", check_creation)
    assert [finding.id for finding in check.findings] == []


def build_shop(folder: Path, conflict: str, description: str = "") -> Spec:
    """Return a spec with a listing, a read by id, and a creation whose 409 has this description."""
    row = {
        "type": "object",
        "required": ["id", "name"],
        "properties": {"id": {"type": "string", "readOnly": True}, "name": {"type": "string"}},
    }
    list_operation = {
        **build_operation("rows.list", {"type": "array", "items": row}),
        "x-listing": {"items": "", "id": "/id", "page": {"style": "single"}},
    }
    create_operation = {
        **build_operation("rows.create", row),
        "requestBody": {"content": {"application/json": {"schema": row}}},
        "x-effect": {"kind": "create", "of": "rows.list", "item": ""},
        "description": description,
    }
    create_operation["responses"]["409"] = {"description": conflict}
    read_operation = {
        **build_operation("rows.get", row),
        "parameters": [
            {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
        ],
        "x-effect": {"kind": "read", "of": "rows.list", "item": "", "id": "id"},
    }
    return load_document(
        folder,
        {
            "/rows": {"get": list_operation, "post": create_operation},
            "/rows/{id}": {"get": read_operation},
        },
    )


def find_in_shop(
    spec: Spec, change: Callable[[HttpResponse], HttpResponse], *, is_live: bool = False
) -> set[str]:
    mock, create = Mock(spec), spec.find_operation("rows.create")
    assert create is not None

    def handle(request: HttpRequest) -> HttpResponse:
        response = mock.handle(request)
        return change(response) if request.method == "POST" and response.body else response

    names = frozenset({"rows.create"})
    with run_server({spec.name: handle}) as url:
        live_target = Target.connect(spec, f"{url}/{spec.name}", allow_writes=names)
        target = live_target if is_live else Target.mock(spec, handle=handle)
        with Session(target, rate=100_000) as session:
            check = examine(session, create, "creation", check_creation)
    return {finding.message for finding in check.findings}


@pytest.mark.parametrize(
    ("conflict", "description", "is_found"),
    [
        ("The name is already taken.", "", True),
        ("The shop already has a row with this name.", "", True),
        ("Conflict", "", False),
        ("Conflict", "The name must be unique. Otherwise, the response is 409.", True),
        ("Conflict", "404 if the shop is unknown; 409 if another row has the same name.", True),
        ("Conflict", "404 if no shop exists; 409 if the shop is closed.", False),
        ("Conflict", "Each row gets a unique number. A closed shop is a conflict.", False),
    ],
)
def test_a_value_that_a_409_calls_taken_is_not_accepted_twice(
    tmp_path: Path, conflict: str, description: str, is_found: bool
) -> None:
    """The same body accepted twice is a finding only if the 409 or the operation says that
    something is already taken.
    """
    spec = build_shop(tmp_path, conflict, description)
    messages = find_in_shop(spec, lambda response: response, is_live=True)
    assert messages == ({"the same body is accepted twice"} if is_found else set())


def test_a_location_names_the_created_row(tmp_path: Path) -> None:
    """A Location that names another row is reported; a Location that names no row is not."""
    spec = build_shop(tmp_path, "Conflict")

    def add(path: str) -> Callable[[HttpResponse], HttpResponse]:
        def change(response: HttpResponse) -> HttpResponse:
            location = path.format(response.parse_json()["id"])
            return response.replace_headers(("Location", location))

        return change

    expected_message = "the header Location names another row than the created one"
    assert find_in_shop(spec, add("/rows/x{}")) == {expected_message}
    for allowed_path in ("/rows/{}", "/rows", "https://other.example/rows/1"):
        assert find_in_shop(spec, add(allowed_path)) == set()


LOT = {"type": "object", "properties": {"size": {"type": "integer", "maximum": 9}}}
LINE = {"type": "object", "required": ["text"], "properties": {"text": {"type": "string"}}}
CART = {
    "type": "object",
    "properties": {
        "lines": {"type": "array", "items": LINE},
        "lots": {"type": "array", "items": LOT},
        "tags": {"type": "array", "items": {"type": "string"}},
        "note": {"anyOf": [{"type": "string"}, {"type": "null"}]},
    },
}


def test_lists_have_two_items_and_letters_beyond_ascii(tmp_path: Path) -> None:
    """Bodies have two items in lists of objects, and letters beyond ASCII in lists and nullable
    strings.
    """
    cart = load_document(tmp_path, {}, schemas={"Cart": CART})
    pointer = "/components/schemas/Cart"
    body = add_items(cart, pointer, {"lines": [{"text": "a"}]})
    assert body == {"lines": [{"text": "a"}, {"text": "another"}]}
    assert add_items(cart, pointer, {"lots": [{"size": 1}]}) == {"lots": [{"size": 1}, {"size": 2}]}
    first = next(make_hostile_bodies(cart, pointer, {}, 0))
    assert "ź" in first["tags"][0]
    assert "ź" in first["note"]


def test_an_unknown_reference_that_fails_is_found(tmp_path: Path) -> None:
    """The suite sends a body with an unknown reference, and reports the 500 that the server
    returns.
    """
    number, listing = {"type": "integer"}, {"items": "", "id": "/id", "page": {"style": "single"}}
    row = {"type": "object", "required": ["id"], "properties": {"id": number}}
    reference = {**number, "x-reference": {"of": "rows.list"}}
    body = {"type": "object", "required": ["row"], "properties": {"row": reference}}
    paths = {
        "/rows": {
            "get": {
                **build_operation("rows.list", {"type": "array", "items": row}),
                "x-listing": listing,
            },
            "post": {
                **build_operation("rows.create", row),
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": body}},
                },
                "x-effect": {"kind": "create", "of": "rows.list", "item": ""},
            },
        },
    }
    spec = load_document(tmp_path, paths)
    create, mock = spec.find_operation("rows.create"), Mock(spec)
    assert create is not None

    def handle(request: HttpRequest) -> HttpResponse:
        is_unknown = b"2147483601" in request.body
        return build_response({}, 500) if is_unknown else mock.handle(request)

    with Session(Target.mock(spec, handle=handle)) as session:
        check = examine(session, create, "creation", check_creation)
    assert [finding.id for finding in check.findings] == ["response.server-error"]


def test_lists_of_strings_and_nested_objects_have_telling_values(tmp_path: Path) -> None:
    """A list has two different strings, and a nested object no defaults, where that is valid."""
    country = {"type": "string", "enum": ["DE", "FR"], "default": "DE"}
    properties = {
        "names": {"type": "array", "items": {"type": "string", "minLength": 1}},
        "kinds": {"type": "array", "items": {"enum": ["a", "b"], "type": "string"}},
        "one": {"type": "array", "maxItems": 1, "items": {"type": "string"}},
        "address": {"type": "object", "properties": {"country": country}},
    }
    body = {"type": "object", "properties": properties}
    operation = {
        **build_operation("rows.create", {"type": "object"}),
        "requestBody": {"content": {"application/json": {"schema": body}}},
    }
    spec = load_document(tmp_path, {"/rows": {"post": operation}})
    create = spec.find_operation("rows.create")
    assert create is not None
    assert create.body is not None
    assert create.body.json is not None
    pointer = create.body.json.schema_pointer
    sent = {"names": ["x"], "kinds": [], "one": ["x"], "address": {"country": "DE"}}
    longer = add_items(spec, pointer, lengthen_values(spec, pointer, sent))
    assert len({*longer["names"]}) == len({*longer["kinds"]}) == 2
    assert longer["one"] == ["x"]
    assert longer["address"] == {"country": "FR"}


def test_a_read_only_field_of_a_sent_object_is_the_servers_own(tmp_path: Path) -> None:
    """A row may show another `type` than was sent in a reference, if its schema has it as
    `readOnly`, also in an item of a list; it must show the other fields.
    """
    kind = {"type": "string", "readOnly": True}
    team = {"type": "object", "properties": {"id": {"type": "string"}, "type": kind}}
    row = {
        "type": "object",
        "properties": {"team": team, "teams": {"type": "array", "items": team}},
    }
    spec = load_document(tmp_path, {"/rows": {"post": build_operation("rows.create", row)}})
    create = spec.find_operation("rows.create")
    assert create is not None
    assert not shows_sent_value(spec, create, "/team", {"id": "a", "type": "reference"})
    assert not shows_sent_value(spec, create, "/teams", [{"id": "a", "type": "reference"}])
    assert shows_sent_value(spec, create, "/team", {"id": "a"})
    assert shows_sent_value(spec, create, "/teams", [{"id": "a"}])
