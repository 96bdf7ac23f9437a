"""Every id is found by something, with the severity and direction that the table gives it."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from changes_wire.comparing import Json, answered, api, asked, changes, content, document, ids, sent
from changes_wire.schema_cases import COMING, SENT
from changes_wire.test_catalogue import FOUND, case
from driftline.changes.wire import RULES, Change, compare_apis

TEXT: Json = {"type": "string"}
NAMING: Json = {**TEXT, "x-reference": {"of": "a.list"}}
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


def listing(**more: Any) -> Json:
    return api(**{"x-listing": {**LISTING, **more}})


def effect(**more: Any) -> Json:
    return api(**{"x-effect": {**EFFECT, **more}})


def asking(**more: Any) -> Json:
    return asked(TEXT, **more)


def answering(status: str = "200", **more: Any) -> Json:
    return api(responses={status: {"description": "Done.", **more}})


def served(*servers: Json) -> Json:
    return {**api(), "servers": list(servers)}


def region(default: str, *values: str) -> Json:
    variable = {"default": default, "enum": list(values)}
    return {"url": "https://{region}.example.com", "variables": {"region": variable}}


def keyed(**more: Any) -> Json:
    scheme = {"type": "apiKey", "in": "header", "name": "X-Key", **more}
    return api(components={"securitySchemes": {"key": scheme}})


def login(url: str) -> Json:
    flows = {"clientCredentials": {"tokenUrl": url, "scopes": {}}}
    return api(components={"securitySchemes": {"login": {"type": "oauth2", "flows": flows}}})


def chosen(**discriminator: Any) -> Json:
    return {**({"discriminator": discriminator} if discriminator else {}), "type": "object"}


def chosen_by(keyword: str) -> Json:
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
    ("parameter.moved", asking(), asked(TEXT, "header")),
    ("parameter.style.changed", asked({"type": "array"}), asked({"type": "array"}, explode=False)),
    ("parameter.empty.forbidden", asking(allowEmptyValue=True), asking()),
    ("parameter.empty.allowed", asking(), asking(allowEmptyValue=True)),
    ("parameter.deprecated", asking(), asking(deprecated=True)),
    ("parameter.undeprecated", asking(deprecated=True), asking()),
    ("body.added", api(), api(requestBody=BODY)),
    ("body.required.removed", api(requestBody={**BODY, "required": True}), api(requestBody=BODY)),
    (
        "request.media-type.added",
        api(requestBody=BODY),
        api(requestBody={"content": {**BODY["content"], FORM: {}}}),
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
    ("server.removed", served({"url": A}, {"url": B}), served({"url": f"{B}/"})),
    ("server.added", served({"url": A}), served({"url": A}, {"url": B})),
    ("server.variable.changed", served(region("eu", "eu", "us")), served(region("us", "eu", "us"))),
    ("server.variable.added", served(region("eu", "eu")), served(region("eu", "eu", "us"))),
    ("request.format.added", sent(TEXT), sent({**TEXT, "format": "uuid"})),
    ("request.format.removed", sent({**TEXT, "format": "uuid"}), sent(TEXT)),
    ("request.format.changed", sent({"format": "uuid"}), sent({"format": "date"})),
    ("response.format.added", answered(TEXT), answered({**TEXT, "format": "uuid"})),
    ("response.format.removed", answered({**TEXT, "format": "uuid"}), answered(TEXT)),
    ("response.format.changed", answered({"format": "uuid"}), answered({"format": "date"})),
    ("request.field.added", sent(chosen()), sent({**chosen(), "properties": {"b": {}}})),
    (
        "response.field.added",
        answered({"properties": {"a": TEXT}}),
        answered({"properties": {"a": TEXT, "b": {}}}),
    ),
    (
        "request.additional.allowed",
        sent({**chosen(), "additionalProperties": False}),
        sent(chosen()),
    ),
    (
        "response.additional.allowed",
        answered({**chosen(), "additionalProperties": False}),
        answered(chosen()),
    ),
    (
        "response.additional.forbidden",
        answered(chosen()),
        answered({**chosen(), "additionalProperties": False}),
    ),
    (
        "request.open-enum.value-added",
        sent({"x-extensible-enum": ["a"]}),
        sent({"x-extensible-enum": ["a", "b"]}),
    ),
    (
        "response.open-enum.value-added",
        answered({"x-extensible-enum": ["a"]}),
        answered({"x-extensible-enum": ["a", "b"]}),
    ),
    ("request.discriminator.added", sent(chosen()), sent(chosen(propertyName="a"))),
    (
        "request.discriminator.changed",
        sent(chosen(propertyName="a")),
        sent(chosen(propertyName="b")),
    ),
    (
        "response.discriminator.added",
        answered(chosen(propertyName="a")),
        answered(chosen(propertyName="a", mapping={"b": "B"})),
    ),
    ("response.discriminator.changed", answered(chosen(propertyName="a")), answered(chosen())),
    ("request.alternative.covered", sent(EITHER_TEXT), sent(TEXT)),
    ("response.alternative.covered", answered(TEXT), answered(EITHER_TEXT)),
    ("request.choice.narrowed", sent(chosen_by("anyOf")), sent(chosen_by("oneOf"))),
    ("request.choice.widened", sent(chosen_by("oneOf")), sent(chosen_by("anyOf"))),
    ("response.choice.narrowed", answered(chosen_by("anyOf")), answered(chosen_by("oneOf"))),
    ("response.choice.widened", answered(chosen_by("oneOf")), answered(chosen_by("anyOf"))),
    ("response.status.widened", answering(), answering("2XX")),
    ("response.status.narrowed", answering("2XX"), answering()),
    ("request.default.changed", sent({"default": 1}), sent({"default": 2})),
    ("request.default.removed", sent({"default": 1}), sent({"title": "a"})),
    ("request.default.added", sent({}), sent({"default": None})),
    ("response.default.changed", answered({"default": 1}), answered({"default": True})),
    ("response.default.removed", answered({"default": 1}), answered({})),
    ("response.default.added", answered({}), answered({"default": 1})),
    ("request.deprecation.added", sent(TEXT), sent({**TEXT, "deprecated": True})),
    ("request.deprecation.removed", sent({**TEXT, "deprecated": True}), sent(TEXT)),
    ("response.deprecation.added", answered(TEXT), answered({**TEXT, "deprecated": True})),
    ("response.deprecation.removed", answered({**TEXT, "deprecated": True}), answered(TEXT)),
    ("request.reference.added", sent(TEXT), sent(NAMING)),
    ("request.reference.removed", sent(NAMING), sent(TEXT)),
    ("request.reference.changed", sent(NAMING), sent({**TEXT, "x-reference": {"of": "b.list"}})),
    ("response.reference.added", answered(TEXT), answered(NAMING)),
    ("response.reference.removed", answered(NAMING), answered(TEXT)),
    ("response.reference.changed", answered(NAMING), answered({**NAMING, "x-reference": {"of": "b"}})),
    ("request.assumption.added", sent(TEXT), sent({**TEXT, "x-assumed": "a guess"})),
    ("request.assumption.removed", asking(**{"x-assumed": "a guess"}), asking()),
    ("response.assumption.added", answering(), answering(**{"x-assumed": {"headers": "a guess"}})),
    ("response.assumption.removed", answered({**TEXT, "x-assumed": "a guess"}), answered(TEXT)),
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
    ("env.changed", keyed(**{"x-env": "A"}), keyed(**{"x-env": "B"})),
    ("env.added", keyed(), keyed(**{"x-env": "B"})),
    ("env.removed", served({"url": A, "x-env": "A"}), served({"url": A})),
    ("prefix.changed", keyed(), keyed(**{"x-prefix": "sk_"})),
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


def told_in(direction: str) -> list[Change]:
    """What the cases of the catalogue come to in the direction that they are not made for."""
    cases, make = (SENT, answered) if direction == "response" else (COMING, sent)
    return [
        change
        for old, new, _ in cases.values()
        for change in changes(make(deepcopy(old)), make(deepcopy(new)))
    ]


def test_what_is_narrower_hurts_nobody_in_an_answer() -> None:
    """But for a field that is gone, what has another value, form or rule altogether, and a new
    alternative beside the narrower one."""
    grave = {change.id for change in told_in("response") if change.severity == "breaking"}
    assert grave == {
        *("response.field.removed", "response.type.changed", "response.pattern.changed"),
        *("response.enum.value-added", "response.bound.changed", "response.rule.changed"),
        *("response.encoding.changed", "response.alternative.added"),
    }


def test_what_is_wider_hurts_nobody_in_a_request() -> None:
    """But for the same."""
    grave = {change.id for change in told_in("request") if change.severity == "breaking"}
    assert grave == {
        *("request.field.removed", "request.type.changed", "request.pattern.changed"),
        *("request.enum.value-removed", "request.bound.changed", "request.rule.changed"),
        "request.encoding.changed",
    }


def test_every_id_is_found_by_something() -> None:
    """By the catalogue's cases, in either direction, or by the pairs above."""
    found = {name for _, name in FOUND} | {name for name, _, _ in PAIRS}
    found |= {change.id for side in ("request", "response") for change in told_in(side)}
    for check, _ in FOUND:
        old, new, _ = case(check)
        found |= ids(old, new) | ids(new, old)
    found |= {"api.added", "api.removed", "parameter.renamed"}
    assert set(RULES) - found == set()
