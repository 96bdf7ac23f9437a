"""One call of every operation of a project's API, by its client against its mock, as JSON lines."""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from typing import Any

import click

from driftline.mock import Mock, MockTransport
from driftline.openapi import Operation, Spec, load
from driftline.runtime.errors import NotFound
from driftline.suite.samples import make_value

__all__ = ["main"]


def main(name: str) -> None:
    """Call every operation of specs/`name`, and print a line for each: its id, and the error."""
    sys.path.insert(0, "generated")
    path = next(p for p in Path("specs").iterdir() if p.stem == name and p.is_file())
    spec = load(path)
    mock = Mock(spec)
    package: Any = importlib.import_module(spec.client_package)
    arguments = {
        spec.security_schemes[scheme].argument: value for scheme, value in mock.credentials.items()
    }
    transport = MockTransport(mock.handle)
    client = getattr(package, spec.client_class)(transport=transport, retries=0, **arguments)
    for operation in spec.operations:
        line = {"id": operation.id, "method": _has_method(client, operation), "error": ""}
        try:
            client.request(operation.id, **_request(spec, operation))
        except NotFound:
            pass  # a row of a made ID is rightly not there
        except Exception as error:  # whatever it is, it is what is counted
            line["error"] = f"{type(error).__name__}: {error}"[:300]
        click.echo(json.dumps(line))


def _has_method(client: Any, operation: Operation) -> bool:
    resource = _find_attribute(client, operation.resource)
    return callable(_find_attribute(resource, operation.name))


def _find_attribute(owner: Any, name: str) -> Any:
    """Return an attribute of that name, or with the `_` that words of Python get."""
    return getattr(owner, name, None) or getattr(owner, f"{name}_", None)


def _request(spec: Spec, operation: Operation) -> dict[str, Any]:
    needed = [each for each in operation.parameters if each.required]
    request: dict[str, Any] = {
        "arguments": {
            each.name: each.examples[0] if each.examples else make_value(spec, each.schema_pointer)
            for each in needed
        }
    }
    if operation.body and operation.body.required:
        media = operation.body.json or operation.body.content[0]
        is_typed = media.kind in {"json", "form", "multipart"} and media.schema_pointer
        request["body"] = make_value(spec, media.schema_pointer) if is_typed else b"text"
    return request


if __name__ == "__main__":
    main(sys.argv[1])
