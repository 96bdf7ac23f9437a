"""How far a value may go: least and greatest numbers, lengths and counts, steps, uniqueness."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from typing import Any, Final

import attrs

from driftline.changes.wire.schemas.pair import Note, Pair, short
from driftline.changes.wire.schemas.views import View
from driftline.changes.wire.source.document import Node

__all__ = ["bounds"]

_COUNTED: Final = ("Length", "Items", "Properties", "Contains")


@attrs.frozen
class _Bound:
    """A bound, made comparable: the greater, the tighter."""

    tightness: tuple[Fraction, bool]
    node: Node

    @property
    def told(self) -> str:
        """As it is written, by its keyword."""
        return f"{self.node.pointer.rpartition('/')[2]} {short(self.node.value)}"


def bounds(pair: Pair) -> Iterator[Note]:
    """Every limit that is tighter or looser than before."""
    yield from _limit(pair, _numbers(pair.old, least=True), _numbers(pair.new, least=True))
    yield from _limit(pair, _numbers(pair.old, least=False), _numbers(pair.new, least=False))
    for noun in _COUNTED:
        for word, sign in ((f"min{noun}", 1), (f"max{noun}", -1)):
            sides = (_tightest(_counts(view, word, sign)) for view in (pair.old, pair.new))
            yield from _limit(pair, *sides)
    yield from _unique(pair)
    yield from _steps(pair)


def _exact(value: Any) -> Fraction | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return Fraction(str(value))


def _numbers(view: View, *, least: bool) -> _Bound | None:
    sign, word = (1, "minimum") if least else (-1, "maximum")
    exclusive = f"exclusive{word.capitalize()}"
    found: list[_Bound] = []
    for node in view.words.get(word, ()):
        number = _exact(node.value)
        if number is not None:
            # In OpenAPI 3.0 the other word stands beside it, and is true or false.
            above = node.document.at(node.pointer.rpartition("/")[0])
            found.append(_Bound((sign * number, above.flag(exclusive)), node))
    for node in view.words.get(exclusive, ()):
        number = _exact(node.value)
        if number is not None:
            found.append(_Bound((sign * number, True), node))
    return _tightest(found)


def _counts(view: View, word: str, sign: int) -> list[_Bound]:
    """The bounds of a count; at least none (or one, of `contains`) goes without saying."""
    numbers = [(_exact(node.value), node) for node in view.words.get(word, ())]
    unsaid = {"minContains": 1}.get(word, 0) if sign > 0 else -1
    return [
        _Bound((sign * number, False), node)
        for number, node in numbers
        if number is not None and number != unsaid
    ]


def _tightest(found: list[_Bound]) -> _Bound | None:
    return max(found, key=lambda bound: bound.tightness, default=None)


def _limit(pair: Pair, old: _Bound | None, new: _Bound | None) -> Iterator[Note]:
    if old is None and new is None:
        return
    if old is not None and new is not None:
        if old.tightness == new.tightness:
            return
        tighter = new.tightness > old.tightness
        message = f"the limit was {old.told} and is now {new.told}"
    else:
        tighter = old is None
        message = f"{new.told} was added" if new else f"{old.told if old else ''} was removed"
        if new is not None and new.node.pointer.endswith("minContains"):
            tighter = new.tightness[0] > 1
        elif old is not None and old.node.pointer.endswith("minContains"):
            tighter = old.tightness[0] < 1
    yield pair.note(
        "bound.tightened" if tighter else "bound.loosened",
        message,
        old=old.node if old else None,
        new=new.node if new else None,
        before=old.node.value if old else None,
        after=new.node.value if new else None,
    )


def _unique(pair: Pair) -> Iterator[Note]:
    old, new = pair.old.flag("uniqueItems"), pair.new.flag("uniqueItems")
    if new and not old:
        said = pair.said("items must now be unique", "items are now unique")
        yield pair.note("bound.tightened", said, new=pair.new.first("uniqueItems"))
    elif old and not new:
        said = pair.said("items no longer have to be unique", "items may now repeat")
        yield pair.note("bound.loosened", said, old=pair.old.first("uniqueItems"))


def _steps(pair: Pair) -> Iterator[Note]:
    """Multiples of several steps are multiples of the least number that each divides."""
    old, new = pair.old.first("multipleOf"), pair.new.first("multipleOf")
    before, after = (_step(view) for view in (pair.old, pair.new))
    if before == after:
        return
    if not before:
        kind, message = "bound.tightened", f"only multiples of {after} are now allowed"
    elif not after:
        kind, message = "bound.loosened", f"other values than multiples of {before} are now allowed"
    else:
        message = f"the step was {before} and is now {after}"
        kind = "bound.changed"
        if (after / before).denominator == 1:
            kind = "bound.tightened"
        elif (before / after).denominator == 1:
            kind = "bound.loosened"
    values = {"before": old.value if old else None, "after": new.value if new else None}
    yield pair.note(kind, message, old=old, new=new, **values)


def _step(view: View) -> Fraction | None:
    numbers = [_exact(node.value) for node in view.words.get("multipleOf", ())]
    steps = [number for number in numbers if number is not None and number > 0]
    if not steps:
        return None
    divisor = math.gcd(*(step.denominator for step in steps))
    return Fraction(math.lcm(*(step.numerator for step in steps)), divisor)
