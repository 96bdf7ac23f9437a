"""The documented response and status of a valid request."""

from __future__ import annotations

from driftline.openapi import Operation, Response

BODILESS = frozenset({204, 205, 304})
_USUAL = {"2": 200, "3": 302}


def find_outcome(operation: Operation) -> tuple[Response | None, int]:
    """Return the documented success and its status.

    Without a success, it is a redirect, or what `default` describes; without these, an undocumented
    empty success.
    """
    if operation.success is not None:
        return operation.success, _choose_status(operation.success)
    redirect = next(
        (response for response in operation.responses if response.status[:1] == "3"), None
    )
    if redirect is not None:
        return redirect, _choose_status(redirect)
    default = next(
        (response for response in operation.responses if response.status == "default"), None
    )
    return default, 204 if default is None or not default.content else 200


def _choose_status(response: Response) -> int:
    return int(response.status) if response.status.isdecimal() else _USUAL[response.status[:1]]
