"""Rows that a run creates: by a PUT to a new id, and with unique strings."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import pytest

from driftline.checks.finding import Check
from driftline.mock import HttpRequest, HttpResponse, run_server
from driftline.openapi import Spec
from driftline.project import Project
from driftline.suite.run import run_suite

from .conftest import ROOT
from .documents import build_operation, build_responses, load_document

BODY = {
    "type": "object",
    "required": ["title"],
    "properties": {
        "title": {"type": "string", "minLength": 1, "maxLength": 40},
        "stars": {"type": "integer", "minimum": 0, "maximum": 5},
    },
}
ROW = {
    "type": "object",
    "required": ["slug", "title"],
    "properties": {"slug": {"type": "string"}, **BODY["properties"]},  # type: ignore[dict-item]
}
SLUG = {"type": "string", "pattern": "^[a-z][a-z0-9-]{2,39}$"}
NAMES = [{"name": "slug", "in": "path", "required": True, "schema": SLUG}]
EFFECT_TARGET = {"of": "page.list", "id": "slug"}
SEND = {"requestBody": {"required": True, "content": {"application/json": {"schema": BODY}}}}


class Wiki:
    """A server of pages by slug, which rejects duplicate titles with an undocumented 400."""

    def __init__(self, *, loses_updates: bool = False) -> None:
        self.rows = {"home": {"slug": "home", "title": "text"}}
        self._loses_updates = loses_updates
        self._numbers = itertools.count(1000)

    def handle(self, request: HttpRequest) -> HttpResponse:
        slug = request.path.removeprefix("/pages").strip("/")
        if not slug and request.method == "GET":
            return build_reply(200, [*self.rows.values()])
        if request.method == "POST":
            return self._put(f"p-{next(self._numbers)}x", request, 200)
        if request.method == "PUT":
            return self._put(slug, request, 200 if slug in self.rows else 201)
        if slug not in self.rows:
            return build_reply(404, {})
        if request.method == "DELETE":
            del self.rows[slug]
            return HttpResponse(204)
        return build_reply(200, self.rows[slug])

    def _put(self, slug: str, request: HttpRequest, status: int) -> HttpResponse:
        try:
            body: Any = json.loads(request.body)
        except ValueError:
            return build_reply(422, {})
        title = body.get("title") if isinstance(body, dict) else None
        stars = body.get("stars", 0) if isinstance(body, dict) else None
        if not isinstance(title, str) or not 1 <= len(title) <= 40 or "\0" in title:
            return build_reply(422, {})
        if type(stars) is not int or not 0 <= stars <= 5:
            return build_reply(422, {})
        if any(row["title"] == title for key, row in self.rows.items() if key != slug):
            return build_reply(400, {"title": "taken"})
        row = {"slug": slug, **{key: body[key] for key in ("title", "stars") if key in body}}
        if status != 200 or not self._loses_updates:
            self.rows[slug] = row
        return build_reply(status, row)


def build_reply(status: int, body: Any) -> HttpResponse:
    return HttpResponse(status, (("Content-Type", "application/json"),), json.dumps(body).encode())


def load_wiki(tmp_path: Path, **methods: Any) -> Spec:
    """Return a spec of pages that a PUT creates, with further operations on the listing."""
    listing = {"items": "", "id": "/slug", "page": {"style": "single"}}
    put_operation = build_operation("page.put", ROW, parameters=NAMES, **SEND)
    put_operation["responses"] = build_responses(ROW, **{"201": put_operation["responses"]["200"]})
    delete_responses = {"204": {"description": "Gone."}, "4XX": {"description": "No."}}
    item = {
        "get": build_operation("page.get", ROW, parameters=NAMES),
        "put": {**put_operation, "x-effect": {"kind": "update", "item": "", **EFFECT_TARGET}},
        "delete": {
            "operationId": "page.delete",
            "parameters": NAMES,
            "responses": delete_responses,
            "x-effect": {"kind": "delete", **EFFECT_TARGET},
        },
    }
    item["get"]["x-effect"] = {"kind": "read", "item": "", **EFFECT_TARGET}
    pages = {"get": {**build_operation("page.list", {"type": "array", "items": ROW})}, **methods}
    pages["get"]["x-listing"] = listing
    for operation_object in [*pages.values(), *item.values()]:
        operation_object["responses"]["4XX"] = {"description": "No."}
    return load_document(tmp_path, {"/pages": pages, "/pages/{slug}": item})


def check(spec: Spec, wiki: Wiki, *names: str) -> list[Check]:
    with run_server({spec.name: wiki.handle}) as url:
        return run_suite(
            Project(ROOT),
            [spec],
            urls={spec.name: f"{url}/{spec.name}"},
            allow_writes=[operation.id for operation in spec.operations if not operation.is_read],
            rate=100_000,
            max_requests=100_000,
            rank=lambda _, name: 0 if name in names else None,
        )


@pytest.mark.parametrize("loses", [False, True])
def test_the_updates_check_creates_its_own_row_with_a_put(tmp_path: Path, *, loses: bool) -> None:
    """The updates check creates its own row with a PUT, and finds an update that is lost."""
    wiki = Wiki(loses_updates=loses)
    checks = check(load_wiki(tmp_path), wiki, "updates", "deletion")
    finding_ids = {finding.id for check_result in checks for finding in check_result.findings}
    assert finding_ids == ({"effect.field.changed"} if loses else set())
    assert [
        check_result.outcome for check_result in checks if check_result.outcome == "not-sent"
    ] == []
    assert wiki.rows["home"] == {"slug": "home", "title": "text"}


def test_rejected_duplicate_values_are_not_drift(tmp_path: Path) -> None:
    """A title that another row has, also one of an earlier run, is rejected without a finding."""
    post = build_operation("page.create", ROW, **SEND)
    post["x-effect"] = {"kind": "create", "of": "page.list", "item": ""}
    spec, wiki = load_wiki(tmp_path, post=post), Wiki()
    names = ("creation", "documented requests")
    for _ in range(2):
        checks = check(spec, wiki, *names)
        assert [
            f"{f.id} {f.message} {f.got}" for check_result in checks for f in check_result.findings
        ] == []
