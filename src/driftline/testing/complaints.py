"""Messages about the requests of a test that fail it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from driftline.mock import Mock
from driftline.openapi import Operation
from driftline.testing.received import Received

MOST = 20


def format_received(received: Sequence[Received]) -> str:
    """Return one line for each received request, earliest first; of many, the last ones."""
    if not received:
        return "No requests received."
    left = len(received) - MOST
    lines = [f"Received, {_count(len(received))}:"]
    lines += [f"  … {left} earlier requests"] if left > 0 else []
    lines += [f"  {_format_line(each)}" for each in received[-MOST:]]
    return "\n".join(lines)


def describe_unmatched(found: Sequence[Received], mocks: Mapping[str, Mock]) -> str:
    """Describe requests that match no operation, and list the operations."""
    verb = "matches" if len(found) == 1 else "match"
    lines = [f"The mock received {_count(len(found))} that {verb} no operation:"]
    lines += (f"  {_format_line(each)}{_explain_rejection(each)}" for each in found[:MOST])
    asked = dict.fromkeys(each.api for each in found)
    for api in mocks if "" in asked else asked:
        lines.append(f"Operations below /{api}:" if "" in asked else f"Operations of {api}:")
        lines += _format_operations(mocks[api].spec.operations)
    return _add_advice(lines, "on_unmatched")


def describe_invalid(found: Sequence[Received]) -> str:
    """Describe requests that violate the spec, and why."""
    verb = "violates" if len(found) == 1 else "violate"
    lines = [f"The mock received {_count(len(found))} that {verb} the spec:"]
    lines += (f"  {_format_line(each)}{_explain_rejection(each)}" for each in found[:MOST])
    return _add_advice(lines, "on_invalid")


def _add_advice(lines: list[str], option: str) -> str:
    advice = f'If the test intends this, add @pytest.mark.driftline({option}="allow").'
    return "\n".join([*lines, advice])


def _count(number: int) -> str:
    return f"{number} request{'' if number == 1 else 's'}"


def _format_line(received: Received) -> str:
    return f"{received.asked.number}. {received}{received.format_body()}"


def _explain_rejection(received: Received) -> str:
    """Return the reason of the mock on its own line, or nothing."""
    why = received.asked.describe_rejection()
    return f"\n     {why}" if why else ""


def _format_operations(operations: Iterable[Operation]) -> list[str]:
    rows = [(each.id, each.method, each.path) for each in operations]
    width = max((len(id_) for id_, _, _ in rows), default=0)
    return [f"  {id_:<{width}}  {method:<6} {path}" for id_, method, path in rows]
