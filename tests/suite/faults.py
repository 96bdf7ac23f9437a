"""Servers that are wrong in one way each: functions that wrap `Mock.handle`."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlencode

import attrs

from driftline.mock import HttpRequest, HttpResponse

Handle = Callable[[HttpRequest], HttpResponse]
Fault = Callable[[Handle], Handle]
Query = dict[str, str]
LIST = "/v1/call"
JSON = (("Content-Type", "application/json"),)


def query_of(request: HttpRequest) -> Query:
    """The query's pairs, decoded."""
    return dict(parse_qsl(request.query, keep_blank_values=True))


def is_list(request: HttpRequest) -> bool:
    return request.method == "GET" and request.path == LIST


def is_create(request: HttpRequest) -> bool:
    return request.method == "POST" and request.path == LIST


def answer(body: Any, status: int = 200) -> HttpResponse:
    return HttpResponse(status, JSON, json.dumps(body).encode())


def edit_bodies(
    edit: Callable[[Any, Query], None], which: Callable[[HttpRequest], bool] = is_list
) -> Fault:
    """Changes the body of every successful answer."""

    def fault(handle: Handle) -> Handle:
        def wrong(request: HttpRequest) -> HttpResponse:
            response = handle(request)
            if not which(request) or response.status != 200:
                return response
            body = json.loads(response.body)
            edit(body, query_of(request))
            return answer(body)

        return wrong

    return fault


def edit_queries(change: Callable[[Query], None]) -> Fault:
    """Changes the query before the server sees it."""

    def fault(handle: Handle) -> Handle:
        def wrong(request: HttpRequest) -> HttpResponse:
            if not is_list(request):
                return handle(request)
            query = query_of(request)
            change(query)
            return handle(attrs.evolve(request, query=urlencode(query)))

        return wrong

    return fault


def edit_responses(change: Callable[[HttpResponse], HttpResponse]) -> Fault:
    """Changes every successful answer of the listing as a whole."""

    def fault(handle: Handle) -> Handle:
        def wrong(request: HttpRequest) -> HttpResponse:
            response = handle(request)
            return change(response) if is_list(request) and response.status == 200 else response

        return wrong

    return fault


def each_row(edit: Callable[[dict[str, Any]], None], every: int = 50) -> Fault:
    """Changes one row in `every`, by its id, so that it is always the same one."""

    def edit_body(body: Any, _: Query) -> None:
        for row in body["data"]:
            if int(row["id"].replace("-", ""), 16) % every == 0:
                edit(row)

    return edit_bodies(edit_body)


def on_later_pages(edit: Callable[[dict[str, Any]], None]) -> Fault:
    def edit_body(body: Any, query: Query) -> None:
        if "after" in query and body["data"]:
            edit(body["data"][0])

    return edit_bodies(edit_body)


def token_ignored(handle: Handle) -> Handle:
    """Takes any token, as long as there is one."""

    def wrong(request: HttpRequest) -> HttpResponse:
        given = [name for name, _ in request.headers if name.lower() == "authorization"]
        if not given:
            return handle(request)
        rest = [pair for pair in request.headers if pair[0].lower() != "authorization"]
        owner = getattr(handle, "__self__", None)
        token = owner.credentials["bearerToken"] if owner else ""
        headers = (*rest, ("Authorization", f"Bearer {token}"))
        return handle(attrs.evolve(request, headers=headers))

    return wrong


def never_listed(handle: Handle) -> Handle:
    """Forgets what was created."""

    hidden: set[str] = set()

    def wrong(request: HttpRequest) -> HttpResponse:
        response = handle(request)
        if response.status != 200:
            return response
        body = json.loads(response.body)
        if is_create(request):
            hidden.add(body["data"]["id"])
        elif is_list(request):
            body["data"] = [row for row in body["data"] if row["id"] not in hidden]
        return answer(body)

    return wrong


def repeat_row(handle: Handle) -> Handle:
    """Begins each page but the first with the row that its cursor names."""

    first: dict[str, Any] = {}

    def wrong(request: HttpRequest) -> HttpResponse:
        response = handle(request)
        if not is_list(request) or response.status != 200:
            return response
        body = json.loads(response.body)
        if "after" in query_of(request) and body["data"] and first:
            body["data"][0] = first["row"]
        elif body["data"]:
            first["row"] = body["data"][0]
        return answer(body)

    return wrong


def duplicates_taken(handle: Handle) -> Handle:
    """Takes the same externalId again and again."""

    count = iter(range(10**6))

    def wrong(request: HttpRequest) -> HttpResponse:
        if not is_create(request):
            return handle(request)
        try:
            body = json.loads(request.body)
        except ValueError:
            return handle(request)
        if not isinstance(body, dict) or not isinstance(body.get("externalId"), str):
            return handle(request)
        sent = body["externalId"]
        body["externalId"] = f"{sent[:200]}-{next(count)}"
        response = handle(attrs.evolve(request, body=json.dumps(body).encode()))
        answered = json.loads(response.body)
        if response.status == 200 and "externalId" in answered["data"]:
            answered["data"]["externalId"] = sent
        return answer(answered, response.status)

    return wrong


def crash_on(handle: Handle, name: str, value: str) -> Handle:
    def wrong(request: HttpRequest) -> HttpResponse:
        if is_list(request) and query_of(request).get(name) == value:
            return HttpResponse(500, (("Content-Type", "text/plain"),), b"Traceback")
        return handle(request)

    return wrong


def anything_taken(handle: Handle) -> Handle:
    """Takes a page size that the document forbids."""

    def wrong(request: HttpRequest) -> HttpResponse:
        response = handle(request)
        if is_list(request) and response.status == 400:
            return handle(attrs.evolve(request, query=""))
        return response

    return wrong


def lose(position: int) -> Fault:
    """Leaves out a row of every page after the first."""

    def edit(body: Any, query: Query) -> None:
        if "after" in query and len(body["data"]) > position:
            del body["data"][position]

    return edit_bodies(edit)
