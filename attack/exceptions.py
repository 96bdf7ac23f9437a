"""All that code can read of an exception that it catches, prints or reports."""

from __future__ import annotations

import traceback
from typing import Any

import attrs


def describe_exception(error: BaseException) -> str:
    """Return the traceback of an exception, its values and the local variables of our frames."""
    described = traceback.TracebackException.from_exception(error, capture_locals=True)
    ours = [frame for frame in described.stack if "/driftline/" in frame.filename]
    variables = [f"{frame.name}: {frame.locals}" for frame in ours]
    return "\n".join([*traceback.format_exception(error), *variables, *_list_values(error)])


def _list_values(error: BaseException) -> list[str]:
    """Return the values of an exception: attributes, arguments, causes, and what they hold."""
    strings, visited, todo = list[str](), list[Any](), list[Any]([error])
    while todo:
        value = todo.pop()
        if any(value is other for other in visited):
            continue
        visited.append(value)
        strings += [repr(value), value if isinstance(value, str) else ""]
        if isinstance(value, BaseException):
            todo += [value.args, value.__cause__, value.__context__, vars(value)]
        if attrs.has(type(value)):
            todo += [getattr(value, field.name) for field in attrs.fields(type(value))]
        if isinstance(value, dict):
            todo += [*value, *value.values()]
        if isinstance(value, list | tuple):
            todo += value
    return strings
