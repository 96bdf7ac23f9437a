"""Rows that a run creates: by a PUT to a new id, and with strings that no other row has."""

from __future__ import annotations

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
from .documents import load_document, operation, responses

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
ABOUT = {"of": "page.list", "id": "slug"}
SEND = {"requestBody": {"required": True, "content": {"application/json": {"schema": BODY}}}}


class Wiki:
    """Pages by slug; titles are unique, which a 400 says, and no document."""

    def __init__(self, *, loses_updates: bool = False) -> None:
        self.rows = {"home": {"slug": "home", "title": "text"}}
        self._loses_updates = loses_updates

    def handle(self, request: HttpRequest) -> HttpResponse:
        slug = request.path.removeprefix("/pages").strip("/")
        if not slug and request.method == "GET":
            return reply(200, [*self.rows.values()])
        if request.method == "POST":
            return self._put(f"p-{len(self.rows)}x", request, 201)
        if request.method == "PUT":
            return self._put(slug, request, 200 if slug in self.rows else 201)
        if slug not in self.rows:
            return reply(404, {})
        if request.method == "DELETE":
            del self.rows[slug]
            return HttpResponse(204)
        return reply(200, self.rows[slug])

    def _put(self, slug: str, request: HttpRequest, status: int) -> HttpResponse:
        try:
            body: Any = json.loads(request.body)
        except ValueError:
            return reply(422, {})
        title = body.get("title") if isinstance(body, dict) else None
        stars = body.get("stars", 0) if isinstance(body, dict) else None
        if not isinstance(title, str) or not 1 <= len(title) <= 40 or "\0" in title:
            return reply(422, {})
        if type(stars) is not int or not 0 <= stars <= 5:
            return reply(422, {})
        if any(row["title"] == title for key, row in self.rows.items() if key != slug):
            return reply(400, {"title": "taken"})
        row = {"slug": slug, **{key: body[key] for key in ("title", "stars") if key in body}}
        if status != 200 or not self._loses_updates:
            self.rows[slug] = row
        return reply(status, row)


def reply(status: int, body: Any) -> HttpResponse:
    return HttpResponse(status, (("Content-Type", "application/json"),), json.dumps(body).encode())


def document(tmp_path: Path, **more: Any) -> Spec:
    """Pages that a PUT creates, or a POST as well."""
    listing = {"items": "", "id": "/slug", "page": {"style": "single"}}
    put = operation("page.put", ROW, parameters=NAMES, **SEND)
    put["responses"] = responses(ROW, **{"201": put["responses"]["200"]})
    gone = {"204": {"description": "Gone."}, "4XX": {"description": "No."}}
    item = {
        "get": operation("page.get", ROW, parameters=NAMES),
        "put": {**put, "x-effect": {"kind": "update", "item": "", **ABOUT}},
        "delete": {
            "operationId": "page.delete",
            "parameters": NAMES,
            "responses": gone,
            "x-effect": {"kind": "delete", **ABOUT},
        },
    }
    item["get"]["x-effect"] = {"kind": "read", "item": "", **ABOUT}
    pages = {"get": {**operation("page.list", {"type": "array", "items": ROW})}, **more}
    pages["get"]["x-listing"] = listing
    for each in [*pages.values(), *item.values()]:
        each["responses"]["4XX"] = {"description": "No."}
    return load_document(tmp_path, {"/pages": pages, "/pages/{slug}": item})


def check(spec: Spec, wiki: Wiki, *names: str) -> list[Check]:
    with run_server({spec.name: wiki.handle}) as url:
        return run_suite(
            Project(ROOT),
            [spec],
            urls={spec.name: f"{url}/{spec.name}"},
            allow_writes=[each.id for each in spec.operations if not each.is_read],
            rate=100_000,
            max_requests=100_000,
            rank=lambda _, name: 0 if name in names else None,
        )


@pytest.mark.parametrize("loses", [False, True])
def test_a_put_creates_the_row_that_is_changed(tmp_path: Path, *, loses: bool) -> None:
    """No row of the server is touched; an update that is lost is found."""
    wiki = Wiki(loses_updates=loses)
    checks = check(document(tmp_path), wiki, "updates", "deletion")
    found = {finding.id for each in checks for finding in each.findings}
    assert found == ({"effect.field.changed"} if loses else set())
    assert [each.outcome for each in checks if each.outcome == "not-sent"] == []
    assert wiki.rows["home"] == {"slug": "home", "title": "text"}


def test_values_that_are_taken_are_no_drift(tmp_path: Path) -> None:
    """The title of the simplest body belongs to a row; a second run meets the rows of the first."""
    post = operation("page.create", ROW, **SEND)
    post["x-effect"] = {"kind": "create", "of": "page.list", "item": ""}
    spec, wiki = document(tmp_path, post=post), Wiki()
    names = ("creation", "updates", "documented requests", "fuzzing")
    for _ in range(2):
        checks = check(spec, wiki, *names)
        assert [f"{f.id} {f.message} {f.got}" for each in checks for f in each.findings] == []
