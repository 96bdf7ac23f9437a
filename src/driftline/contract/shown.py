"""Requests as a person can send them again: a curl command, without any credential."""

from __future__ import annotations

import re
import shlex

from driftline.contract.target import Target
from driftline.contract.wire import Outgoing

__all__ = ["curl"]


def curl(target: Target, base_url: str, request: Outgoing) -> str:
    """A command that sends the request, with `$VARIABLE` for each credential."""
    words = ["curl", *_method(request), _quote(target, base_url + request.target)]
    for name, value in request.headers:
        kind, _, packed = value.partition(" ")
        if kind == "Basic" and target.scrub(packed).startswith("$"):
            words += ["-u", f'"{target.scrub(packed)}"']
            continue
        words += ["-H", _quote(target, f"{name}: {value}")]
    if request.body:
        body = request.body.decode("utf-8", "backslashreplace")
        words += ["--data-binary", _quote(target, body)]
    return " ".join(words)


def _method(request: Outgoing) -> list[str]:
    if request.method == "HEAD":
        return ["-I"]
    implied = "POST" if request.body else "GET"
    return [] if request.method == implied else ["-X", request.method]


def _quote(target: Target, text: str) -> str:
    """One word for the shell, in which only the credentials' variables are expanded."""
    schemes = target.spec.security_schemes.values()
    variables = {"$" + target.variable(scheme) for scheme in schemes}
    clean = target.scrub(text)
    if clean == text:
        return shlex.quote(text)
    parts = re.split("(" + "|".join(map(re.escape, variables)) + ")", clean)
    quoted = [
        f'"${{{part[1:]}}}"' if part in variables else shlex.quote(part) for part in parts if part
    ]
    return "".join(quoted)
