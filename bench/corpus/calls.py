"""One call of every operation of a project's API, by its client against its mock, as JSON lines."""

from __future__ import annotations

import importlib
import json
import sys
from collections import deque
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click

from driftline.checks.outgoing import NOTHING
from driftline.mock import Mock, MockTransport
from driftline.openapi import Operation, Spec, load
from driftline.runtime import BinaryResponse, Stream
from driftline.runtime.errors import StatusError
from driftline.suite.http.session import NotChecked, Session
from driftline.suite.http.target import Target
from driftline.suite.samples import make_sample, name_arguments

ROWS = 20
"""Each operation is called once: so many rows of a listing are enough."""


def main(name: str) -> None:
    """Call every operation of specs/`name`, and print a line for each: its id, and the error."""
    sys.path.insert(0, "generated")
    path = next(p for p in Path("specs").iterdir() if p.stem == name and p.is_file())
    spec = load(path)
    mock = Mock(spec, rows=ROWS)
    package: Any = importlib.import_module(spec.client_package)
    arguments = {
        spec.security_schemes[scheme].argument: value for scheme, value in mock.credentials.items()
    }
    if any("{" in server.url for server in spec.servers[:1]):
        arguments["base_url"] = f"https://{name}.example"  # only the user knows the variable
    client = getattr(package, spec.client_class)(
        transport=MockTransport(mock.handle),
        retries=0,
        trusted_hosts=_list_hosts(spec),
        **arguments,
    )
    session = Session(Target.mock(spec, handle=mock.handle))
    for operation in spec.operations:
        session.start()
        error, reason = _call(client, session, operation)
        has_method = _has_method(client, operation)
        line = {"id": operation.id, "method": has_method, "error": error, "reason": reason}
        click.echo(json.dumps(line))


def _list_hosts(spec: Spec) -> set[str]:
    """Return the hosts of the operations that have servers of their own."""
    servers = (server for operation in spec.operations for server in operation.servers)
    return {host for server in servers if (host := urlsplit(server.url).hostname)}


def _call(client: Any, session: Session, operation: Operation) -> tuple[str, str]:
    """Call an operation; return what went wrong, and why there can be no call or no response."""
    try:
        _read(client.request(operation.id, **_request(session, operation)))
    except NotChecked as reason:
        return "", str(reason)[:300]
    except StatusError as error:
        # A row of an invented ID is rightly not there, and some operations only redirect.
        if error.status == HTTPStatus.NOT_IMPLEMENTED:
            return "", str(error)[:300]
        if error.status != HTTPStatus.NOT_FOUND and not operation.is_success(error.status):
            return f"{type(error).__name__}: {error}"[:300], ""
    except Exception as error:  # whatever it is, it is what is counted
        return f"{type(error).__name__}: {error}"[:300], ""
    return "", ""


def _read(response: Any) -> None:
    """Read the body of a file or a stream, which a call leaves unread."""
    stream: Any = Stream  # of whatever items
    if isinstance(response, BinaryResponse):
        response.read()
    elif isinstance(response, stream):
        deque(response, maxlen=0)


def _has_method(client: Any, operation: Operation) -> bool:
    resource = _find_attribute(client, operation.resource)
    return callable(_find_attribute(resource, operation.name))


def _find_attribute(owner: Any, name: str) -> Any:
    """Return an attribute of that name, or with the `_` that words of Python get."""
    return getattr(owner, name, None) or getattr(owner, f"{name}_", None)


def _request(session: Session, operation: Operation) -> dict[str, Any]:
    """Make a request of documented values, and of ids that rows of the mock have."""
    sample = make_sample(session, operation)
    request: dict[str, Any] = {"arguments": name_arguments(operation, sample.arguments)}
    return request if sample.body is NOTHING else {**request, "body": sample.body}


if __name__ == "__main__":
    main(sys.argv[1])
