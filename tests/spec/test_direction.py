"""Read-only fields are not required in requests, and write-only ones not in responses."""

from __future__ import annotations

from pathlib import Path

from driftline.spec import Spec, load
from driftline.spec.direction import for_request, for_response, is_read_only, is_write_only
from driftline.spec.schema import violations

DOCUMENT = """\
openapi: 3.1.0
info: {title: Shop, version: "1"}
paths: {}
components:
  schemas:
    Id: {type: string, readOnly: true}
    Base:
      type: object
      required: [id]
      properties: {id: {$ref: "#/components/schemas/Id"}}
    Account:
      allOf:
        - $ref: "#/components/schemas/Base"
        - type: object
          required: [id, name, password, created]
          properties:
            name: {type: string}
            password: {type: string, writeOnly: true}
        - type: object
          properties: {created: {allOf: [{$ref: "#/components/schemas/Id"}]}}
    Plain: {type: object, required: [a], properties: {a: {type: string}}}
"""
ACCOUNT = "/components/schemas/Account"


def missing(spec: Spec) -> set[str]:
    """The fields that an empty account lacks."""
    return {str(each.expected) for each in violations(spec, ACCOUNT, {})}


def test_each_direction_requires_its_own_fields(tmp_path: Path) -> None:
    """Whichever part of the schema lists or describes them; the spec itself requires all."""
    path = tmp_path / "shop.yaml"
    path.write_text(DOCUMENT)
    spec = load(path)
    assert missing(spec) == {"id", "name", "password", "created"}
    assert missing(for_request(spec)) == {"name", "password"}
    assert missing(for_response(spec)) == {"id", "name", "created"}
    assert spec.node(ACCOUNT + "/allOf/1/required") == ["id", "name", "password", "created"]
    plain = "/components/schemas/Plain"
    assert for_request(spec).node(plain) is spec.node(plain)


def test_a_view_is_made_once_and_only_if_it_differs(tmp_path: Path) -> None:
    """A spec without such fields is its own view."""
    path = tmp_path / "shop.yaml"
    path.write_text(DOCUMENT)
    spec = load(path)
    assert for_request(spec) is for_request(spec)
    path.write_text(DOCUMENT.replace("readOnly", "x-a").replace("writeOnly", "x-b"))
    spec = load(path)
    assert for_request(spec) is spec
    assert for_response(spec) is spec


def test_a_field_is_marked_wherever_its_schema_says_so(tmp_path: Path) -> None:
    """By itself, by reference and as a part."""
    path = tmp_path / "shop.yaml"
    path.write_text(DOCUMENT)
    spec = load(path)
    assert is_read_only(spec, ACCOUNT + "/allOf/2/properties/created")
    assert is_read_only(spec, "/components/schemas/Base/properties/id")
    assert is_write_only(spec, ACCOUNT + "/allOf/1/properties/password")
    assert not is_read_only(spec, ACCOUNT + "/allOf/1/properties/password")
    assert not is_write_only(spec, "/components/schemas/Nothing")
