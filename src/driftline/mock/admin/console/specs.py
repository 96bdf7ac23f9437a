"""The console's view of the APIs: operations, credentials, and specs."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from driftline.mock.admin.control import ControlApi
from driftline.mock.core import Mock
from driftline.mock.http.messages import HttpRequest
from driftline.openapi import is_array, is_object


def describe_apis(control: ControlApi) -> None:
    """Add the routes about APIs to the control API."""
    mocks = {name: mock for name, mock in control.mocks.items() if mock is not None}
    control.add_route("GET", "/apis", lambda _: {"apis": [*map(_describe_api, mocks.values())]})
    for name, mock in mocks.items():
        control.add_route("GET", f"/spec/{name}", partial(_build_served_spec, mock))


def _describe_api(mock: Mock) -> Mapping[str, Any]:
    spec = mock.spec
    return {
        "name": spec.name,
        "title": spec.title,
        "version": spec.version,
        "variable": spec.base_url_env,
        "credentials": [
            {"scheme": name, "kind": scheme.kind, "variable": scheme.env, "value": value}
            for name, value in mock.credentials.items()
            if (scheme := spec.security_schemes[name])
        ],
        "operations": [
            {
                "id": operation.id,
                "method": operation.method,
                "path": operation.path,
                "summary": operation.summary,
                "deprecated": operation.deprecated,
                "read": operation.is_read,
                "tag": _read_first_tag(spec.get_node(operation.pointer)),
            }
            for operation in spec.operations
        ],
    }


def _read_first_tag(node: Any) -> str:
    """Return the first tag of an operation, under which Swagger UI shows it."""
    tags = node.get("tags") if is_object(node) else None
    return str(tags[0]) if is_array(tags) and tags else "default"


def _build_served_spec(mock: Mock, _: HttpRequest) -> Any:
    """Return the document, with the mock as its only server."""
    document = dict(mock.spec.document)
    paths: Any = document.get("paths")
    if is_object(paths):
        document["paths"] = {path: _remove_servers(item) for path, item in paths.items()}
    return {**document, "servers": [{"url": f"/{mock.spec.name}", "description": "this mock"}]}


def _remove_servers(item: Any) -> Any:
    """Return a path without its own servers and those of its operations."""
    if not is_object(item):
        return item
    members = {key: value for key, value in item.items() if key != "servers"}
    return {
        key: {k: v for k, v in value.items() if k != "servers"} if is_object(value) else value
        for key, value in members.items()
    }
