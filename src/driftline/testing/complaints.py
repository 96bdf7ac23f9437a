"""What a test is told that went wrong with its requests, in full."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from driftline.mock import Mock
from driftline.openapi import Operation
from driftline.testing.received import Received

__all__ = ["describe_invalid", "describe_unmatched", "format_received"]

MOST = 20


def format_received(received: Sequence[Received]) -> str:
    """All requests that came, the earliest first, a line each; of many the last."""
    if not received:
        return "Nothing was received."
    left = len(received) - MOST
    lines = [f"Received, {_count(len(received))}:"]
    lines += [f"  … {left} before"] if left > 0 else []
    lines += [f"  {_format_line(each)}" for each in received[-MOST:]]
    return "\n".join(lines)


def describe_unmatched(found: Sequence[Received], mocks: Mapping[str, Mock]) -> str:
    """Requests that no operation answers, and which operations there are."""
    lines = [f"The mock received {_count(len(found))} that no operation answers:"]
    lines += (f"  {_format_line(each)}{_explain_rejection(each)}" for each in found[:MOST])
    asked = dict.fromkeys(each.api for each in found)
    for api in mocks if "" in asked else asked:
        lines.append(f"There is below /{api}:" if "" in asked else f"There is of {api}:")
        lines += _format_operations(mocks[api].spec.operations)
    return _add_advice(lines, "on_unmatched")


def describe_invalid(found: Sequence[Received]) -> str:
    """Requests that break the spec, and what the mock said of each."""
    lines = [f"The mock received {_count(len(found))} that the spec does not allow:"]
    lines += (f"  {_format_line(each)}{_explain_rejection(each)}" for each in found[:MOST])
    return _add_advice(lines, "on_invalid")


def _add_advice(lines: list[str], option: str) -> str:
    advice = f'If that is what the test is about: @pytest.mark.driftline({option}="allow").'
    return "\n".join([*lines, advice])


def _count(number: int) -> str:
    return f"{number} request{'' if number == 1 else 's'}"


def _format_line(received: Received) -> str:
    return f"{received.asked.number}. {received}{received.format_body()}"


def _explain_rejection(received: Received) -> str:
    """What the mock said of it, after a line break."""
    why = received.asked.describe_rejection()
    return f"\n     {why}" if why else ""


def _format_operations(operations: Iterable[Operation]) -> list[str]:
    rows = [(each.id, each.method, each.path) for each in operations]
    width = max((len(id_) for id_, _, _ in rows), default=0)
    return [f"  {id_:<{width}}  {method:<6} {path}" for id_, method, path in rows]
