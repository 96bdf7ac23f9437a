"""A correct live service that behaves as many do, although its document does not say so."""

from __future__ import annotations

import base64
import itertools
import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import attrs
import pytest

from driftline.checks import CHECKS
from driftline.checks.exchange import Exchange
from driftline.checks.finding import Check
from driftline.checks.outgoing import Outgoing
from driftline.checks.possible_ids import find_secrets
from driftline.mock import HttpRequest, HttpResponse, run_server
from driftline.openapi import Spec
from driftline.project import Project
from driftline.suite.fuzzing.leniency import fill_nulls, read_leniently, widen_characters
from driftline.suite.http.created_rows import CreatedRows
from driftline.suite.run import run_suite

from .conftest import ROOT
from .documents import build_operation, build_responses, load_document
from .test_false_alarms import format_alarms

PROBLEM = {"type": "object", "required": ["error"], "properties": {"error": {"type": "string"}}}
POST: dict[str, Any] = {
    "type": "object",
    "required": ["slug", "stars"],
    "properties": {
        "slug": {"type": "string", "pattern": "^[a-z]{4,12}$"},
        "stars": {"type": "integer", "minimum": 0, "maximum": 5},
        "seen": {"type": "string", "format": "date-time"},
    },
}
ROW = {
    **POST,
    "required": ["id", "slug", "stars"],
    "properties": {"id": {"type": "integer", "readOnly": True}, **POST["properties"]},
}
COMMENT = {
    "type": "object",
    "required": ["id", "text"],
    "properties": {
        "id": {"type": "integer", "readOnly": True},
        "post_id": {"type": "integer", "readOnly": True},
        "text": {"type": "string", "minLength": 1, "maxLength": 80},
    },
}
COUNTS = {"X-Pages": {"schema": {"type": "object", "properties": {"total": {"type": "integer"}}}}}
MATCH = {"name": "If-Match", "in": "header", "schema": {"type": "string"}}


def build_path_parameter(name: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "integer"}}


def send(schema: Any) -> dict[str, Any]:
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def build_page_schema(schema: Any) -> dict[str, Any]:
    fields = {"rows": {"type": "array", "items": schema}, "next": {"type": ["string", "null"]}}
    return {"type": "object", "required": ["rows", "next"], "properties": fields}


def build_listing(name: str, schema: Any, *parameters: Any) -> dict[str, Any]:
    query = [
        {"name": "cursor", "in": "query", "schema": {"type": "string"}},
        {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 9}},
    ]
    listing_operation = build_operation(
        name, build_page_schema(schema), parameters=[*parameters, *query]
    )
    listing_operation["x-listing"] = {
        "items": "/rows",
        "id": "/id",
        "page": {"style": "cursor", "parameter": "cursor", "next": "/next"},
        "size": {"parameter": "limit"},
    }
    return listing_operation


def build_effect(kind: str, listing_id: str, **fields: Any) -> dict[str, Any]:
    item = {} if kind == "delete" else {"item": ""}
    return {"x-effect": {"kind": kind, "of": listing_id, **item, **fields}}


@pytest.fixture
def blog(tmp_path: Path) -> Spec:
    """Return a spec of posts with a unique slug and an ETag, and comments below them."""
    rejection = {
        "4XX": {"description": "No.", "content": {"application/json": {"schema": PROBLEM}}}
    }
    post_effect = {"listing_id": "post.list", "id": "post_id"}
    paths: dict[str, Any] = {
        "/posts": {
            "get": build_listing("post.list", ROW),
            "post": {
                **build_operation("post.create", ROW),
                **send(POST),
                **build_effect("create", "post.list"),
            },
        },
        "/posts/{post_id}": {
            "get": {**build_operation("post.get", ROW), **build_effect("read", **post_effect)},
            "put": {
                **build_operation("post.put", ROW, **send(POST)),
                **build_effect("update", **post_effect),
            },
            "delete": {"operationId": "post.delete", **build_effect("delete", **post_effect)},
        },
        "/posts/{post_id}/comments": {
            "get": build_listing("comment.list", COMMENT),
            "post": {
                **build_operation("comment.create", COMMENT, **send(COMMENT)),
                **build_effect("create", "comment.list"),
            },
        },
    }
    for path, item in paths.items():
        for method, operation_object in item.items():
            own_parameters = [build_path_parameter("post_id")] if "{" in path else []
            own_parameters += [MATCH] if method in {"put", "delete"} else []
            operation_object["parameters"] = [
                *own_parameters,
                *operation_object.get("parameters", []),
            ]
            success = operation_object.get("responses", {"204": {"description": "Gone."}})
            if method == "post":
                success = {"201": build_responses(ROW)["200"]} if path == "/posts" else success
            if path == "/posts" and method == "get":
                success["200"]["headers"] = COUNTS
            operation_object["responses"] = {**success, **rejection}
    return load_document(tmp_path, paths)


class Blog:
    """A service with the newest rows first, cursors that are positions, and HTML for unknown
    routes.
    """

    def __init__(self) -> None:
        self.ids = itertools.count(1)
        self.posts: dict[int, dict[str, Any]] = {}
        self.comments: dict[int, list[dict[str, Any]]] = {}
        for slug in ("zero", "text", "abcd"):
            self.add_post({"slug": slug, "stars": 1})

    def add_post(self, body: dict[str, Any]) -> dict[str, Any]:
        row = {"id": next(self.ids), **body}
        self.posts[row["id"]], self.comments[row["id"]] = row, []
        return row

    def handle(self, request: HttpRequest) -> HttpResponse:
        try:
            body = json.loads(request.body or b"null", parse_constant=lambda _: 1 / 0)
        except (ValueError, ArithmeticError):
            return reject_with(400)
        match = re.fullmatch(r"/posts(?:/(\d+)(/comments)?)?", request.path)
        if match is None:
            return HttpResponse(404, (("Content-Type", "text/html"),), b"<h1>Not Found</h1>")
        number, is_comments = int(match[1] or 0), bool(match[2])
        if match[1] and number not in self.posts:
            return reject_with(404)
        if request.method == "GET":
            rows = self.comments[number] if is_comments else [*self.posts.values()]
            return (
                build_answer(200, self.posts[number])
                if number and not is_comments
                else cut_page(request, rows)
            )
        if request.method == "POST" and is_comments:
            return self.comment(number, body)
        if request.method == "POST" and not number:
            return self.save(body)
        if request.method not in {"PUT", "DELETE"} or not number or is_comments:
            return reject_with(405)
        tag = request.get_header("If-Match")
        if tag != compute_tag(self.posts[number]):
            return reject_with(428 if tag is None else 412)
        if request.method == "PUT":
            return self.save(body, number)
        del self.posts[number]
        return HttpResponse(204)

    def save(self, body: Any, number: int = 0) -> HttpResponse:
        body = read_post(body)
        if body is None:
            return reject_with(422)
        same_slug_ids = [post["id"] for post in self.posts.values() if post["slug"] == body["slug"]]
        if [post_id for post_id in same_slug_ids if post_id != number]:
            return reject_with(409)
        if not number:
            return build_answer(201, self.add_post(body))
        self.posts[number] = {"id": number, **body}
        return build_answer(200, self.posts[number])

    def comment(self, number: int, body: Any) -> HttpResponse:
        text_sent = body.get("text") if isinstance(body, dict) else None
        if not isinstance(text_sent, str) or not 0 < len(text_sent) <= 80 or "\0" in text_sent:
            return reject_with(422)
        row = {"id": next(self.ids), "post_id": number, "text": text_sent}
        self.comments[number].append(row)
        return build_answer(200, row)


def read_post(body: Any) -> dict[str, Any] | None:
    """Return the post as frameworks read it, with lenient numbers and times, or None if it is
    invalid.
    """
    if not isinstance(body, dict) or body.keys() - {"id", "slug", "stars", "seen"}:
        return None
    row = {name: value for name, value in body.items() if name != "id"}
    if isinstance(row.get("seen"), int | float) and not isinstance(row["seen"], bool):
        row["seen"] = "2026-01-01T00:00:00Z"
    slug, stars = row.get("slug"), row.get("stars")
    seen_at = row.get("seen", "2026-01-01T00:00:00Z")
    is_time = isinstance(seen_at, str) and re.match(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d", seen_at)
    is_number = not isinstance(stars, bool) and re.fullmatch(r"[0-5](\.0+)?", str(stars))
    if not isinstance(slug, str) or not re.fullmatch("[a-z]{4,12}", slug):
        return None
    return {**row, "stars": int(float(str(stars)))} if is_time and is_number else None


def cut_page(request: HttpRequest, rows: list[Any]) -> HttpResponse:
    query = parse_qs(request.query, keep_blank_values=True)
    limit, cursor = query.get("limit", ["3"])[-1], query.get("cursor", [""])[-1]
    try:
        start = int(base64.urlsafe_b64decode(cursor)) if cursor else 0
    except ValueError:
        return reject_with(400)
    if not limit.isdecimal() or not 1 <= int(limit) <= 9:
        return reject_with(422)
    end = start + int(limit)
    following = base64.urlsafe_b64encode(str(end).encode()).decode()
    page = {"rows": rows[::-1][start:end], "next": following if end < len(rows) else None}
    return build_answer(200, page, ("X-Pages", json.dumps({"total": len(rows)})))


def compute_tag(row: Any) -> str:
    return f'"{hash(json.dumps(row))}"'


def build_answer(status: int, body: Any, *headers: tuple[str, str]) -> HttpResponse:
    all_headers = (("Content-Type", "application/json"), ("ETag", compute_tag(body)), *headers)
    return HttpResponse(status, all_headers, json.dumps(body).encode())


def reject_with(status: int) -> HttpResponse:
    return build_answer(status, {"error": "no"})


def check(spec: Spec, service: Blog, *names: str) -> list[Check]:
    """Run the checks with these names, or all but those of the client."""
    columns = {check.name: check.column for check in CHECKS}
    left_out = {name for name, column in columns.items() if column == "client"}
    left_out |= columns.keys() - set(names) if names else set()
    with run_server({spec.name: service.handle}) as url:
        return run_suite(
            Project(ROOT),
            [spec],
            urls={spec.name: f"{url}/{spec.name}"},
            allow_writes=[operation.id for operation in spec.operations if not operation.is_read],
            rate=100_000,
            max_requests=100_000,
            rank=lambda _, name: None if name in left_out else 0,
        )


def test_rows_of_another_parent_are_found(blog: Spec) -> None:
    """Comments that are listed below another post than they belong to are found."""
    service = Blog()
    service.comments[1].append({"id": 90, "post_id": 2, "text": "stray"})
    service.comments[2].append({"id": 91, "post_id": 2, "text": "right"})
    service.comments[3].append({"id": 92, "post_id": 2, "text": "stray"})
    findings = [finding for check in check_pages(blog, service) for finding in check.findings]
    assert {(finding.id, finding.where) for finding in findings} == {
        ("listing.filter.ignored", "post_id")
    }


def check_pages(spec: Spec, service: Blog) -> list[Check]:
    return [
        result for result in check(spec, service, "pages") if result.operation == "comment.list"
    ]


def test_a_correct_service_has_no_finding(blog: Spec) -> None:
    """A correct service with conflicts, preconditions and lenient parsing has no finding."""
    checks = check(blog, Blog())
    alarms_found = format_alarms([check for check in checks if check.name != "changing rows"])
    assert alarms_found == ""
    (moving,) = [c for c in checks if c.name == "changing rows" and c.operation == "post.create"]
    assert "the cursor is a position" in moving.detail
    update_checks = [c for c in checks if c.operation == "post.put" and c.name == "updates"]
    assert [c.outcome for c in update_checks] == ["passed"]


@pytest.mark.parametrize(
    ("sent_body", "read_body"),
    [
        ({"slug": "abcd", "stars": "3"}, {"slug": "abcd", "stars": 3}),
        ({"slug": "abcd", "stars": True}, {"slug": "abcd", "stars": 1}),
        ({"slug": "abcd", "stars": "nine"}, {"slug": "abcd", "stars": "nine"}),
        ({"slug": "abcd", "stars": 7}, {"slug": "abcd", "stars": 7}),
        ({"slug": "abcd", "stars": None}, {"slug": "abcd", "stars": None}),
        ({"stars": 1}, {"stars": 1}),
    ],
)
def test_scalars_in_strings_are_read_as_the_documented_type(
    blog: Spec, sent_body: Any, read_body: Any
) -> None:
    """Scalars in strings are read as the documented type; null and invalid values stay."""
    create = blog.find_operation("post.create")
    assert create is not None
    headers = (("Content-Type", "text/plain"),)
    request = Outgoing("POST", "/posts", "limit=&x=1", headers, json.dumps(sent_body).encode())
    lenient = read_leniently(blog, create, request)
    assert json.loads(lenient.body) == read_body
    assert (lenient.query, dict(lenient.headers)["Content-Type"]) == ("x=1", "application/json")


def test_characters_may_be_counted_as_utf16_counts_them() -> None:
    """In a query and in a body; a request without such characters stays as it is."""
    body = json.dumps({"a": ["😀b"]}).encode()
    wider = widen_characters(Outgoing("POST", "/x", "q=%F0%9F%98%80", (), body))
    assert (wider.query, json.loads(wider.body)) == ("q=xx", {"a": ["xxb"]})
    plain = Outgoing("POST", "/x", "q=%C3%A4", (), b'{"a":  "b"}')
    assert widen_characters(plain) is plain


@pytest.mark.parametrize(("number", "read"), [("2147483648", "2147483647"), ("-1", "-1")])
def test_numbers_may_have_more_bits_than_documented(tmp_path: Path, number: str, read: str) -> None:
    """The format says how wide a client's number has to be; bounds say what is wrong."""
    parameter = {"name": "n", "in": "query", "schema": {"type": "integer", "format": "int32"}}
    spec = load_document(
        tmp_path, {"/x": {"get": build_operation("x.get", {}, parameters=[parameter])}}
    )
    request = Outgoing("GET", "/x", f"n={number}", (), b"")
    assert read_leniently(spec, spec.operations[0], request).query == f"n={read}"


@pytest.mark.parametrize(
    ("shown_value", "read_value"),
    [("", ""), (0, 0), (None, None), ("text", None), ([""], None), ({"slug": ""}, None)],
)
def test_a_null_may_be_coerced(blog: Spec, shown_value: Any, read_value: Any) -> None:
    """A null that the server coerced to an empty value of its type is read as that value."""
    create = blog.find_operation("post.create")
    assert create is not None
    item = create.effect.item if create.effect else None
    assert item == ""
    request = Outgoing("POST", "/posts", "", (), json.dumps({"slug": None, "in": [None]}).encode())
    body = json.dumps({"slug": shown_value, "in": [shown_value]}).encode()
    exchange = Exchange("post.create", request, "http://x", 201, (), body, 0.0)
    assert json.loads(fill_nulls(create, exchange).body) == {"slug": read_value, "in": [read_value]}


@pytest.mark.parametrize(("rejection", "query"), [({}, "n=x"), ({"400": {}}, "flag=x&lang=x&n=x")])
def test_a_flag_and_a_language_may_be_ignored(
    tmp_path: Path, rejection: dict[str, Any], query: str
) -> None:
    """Invalid flags and enum values are ignored if the document has no rejection for them."""
    kinds = {"flag": {"type": "boolean"}, "lang": {"enum": ["de"]}, "n": {"type": "integer"}}
    get = build_operation(
        "rows",
        {},
        parameters=[{"name": name, "in": "query", "schema": kinds[name]} for name in kinds],
    )
    get["responses"] |= {status: {"description": "No."} for status in rejection}
    spec = load_document(tmp_path, {"/rows": {"get": get}})
    request = Outgoing("GET", "/rows", "flag=x&lang=x&n=x", (), b"")
    assert read_leniently(spec, spec.operations[0], request).query == query


@pytest.mark.parametrize(
    ("keywords", "expected"),
    [({}, {}), ({"required": ["a"]}, [None]), ({"additionalProperties": False}, [None])],
)
def test_an_object_without_required_fields_accepts_any_body(
    keywords: dict[str, Any], expected: Any, tmp_path: Path
) -> None:
    """Any body is read as an empty object if no field is required and the schema is open."""
    body = {"type": "object", "properties": {"a": {"type": "integer"}}, **keywords}
    patch = build_operation("row.patch", {})
    patch["requestBody"] = {"content": {"application/json": {"schema": body}}}
    spec = load_document(tmp_path, {"/row": {"patch": patch}})
    request = Outgoing("PATCH", "/row", "", (), b"[null]")
    assert json.loads(read_leniently(spec, spec.operations[0], request).body) == expected
    empty_result = read_leniently(spec, spec.operations[0], attrs.evolve(request, body=b"")).body
    assert empty_result == (b"" if "required" in keywords else b"{}")


@pytest.mark.parametrize(
    ("body", "names"),
    [
        (b'{"email": "a", "password": "b"}', {"email", "password"}),
        (b"grant_type=password&username=a&password=b", {"username", "password"}),
        (b'{"email": "a"}', set()),
        (b"\xff", set()),
    ],
)
def test_the_credentials_of_a_body_with_a_password_are_secrets(
    body: bytes, names: set[str]
) -> None:
    """The credentials of a body with a password are secrets, in JSON and in forms."""
    request = Outgoing("POST", "/token", "", (), body)
    assert find_secrets(Exchange("x", request, "http://x", 401, (), b"", 0.0)).keys() == names


def test_a_row_below_a_deleted_row_is_gone(blog: Spec) -> None:
    """Its comments are deleted with a post, and are not named any more."""
    rows = CreatedRows(blog)
    create, delete = blog.find_operation("comment.create"), blog.find_operation("post.delete")
    assert create is not None
    assert delete is not None
    rows.record_created(create, Outgoing("POST", "/posts/7/comments", "", (), b""), {"id": 1})
    assert rows.find_latest_of("comment.list") == 1
    rows.record_deleted(delete, Outgoing("DELETE", "/posts/7", "", (), b""))
    assert rows.find_latest_of("comment.list") is None
