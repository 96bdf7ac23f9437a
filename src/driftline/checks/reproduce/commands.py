"""Shows a request in a report: as a command, and as a call of the generated client."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping

from driftline.checks.outgoing import Outgoing
from driftline.checks.reproduce.client_call import format_client_call
from driftline.openapi import Operation, Spec
from driftline.redaction import Redactor

ChooseCredentials = Callable[[Operation], Mapping[str, str]]
"""The right credentials of an operation, by security scheme."""


def format_curl(redactor: Redactor, base_url: str, request: Outgoing) -> str:
    """Return a command that sends the request, with `$VARIABLE` for each credential."""
    command = ["curl", *_format_method(request), _quote(redactor, base_url + request.target)]
    for name, value in request.headers:
        kind, _, packed = value.partition(" ")
        user = redactor(packed, is_credential=True)
        if kind == "Basic" and user.startswith("$"):
            command += ["-u", f'"{user}"']
            continue
        command += ["-H", _quote(redactor, f"{name}: {value}")]
    if request.body:
        body = request.body.decode("utf-8", "backslashreplace")
        command += ["--data-binary", _quote(redactor, body)]
    return " ".join(command)


def format_python(
    spec: Spec,
    operation_id: str,
    request: Outgoing,
    choose_credentials: ChooseCredentials,
    redactor: Redactor,
) -> str:
    """Return a call of the generated client, which has the credentials.

    "" if no call sends the request.
    """
    operation = spec.find_operation(operation_id)
    if operation is None:
        return ""
    return redactor(format_client_call(spec, operation, request, choose_credentials(operation)))


def _quote(redactor: Redactor, string: str) -> str:
    """Return one word for the shell, in which only the variables of credentials are expanded."""
    return "".join(
        f'"${{{piece[1:]}}}"' if is_secret and piece.startswith("$") else shlex.quote(piece)
        for piece, is_secret in redactor.split(string)
    )


def _format_method(request: Outgoing) -> list[str]:
    if request.method == "HEAD":
        return ["-I"]
    implied = "POST" if request.body else "GET"
    return [] if request.method == implied else ["-X", request.method]
