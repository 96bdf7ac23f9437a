"""Values that may be one thing or another (`anyOf`, `oneOf`): which alternative became which."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import attrs

from driftline.diff.document import Node
from driftline.diff.pair import Edge, Found, Pair
from driftline.diff.schema import Choice, Schema, View, Views
from driftline.spec.pointer import is_object

__all__ = ["alternatives", "without_choices"]

_NAMED, _EQUAL, _MARKED, _TITLED, _FIELDS, _KIND = 100.0, 90.0, 80.0, 70.0, 50.0, 40.0
"""How alike two alternatives are: by name, text, a constant field, title, fields, or only type."""
_DEEPEST: Final = 3
"""So many choices within one another are put together; beyond that, each is looked at alone."""
_MOST: Final = 40
"""Among more alternatives than these, only what is equal or of one name is taken for the same."""


@attrs.frozen(eq=False)
class _Way:
    """One alternative: the schema that holds if it is taken, and the node that says so."""

    schema: Schema
    node: Node
    view: View
    name: str
    print: str


def alternatives(pair: Pair, views: tuple[Views, Views]) -> Iterator[Found]:
    """What differs between two schemas of which one has a choice at least."""
    several = len(pair.old.choices) > 1 or len(pair.new.choices) > 1
    taken = max(len(pair.olds.without), len(pair.news.without))
    if several or taken >= _DEEPEST:
        yield from _one_by_one(pair, views)
        return
    olds, news = _ways(pair.olds, pair.old, views[0]), _ways(pair.news, pair.new, views[1])
    yield from _matched(pair, olds, news, views)
    bare = pair.olds.bare or pair.news.bare
    before, after = (
        any(way.view.null for way in ways) or any(choice.null for choice in view.choices)
        for ways, view in ((olds, pair.old), (news, pair.new))
    )
    if before != after and not bare:
        kind = "null.allowed" if after else "null.forbidden"
        request = "null is now accepted" if after else "null is no longer accepted"
        response = "it may now be null" if after else "it is never null any more"
        yield pair.note(kind, pair.said(request, response))


def without_choices(schema: Schema, view: View) -> Schema:
    """The schema but for its choices."""
    pointers = schema.without | {choice.place.pointer for choice in view.choices}
    return attrs.evolve(schema, without=pointers)


def _one_by_one(pair: Pair, views: tuple[Views, Views]) -> Iterator[Found]:
    """Several choices at once: what is outside of them, and then each beside its counterpart."""
    old, new = pair.old.choices, pair.new.choices
    yield Edge("", without_choices(pair.olds, pair.old), without_choices(pair.news, pair.new))
    for before, after in zip(old, new, strict=False):
        sides = (_bare_ways(before, views[0]), _bare_ways(after, views[1]))
        yield from _matched(pair, *sides, views)
    for choice in new[len(old) :]:
        message = f"{choice.keyword}: one of several schemas must hold now"
        yield pair.note("rule.added", message, new=choice.place)
    for choice in old[len(new) :]:
        message = f"{choice.keyword}: none of several schemas has to hold any more"
        yield pair.note("rule.removed", message, old=choice.place)


def _bare_ways(choice: Choice, views: Views) -> list[_Way]:
    return [_way(Schema((node,), bare=True), node, views) for node in choice.alternatives]


def _ways(schema: Schema, view: View, views: Views) -> list[_Way]:
    if view.choices:
        (choice,) = view.choices
        rest = attrs.evolve(without_choices(schema, view), bare=True)
        found = [
            (attrs.evolve(rest, parts=(node, *rest.parts)), node) for node in choice.alternatives
        ]
    else:
        home = schema.parts[0] if schema.parts else view.home
        kinds = view.kinds or frozenset[str]()
        plain = attrs.evolve(schema, bare=True)
        only = [attrs.evolve(plain, only=kind) for kind in sorted(kinds)] if len(kinds) > 1 else []
        found = [(each, home) for each in only or [plain] if home is not None]
    return [_way(each, node, views) for each, node in found]


def _way(schema: Schema, node: Node, views: Views) -> _Way:
    reference = node.value.get("$ref") if is_object(node.value) else None
    name = reference.rpartition("/")[2] if isinstance(reference, str) else ""
    return _Way(schema, node, views.of(schema), name, views.print(node) + schema.only)


def _matched(
    pair: Pair, olds: Sequence[_Way], news: Sequence[_Way], views: tuple[Views, Views]
) -> Iterator[Found]:
    left_old, left_new = list(olds), list(news)
    for old, new in _partners(olds, news, views):
        left_old.remove(old)
        left_new.remove(new)
        yield Edge("", old.schema, new.schema)
    for way in left_old:
        said = pair.said("is no longer accepted", "does not come any more")
        message = f"{_told(way)} {said}"
        near = _choice_of(pair.new)
        yield pair.note("alternative.removed", message, old=way.node, new=near)
    for way in left_new:
        said = pair.said("is accepted too now", "may come too now")
        message = f"{_told(way)} {said}"
        near = _choice_of(pair.old)
        yield pair.note("alternative.added", message, old=near, new=way.node)


def _choice_of(view: View) -> Node | None:
    return view.choices[0].place if view.choices else view.home


def _told(way: _Way) -> str:
    if way.name:
        return f"the alternative {way.name}"
    kinds = " or ".join(sorted(way.view.kinds or ()))
    return f"one alternative ({kinds})" if kinds else "one alternative"


def _partners(
    olds: Sequence[_Way], news: Sequence[_Way], views: tuple[Views, Views]
) -> list[tuple[_Way, _Way]]:
    """Who became whom, the most alike first, and each at most once."""
    many = len(olds) > _MOST or len(news) > _MOST
    scored = [
        (score, -i, -j)
        for i, old in enumerate(olds)
        for j, new in enumerate(news)
        if (score := _alike(old, new, views, quick=many)) > 0
    ]
    taken_old: set[int] = set()
    taken_new: set[int] = set()
    found: list[tuple[_Way, _Way]] = []
    for _, i, j in sorted(scored, reverse=True):
        if -i not in taken_old and -j not in taken_new:
            taken_old.add(-i)
            taken_new.add(-j)
            found.append((olds[-i], news[-j]))
    return found


def _alike(old: _Way, new: _Way, views: tuple[Views, Views], *, quick: bool) -> float:
    if old.name and old.name == new.name:
        return _NAMED
    if old.print == new.print:
        return _EQUAL
    if quick:
        return 0
    kinds = old.view.kinds, new.view.kinds
    if None not in kinds and not (kinds[0] or frozenset()) & (kinds[1] or frozenset()):
        return _KIND / 4 if _numbers(old) and _numbers(new) else 0
    marks = _marks(old, views[0]), _marks(new, views[1])
    if all(marks):
        return _MARKED if marks[0] == marks[1] else 0
    titles = old.node.text("title"), new.node.text("title")
    if titles[0] and titles[0] == titles[1]:
        return _TITLED
    names = _names(old.view), _names(new.view)
    if names[0] or names[1]:
        shared = len(names[0] & names[1]) / len(names[0] | names[1])
        return _FIELDS * shared
    return _KIND


def _numbers(way: _Way) -> bool:
    return way.view.kinds is not None and way.view.kinds <= {"integer", "number"}


def _names(view: View) -> frozenset[str]:
    nodes = view.words.get("properties", ())
    return frozenset(name for node in nodes for name, _ in node.members())


def _marks(way: _Way, views: Views) -> frozenset[str]:
    """The fields that may have one value only, with these values."""
    found: set[str] = set()
    for node in way.view.words.get("properties", ()):
        for name, each in node.members():
            values = views.of(Schema((each,))).values()
            if values is not None and len(values) == 1:
                found.add(f"{name}={next(iter(values))}")
    return frozenset(found)
