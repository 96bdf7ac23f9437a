"""Servers with one fault each: functions that wrap `Mock.handle`."""

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


def parse_query(request: HttpRequest) -> Query:
    """Return the decoded parameters of the query."""
    return dict(parse_qsl(request.query, keep_blank_values=True))


def is_list(request: HttpRequest) -> bool:
    return request.method == "GET" and request.path == LIST


def is_create(request: HttpRequest) -> bool:
    return request.method == "POST" and request.path == LIST


def build_response(body: Any, status: int = 200) -> HttpResponse:
    return HttpResponse(status, JSON, json.dumps(body).encode())


def edit_bodies(
    edit: Callable[[Any, Query], None], is_affected: Callable[[HttpRequest], bool] = is_list
) -> Fault:
    """Edit the JSON body of every affected response with status 200."""

    def plant_fault(handle: Handle) -> Handle:
        def respond_wrongly(request: HttpRequest) -> HttpResponse:
            response = handle(request)
            if not is_affected(request) or response.status != 200:
                return response
            body = json.loads(response.body)
            edit(body, parse_query(request))
            return build_response(body)

        return respond_wrongly

    return plant_fault


def edit_queries(change: Callable[[Query], None]) -> Fault:
    """Edit the query of each listing request before the server reads it."""

    def plant_fault(handle: Handle) -> Handle:
        def respond_wrongly(request: HttpRequest) -> HttpResponse:
            if not is_list(request):
                return handle(request)
            query = parse_query(request)
            change(query)
            return handle(attrs.evolve(request, query=urlencode(query)))

        return respond_wrongly

    return plant_fault


def edit_responses(change: Callable[[HttpResponse], HttpResponse]) -> Fault:
    """Replace every successful response of the listing as a whole."""

    def plant_fault(handle: Handle) -> Handle:
        def respond_wrongly(request: HttpRequest) -> HttpResponse:
            response = handle(request)
            return change(response) if is_list(request) and response.status == 200 else response

        return respond_wrongly

    return plant_fault


def edit_each_row(edit: Callable[[dict[str, Any]], None], interval: int = 50) -> Fault:
    """Edit one row in `interval`, selected by its id, so that the same rows are always affected."""

    def edit_body(body: Any, _: Query) -> None:
        for row in body["data"]:
            if int(row["id"].replace("-", ""), 16) % interval == 0:
                edit(row)

    return edit_bodies(edit_body)


def on_later_pages(edit: Callable[[dict[str, Any]], None]) -> Fault:
    def edit_body(body: Any, query: Query) -> None:
        if "after" in query and body["data"]:
            edit(body["data"][0])

    return edit_bodies(edit_body)


def ignore_token(handle: Handle) -> Handle:
    """Accept any token, but require one."""

    def respond_wrongly(request: HttpRequest) -> HttpResponse:
        token_headers = [name for name, _ in request.headers if name.lower() == "authorization"]
        if not token_headers:
            return handle(request)
        other_headers = [pair for pair in request.headers if pair[0].lower() != "authorization"]
        owner = getattr(handle, "__self__", None)
        token = owner.credentials["bearerToken"] if owner else ""
        headers = (*other_headers, ("Authorization", f"Bearer {token}"))
        return handle(attrs.evolve(request, headers=headers))

    return respond_wrongly


def hide_created_rows(handle: Handle) -> Handle:
    """Omit created rows from the listing."""

    hidden_ids: set[str] = set()

    def respond_wrongly(request: HttpRequest) -> HttpResponse:
        response = handle(request)
        if response.status != 200:
            return response
        body = json.loads(response.body)
        if is_create(request):
            hidden_ids.add(body["data"]["id"])
        elif is_list(request):
            body["data"] = [row for row in body["data"] if row["id"] not in hidden_ids]
        return build_response(body)

    return respond_wrongly


def repeat_row(handle: Handle) -> Handle:
    """Start each page but the first with the first row of an earlier page."""

    first: dict[str, Any] = {}

    def respond_wrongly(request: HttpRequest) -> HttpResponse:
        response = handle(request)
        if not is_list(request) or response.status != 200:
            return response
        body = json.loads(response.body)
        if "after" in parse_query(request) and body["data"] and first:
            body["data"][0] = first["row"]
        elif body["data"]:
            first["row"] = body["data"][0]
        return build_response(body)

    return respond_wrongly


def accept_duplicates(handle: Handle) -> Handle:
    """Accept the same externalId repeatedly."""

    count = iter(range(10**6))

    def respond_wrongly(request: HttpRequest) -> HttpResponse:
        if not is_create(request):
            return handle(request)
        try:
            body = json.loads(request.body)
        except ValueError:
            return handle(request)
        if not isinstance(body, dict) or not isinstance(body.get("externalId"), str):
            return handle(request)
        external_id = body["externalId"]
        body["externalId"] = f"{external_id[:200]}-{next(count)}"
        response = handle(attrs.evolve(request, body=json.dumps(body).encode()))
        response_body = json.loads(response.body)
        if response.status == 200 and "externalId" in response_body["data"]:
            response_body["data"]["externalId"] = external_id
        return build_response(response_body, response.status)

    return respond_wrongly


def fail_on_value(handle: Handle, name: str, value: str) -> Handle:
    def respond_wrongly(request: HttpRequest) -> HttpResponse:
        if is_list(request) and parse_query(request).get(name) == value:
            return HttpResponse(500, (("Content-Type", "text/plain"),), b"Traceback")
        return handle(request)

    return respond_wrongly


def accept_any_page_size(handle: Handle) -> Handle:
    """Accept a page size that the document forbids."""

    def respond_wrongly(request: HttpRequest) -> HttpResponse:
        response = handle(request)
        if is_list(request) and response.status == 400:
            return handle(attrs.evolve(request, query=""))
        return response

    return respond_wrongly


def omit_row(position: int) -> Fault:
    """Omit the row at `position` from every page after the first."""

    def edit(body: Any, query: Query) -> None:
        if "after" in query and len(body["data"]) > position:
            del body["data"][position]

    return edit_bodies(edit)
