"""An overlay proposes names, servers, credentials and rejections, and nothing else."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from add.documents import copy_plain_document
from driftline.add.proposals.propose import propose
from driftline.add.source.document import FetchedDocument, read_document
from driftline.add.source.fetch import RawDocument
from driftline.openapi.model import Spec
from driftline.openapi.read.load import build_spec
from driftline.openapi.read.overlay import apply_overlay
from driftline.openapi.read.reader import Source

URL = "https://api.example.com/v1/openapi.json"


def fetch_document(document: dict[str, Any], url: str | None = None) -> FetchedDocument:
    return read_document(RawDocument(json.dumps(document).encode(), "shop.json", url))


def build_overlaid_spec(
    document: dict[str, Any], name: str = "shop", url: str | None = None
) -> Spec:
    """Return the spec of the document with its overlay."""
    before = fetch_document(document, url)
    overlay = Source(Path("overlay"), {"actions": list(propose(before, name).actions)}, {"": 1})
    overlay_result = apply_overlay(fetch_document(document, url).source, overlay)
    assert overlay_result.idle == ()
    return build_spec(overlay_result.source)


def with_schemes(**schemes: Any) -> dict[str, Any]:
    document = copy_plain_document()
    document["components"]["securitySchemes"] = schemes
    return document


KEY = {"type": "apiKey", "in": "header", "name": "X-Key"}


def test_a_document_with_names_gets_only_a_server_variable() -> None:
    """A document with complete names gets only the variable of its server."""
    (action,) = propose(fetch_document(copy_plain_document()), "shop").actions
    assert action["target"] == "$.servers[0]"
    assert action["update"] == {"x-env": "SHOP_BASE_URL"}


SERVERS: dict[str, tuple[Any, str | None, str]] = {
    "absolute": ([{"url": "https://a.example.com/v1"}], URL, "https://a.example.com/v1"),
    "relative": ([{"url": "/v2"}], URL, "https://api.example.com/v2"),
    "relative to the document": ([{"url": "./v2"}], URL, "https://api.example.com/v1/v2"),
    "relative to a file": ([{"url": "/v2"}], None, "https://api.example.invalid/v2"),
    "none": ([], URL, "https://api.example.com"),
    "none, and from a file": ([], None, "https://api.example.invalid"),
    "no URL": ([{"url": "file:///etc"}], None, "https://api.example.invalid"),
    "no URL at all": ([{"url": "https://[x"}], None, "https://api.example.invalid"),
}


@pytest.mark.parametrize("case", SERVERS.values(), ids=SERVERS)
def test_the_base_url_is_absolute_and_assumed_if_guessed(case: tuple[Any, str | None, str]) -> None:
    """The base URL is that of the document or its origin, and a guess is marked as assumed."""
    servers, url, expected_url = case
    document = copy_plain_document() | {"servers": servers}
    spec = build_overlaid_spec(document, url=url)
    (server,) = spec.servers
    assert (server.url, server.env) == (expected_url, "SHOP_BASE_URL")
    is_given = bool(servers) and servers[0]["url"] == expected_url
    assert spec.find_assumption("/servers/0/url") is not is_given


@pytest.mark.parametrize(
    ("template", "default", "url"),
    [
        ("https://{part}.example.com", "eu", "https://eu.example.com"),
        ("{part}/v1", "https://eu.example.com", "https://eu.example.com/v1"),
    ],
)
def test_server_variables_stay_in_the_url(template: str, default: str, url: str) -> None:
    """Variables stay in the URL of a server, also one that is the beginning of the URL."""
    variables = {"part": {"default": default}}
    document = copy_plain_document() | {"servers": [{"url": template, "variables": variables}]}
    (server,) = build_overlaid_spec(document).servers
    assert (server.template, server.url) == (template, url)


CREDENTIALS: dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    "by API and scheme": ("shop", ("token", "apiKey"), ("SHOP_TOKEN", "SHOP_API_KEY")),
    "two that are one word": ("shop", ("key", "Key"), ("SHOP_KEY", "SHOP_KEY_2")),
    "called like the base URL": ("shop", ("base_url",), ("SHOP_BASE_URL_2",)),
    "called like a proxy": ("shop", ("https_proxy",), ("SHOP_TOKEN",)),
    "an API called like a tool": ("aws", ("key",), ("API_AWS_KEY",)),
    "other letters": ("shop", ("ключ",), ("SHOP_TOKEN",)),
}


@pytest.mark.parametrize("case", CREDENTIALS.values(), ids=CREDENTIALS)
def test_each_credential_has_a_variable_with_the_api_prefix(
    case: tuple[str, tuple[str, ...], tuple[str, ...]],
) -> None:
    """Each credential has a unique variable that starts with the API's name."""
    name, schemes, expected_variables = case
    spec = build_overlaid_spec(with_schemes(**dict.fromkeys(schemes, KEY)), name)
    assert tuple(scheme.env for scheme in spec.security_schemes.values()) == expected_variables


def test_a_document_does_not_choose_whose_secret_is_sent() -> None:
    """`x-env` of a document is dropped everywhere except as the name of a property."""
    document = with_schemes(key={**KEY, "x-env": "AWS_SECRET_ACCESS_KEY"})
    document["servers"] = [{"url": "https://evil.example.com", "x-env": "GITHUB_TOKEN"}]
    get = document["paths"]["/orders"]["get"]
    get["servers"] = [{"url": "https://evil.example.com", "x-env": "HOME"}]
    new = document["components"]["schemas"]["New"]
    new["properties"]["x-env"] = {"type": "string"}
    # A reference may lead to any value, so that a scheme can stand in an example.
    new["example"] = {"x-env": "OPENAI_KEY"}
    fetched_document = fetch_document(document)
    assert fetched_document.dropped_variables == (
        "AWS_SECRET_ACCESS_KEY",
        "GITHUB_TOKEN",
        "HOME",
        "OPENAI_KEY",
    )
    spec = build_overlaid_spec(document)
    assert spec.servers[0].env == "SHOP_BASE_URL"
    assert spec.security_schemes["key"].env == "SHOP_KEY"
    serialized = json.dumps(spec.document)
    assert not [name for name in fetched_document.dropped_variables if name in serialized]
    assert serialized.count('"x-env"') == 3


@pytest.mark.parametrize("name", ["default", "example", "examples", "enum", "const", "properties"])
def test_a_scheme_may_have_any_name(name: str) -> None:
    """A security scheme may be named like a keyword, and its `x-env` is dropped."""
    document = with_schemes(**{name: {**KEY, "x-env": "OPENAI_API_KEY"}})
    assert "OPENAI_API_KEY" in fetch_document(document).dropped_variables
    (scheme,) = build_overlaid_spec(document).security_schemes.values()
    assert (scheme.env or "").startswith("SHOP_")


def test_a_referenced_scheme_chooses_no_variable() -> None:
    """`x-env` of a referenced security scheme is dropped."""
    document = with_schemes(key={"$ref": "#/components/examples/a/value"})
    document["components"]["examples"] = {"a": {"value": {**KEY, "x-env": "OPENAI_API_KEY"}}}
    assert "OPENAI_API_KEY" in fetch_document(document).dropped_variables
    assert "OPENAI" not in json.dumps(build_overlaid_spec(document).document)


def test_one_action_assumes_a_4xx_for_undocumented_rejections() -> None:
    """One action assumes a 4XX response for all operations that document no rejection."""
    document = copy_plain_document()
    for number in range(20):
        document["paths"][f"/things{number}"] = {"get": {"responses": {"200": {"description": ""}}}}
    actions = propose(fetch_document(document), "shop").actions
    rejection_actions = [action for action in actions if "4XX" in action["description"]]
    assert [set(action["update"]) for action in rejection_actions] == [{"4XX"}]
    spec = build_overlaid_spec(document)
    (operation_with_assumption,) = [
        operation for operation in spec.operations if operation.path == "/things7"
    ]
    (rejection,) = [
        response for response in operation_with_assumption.responses if response.status == "4XX"
    ]
    assert spec.find_assumption(rejection.pointer)
    (documented_operation,) = [
        operation for operation in spec.operations if operation.path == "/orders/{id}"
    ]
    assert [response.status for response in documented_operation.responses] == ["204", "default"]


def test_shared_path_items_have_names_of_their_own() -> None:
    """Operations of a shared path item are named separately for each path."""
    document = copy_plain_document()
    path_item = document["paths"].pop("/orders")
    document["components"]["pathItems"] = {"Orders": path_item}
    for path in ("/orders", "/archive"):
        document["paths"][path] = {"$ref": "#/components/pathItems/Orders"}
    for method in ("get", "post"):
        path_item[method].pop("operationId")
    spec = build_overlaid_spec(document)
    names = {operation.id for operation in spec.operations}
    assert names == {
        "orders.list",
        "orders.create",
        "archive.get",
        "archive.create",
        "orders.delete",
    }
    assert all(len(operation.responses) == 2 for operation in spec.operations)


SWAGGER: dict[str, Any] = {
    "swagger": "2.0",
    "info": {"title": "Shop", "version": 1.0},
    "host": "shop.example.com",
    "basePath": "/v1",
    "schemes": ["https"],
    "securityDefinitions": {"key": {**KEY, "x-env": "HOME"}},
    "security": [{"key": []}],
    "paths": {
        "/orders": {
            "get": {
                "operationId": "getOrders",
                "produces": ["application/json"],
                "responses": {
                    "200": {
                        "description": "All.",
                        "schema": {"type": "array", "items": {"$ref": "#/definitions/Order"}},
                    }
                },
            },
            "post": {
                "operationId": "addOrder",
                "consumes": ["application/x-www-form-urlencoded"],
                "parameters": [{"name": "item", "in": "formData", "type": "string"}],
                "responses": {"201": {"description": "Done."}},
            },
        }
    },
    "definitions": {
        "Order": {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}}
    },
}


def test_swagger_has_the_same_overlay() -> None:
    """A Swagger 2.0 document gets names, variables and listings, and no unrelated changes."""
    spec = build_overlaid_spec(copy.deepcopy(SWAGGER))
    assert [operation.id for operation in spec.operations] == ["orders.list", "orders.create"]
    assert spec.servers[0].url == "https://shop.example.com/v1"
    assert spec.servers[0].env == "SHOP_BASE_URL"
    assert spec.security_schemes["key"].env == "SHOP_KEY"
    assert spec.operations[0].listing is not None
    assert spec.operations[1].body is not None
    targets = [
        action["target"]
        for action in propose(fetch_document(copy.deepcopy(SWAGGER)), "shop").actions
    ]
    assert not [target for target in targets if "definitions.Order" in target]


def test_two_runs_propose_the_same_reasons() -> None:
    """Two runs propose the same reasons."""
    first = json.dumps(list(propose(fetch_document(copy.deepcopy(SWAGGER)), "shop").actions))
    second_proposal = json.dumps(
        list(propose(fetch_document(copy.deepcopy(SWAGGER)), "shop").actions)
    )
    assert first == second_proposal
    assert " at 0x" not in first


@pytest.mark.parametrize(
    ("path", "description", "remark", "fields"),
    [
        ("/rooms", "Room numbers must be unique (409).", "", ["/number"]),
        ("/rooms", "", "Unique; 409 if another room has it.", ["/number"]),
        ("/rooms", "409 if the guest has a room with this number already.", "", None),
        ("/rooms", "Each room gets a unique number.", "", None),
        ("/hotels/{hotel_id}/rooms", "", "Must be unique.", None),
    ],
)
def test_what_a_conflict_is_said_to_be_about_is_unique(
    path: str, description: str, remark: str, fields: list[str] | None
) -> None:
    """A creation with a 409 has the one field that its description, or that of the field, names."""
    string, key = {"type": "string"}, {"type": "integer"}
    body = {
        "type": "object",
        "required": ["number", "guest_id"],
        "properties": {"number": {**string, "description": remark}, "guest_id": key},
    }
    row = {"type": "object", "required": ["id"], "properties": {"id": key, **body["properties"]}}
    schema = {"application/json": {"schema": {"$ref": "#/components/schemas/Room"}}}
    rows = {"type": "array", "items": {"$ref": "#/components/schemas/Room"}}
    parent = {"name": "hotel_id", "in": "path", "required": True, "schema": key}
    data = {
        "openapi": "3.1.0",
        "info": {"title": "Rooms", "version": "1"},
        "servers": [{"url": "https://rooms.example.com"}],
        "components": {"schemas": {"Room": row}},
        "paths": {
            path: {
                "parameters": [parent] if "{" in path else [],
                "get": {
                    "responses": {
                        "200": {
                            "description": "All.",
                            "content": {"application/json": {"schema": rows}},
                        }
                    }
                },
                "post": {
                    "description": description,
                    "requestBody": {"content": {"application/json": {"schema": body}}},
                    "responses": {
                        "201": {"description": "Created.", "content": schema},
                        "409": {"description": "Conflict"},
                    },
                },
            }
        },
    }
    actions = propose(
        read_document(RawDocument(json.dumps(data).encode(), "it.json")), "it"
    ).actions
    effects = [a["update"]["x-effect"] for a in actions if "x-effect" in a.get("update", {})]
    assert [effect.get("unique") for effect in effects] == [fields]
