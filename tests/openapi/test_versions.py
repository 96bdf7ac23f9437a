"""Documents of every version are read as OpenAPI 3.1, with the lines of their file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from driftline.openapi import Spec, list_types, load

SWAGGER = """\
swagger: "2.0"
info: {title: Shop, version: "1"}
host: api.example.com
basePath: /v1
schemes: [http, https]
consumes: [application/json]
produces: [application/json]
securityDefinitions:
  key: {type: apiKey, in: header, name: X-Key}
  plain: {type: basic}
  login:
    type: oauth2
    flow: accessCode
    authorizationUrl: https://example.com/authorize
    tokenUrl: https://example.com/token
    scopes: {read: Read.}
security: [{key: []}]
parameters:
  page: {name: page, in: query, type: integer, default: 1}
  order: {name: order, in: body, required: true, schema: {$ref: "#/definitions/Order"}}
responses:
  Missing:
    description: Missing.
    schema: {$ref: "#/definitions/Order"}
definitions:
  Order:
    type: object
    properties:
      id: {type: integer, minimum: 1, exclusiveMinimum: true}
      note: {type: string, x-nullable: true}
paths:
  /orders:
    parameters:
      - $ref: "#/parameters/page"
    get:
      operationId: listOrders
      parameters:
        - {name: tags, in: query, type: array, items: {type: string}}
        - {name: ids, in: query, type: array, items: {type: integer}, collectionFormat: multi}
        - {name: ways, in: query, type: array, items: {type: string}, collectionFormat: pipes}
      responses:
        "200":
          description: Orders.
          schema: {type: array, items: {$ref: "#/definitions/Order"}}
          headers:
            X-Total: {type: integer}
          examples: {application/json: []}
        "404": {$ref: "#/responses/Missing"}
    post:
      operationId: createOrder
      parameters:
        - $ref: "#/parameters/order"
      responses: {"201": {description: Created.}}
  /files:
    post:
      operationId: upload
      consumes: [multipart/form-data]
      produces: [application/pdf]
      schemes: [https]
      parameters:
        - {name: file, in: formData, type: file, required: true}
        - {name: tags, in: formData, type: array, items: {type: string}}
      responses: {"200": {description: A file., schema: {type: file}}}
    get:
      operationId: download
      produces: [application/pdf]
      responses:
        "200": {description: A file.}
        "404": {description: No file., schema: {type: object}}
    put:
      operationId: note
      parameters:
        - {name: text, in: formData, type: string}
      responses: {"200": {description: Done.}}
"""


def load_document(folder: Path, content: str) -> Spec:
    """Return the spec of a document."""
    path = folder / "shop.yaml"
    path.write_text(content, encoding="utf-8")
    return load(path)


def read_schema(folder: Path, schema: dict[str, Any], version: str = "3.0.3") -> Any:
    """Return a schema as it is read in a document of this version."""
    document = {
        "openapi": version,
        "info": {"title": "Shop", "version": "1"},
        "paths": {},
        "components": {"schemas": {"A": schema, "B": {"type": "object"}}},
    }
    return load_document(folder, yaml.safe_dump(document)).get_node("/components/schemas/A")


@pytest.fixture
def swagger(tmp_path: Path) -> Spec:
    """Return the spec of a Swagger 2.0 document, which has no problems."""
    spec = load_document(tmp_path, SWAGGER)
    assert spec.problems == ()
    return spec


def test_swagger_has_servers_and_credentials(swagger: Spec) -> None:
    """Servers have HTTPS first, and OAuth flows have their OpenAPI 3 names."""
    urls = [server.url for server in swagger.servers]
    assert urls == ["https://api.example.com/v1", "http://api.example.com/v1"]
    kinds = {name: scheme.kind for name, scheme in swagger.security_schemes.items()}
    assert kinds == {"key": "header", "plain": "basic", "login": "bearer"}
    assert set(swagger.security_schemes["login"].flows) == {"authorizationCode"}
    upload = swagger.find_operation("upload")
    assert upload is not None
    assert [server.url for server in upload.servers or swagger.servers] == [
        "https://api.example.com/v1"
    ]


def test_swagger_parameters_have_schemas_and_styles(swagger: Spec) -> None:
    """Parameters have schemas, and lists without a collectionFormat are joined by commas."""
    listing = swagger.find_operation("listOrders")
    assert listing is not None
    styles = {
        parameter.name: (parameter.style, parameter.explode) for parameter in listing.parameters
    }
    assert styles["tags"] == ("form", False)
    assert styles["ids"] == ("form", True)
    assert styles["ways"] == ("pipeDelimited", False)
    page = listing.find_parameter("page")
    assert page is not None
    assert page.schema == {"type": "integer", "default": 1}
    success = listing.success
    assert success is not None
    assert [header.name for header in success.headers] == ["X-Total"]
    assert success.json is not None
    assert success.json.examples == {"example": []}
    missing = listing.find_response(404)
    assert missing is not None
    assert missing.json is not None


def test_swagger_bodies_are_request_bodies(swagger: Spec) -> None:
    """A body parameter, a form and a form with a file become request bodies."""
    bodies: dict[str, Any] = {}
    for operation in swagger.operations:
        if operation.body:
            (media,) = operation.body.content
            bodies[operation.id] = (media.name, operation.body.required)
    assert bodies == {
        "createOrder": ("application/json", True),
        "upload": ("multipart/form-data", True),
        "note": ("application/x-www-form-urlencoded", False),
    }
    upload = swagger.find_operation("upload")
    assert upload is not None
    assert upload.body is not None
    schema = swagger.get_node(upload.body.content[0].schema_pointer)
    assert schema["required"] == ["file"]
    assert schema["properties"]["file"] == {"type": "string", "format": "binary"}
    assert upload.success is not None
    assert upload.success.content[0].name == "application/pdf"


def test_swagger_lines_are_those_of_the_file(swagger: Spec) -> None:
    """Every pointer has the line in the Swagger file, even if its clause has moved."""
    lines = SWAGGER.splitlines()
    for pointer, line in {
        "/components/schemas/Order/properties/note": "      note: {type",
        "/components/securitySchemes/plain": "  plain:",
        "/paths/~1orders/get/responses/200/content/application~1json/schema/items": "          sch",
        "/paths/~1orders/post/requestBody/content": '        - $ref: "#/parameters/order"',
        "/paths/~1orders/get/parameters/1/schema": "        - {name: ids",
        "/servers/0/url": "host:",
    }.items():
        line_number = swagger.locate(pointer).line
        assert lines[line_number - 1].startswith(line), (pointer, line_number)


def test_swagger_schemas_are_those_of_3_1(swagger: Spec) -> None:
    """Exclusive bounds and nullable types are converted to OpenAPI 3.1."""
    assert swagger.get_node("/components/schemas/Order/properties") == {
        "id": {"type": "integer", "exclusiveMinimum": 1},
        "note": {"type": ["string", "null"]},
    }


NULLABLE = {
    "a type": ({"type": "string"}, {"type": ["string", "null"]}),
    "an enum": (
        {"type": "string", "enum": ["a"]},
        {"type": ["string", "null"], "enum": ["a", None]},
    ),
    "an enum without a type": ({"enum": ["a"]}, {"enum": ["a", None]}),
    "a reference": (
        {"$ref": "#/components/schemas/B", "description": "b"},
        {"anyOf": [{"$ref": "#/components/schemas/B"}, {"type": "null"}], "description": "b"},
    ),
    "one reference": (
        {"allOf": [{"$ref": "#/components/schemas/B"}]},
        {"anyOf": [{"$ref": "#/components/schemas/B"}, {"type": "null"}]},
    ),
    "a choice": (
        {"oneOf": [{"type": "string"}, {"type": "integer"}]},
        {"oneOf": [{"type": "string"}, {"type": "integer"}, {"type": "null"}]},
    ),
    "an object of parts": (
        {"type": "object", "allOf": [{"$ref": "#/components/schemas/B"}]},
        {
            "anyOf": [
                {"type": ["object", "null"], "allOf": [{"$ref": "#/components/schemas/B"}]},
                {"type": "null"},
            ]
        },
    ),
    "anything": ({}, {}),
}


@pytest.mark.parametrize(("schema", "expected_schema"), NULLABLE.values(), ids=NULLABLE)
@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
def test_nullable_adds_null_to_the_schema(
    tmp_path: Path, schema: dict[str, Any], expected_schema: dict[str, Any], version: str
) -> None:
    """`nullable` adds null to the schema, next to any keyword and also in version 3.1."""
    assert read_schema(tmp_path, {**schema, "nullable": True}, version) == expected_schema
    unchanged_schema = read_schema(tmp_path, {**schema, "nullable": False}, version)
    assert unchanged_schema == schema


def test_nothing_counts_beside_a_reference_in_3_0(tmp_path: Path) -> None:
    """Only annotations are kept next to a `$ref` in version 3.0; in 3.1 all keywords are."""
    schema = {"$ref": "#/components/schemas/B", "type": "string", "title": "B"}
    expected_schema = {"$ref": "#/components/schemas/B", "title": "B"}
    assert read_schema(tmp_path, dict(schema)) == expected_schema
    assert read_schema(tmp_path, dict(schema), "3.1.0") == schema


SLIPS: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "exclusive bound": (
        {"type": "number", "maximum": 5, "exclusiveMaximum": True},
        {"type": "number", "exclusiveMaximum": 5},
        "",
    ),
    "inclusive bound": (
        {"type": "number", "maximum": 5, "exclusiveMaximum": False},
        {"type": "number", "maximum": 5},
        "",
    ),
    "capital type": ({"type": "Object"}, {"type": "object"}, "schema.type-unknown"),
    "any type": ({"type": "any"}, {}, "schema.type-unknown"),
    "type JSON": ({"type": "JSON"}, {}, "schema.type-unknown"),
    "type int": ({"type": "int"}, {"type": "integer"}, "schema.type-unknown"),
    "type date": ({"type": "date"}, {"type": "string"}, "schema.type-unknown"),
    "types": ({"type": ["str", "null"]}, {"type": ["string", "null"]}, "schema.type-unknown"),
    "text bound": (
        {"type": "string", "maxLength": "5"},
        {"type": "string", "maxLength": 5},
        "",
    ),
    "odd bound": ({"type": "string", "minLength": -1}, {"type": "string"}, "schema.bound-invalid"),
    "empty enum": ({"type": "string", "enum": []}, {"type": "string"}, "schema.enum-empty"),
    "enum of numbers": (
        {"type": "string", "enum": [1, 2]},
        {"type": "string", "enum": ["1", "2"]},
        "schema.enum-type",
    ),
    "enum of strings": (
        {"type": "integer", "enum": ["1", "2"]},
        {"type": "integer", "enum": [1, 2]},
        "schema.enum-type",
    ),
    "pattern": ({"type": "string", "pattern": "("}, {"type": "string"}, "schema.pattern-invalid"),
    "required": (
        {"type": "string", "required": True},
        {"type": "string"},
        "schema.required-invalid",
    ),
    "tuple": (
        {"type": "array", "items": [{"type": "string"}, {"type": "integer"}]},
        {"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}]},
        "",
    ),
    "no list": ({"anyOf": []}, {}, "schema.invalid"),
    "no schema": ({"type": "array", "items": 3}, {"type": "array", "items": {}}, "schema.invalid"),
    "discriminator": (
        {"type": "object", "discriminator": "kind"},
        {"type": "object", "discriminator": {"propertyName": "kind"}},
        "",
    ),
    "identifier": (
        {"$id": "https://x.example", "type": "string"},
        {"type": "string"},
        "",
    ),
    "dynamic": ({"$dynamicRef": "#x"}, {}, "schema.unsupported-keyword"),
    "dialect": (
        {"$schema": "http://json-schema.org/draft-07/schema#", "type": "string"},
        {"type": "string"},
        "schema.dialect",
    ),
    "no type": (
        {"properties": {"a": {}}},
        {
            "properties": {"a": {}},
            "type": "object",
            "x-assumed": {"type": "It has properties, so an object is meant."},
        },
        "",
    ),
    "data": (
        {"type": "object", "example": {"$ref": "x.json"}, "x-code": [{"$ref": "y.py"}]},
        {"type": "object", "example": {"$ref": "x.json"}, "x-code": [{"$ref": "y.py"}]},
        "",
    ),
}


@pytest.mark.parametrize(("schema", "expected_schema", "name"), SLIPS.values(), ids=SLIPS)
def test_a_schema_with_a_slip_is_corrected_or_widened(
    tmp_path: Path, schema: dict[str, Any], expected_schema: dict[str, Any], name: str
) -> None:
    """A schema with a slip is corrected or widened, with a problem."""
    assert read_schema(tmp_path, schema, "3.1.0") == expected_schema
    spec = load(tmp_path / "shop.yaml")
    assert [problem.id for problem in spec.problems if problem.id != "ref.external"] == [
        name
    ] * bool(name)


def test_openapi_3_2_is_read_as_far_as_3_1_goes(tmp_path: Path) -> None:
    """For OpenAPI 3.2, other methods are reported, and the schema of events is kept."""
    content = """\
openapi: 3.2.0
info: {title: Shop, version: "1"}
paths:
  /events:
    get:
      operationId: stream
      responses:
        "200":
          description: Events.
          content: {text/event-stream: {itemSchema: {type: object}}}
    query: {operationId: ask, responses: {"200": {description: Done.}}}
    additionalOperations: {COPY: {operationId: copy}}
"""
    spec = load_document(tmp_path, content)
    assert [problem.id for problem in spec.problems] == ["operation.method-unsupported"] * 2
    (operation,) = spec.operations
    assert operation.success is not None
    pointer = operation.success.content[0].item_schema_pointer
    assert spec.get_node(pointer) == {"type": "object"}


def test_an_error_is_json_where_a_file_is_produced(tmp_path: Path) -> None:
    """Media types of an operation are those of its success; a file need not have a schema."""
    download = load_document(tmp_path, SWAGGER).find_operation("download")
    assert download is not None
    success, error = download.responses[0], download.responses[1]
    assert [media.name for media in success.content] == ["application/pdf"]
    assert [media.name for media in error.content] == ["application/pdf", "application/json"]


def test_a_number_beside_its_text_is_a_number(tmp_path: Path) -> None:
    """As TypeBox writes it; another string beside a number stays an alternative."""
    page = {"minimum": 1, "anyOf": [{"type": "string", "format": "integer"}, {"type": "integer"}]}
    price = {"anyOf": [{"type": "string", "format": "decimal"}, {"type": "number"}]}
    document = {
        "openapi": "3.0.3",
        "info": {"title": "Shop", "version": "1"},
        "paths": {},
        "components": {"schemas": {"Page": page, "Price": price}},
    }
    spec = load_document(tmp_path, json.dumps(document))
    assert list_types(spec, "/components/schemas/Page") == {"integer"}
    assert list_types(spec, "/components/schemas/Price") == {"number", "string"}
