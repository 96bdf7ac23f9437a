"""What a test is told that went wrong with its requests, in full."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from driftline.mock import Mock
from driftline.openapi import Operation
from driftline.testing.received import Received

__all__ = ["invalid", "listed", "unmatched"]

MOST = 20


def listed(received: Sequence[Received]) -> str:
    """All requests that came, the earliest first, a line each; of many the last."""
    if not received:
        return "Nothing was received."
    left = len(received) - MOST
    lines = [f"Received, {_count(len(received))}:"]
    lines += [f"  … {left} before"] if left > 0 else []
    lines += [f"  {_line(each)}" for each in received[-MOST:]]
    return "\n".join(lines)


def unmatched(found: Sequence[Received], mocks: Mapping[str, Mock]) -> str:
    """Requests that no operation answers, and which operations there are."""
    lines = [f"The mock received {_count(len(found))} that no operation answers:"]
    lines += (f"  {_line(each)}{_why(each)}" for each in found[:MOST])
    asked = dict.fromkeys(each.api for each in found)
    for api in mocks if "" in asked else asked:
        lines.append(f"There is below /{api}:" if "" in asked else f"There is of {api}:")
        lines += _table(mocks[api].spec.operations)
    return _advised(lines, "on_unmatched")


def invalid(found: Sequence[Received]) -> str:
    """Requests that break the spec, and what the mock said of each."""
    lines = [f"The mock received {_count(len(found))} that the spec does not allow:"]
    lines += (f"  {_line(each)}{_why(each)}" for each in found[:MOST])
    return _advised(lines, "on_invalid")


def _advised(lines: list[str], option: str) -> str:
    advice = f'If that is what the test is about: @pytest.mark.driftline({option}="allow").'
    return "\n".join([*lines, advice])


def _count(number: int) -> str:
    return f"{number} request{'' if number == 1 else 's'}"


def _line(received: Received) -> str:
    return f"{received.asked.number}. {received}{received.shown_body()}"


def _why(received: Received) -> str:
    """What the mock said of it, after a line break."""
    why = received.asked.why()
    return f"\n     {why}" if why else ""


def _table(operations: Iterable[Operation]) -> list[str]:
    rows = [(each.id, each.method, each.path) for each in operations]
    width = max((len(id_) for id_, _, _ in rows), default=0)
    return [f"  {id_:<{width}}  {method:<6} {path}" for id_, method, path in rows]
