"""Every id is found by something, with the severity and direction that the table gives it."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from changes_wire.comparing import (
    Json,
    api,
    as_body,
    as_parameter,
    as_response,
    changes,
    content,
    document,
    ids,
)
from changes_wire.schema_cases import COMING, SENT
from changes_wire.test_catalogue import FOUND, case
from driftline.changes.wire import RULES, Change, compare_apis

TEXT: Json = {"type": "string"}
NAMING: Json = {**TEXT, "x-reference": {"of": "a.list"}}
NAMING_ANOTHER: Json = {**TEXT, "x-reference": {"of": "b.list"}}
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


def body_with(encoding: Json) -> Json:
    """A form with a file, written as its encoding says."""
    schema = {"type": "object", "properties": {"file": {"type": "string", "format": "binary"}}}
    return {"multipart/form-data": {"schema": schema, "encoding": encoding}}


def listing(**more: Any) -> Json:
    return api(**{"x-listing": {**LISTING, **more}})


def effect(**more: Any) -> Json:
    return api(**{"x-effect": {**EFFECT, **more}})


def asking(**more: Any) -> Json:
    return as_parameter(TEXT, **more)


def answering(status: str = "200", **more: Any) -> Json:
    return api(responses={status: {"description": "Done.", **more}})


def serve_at(*servers: Json) -> Json:
    return {**api(), "servers": list(servers)}


def region(default: str, *values: str) -> Json:
    variable = {"default": default, "enum": list(values)}
    return {"url": "https://{region}.example.com", "variables": {"region": variable}}


def require_key(**more: Any) -> Json:
    scheme = {"type": "apiKey", "in": "header", "name": "X-Key", **more}
    return api(components={"securitySchemes": {"key": scheme}})


def login(url: str) -> Json:
    flows = {"clientCredentials": {"tokenUrl": url, "scopes": {}}}
    return api(components={"securitySchemes": {"login": {"type": "oauth2", "flows": flows}}})


def choose(**discriminator: Any) -> Json:
    return {**({"discriminator": discriminator} if discriminator else {}), "type": "object"}


def choose_by(keyword: str) -> Json:
    fields = {"a": TEXT, "b": TEXT}
    return {"type": "object", "properties": fields, keyword: [{"required": [n]} for n in fields]}


EITHER_TEXT: Json = {"anyOf": [TEXT, {**TEXT, "format": "uri"}]}
FORM, MULTI = "application/x-www-form-urlencoded", "multipart/form-data"
BODY: Json = {"content": content(TEXT)}
A, B = "https://a.example.com", "https://b.example.com"
CALLBACK: Json = {"{$url}": {"post": {"responses": {"200": {"description": "Done."}}}}}

# An id, and two documents between which it is what has changed.
PAIRS: tuple[tuple[str, Json, Json], ...] = (
    ("operation.deprecated", api(), api(deprecated=True)),
    ("operation.undeprecated", api(deprecated=True), api(deprecated=False)),
    ("operation.id.changed", api(operationId="a"), api(operationId="b")),
    ("parameter.added", api(), asking()),
    ("parameter.required.removed", asking(required=True), asking()),
    ("parameter.moved", asking(), as_parameter(TEXT, "header")),
    ("parameter.style.changed", as_parameter({"type": "array"}),
     as_parameter({"type": "array"}, explode=False)),
    ("parameter.empty.forbidden", asking(allowEmptyValue=True), asking()),
    ("parameter.empty.allowed", asking(), asking(allowEmptyValue=True)),
    ("parameter.deprecated", asking(), asking(deprecated=True)),
    ("parameter.undeprecated", asking(deprecated=True), asking()),
    ("body.added", api(), api(requestBody=BODY)),
    ("body.required.removed", api(requestBody={**BODY, "required": True}), api(requestBody=BODY)),
    (
        "body.encoding.changed",
        api(requestBody={"content": body_with({})}),
        api(requestBody={"content": body_with({"file": {"contentType": "image/png"}})}),
    ),
    (
        "body.encoding.changed",
        api(requestBody={"content": body_with({})}),
        api(requestBody={"content": body_with({"file": {"style": "deepObject"}})}),
    ),
    (
        "body.encoding.relaxed",
        api(requestBody={"content": body_with({"file": {"contentType": "image/png"}})}),
        api(requestBody={"content": body_with({"file": {"contentType": "image/png, a/b"}})}),
    ),
    (
        "request.media-type.added",
        api(requestBody=BODY),
        api(requestBody={"content": {**BODY["content"], FORM: {}}}),
    ),
    (
        "response.media-type.narrowed",
        answering(content={"*/*": {"schema": TEXT}}),
        answering(content={"application/json": {"schema": TEXT}}),
    ),
    ("response.media-type.added", answering(), answering(content={MULTI: {}})),
    ("response.success.added", answering("201"), api(responses={"201": {}, "202": {}})),
    ("response.error.removed", api(responses={"200": {}, "404": {}}), answering()),
    ("response.error.added", answering(), api(responses={"200": {}, "404": {}})),
    ("header.added", answering(), answering(headers={"X-A": {"schema": TEXT}})),
    (
        "header.required.added",
        answering(headers={"X-A": {"schema": TEXT}}),
        answering(headers={"X-A": {"schema": TEXT, "required": True}}),
    ),
    ("callback.added", api(), api(callbacks={"ended": CALLBACK})),
    ("security.required.added", api(security=[{}]), api(security=[{"key": []}])),
    ("security.required.removed", api(security=[{"key": []}]), api(security=[])),
    (
        "security.alternative.added",
        api(security=[{"key": []}]),
        api(security=[{"key": []}, {"token": []}]),
    ),
    ("security.scope.removed", api(security=[{"a": ["x"]}]), api(security=[{"a": []}])),
    ("security.url.changed", login(A), login(B)),
    ("server.removed", serve_at({"url": A}, {"url": B}), serve_at({"url": f"{B}/"})),
    (
        "server.path.moved",
        {**serve_at({"url": f"{A}/v1"}), "paths": {"/thing": {}}},
        {**serve_at({"url": A}), "paths": {"/v1/thing": {}}},
    ),
    ("server.added", serve_at({"url": A}), serve_at({"url": A}, {"url": B})),
    ("server.variable.changed", serve_at(region("eu", "eu", "us")),
     serve_at(region("us", "eu", "us"))),
    ("server.variable.added", serve_at(region("eu", "eu")), serve_at(region("eu", "eu", "us"))),
    ("request.format.added", as_body(TEXT), as_body({**TEXT, "format": "uuid"})),
    ("request.format.removed", as_body({**TEXT, "format": "uuid"}), as_body(TEXT)),
    ("request.format.changed", as_body({"format": "uuid"}), as_body({"format": "date"})),
    ("response.format.added", as_response(TEXT), as_response({**TEXT, "format": "uuid"})),
    ("response.format.removed", as_response({**TEXT, "format": "uuid"}), as_response(TEXT)),
    ("response.format.changed", as_response({"format": "uuid"}), as_response({"format": "date"})),
    ("request.field.added", as_body(choose()), as_body({**choose(), "properties": {"b": {}}})),
    (
        "response.field.added",
        as_response({"properties": {"a": TEXT}}),
        as_response({"properties": {"a": TEXT, "b": {}}}),
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
    ("request.alternative.covered", as_body(EITHER_TEXT), as_body(TEXT)),
    ("response.alternative.covered", as_response(TEXT), as_response(EITHER_TEXT)),
    ("request.choice.narrowed", as_body(choose_by("anyOf")), as_body(choose_by("oneOf"))),
    ("request.choice.widened", as_body(choose_by("oneOf")), as_body(choose_by("anyOf"))),
    ("response.choice.narrowed", as_response(choose_by("anyOf")), as_response(choose_by("oneOf"))),
    ("response.choice.widened", as_response(choose_by("oneOf")), as_response(choose_by("anyOf"))),
    ("response.status.widened", answering(), answering("2XX")),
    ("response.status.narrowed", answering("2XX"), answering()),
    ("request.default.changed", as_body({"default": 1}), as_body({"default": 2})),
    ("request.default.removed", as_body({"default": 1}), as_body({"title": "a"})),
    ("request.default.added", as_body({}), as_body({"default": None})),
    ("response.default.changed", as_response({"default": 1}), as_response({"default": True})),
    ("response.default.removed", as_response({"default": 1}), as_response({})),
    ("response.default.added", as_response({}), as_response({"default": 1})),
    ("request.deprecation.added", as_body(TEXT), as_body({**TEXT, "deprecated": True})),
    ("request.deprecation.removed", as_body({**TEXT, "deprecated": True}), as_body(TEXT)),
    ("response.deprecation.added", as_response(TEXT), as_response({**TEXT, "deprecated": True})),
    ("response.deprecation.removed", as_response({**TEXT, "deprecated": True}), as_response(TEXT)),
    ("request.reference.added", as_body(TEXT), as_body(NAMING)),
    ("request.reference.removed", as_body(NAMING), as_body(TEXT)),
    ("request.reference.changed", as_body(NAMING), as_body(NAMING_ANOTHER)),
    ("response.reference.added", as_response(TEXT), as_response(NAMING)),
    ("response.reference.removed", as_response(NAMING), as_response(TEXT)),
    ("response.reference.changed", as_response(NAMING), as_response(NAMING_ANOTHER)),
    ("request.assumption.added", as_body(TEXT), as_body({**TEXT, "x-assumed": "a guess"})),
    ("request.assumption.removed", asking(**{"x-assumed": "a guess"}), asking()),
    ("response.assumption.added", answering(), answering(**{"x-assumed": {"headers": "a guess"}})),
    ("response.assumption.removed", as_response({**TEXT, "x-assumed": "a guess"}),
     as_response(TEXT)),
    ("listing.added", api(), listing()),
    ("listing.removed", listing(), api()),
    ("listing.page.changed", listing(), listing(page={"style": "number", "parameter": "page"})),
    ("listing.size.changed", listing(), listing(size={"parameter": "size"})),
    ("listing.rows.moved", listing(), listing(items="/rows")),
    ("listing.order.changed", listing(), listing(order={"by": "sort", "fields": {"a": "/b"}})),
    ("listing.order.value-removed", listing(), listing(order={"by": "sort", "fields": {}})),
    (
        "listing.order.value-added",
        listing(),
        listing(order={"by": "sort", "fields": {"a": "/a", "b": "/b"}}),
    ),
    ("listing.filter.removed", listing(), listing(filter={})),
    ("listing.filter.added", listing(filter={}), listing()),
    ("listing.filter.changed", listing(), listing(filter={"status": {"field": "/state"}})),
    ("listing.search.removed", listing(), listing(search={})),
    ("listing.search.added", listing(search={}), listing()),
    ("listing.search.changed", listing(), listing(search={"text": {"fields": ["/about"]}})),
    ("listing.echo.changed", listing(), listing(echo={"page": "/at"})),
    ("effect.added", api(), effect()),
    ("effect.removed", effect(), api()),
    ("effect.changed", effect(), effect(kind="delete")),
    ("effect.unique.added", effect(), effect(unique=["/a", "/b"])),
    ("effect.unique.removed", effect(), effect(unique=[])),
    ("effect.tag.changed", effect(), effect(tag="/about")),
    ("idempotency.added", asking(), asking(**{"x-idempotency-key": True})),
    ("idempotency.removed", asking(**{"x-idempotency-key": True}), asking()),
    ("env.changed", require_key(**{"x-env": "A"}), require_key(**{"x-env": "B"})),
    ("env.added", require_key(), require_key(**{"x-env": "B"})),
    ("env.removed", serve_at({"url": A, "x-env": "A"}), serve_at({"url": A})),
    ("prefix.changed", require_key(), require_key(**{"x-prefix": "sk_"})),
    ("message.added", answering(), answering(**{"x-message": "/error"})),
    ("message.removed", answering(**{"x-message": "/error"}), answering()),
    ("message.moved", answering(**{"x-message": "/a"}), answering(**{"x-message": "/b"})),
)  # fmt: skip


@pytest.mark.parametrize(("name", "old", "new"), PAIRS, ids=[pair[0] for pair in PAIRS])
def test_a_change_has_its_id(name: str, old: Json, new: Json) -> None:
    """It alone, with the severity and direction of its rule, and one sentence."""
    (change,) = changes(old, new)
    assert change.id == name
    rule = RULES[name]
    assert (change.severity, change.direction) == (rule.severity, rule.direction)
    assert "\n" not in change.message
    assert change.message


@pytest.mark.parametrize(("name", "old", "new"), PAIRS, ids=[pair[0] for pair in PAIRS])
def test_what_is_undone_is_a_change_again(name: str, old: Json, new: Json) -> None:
    """And nothing has changed between a document and itself."""
    assert changes(new, old) != []
    assert changes(old, old) == changes(new, new) == []


def test_an_order_that_nobody_sees_is_none() -> None:
    """Of fields that a search looks at, and of the words of a listing."""
    turned = dict(reversed(LISTING.items()))
    turned["search"] = {"text": {"fields": ["/about", "/title"]}}
    assert changes(listing(), api(**{"x-listing": turned})) == []


def test_an_api_may_come_or_go() -> None:
    """Of two folders."""
    one, other = document(api(), "one.json"), document(api(), "other.json")
    assert compare_apis([one], [other]) == []  # both are called shop
    assert [change.id for change in compare_apis([], [one])] == ["api.added"]
    assert [change.id for change in compare_apis([one], [])] == ["api.removed"]


def list_changes_in(direction: str) -> list[Change]:
    """What the cases of the catalogue come to in the direction that they are not made for."""
    cases, make = (SENT, as_response) if direction == "response" else (COMING, as_body)
    return [
        change
        for old, new, _ in cases.values()
        for change in changes(make(deepcopy(old)), make(deepcopy(new)))
    ]


def test_what_is_narrower_hurts_nobody_in_an_answer() -> None:
    """But for a field that is gone, what has another value, form or rule altogether, and a new
    alternative beside the narrower one."""
    grave = {change.id for change in list_changes_in("response") if change.severity == "breaking"}
    assert grave == {
        *("response.field.removed", "response.type.changed", "response.pattern.changed"),
        *("response.enum.value-added", "response.bound.changed", "response.rule.changed"),
        *("response.encoding.changed", "response.alternative.added"),
    }


def test_what_is_wider_hurts_nobody_in_a_request() -> None:
    """But for the same."""
    grave = {change.id for change in list_changes_in("request") if change.severity == "breaking"}
    assert grave == {
        *("request.field.removed", "request.type.changed", "request.pattern.changed"),
        *("request.enum.value-removed", "request.bound.changed", "request.rule.changed"),
        "request.encoding.changed",
    }


def test_every_id_is_found_by_something() -> None:
    """By the catalogue's cases, in either direction, or by the pairs above."""
    found = {name for _, name in FOUND} | {name for name, _, _ in PAIRS}
    found |= {change.id for side in ("request", "response") for change in list_changes_in(side)}
    for check, _ in FOUND:
        old, new, _ = case(check)
        found |= ids(old, new) | ids(new, old)
    found |= {"api.added", "api.removed", "parameter.renamed"}
    assert set(RULES) - found == set()


def test_examples_are_what_diff_says() -> None:
    """The example of a rule is a message of that id in one of the cases, word by word."""
    found = [change for side in ("request", "response") for change in list_changes_in(side)]
    cases = [case(check)[:2] for check, _ in FOUND] + [(old, new) for _, old, new in PAIRS]
    for old, new in cases:
        found += [*changes(old, new), *changes(new, old)]
    messages = {(change.id, change.message) for change in found}
    examples = {(rule.id, rule.example) for rule in RULES.values() if rule.example}
    assert len(examples) > 80
    assert examples - messages == set()
