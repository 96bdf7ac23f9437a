"""How a request is shown in a report: as a command, and as a call of the generated client."""

from __future__ import annotations

import shlex

from driftline.checks.outgoing import Outgoing
from driftline.checks.reproduce.client_call import format_client_call
from driftline.suite.http.target import Target

__all__ = ["format_curl", "format_python"]


def format_curl(target: Target, base_url: str, request: Outgoing) -> str:
    """A command that sends the request, with `$VARIABLE` for each credential of the target."""
    words = ["curl", *_format_method(request), _quote(target, base_url + request.target)]
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


def format_python(target: Target, operation_id: str, request: Outgoing) -> str:
    """The same as a call of the generated client, which has the credentials; "" if none is."""
    operation = target.spec.find_operation(operation_id)
    if operation is None:
        return ""
    right = target.choose_credentials(operation)
    return target.scrub(format_client_call(target.spec, operation, request, right))


def _quote(target: Target, text: str) -> str:
    """One word for the shell, in which only the credentials' variables are expanded."""
    return "".join(
        f'"${{{piece[1:]}}}"' if is_secret and piece.startswith("$") else shlex.quote(piece)
        for piece, is_secret in target.redactor.split(text)
    )


def _format_method(request: Outgoing) -> list[str]:
    if request.method == "HEAD":
        return ["-I"]
    implied = "POST" if request.body else "GET"
    return [] if request.method == implied else ["-X", request.method]
