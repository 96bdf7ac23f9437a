"""How a request is shown in a report: as a command, and as a call of the generated client."""

from __future__ import annotations

import shlex

from driftline.checks.outgoing import Outgoing
from driftline.checks.reproduce.client_call import client_call
from driftline.suite.http.target import Target

__all__ = ["curl", "python"]


def curl(target: Target, base_url: str, request: Outgoing) -> str:
    """A command that sends the request, with `$VARIABLE` for each credential of the target."""
    words = ["curl", *_method(request), _quote(target, base_url + request.target)]
    for name, value in request.headers:
        kind, _, packed = value.partition(" ")
        user = target.redactor(packed, is_credential=True)
        if kind == "Basic" and user.startswith("$"):
            words += ["-u", f'"{user}"']
            continue
        words += ["-H", _quote(target, f"{name}: {value}")]
    if request.body:
        body = request.body.decode("utf-8", "backslashreplace")
        words += ["--data-binary", _quote(target, body)]
    return " ".join(words)


def python(target: Target, operation_id: str, request: Outgoing) -> str:
    """The same as a call of the generated client, which has the credentials; "" if none is."""
    operation = target.spec.operation(operation_id)
    if operation is None:
        return ""
    right = target.credentials_for(operation)
    return target.scrub(client_call(target.spec, operation, request, right))


def _quote(target: Target, text: str) -> str:
    """One word for the shell, in which only the credentials' variables are expanded."""
    return "".join(
        f'"${{{piece[1:]}}}"' if is_secret and piece.startswith("$") else shlex.quote(piece)
        for piece, is_secret in target.redactor.split(text)
    )


def _method(request: Outgoing) -> list[str]:
    if request.method == "HEAD":
        return ["-I"]
    implied = "POST" if request.body else "GET"
    return [] if request.method == implied else ["-X", request.method]
