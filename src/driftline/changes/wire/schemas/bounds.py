"""Compares bounds: numbers, lengths, counts, `multipleOf` and `uniqueItems`."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from typing import Any, Final

import attrs

from driftline.changes.wire.schemas.pair import Pair, SchemaDifference, shorten_value
from driftline.changes.wire.schemas.views import View
from driftline.changes.wire.source.document import Node

_COUNTED: Final = ("Length", "Items", "Properties", "Contains")


@attrs.frozen
class _Bound:
    """A bound as a comparable value: the greater, the tighter."""

    tightness: tuple[Fraction, bool]
    node: Node

    @property
    def describe(self) -> str:
        """The bound as in the document: keyword and value."""
        return f"{self.node.pointer.rpartition('/')[2]} {shorten_value(self.node.value)}"


def compare_bounds(pair: Pair) -> Iterator[SchemaDifference]:
    """Yield every limit that is tighter or looser than before."""
    views = pair.old, pair.new
    is_integer = all(view.kinds is not None and "number" not in view.kinds for view in views)
    for is_minimum in (True, False):
        limits = (
            _read_number_bound(view, is_minimum=is_minimum, is_integer=is_integer) for view in views
        )
        yield from _compare_limit(pair, *limits)
    for noun in _COUNTED:
        for keyword, sign in ((f"min{noun}", 1), (f"max{noun}", -1)):
            sides = (_find_tightest(_read_count_bounds(view, keyword, sign)) for view in views)
            yield from _compare_limit(pair, *sides)
    yield from _compare_unique(pair)
    yield from _compare_steps(pair)


def _to_fraction(value: Any) -> Fraction | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return Fraction(str(value))


def _read_number_bound(view: View, *, is_minimum: bool, is_integer: bool) -> _Bound | None:
    """Return the tightest bound; of integers, more than 0 is at least 1."""
    sign, keyword = (1, "minimum") if is_minimum else (-1, "maximum")
    keywords = ((keyword, False), (f"exclusive{keyword.capitalize()}", True))
    nodes = [
        (node, exclusive) for name, exclusive in keywords for node in view.keywords.get(name, ())
    ]
    bounds: list[_Bound] = []
    for node, is_exclusive in nodes:
        number = _to_fraction(node.value)
        if number is not None:
            bounds.append(_Bound((sign * number, is_exclusive), node))
    if is_integer:
        bounds = [attrs.evolve(bound, tightness=_round_up(*bound.tightness)) for bound in bounds]
    return _find_tightest(bounds)


def _round_up(tightness: Fraction, is_exclusive: bool) -> tuple[Fraction, bool]:
    minimum = math.floor(tightness) + 1 if is_exclusive else math.ceil(tightness)
    return Fraction(minimum), False


def _read_count_bounds(view: View, keyword: str, sign: int) -> list[_Bound]:
    """Return the bounds of a count; the default minimum is 0, or 1 for `contains`."""
    numbers = [(_to_fraction(node.value), node) for node in view.keywords.get(keyword, ())]
    unsaid = {"minContains": 1}.get(keyword, 0) if sign > 0 else -1
    return [
        _Bound((sign * number, False), node)
        for number, node in numbers
        if number is not None and number != unsaid
    ]


def _find_tightest(bounds: list[_Bound]) -> _Bound | None:
    return max(bounds, key=lambda bound: bound.tightness, default=None)


def _compare_limit(
    pair: Pair, old: _Bound | None, new: _Bound | None
) -> Iterator[SchemaDifference]:
    if old is None and new is None:
        return
    if old is not None and new is not None:
        if old.tightness == new.tightness:
            return
        tighter = new.tightness > old.tightness
        message = f"the limit was {old.describe} and is now {new.describe}"
    else:
        tighter = old is None
        message = (
            f"{new.describe} was added" if new else f"{old.describe if old else ''} was removed"
        )
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


def _compare_unique(pair: Pair) -> Iterator[SchemaDifference]:
    old, new = pair.old.has_flag("uniqueItems"), pair.new.has_flag("uniqueItems")
    if new and not old:
        message = pair.choose_sentence("items must now be unique", "items are now unique")
        yield pair.note("bound.tightened", message, new=pair.new.find_first("uniqueItems"))
    elif old and not new:
        message = pair.choose_sentence("items no longer have to be unique", "items may now repeat")
        yield pair.note("bound.loosened", message, old=pair.old.find_first("uniqueItems"))


def _compare_steps(pair: Pair) -> Iterator[SchemaDifference]:
    """Compare `multipleOf`; several combine to their least common multiple."""
    old, new = pair.old.find_first("multipleOf"), pair.new.find_first("multipleOf")
    before, after = (_read_step(view) for view in (pair.old, pair.new))
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


def _read_step(view: View) -> Fraction | None:
    numbers = [_to_fraction(node.value) for node in view.keywords.get("multipleOf", ())]
    steps = [number for number in numbers if number is not None and number > 0]
    if not steps:
        return None
    divisor = math.gcd(*(step.denominator for step in steps))
    return Fraction(math.lcm(*(step.numerator for step in steps)), divisor)
