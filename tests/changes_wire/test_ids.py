"""Every change ID is produced by some case, with its severity and direction."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from changes_wire.comparing import (
    STRING,
    Json,
    as_body,
    as_parameter,
    as_response,
    build_api,
    build_content,
    build_document,
    changes,
    list_change_ids,
)
from changes_wire.schema_cases import COMING, SENT_CASES
from changes_wire.test_catalogue import COVERED_CHECKS, find_case
from driftline.changes.wire import RULES, Change, compare_apis

NAMING: Json = {**STRING, "x-reference": {"of": "a.list"}}
NAMING_ANOTHER: Json = {**STRING, "x-reference": {"of": "b.list"}}
LISTING: Json = {
    "items": "/data",
    "id": "/id",
    "total": "/total",
    "page": {"style": "number", "parameter": "page", "first": 0},
    "size": {"parameter": "limit"},
    "order": {"by": "sort", "fields": {"a": "/a"}},
    "filter": {"status": {"field": "/status"}},
    "search": {"text": {"fields": ["/title", "/about"]}},
    "echo": {"page": "/page"},
}
EFFECT: Json = {"kind": "create", "of": "thing.list", "unique": ["/a"], "tag": "/note"}


def build_form(encoding: Json) -> Json:
    """Return content of a form with a file and this encoding."""
    schema = {"type": "object", "properties": {"file": {"type": "string", "format": "binary"}}}
    return {"multipart/form-data": {"schema": schema, "encoding": encoding}}


def build_listing(**keywords: Any) -> Json:
    return build_api(**{"x-listing": {**LISTING, **keywords}})


def build_effect(**keywords: Any) -> Json:
    return build_api(**{"x-effect": {**EFFECT, **keywords}})


def with_parameter(**keywords: Any) -> Json:
    return as_parameter(STRING, **keywords)


def with_response(status: str = "200", **keywords: Any) -> Json:
    return build_api(responses={status: {"description": "Done.", **keywords}})


def serve_at(*servers: Json) -> Json:
    return {**build_api(), "servers": list(servers)}


def build_region(default: str, *values: str) -> Json:
    variable = {"default": default, "enum": list(values)}
    return {"url": "https://{region}.example.com", "variables": {"region": variable}}


def require_key(**keywords: Any) -> Json:
    scheme = {"type": "apiKey", "in": "header", "name": "X-Key", **keywords}
    return build_api(components={"securitySchemes": {"key": scheme}})


def build_login(url: str) -> Json:
    flows = {"clientCredentials": {"tokenUrl": url, "scopes": {}}}
    return build_api(components={"securitySchemes": {"login": {"type": "oauth2", "flows": flows}}})


def choose(**discriminator: Any) -> Json:
    return {**({"discriminator": discriminator} if discriminator else {}), "type": "object"}


def choose_by(keyword: str) -> Json:
    fields = {"a": STRING, "b": STRING}
    return {"type": "object", "properties": fields, keyword: [{"required": [n]} for n in fields]}


EITHER_TEXT: Json = {"anyOf": [STRING, {**STRING, "format": "uri"}]}
FORM, MULTI = "application/x-www-form-urlencoded", "multipart/form-data"
BODY: Json = {"content": build_content(STRING)}
A, B = "https://a.example.com", "https://b.example.com"
CALLBACK: Json = {"{$url}": {"post": {"responses": {"200": {"description": "Done."}}}}}

# An id, and two documents between which it is what has changed.
PAIRS: tuple[tuple[str, Json, Json], ...] = (
    ("operation.deprecated", build_api(), build_api(deprecated=True)),
    ("operation.undeprecated", build_api(deprecated=True), build_api(deprecated=False)),
    ("operation.id.changed", build_api(operationId="a"), build_api(operationId="b")),
    ("parameter.added", build_api(), with_parameter()),
    ("parameter.required.removed", with_parameter(required=True), with_parameter()),
    ("parameter.moved", with_parameter(), as_parameter(STRING, "header")),
    ("parameter.style.changed", as_parameter({"type": "array"}),
     as_parameter({"type": "array"}, explode=False)),
    ("parameter.empty.forbidden", with_parameter(allowEmptyValue=True), with_parameter()),
    ("parameter.empty.allowed", with_parameter(), with_parameter(allowEmptyValue=True)),
    ("parameter.deprecated", with_parameter(), with_parameter(deprecated=True)),
    ("parameter.undeprecated", with_parameter(deprecated=True), with_parameter()),
    ("body.added", build_api(), build_api(requestBody=BODY)),
    ("body.required.removed", build_api(requestBody={**BODY, "required": True}),
     build_api(requestBody=BODY)),
    (
        "body.encoding.changed",
        build_api(requestBody={"content": build_form({})}),
        build_api(requestBody={"content": build_form({"file": {"contentType": "image/png"}})}),
    ),
    (
        "body.encoding.changed",
        build_api(requestBody={"content": build_form({})}),
        build_api(requestBody={"content": build_form({"file": {"style": "deepObject"}})}),
    ),
    (
        "body.encoding.relaxed",
        build_api(requestBody={"content": build_form({"file": {"contentType": "image/png"}})}),
        build_api(requestBody={"content": build_form({"file": {"contentType": "image/png, a/b"}})}),
    ),
    (
        "request.media-type.added",
        build_api(requestBody=BODY),
        build_api(requestBody={"content": {**BODY["content"], FORM: {}}}),
    ),
    (
        "response.media-type.narrowed",
        with_response(content={"*/*": {"schema": STRING}}),
        with_response(content={"application/json": {"schema": STRING}}),
    ),
    ("response.media-type.added", with_response(), with_response(content={MULTI: {}})),
    ("response.success.added", with_response("201"), build_api(responses={"201": {}, "202": {}})),
    ("response.error.removed", build_api(responses={"200": {}, "404": {}}), with_response()),
    ("response.error.added", with_response(), build_api(responses={"200": {}, "404": {}})),
    ("header.added", with_response(), with_response(headers={"X-A": {"schema": STRING}})),
    (
        "header.required.added",
        with_response(headers={"X-A": {"schema": STRING}}),
        with_response(headers={"X-A": {"schema": STRING, "required": True}}),
    ),
    ("callback.added", build_api(), build_api(callbacks={"ended": CALLBACK})),
    ("security.required.added", build_api(security=[{}]), build_api(security=[{"key": []}])),
    ("security.required.removed", build_api(security=[{"key": []}]), build_api(security=[])),
    (
        "security.alternative.added",
        build_api(security=[{"key": []}]),
        build_api(security=[{"key": []}, {"token": []}]),
    ),
    ("security.scope.removed", build_api(security=[{"a": ["x"]}]), build_api(security=[{"a": []}])),
    ("security.url.changed", build_login(A), build_login(B)),
    ("server.removed", serve_at({"url": A}, {"url": B}), serve_at({"url": f"{B}/"})),
    (
        "server.path.moved",
        {**serve_at({"url": f"{A}/v1"}), "paths": {"/thing": {}}},
        {**serve_at({"url": A}), "paths": {"/v1/thing": {}}},
    ),
    ("server.added", serve_at({"url": A}), serve_at({"url": A}, {"url": B})),
    ("server.variable.changed", serve_at(build_region("eu", "eu", "us")),
     serve_at(build_region("us", "eu", "us"))),
    ("server.variable.added", serve_at(build_region("eu", "eu")),
     serve_at(build_region("eu", "eu", "us"))),
    ("request.format.added", as_body(STRING), as_body({**STRING, "format": "uuid"})),
    ("request.format.removed", as_body({**STRING, "format": "uuid"}), as_body(STRING)),
    ("request.format.changed", as_body({"format": "uuid"}), as_body({"format": "date"})),
    ("response.format.added", as_response(STRING), as_response({**STRING, "format": "uuid"})),
    ("response.format.removed", as_response({**STRING, "format": "uuid"}), as_response(STRING)),
    ("response.format.changed", as_response({"format": "uuid"}), as_response({"format": "date"})),
    ("request.field.added", as_body(choose()), as_body({**choose(), "properties": {"b": {}}})),
    (
        "response.field.added",
        as_response({"properties": {"a": STRING}}),
        as_response({"properties": {"a": STRING, "b": {}}}),
    ),
    (
        "request.additional.allowed",
        as_body({**choose(), "additionalProperties": False}),
        as_body(choose()),
    ),
    (
        "response.additional.allowed",
        as_response({**choose(), "additionalProperties": False}),
        as_response(choose()),
    ),
    (
        "response.additional.forbidden",
        as_response(choose()),
        as_response({**choose(), "additionalProperties": False}),
    ),
    (
        "request.open-enum.value-added",
        as_body({"x-extensible-enum": ["a"]}),
        as_body({"x-extensible-enum": ["a", "b"]}),
    ),
    (
        "response.open-enum.value-added",
        as_response({"x-extensible-enum": ["a"]}),
        as_response({"x-extensible-enum": ["a", "b"]}),
    ),
    ("request.discriminator.added", as_body(choose()), as_body(choose(propertyName="a"))),
    (
        "request.discriminator.changed",
        as_body(choose(propertyName="a")),
        as_body(choose(propertyName="b")),
    ),
    (
        "response.discriminator.added",
        as_response(choose(propertyName="a")),
        as_response(choose(propertyName="a", mapping={"b": "B"})),
    ),
    ("response.discriminator.changed", as_response(choose(propertyName="a")),
     as_response(choose())),
    ("request.alternative.covered", as_body(EITHER_TEXT), as_body(STRING)),
    ("response.alternative.covered", as_response(STRING), as_response(EITHER_TEXT)),
    ("request.choice.narrowed", as_body(choose_by("anyOf")), as_body(choose_by("oneOf"))),
    ("request.choice.widened", as_body(choose_by("oneOf")), as_body(choose_by("anyOf"))),
    ("response.choice.narrowed", as_response(choose_by("anyOf")), as_response(choose_by("oneOf"))),
    ("response.choice.widened", as_response(choose_by("oneOf")), as_response(choose_by("anyOf"))),
    ("response.status.widened", with_response(), with_response("2XX")),
    ("response.status.narrowed", with_response("2XX"), with_response()),
    ("request.default.changed", as_body({"default": 1}), as_body({"default": 2})),
    ("request.default.removed", as_body({"default": 1}), as_body({"title": "a"})),
    ("request.default.added", as_body({}), as_body({"default": None})),
    ("response.default.changed", as_response({"default": 1}), as_response({"default": True})),
    ("response.default.removed", as_response({"default": 1}), as_response({})),
    ("response.default.added", as_response({}), as_response({"default": 1})),
    ("request.deprecation.added", as_body(STRING), as_body({**STRING, "deprecated": True})),
    ("request.deprecation.removed", as_body({**STRING, "deprecated": True}), as_body(STRING)),
    ("response.deprecation.added", as_response(STRING),
     as_response({**STRING, "deprecated": True})),
    ("response.deprecation.removed", as_response({**STRING, "deprecated": True}),
     as_response(STRING)),
    ("request.reference.added", as_body(STRING), as_body(NAMING)),
    ("request.reference.removed", as_body(NAMING), as_body(STRING)),
    ("request.reference.changed", as_body(NAMING), as_body(NAMING_ANOTHER)),
    ("response.reference.added", as_response(STRING), as_response(NAMING)),
    ("response.reference.removed", as_response(NAMING), as_response(STRING)),
    ("response.reference.changed", as_response(NAMING), as_response(NAMING_ANOTHER)),
    ("request.assumption.added", as_body(STRING), as_body({**STRING, "x-assumed": "a guess"})),
    ("request.assumption.removed", with_parameter(**{"x-assumed": "a guess"}), with_parameter()),
    ("response.assumption.added", with_response(),
     with_response(**{"x-assumed": {"headers": "a guess"}})),
    ("response.assumption.removed", as_response({**STRING, "x-assumed": "a guess"}),
     as_response(STRING)),
    ("listing.added", build_api(), build_listing()),
    ("listing.removed", build_listing(), build_api()),
    ("listing.page.changed", build_listing(),
     build_listing(page={"style": "number", "parameter": "page"})),
    ("listing.size.changed", build_listing(), build_listing(size={"parameter": "size"})),
    ("listing.rows.moved", build_listing(), build_listing(items="/rows")),
    ("listing.order.changed", build_listing(),
     build_listing(order={"by": "sort", "fields": {"a": "/b"}})),
    ("listing.order.value-removed", build_listing(),
     build_listing(order={"by": "sort", "fields": {}})),
    (
        "listing.order.value-added",
        build_listing(),
        build_listing(order={"by": "sort", "fields": {"a": "/a", "b": "/b"}}),
    ),
    ("listing.filter.removed", build_listing(), build_listing(filter={})),
    ("listing.filter.added", build_listing(filter={}), build_listing()),
    ("listing.filter.changed", build_listing(),
     build_listing(filter={"status": {"field": "/state"}})),
    ("listing.search.removed", build_listing(), build_listing(search={})),
    ("listing.search.added", build_listing(search={}), build_listing()),
    ("listing.search.changed", build_listing(),
     build_listing(search={"text": {"fields": ["/about"]}})),
    ("listing.echo.changed", build_listing(), build_listing(echo={"page": "/at"})),
    ("effect.added", build_api(), build_effect()),
    ("effect.removed", build_effect(), build_api()),
    ("effect.changed", build_effect(), build_effect(kind="delete")),
    ("effect.unique.added", build_effect(), build_effect(unique=["/a", "/b"])),
    ("effect.unique.removed", build_effect(), build_effect(unique=[])),
    ("effect.tag.changed", build_effect(), build_effect(tag="/about")),
    ("idempotency.added", with_parameter(), with_parameter(**{"x-idempotency-key": True})),
    ("idempotency.removed", with_parameter(**{"x-idempotency-key": True}), with_parameter()),
    ("env.changed", require_key(**{"x-env": "A"}), require_key(**{"x-env": "B"})),
    ("env.added", require_key(), require_key(**{"x-env": "B"})),
    ("env.removed", serve_at({"url": A, "x-env": "A"}), serve_at({"url": A})),
    ("prefix.changed", require_key(), require_key(**{"x-prefix": "sk_"})),
    ("message.added", with_response(), with_response(**{"x-message": "/error"})),
    ("message.removed", with_response(**{"x-message": "/error"}), with_response()),
    ("message.moved", with_response(**{"x-message": "/a"}), with_response(**{"x-message": "/b"})),
)  # fmt: skip


@pytest.mark.parametrize(("name", "old", "new"), PAIRS, ids=[pair[0] for pair in PAIRS])
def test_each_case_gives_one_change_of_its_id(name: str, old: Json, new: Json) -> None:
    """Each case gives exactly one change with the severity and direction of its rule."""
    (change,) = changes(old, new)
    assert change.id == name
    rule = RULES[name]
    assert (change.severity, change.direction) == (rule.severity, rule.direction)
    assert "\n" not in change.message
    assert change.message


@pytest.mark.parametrize(("name", "old", "new"), PAIRS, ids=[pair[0] for pair in PAIRS])
def test_the_reverse_of_each_case_is_a_change(name: str, old: Json, new: Json) -> None:
    """The reverse of each case is a change too, and a document has no changes to itself."""
    assert changes(new, old) != []
    assert changes(old, old) == changes(new, new) == []


def test_the_order_of_set_like_lists_is_not_a_change() -> None:
    """The order of search fields and of listing keywords is irrelevant."""
    reversed_listing = dict(reversed(LISTING.items()))
    reversed_listing["search"] = {"text": {"fields": ["/about", "/title"]}}
    assert changes(build_listing(), build_api(**{"x-listing": reversed_listing})) == []


def test_apis_are_matched_by_name() -> None:
    """APIs are matched by name; an additional one is added, a missing one removed."""
    document, other_document = (
        build_document(build_api(), "one.json"),
        build_document(build_api(), "other.json"),
    )
    assert compare_apis([document], [other_document]) == []  # both are called shop
    assert [change.id for change in compare_apis([], [document])] == ["api.added"]
    assert [change.id for change in compare_apis([document], [])] == ["api.removed"]


def list_changes_in(direction: str) -> list[Change]:
    """Return the changes of the catalogue's cases in the opposite direction."""
    cases, make = (SENT_CASES, as_response) if direction == "response" else (COMING, as_body)
    return [
        change
        for old, new, _ in cases.values()
        for change in changes(make(deepcopy(old)), make(deepcopy(new)))
    ]


def test_a_narrower_response_breaks_only_in_listed_cases() -> None:
    """A narrower response breaks only for removed
    fields, other values or rules, and new alternatives.
    """
    breaking_ids = {
        change.id for change in list_changes_in("response") if change.severity == "breaking"
    }
    assert breaking_ids == {
        *("response.field.removed", "response.type.changed", "response.pattern.changed"),
        *("response.enum.value-added", "response.bound.changed", "response.rule.changed"),
        *("response.encoding.changed", "response.alternative.added"),
    }


def test_a_wider_request_breaks_only_in_listed_cases() -> None:
    """A wider request breaks only for removed fields and for other values or rules."""
    breaking_ids = {
        change.id for change in list_changes_in("request") if change.severity == "breaking"
    }
    assert breaking_ids == {
        *("request.field.removed", "request.type.changed", "request.pattern.changed"),
        *("request.enum.value-removed", "request.bound.changed", "request.rule.changed"),
        "request.encoding.changed",
    }


def test_every_id_is_produced_by_a_case() -> None:
    """Every ID is produced by the catalogue's cases, their reverse, or the pairs above."""
    found_ids = {name for _, name in COVERED_CHECKS} | {name for name, _, _ in PAIRS}
    found_ids |= {change.id for side in ("request", "response") for change in list_changes_in(side)}
    for check, _ in COVERED_CHECKS:
        old, new, _ = find_case(check)
        found_ids |= list_change_ids(old, new) | list_change_ids(new, old)
    found_ids |= {"api.added", "api.removed", "parameter.renamed"}
    assert set(RULES) - found_ids == set()


def test_the_example_of_each_rule_is_an_exact_message() -> None:
    """The example of each rule is the exact message of a case."""
    found_changes = [change for side in ("request", "response") for change in list_changes_in(side)]
    cases = [find_case(check)[:2] for check, _ in COVERED_CHECKS] + [
        (old, new) for _, old, new in PAIRS
    ]
    for old, new in cases:
        found_changes += [*changes(old, new), *changes(new, old)]
    messages = {(change.id, change.message) for change in found_changes}
    examples = {(rule.id, rule.example) for rule in RULES.values() if rule.example}
    assert len(examples) > 80
    assert examples - messages == set()
