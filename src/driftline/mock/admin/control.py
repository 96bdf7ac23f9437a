"""The control API of the mock under `/_driftline`: faults, rows, requests, readiness."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from http.client import responses
from typing import Any
from urllib.parse import parse_qsl

from driftline.errors import UsageError
from driftline.mock.admin.own_pages import OwnAddress, require_own_page
from driftline.mock.admin.request_log import RequestLog
from driftline.mock.core import Mock
from driftline.mock.faults import SYNTAX, Faults
from driftline.mock.http.messages import HttpRequest, HttpResponse, Rejection, build_json_response
from driftline.openapi import is_array, is_object

PREFIX = "/_driftline"
Action = Callable[[HttpRequest], Any]
"""Acts on a request and returns a response, or JSON data for one (None: 204)."""


class ControlApi:
    """The routes under the reserved prefix; `add_route` adds one."""

    def __init__(
        self, mocks: Mapping[str, Mock | None], faults: Faults, recent: RequestLog
    ) -> None:
        self.mocks = mocks
        self._faults = faults
        self._request_log = recent
        self.own: OwnAddress | None = None
        """The URL at which it is served, once it is."""
        self._actions: dict[str, dict[str, Action]] = {}
        self.add_route("GET", "/", self._describe_site)
        self.add_route("GET", "/ready", self._report_ready)
        self.add_route("GET", "/faults", lambda _: faults.to_dict())
        self.add_route("PUT", "/faults", self._put_faults)
        self.add_route("POST", "/faults", self._add_faults)
        self.add_route("DELETE", "/faults", self._clear_faults)
        self.add_route("GET", "/drifts", self._list_drifts)
        self.add_route("GET", "/requests", self._list_requests)
        self.add_route("DELETE", "/requests", lambda _: recent.clear())
        self.add_route("POST", "/reset", self._reset)

    def add_route(self, method: str, path: str, action: Action) -> None:
        """Handle this method and path under the prefix with `action`.

        A UsageError that it raises becomes a 400 response.
        """
        self._actions.setdefault(path, {})[method] = action

    def handle(self, request: HttpRequest) -> HttpResponse:
        """Return the response to a request whose path has no prefix."""
        answer = self.run_action(self._run_route, request)
        return answer.replace_headers(
            ("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff")
        )

    def run_action(self, action: Action, request: HttpRequest) -> HttpResponse:
        """Return the response of an action, also if it raises."""
        try:
            require_own_page(request, self.own)
            result = action(request)
        except UsageError as error:
            return _build_problem(Rejection(400, str(error)))
        except Rejection as rejection:
            return _build_problem(rejection)
        return result if isinstance(result, HttpResponse) else _build_created_response(result)

    def _run_route(self, request: HttpRequest) -> Any:
        return self._find_action(request)(request)

    def _find_action(self, request: HttpRequest) -> Action:
        actions = self._actions.get(request.path.rstrip("/") or "/")
        if actions is None:
            paths = ", ".join(PREFIX + path for path in self._actions)
            raise Rejection(404, f"unknown path; available: {paths}")
        method = "GET" if request.method == "HEAD" else request.method
        allow = ", ".join(sorted({*actions, "OPTIONS"} | ({"HEAD"} if "GET" in actions else set())))
        if method == "OPTIONS":
            raise Rejection(204, "", (("Allow", allow),))
        if method not in actions:
            message = f"method {method} not allowed; allowed: {allow}"
            raise Rejection(405, message, (("Allow", allow),))
        return actions[method]

    def _describe_site(self, _: HttpRequest) -> Any:
        return {
            "apis": {name: f"/{name}" for name in self.mocks},
            "control": [
                f"{method} {PREFIX}{path}"
                for path, actions in self._actions.items()
                for method in actions
            ],
        }

    def _report_ready(self, _: HttpRequest) -> Any:
        return {"ready": True, "apis": list(self.mocks)}

    def _put_faults(self, request: HttpRequest) -> Any:
        rules, seed = _parse_rules(request)
        self._faults.set(*rules, seed=seed)
        return self._faults.to_dict()

    def _add_faults(self, request: HttpRequest) -> Any:
        rules, seed = _parse_rules(request)
        if seed is not None:
            raise UsageError(
                "seed not allowed with POST: it applies to all rules", "Set it with PUT."
            )
        self._faults.add(*rules)
        return self._faults.to_dict()

    def _clear_faults(self, request: HttpRequest) -> None:
        """Remove the rules that `?rule=` names, or all."""
        rules = [value for name, value in parse_qsl(request.query) if name == "rule"]
        if rules:
            self._faults.remove(*rules)
        else:
            self._faults.set()

    def _list_drifts(self, request: HttpRequest) -> Any:
        return {
            "drifts": {
                name: list(self._faults.list_drifts(name)) for name in self.select_apis(request)
            }
        }

    def _list_requests(self, request: HttpRequest) -> Any:
        parameters = dict(parse_qsl(request.query))
        if "number" in parameters:
            return self._find_request(parameters["number"])
        limit = parse_whole_number(parameters, "limit", 100, "Omit it for the last 100.")
        return {"requests": [entry.to_dict() for entry in self._request_log.list(limit)]}

    def _find_request(self, number: str) -> Any:
        entry = self._request_log.find(int(number)) if re.fullmatch("[0-9]{1,9}", number) else None
        if entry is None:
            raise Rejection(404, f"request {number} is not in the log")
        return entry.to_dict()

    def _reset(self, request: HttpRequest) -> None:
        """Restore the initial rows, clear the request log, and restart the counts of rules."""
        for name in self.select_apis(request):
            if mock := self.mocks[name]:
                mock.reset()
        self._request_log.clear()
        self._faults.restart()

    def select_apis(self, request: HttpRequest) -> list[str]:
        """Return the APIs that `?api=` names, or all."""
        names = [value for name, value in parse_qsl(request.query) if name == "api"]
        for name in names:
            if name not in self.mocks:
                apis = ", ".join(self.mocks)
                raise UsageError(f"unknown API {name!r}", f"Use one of: {apis}.")
        return names or list(self.mocks)


def parse_whole_number(parameters: Mapping[str, str], name: str, otherwise: int, hint: str) -> int:
    """Return the number of a query parameter.

    Raises:
        UsageError: it is invalid or too long.
    """
    value = parameters.get(name, str(otherwise))
    if not (value.isdecimal() and value.isascii() and len(value) <= 9):
        raise UsageError(f"invalid {name}={value}: expected a whole number", hint)
    return int(value)


def _build_created_response(data: Any) -> HttpResponse:
    return HttpResponse(204) if data is None else build_json_response(200, data)


def _parse_rules(request: HttpRequest) -> tuple[list[str], int | None]:
    """Return the rules of a body, and its seed if any: JSON, or one rule per line."""
    try:
        content = request.body.decode()
        if not content.lstrip().startswith(("{", "[", '"')):
            return [line.strip() for line in content.splitlines() if line.strip()], None
        data = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"the body is not JSON: {error}", _FORM) from None
    rules = data.get("rules") if is_object(data) else None
    seed = data.get("seed") if is_object(data) else None
    if not is_array(rules) or not all(isinstance(rule, str) for rule in rules):
        raise UsageError("invalid body: expected a list of rules", _FORM)
    if seed is not None and (not isinstance(seed, int) or isinstance(seed, bool)):
        raise UsageError("invalid seed: expected a whole number", _FORM)
    return [str(rule) for rule in rules], seed


_FORM = f'Send {{"rules": ["RULE", …]}}, or one rule per line. {SYNTAX}'


def _build_problem(rejection: Rejection) -> HttpResponse:
    if rejection.status == 204:
        return HttpResponse(204, rejection.headers)
    problem = {
        "type": "about:blank",
        "title": responses[rejection.status],
        "status": rejection.status,
        "detail": rejection.message,
    }
    kind = "application/problem+json"
    return build_json_response(
        rejection.status, problem, media_type=kind, headers=rejection.headers
    )
