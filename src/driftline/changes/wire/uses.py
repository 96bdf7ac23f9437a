"""The uses of changed schemas, listed only on demand.

In a large document most changes are seen by most operations. To write down every pair of the two
takes longer than the comparison, and a terminal shows only the first.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Final, overload

import attrs

from driftline.printable import make_printable

_FIRST: Final = 6
_LAST: Final = 4

Vertex = object
"""A pair of schemas, known by its identity."""


@attrs.frozen
class Use:
    """A location that a change affects: an operation (`GET /calls`) and a part of its message.

    `operation` is empty for what is not about one, such as a server.
    """

    operation: str
    where: str

    def __str__(self) -> str:
        return " ".join(filter(None, (self.operation, self.where)))


@attrs.frozen(eq=False)
class Graph:
    """The graph of schemas: messages use `roots`, and `parents` are the steps towards them."""

    roots: Mapping[Vertex, Sequence[Use]]
    parents: Mapping[Vertex, Sequence[tuple[str, Vertex]]]

    def find_first_steps(self, end: Vertex) -> dict[Vertex, tuple[str, Vertex]]:
        """Return the first step of the shortest way from every other vertex to `end`."""
        first_steps: dict[Vertex, tuple[str, Vertex]] = {}
        pending = deque([end])
        while pending:
            target = pending.popleft()
            for step, vertex in self.parents.get(target, ()):
                if vertex not in first_steps and vertex is not end:
                    first_steps[vertex] = (step, target)
                    pending.append(vertex)
        return first_steps


class Uses(Sequence[Use]):
    """All uses of the `targets`, in the order of the roots."""

    def __init__(self, graph: Graph, targets: Sequence[Vertex]) -> None:
        self._graph, self._targets = graph, targets

    @property
    def operations(self) -> tuple[str, ...]:
        """Return every operation once, without writing any paths."""
        return self._summary[0]

    @cached_property
    def _summary(self) -> tuple[tuple[str, ...], Use]:
        """The operations and the first use, from one search."""
        names: dict[str, None] = {}
        first: Use | None = None
        for end in self._targets:
            first_steps = self._graph.find_first_steps(end)
            for vertex, uses in self._graph.roots.items():
                if vertex in first_steps or vertex is end:
                    names.update(dict.fromkeys([use.operation for use in uses]))
                    first = first or _expand(uses[0], vertex, end, first_steps)
        if first is None:
            raise AssertionError("a changed schema is used nowhere")
        names.pop("", None)
        return tuple(names), first

    @cached_property
    def _all(self) -> tuple[Use, ...]:
        return tuple(dict.fromkeys(self))

    def __iter__(self) -> Iterator[Use]:
        for end in self._targets:
            first_steps = self._graph.find_first_steps(end)
            for vertex, uses in self._graph.roots.items():
                if vertex in first_steps or vertex is end:
                    for use in uses:
                        yield _expand(use, vertex, end, first_steps)

    @overload
    def __getitem__(self, index: int) -> Use: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Use]: ...
    def __getitem__(self, index: int | slice) -> Use | Sequence[Use]:
        return self._summary[1] if index == 0 else self._all[index]

    def __bool__(self) -> bool:
        return True

    def __len__(self) -> int:
        return len(self._all)

    def __repr__(self) -> str:
        return repr(self._all)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Uses | tuple) and self._all == (*other,)

    def __hash__(self) -> int:
        return hash(self._all)


def _expand(
    use: Use, vertex: Vertex, end: Vertex, first_steps: Mapping[Vertex, tuple[str, Vertex]]
) -> Use:
    """Return a use of `vertex` as a use of `end`, with only the outer ones of many steps."""
    steps: list[str] = []
    while vertex is not end:
        step, vertex = first_steps[vertex]
        if step:
            steps.append(make_printable(step))
    if len(steps) > _FIRST + _LAST:
        steps[_FIRST:-_LAST] = ["…"]
    return Use(use.operation, use.where + "".join(steps))
