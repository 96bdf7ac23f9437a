"""Twenty common bugs of services, each as a change of a correct service's requests or responses."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlencode

import attrs

from driftline.mock import HttpRequest, HttpResponse

Handle = Callable[[HttpRequest], HttpResponse]
Bug = Callable[["Shape", Handle], Handle]
Row = dict[str, Any]
JSON = (("Content-Type", "application/json"),)
CRASH = HttpResponse(500, JSON, b'{"detail": "internal server error"}')


@attrs.frozen(kw_only=True)
class Shape:
    """The parts of a service that the bugs depend on, such as its paths and parameters."""

    path: str
    rows: str
    total: str
    label: str
    choice: str
    filter: str
    sort: dict[str, str]
    order: dict[str, str]
    page: str
    size: str
    created: str
    default: dict[str, Any]
    credential: tuple[str, str]
    search: str

    def is_list(self, request: HttpRequest) -> bool:
        return request.method == "GET" and request.path == self.path

    def is_item(self, request: HttpRequest) -> bool:
        row_part = request.path.removeprefix(self.path.rstrip("/")).strip("/")
        return (
            request.path.startswith(self.path.rstrip("/") + "/")
            and bool(row_part)
            and "/" not in row_part
        )


def edit_rows(edit: Callable[[Shape, Row], None]) -> Bug:
    """Return a bug that edits every row of a successful response."""

    def plant_bug(shape: Shape, handle: Handle) -> Handle:
        def respond_wrongly(request: HttpRequest) -> HttpResponse:
            response = handle(request)
            about_rows = request.path == shape.path or shape.is_item(request)
            about_rows &= request.method in {"GET", "POST", "PUT", "PATCH"}
            if not about_rows or response.status not in {200, 201} or not response.body:
                return response
            body = json.loads(response.body)
            for row in body[shape.rows] if shape.is_list(request) else [body]:
                edit(shape, row)
            return attrs.evolve(response, body=json.dumps(body).encode())

        return respond_wrongly

    return plant_bug


def edit_query(edit: Callable[[Shape, dict[str, str]], None]) -> Bug:
    """Return a bug that edits the query of the listing before the service reads it."""

    def plant_bug(shape: Shape, handle: Handle) -> Handle:
        def respond_wrongly(request: HttpRequest) -> HttpResponse:
            if not shape.is_list(request):
                return handle(request)
            query = dict(parse_qsl(request.query, keep_blank_values=True))
            edit(shape, query)
            return handle(attrs.evolve(request, query=urlencode(query)))

        return respond_wrongly

    return plant_bug


def replace(
    is_affected: Callable[[Shape, HttpRequest, HttpResponse], bool],
    change: Callable[[HttpResponse], HttpResponse],
) -> Bug:
    """Return a bug that changes the responses for which `is_affected` is true."""

    def plant_bug(shape: Shape, handle: Handle) -> Handle:
        def respond_wrongly(request: HttpRequest) -> HttpResponse:
            response = handle(request)
            return change(response) if is_affected(shape, request, response) else response

        return respond_wrongly

    return plant_bug


def _rename_field(shape: Shape, row: Row) -> None:
    row["display_" + shape.label] = row.pop(shape.label)


def _set_null(shape: Shape, row: Row) -> None:
    row[shape.label] = None


def _add_choice(shape: Shape, row: Row) -> None:
    if str(row["id"])[-1] in "13579":
        row[shape.choice] = "escalated"


def _drop_zone(shape: Shape, row: Row) -> None:
    row[shape.created] = row[shape.created].replace("Z", "").replace("+00:00", "")


def _add_field(_: Shape, row: Row) -> None:
    row["internal_score"] = 7


def _forget_parameters(*names: str) -> Bug:
    def forget(shape: Shape, query: dict[str, str]) -> None:
        for name in names:
            parameter_names = getattr(shape, name)
            for parameter_name in (
                parameter_names if isinstance(parameter_names, dict) else [parameter_names]
            ):
                query.pop(parameter_name, None)

    return edit_query(forget)


def _ignore_order(shape: Shape, query: dict[str, str]) -> None:
    """Ignore the direction of the order."""
    for name, ascending in shape.order.items():
        if name in query:
            query[name] = query[name].lstrip("-") if ascending == "-" else ascending


def _count_page(shape: Shape, handle: Handle) -> Handle:
    def respond_wrongly(request: HttpRequest) -> HttpResponse:
        response = handle(request)
        if not shape.is_list(request) or response.status != 200:
            return response
        body = json.loads(response.body)
        body[shape.total] = len(body[shape.rows])
        return attrs.evolve(response, body=json.dumps(body).encode())

    return respond_wrongly


def _accept_everybody(shape: Shape, handle: Handle) -> Handle:
    name, value = shape.credential

    def respond_wrongly(request: HttpRequest) -> HttpResponse:
        headers = tuple(pair for pair in request.headers if pair[0].lower() != name.lower())
        return handle(attrs.evolve(request, headers=(*headers, (name, value))))

    return respond_wrongly


def _fail_on_odd_string(shape: Shape, handle: Handle) -> Handle:
    def respond_wrongly(request: HttpRequest) -> HttpResponse:
        search_string = dict(parse_qsl(request.query)).get(shape.search, "")
        return CRASH if shape.is_list(request) and not search_string.isascii() else handle(request)

    return respond_wrongly


def _fail_on(method: str) -> Bug:
    def plant_bug(shape: Shape, handle: Handle) -> Handle:
        def respond_wrongly(request: HttpRequest) -> HttpResponse:
            response = handle(request)
            is_done = request.method == method and shape.is_item(request) and response.status < 300
            return CRASH if is_done else response

        return respond_wrongly

    return plant_bug


def _keep_deleted(shape: Shape, handle: Handle) -> Handle:
    def respond_wrongly(request: HttpRequest) -> HttpResponse:
        if request.method != "DELETE" or not shape.is_item(request):
            return handle(request)
        response = handle(attrs.evolve(request, method="GET"))
        return HttpResponse(204) if response.status == 200 else response

    return respond_wrongly


def _reset_fields(shape: Shape, handle: Handle) -> Handle:
    def respond_wrongly(request: HttpRequest) -> HttpResponse:
        if request.method == "PATCH" and shape.is_item(request):
            try:
                body = json.loads(request.body)
            except ValueError:
                return handle(request)
            if isinstance(body, dict):
                full_body = json.dumps({**shape.default, **body}).encode()
                headers = tuple(p for p in request.headers if p[0].lower() != "content-length")
                request = attrs.evolve(request, headers=headers, body=full_body)
        return handle(request)

    return respond_wrongly


def _change_error(response: HttpResponse) -> HttpResponse:
    return attrs.evolve(response, body=b'{"errors": ["something went wrong"]}')


def _answer_ok(response: HttpResponse) -> HttpResponse:
    return attrs.evolve(response, status=202)


def _send_html(response: HttpResponse) -> HttpResponse:
    headers = tuple(pair for pair in response.headers if pair[0].lower() != "content-type")
    return attrs.evolve(response, headers=(*headers, ("Content-Type", "text/html; charset=utf-8")))


BUGS: dict[str, Bug] = {
    "field renamed": edit_rows(_rename_field),
    "null": edit_rows(_set_null),
    "error body": replace(lambda s, q, r: s.is_item(q) and r.status == 404, _change_error),
    "wrong status": replace(
        lambda s, q, r: q.method == "POST" and q.path == s.path and r.status == 201, _answer_ok
    ),
    "filter": _forget_parameters("filter"),
    "sort": _forget_parameters("sort"),
    "order": edit_query(_ignore_order),
    "paging": _forget_parameters("page"),
    "total": _count_page,
    "auth missing": _accept_everybody,
    "enum added": edit_rows(_add_choice),
    "naive datetime": edit_rows(_drop_zone),
    "content type": replace(lambda s, q, r: s.is_list(q) and r.status == 200, _send_html),
    "500 on odd input": _fail_on_odd_string,
    "500 on PATCH": _fail_on("PATCH"),
    "500 on DELETE": _fail_on("DELETE"),
    "extra field": edit_rows(_add_field),
    "limit": _forget_parameters("size"),
    "delete does nothing": _keep_deleted,
    "PATCH resets": _reset_fields,
}
"""The bugs by name; each wraps the handler of a correct service."""
