"""Compares alternatives (`anyOf`, `oneOf`): pairs old with new ones, and reports the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

import attrs

from driftline.changes.wire.schemas.discriminator import compare_selections, select
from driftline.changes.wire.schemas.overlap import can_match
from driftline.changes.wire.schemas.pair import Found, Pair, PairStep, SchemaDifference
from driftline.changes.wire.schemas.views import Alternatives, Schema, SchemaViews, View
from driftline.changes.wire.source.document import Node
from driftline.openapi import is_object
from driftline.rules import Direction

_NAMED, _EQUAL, _SELECTED = 100.0, 90.0, 85.0
_MARKED, _TITLED, _FIELDS, _KIND = 80.0, 70.0, 50.0, 40.0
"""How alike two alternatives are: by name, text, tag, a constant field, title, fields, or type."""
_OTHER: Final[Mapping[Direction, Direction]] = {"request": "response", "response": "request"}
_DEEPEST: Final = 3
"""The depth of nested choices that are merged; deeper ones are compared separately."""
_MOST: Final = 40
"""With more alternatives than this, only equal ones or those of one name are paired."""


@attrs.frozen(eq=False)
class _Branch:
    """One alternative: its schema with that around the choice, and its node.

    `exclusive`: a value that another alternative accepts too is rejected. `tags` are the values of
    the discriminator that select it.
    """

    schema: Schema
    node: Node
    view: View
    name: str
    fingerprint: str
    exclusive: bool = False
    tags: frozenset[str] = frozenset()


Breaks = Callable[[Schema, Schema, Direction, bool], bool]
"""Whether going from the one schema to the other breaks client code."""


@attrs.frozen(eq=False)
class _Context:
    """The context in which alternatives are compared."""

    pair: Pair
    views: tuple[SchemaViews, SchemaViews]
    _breaks: Breaks

    def breaks(self, old: Schema, new: Schema, *, reverse: bool = False) -> bool:
        """Return whether the change from one schema to the other breaks clients.

        `reverse`: the other way.
        """
        direction = _OTHER[self.pair.direction] if reverse else self.pair.direction
        return self._breaks(old, new, direction, self.pair.is_text)


def compare_alternatives(
    pair: Pair, views: tuple[SchemaViews, SchemaViews], breaks: Breaks
) -> Iterator[Found]:
    """Yield the differences of two schemas if at least one has a choice."""
    context = _Context(pair, views, breaks)
    several = len(pair.old.choices) > 1 or len(pair.new.choices) > 1
    depth = max(len(pair.olds.excluded_choices), len(pair.news.excluded_choices))
    if several or depth >= _DEEPEST:
        yield from _compare_each_choice(context)
        return
    olds, news = (
        _list_branches(pair.olds, pair.old, views[0]),
        _list_branches(pair.news, pair.new, views[1]),
    )
    yield from _match_branches(context, olds, news)
    is_bare = pair.olds.is_null_ignored or pair.news.is_null_ignored
    before, after = (
        any(branch.view.null for branch in branches) or any(choice.null for choice in view.choices)
        for branches, view in ((olds, pair.old), (news, pair.new))
    )
    if before != after and not is_bare:
        kind = "null.allowed" if after else "null.forbidden"
        request = "null is now accepted" if after else "null is no longer accepted"
        response = "it may now be null" if after else "it is no longer null"
        yield pair.note(kind, pair.choose_sentence(request, response))


def remove_choices(schema: Schema, view: View) -> Schema:
    """Return the schema without its choices."""
    pointers = schema.excluded_choices | {choice.node.pointer for choice in view.choices}
    return attrs.evolve(schema, excluded_choices=pointers)


def _compare_each_choice(context: _Context) -> Iterator[Found]:
    """Compare several choices: first the rest of the schemas, and then each pair of choices."""
    pair, views = context.pair, context.views
    old, new = pair.old.choices, pair.new.choices
    yield PairStep("", remove_choices(pair.olds, pair.old), remove_choices(pair.news, pair.new))
    for before, after in zip(old, new, strict=False):
        sides = (_list_bare_branches(before, views[0]), _list_bare_branches(after, views[1]))
        yield from _match_branches(context, *sides)
    for choice in new[len(old) :]:
        message = f"{choice.keyword}: one of several schemas must now match"
        yield pair.note("rule.added", message, new=choice.node)
    for choice in old[len(new) :]:
        message = f"{choice.keyword}: none of several schemas has to match any longer"
        yield pair.note("rule.removed", message, old=choice.node)


def _list_bare_branches(choice: Alternatives, views: SchemaViews) -> list[_Branch]:
    exclusive = choice.keyword == "oneOf"
    schemas = [(Schema((node,), is_null_ignored=True), node) for node in choice.alternatives]
    return [_build_branch(schema, node, views, exclusive) for schema, node in schemas]


def _list_branches(schema: Schema, view: View, views: SchemaViews) -> list[_Branch]:
    if view.choices:
        (choice,) = view.choices
        rest = attrs.evolve(remove_choices(schema, view), is_null_ignored=True)
        candidates = [
            (attrs.evolve(rest, parts=(node, *rest.parts)), node) for node in choice.alternatives
        ]
    else:
        home = schema.parts[0] if schema.parts else view.node
        kinds = view.kinds or frozenset[str]()
        plain = attrs.evolve(schema, is_null_ignored=True)
        split_kinds = sorted(kinds) if len(kinds) > 1 else []
        variants = [attrs.evolve(plain, compared_type=kind) for kind in split_kinds] or [plain]
        candidates = [(variant, home) for variant in variants if home is not None]
    exclusive = any(choice.keyword == "oneOf" for choice in view.choices)
    branches = [_build_branch(variant, node, views, exclusive) for variant, node in candidates]
    selection = select(view, [(branch.node, branch.view) for branch in branches], views)
    if selection is None:
        return branches
    pairs = zip(branches, selection.tags, strict=True)
    return [attrs.evolve(branch, tags=tags) for branch, tags in pairs]


def _build_branch(schema: Schema, node: Node, views: SchemaViews, exclusive: bool) -> _Branch:
    reference = node.value.get("$ref") if is_object(node.value) else None
    name = reference.rpartition("/")[2] if isinstance(reference, str) else ""
    details = views.build(schema), name, views.get_fingerprint(node) + schema.compared_type
    return _Branch(schema, node, *details, exclusive)


def _match_branches(
    context: _Context, olds: Sequence[_Branch], news: Sequence[_Branch]
) -> Iterator[Found]:
    pair = context.pair
    partners = _pair_branches(olds, news, context.views)
    for i, j in partners.items():
        yield PairStep("", olds[i].schema, news[j].schema)
    old, new = (
        select(view, [(branch.node, branch.view) for branch in branches], views)
        for view, branches, views in zip(
            (pair.old, pair.new), (olds, news), context.views, strict=True
        )
    )
    yield from compare_selections(pair, old, new, partners)
    yield from _note_removed(
        context, [branch for i, branch in enumerate(olds) if i not in partners], news
    )
    added_branches = [branch for j, branch in enumerate(news) if j not in partners.values()]
    yield from _note_added(context, added_branches, olds)
    yield from _list_overlapping(context, olds, news, partners)
    yield from _note_relaxed(context, olds, news, partners)


def _note_relaxed(
    context: _Context, olds: Sequence[_Branch], news: Sequence[_Branch], partners: Mapping[int, int]
) -> Iterator[SchemaDifference]:
    """Yield a harmless change of the keyword: `anyOf` in requests, `oneOf` in responses."""
    pair, request = context.pair, context.pair.is_request
    branches, other_branches = (olds, news) if request else (news, olds)
    if len(partners) < 2 or not branches[0].exclusive or other_branches[0].exclusive:
        return
    side_views = context.views[0 if request else 1]
    if any(
        _can_both_accept(branch, other, (side_views, side_views))
        for branch in branches
        for other in branches
        if branch is not other
    ):
        predicate = pair.choose_sentence("are now accepted", "are no longer returned")
        message = f"values that match several alternatives {predicate}"
        nodes = {"old": _find_choice(pair.old), "new": _find_choice(pair.new)}
        yield pair.note("choice.widened" if request else "choice.narrowed", message, **nodes)


def _note_removed(
    context: _Context, removed_branches: Sequence[_Branch], news: Sequence[_Branch]
) -> Iterator[SchemaDifference]:
    """Yield the removed alternatives, except those whose values another one accepts."""
    pair = context.pair
    anchor = _find_choice(pair.new)
    for branch in removed_branches:
        if pair.is_request and any(
            not context.breaks(branch.schema, candidate.schema) for candidate in news
        ):
            message = f"{_describe_branch(branch)} is covered by another one now"
            yield pair.note("alternative.covered", message, old=branch.node, new=anchor)
            continue
        predicate = pair.choose_sentence("is no longer accepted", "is no longer returned")
        yield pair.note(
            "alternative.removed",
            f"{_describe_branch(branch)} {predicate}",
            old=branch.node,
            new=anchor,
        )


def _note_added(
    context: _Context, added_branches: Sequence[_Branch], olds: Sequence[_Branch]
) -> Iterator[SchemaDifference]:
    """Yield the added alternatives, except those whose values another one accepted before."""
    pair = context.pair
    anchor = _find_choice(pair.old)
    for branch in added_branches:
        if not pair.is_request and any(
            not context.breaks(candidate.schema, branch.schema) for candidate in olds
        ):
            message = f"{_describe_branch(branch)} was covered by another one before"
            yield pair.note("alternative.covered", message, old=anchor, new=branch.node)
            continue
        predicate = pair.choose_sentence("is now accepted too", "may now be returned too")
        yield pair.note(
            "alternative.added",
            f"{_describe_branch(branch)} {predicate}",
            old=anchor,
            new=branch.node,
        )


def _list_overlapping(
    context: _Context, olds: Sequence[_Branch], news: Sequence[_Branch], partners: dict[int, int]
) -> Iterator[SchemaDifference]:
    """Yield pairs of alternatives that accept the same values, which `oneOf` rejects.

    A request breaks where they were accepted before, a response where they may now be returned.
    """
    pair, request = context.pair, context.pair.is_request
    views = context.views if request else (context.views[1], context.views[0])
    reverse = {j: i for i, j in partners.items()}
    for i, j in partners.items():
        branch, index, other_branches, twins = (
            (olds[i], j, news, reverse) if request else (news[j], i, olds, partners)
        )
        before, side = (olds if request else news), views[0]
        for number, other in enumerate(other_branches):
            if number == index or not _can_both_accept(branch, other, views):
                continue
            twin = before[twins[number]] if number in twins else None
            if (
                twin is not None
                and _is_repeated(branch, twin)
                and _is_repeated(other_branches[index], other)
            ):
                continue  # one alternative twice, on either side: nothing is accepted at all
            if twin is not None and _can_both_accept(branch, twin, (side, side)):
                schemas = (twin.schema, other.schema) if request else (other.schema, twin.schema)
                if not context.breaks(*schemas, reverse=True):
                    continue  # oneOf rejects these values on either side
            predicate = pair.choose_sentence("are no longer accepted", "may now be returned")
            names = f"{_describe_branch(branch)} and {_describe_branch(other)}"
            message = f"values that {names} both accept {predicate}"
            kind = "choice.narrowed" if request else "choice.widened"
            yield pair.note(kind, message, old=olds[i].node, new=news[j].node)
            return  # the first one shows the cause


def _is_repeated(branch: _Branch, other: _Branch) -> bool:
    return branch.schema.key == other.schema.key


def _can_both_accept(
    branch: _Branch, other: _Branch, views: tuple[SchemaViews, SchemaViews]
) -> bool:
    """Return whether both alternatives accept some value, which `oneOf` then rejects."""
    if not other.exclusive or (branch.tags and other.tags and not branch.tags & other.tags):
        return False
    return can_match(branch.view, other.view, views)


def _find_choice(view: View) -> Node | None:
    return view.choices[0].node if view.choices else view.node


def _describe_branch(branch: _Branch) -> str:
    if branch.name:
        return f"the alternative {branch.name}"
    kinds = " or ".join(sorted(branch.view.kinds or ()))
    return f"one alternative ({kinds})" if kinds else "one alternative"


def _pair_branches(
    olds: Sequence[_Branch], news: Sequence[_Branch], views: tuple[SchemaViews, SchemaViews]
) -> dict[int, int]:
    """Return pairs of indexes of old and new alternatives, the most similar first."""
    many = len(olds) > _MOST or len(news) > _MOST
    scored = [
        (score, -i, -j)
        for i, old in enumerate(olds)
        for j, new in enumerate(news)
        if (score := _measure_similarity(old, new, views, quick=many)) > 0
    ]
    partners: dict[int, int] = {}
    for _, i, j in sorted(scored, reverse=True):
        if -i not in partners and -j not in partners.values():
            partners[-i] = -j
    return dict(sorted(partners.items()))


def _measure_similarity(
    old: _Branch, new: _Branch, views: tuple[SchemaViews, SchemaViews], *, quick: bool
) -> float:
    if old.name and old.name == new.name:
        return _NAMED
    if old.fingerprint == new.fingerprint:
        return _EQUAL
    if old.tags & new.tags:
        return _SELECTED
    if quick:
        return 0
    kinds = old.view.kinds, new.view.kinds
    if None not in kinds and not (kinds[0] or frozenset()) & (kinds[1] or frozenset()):
        return _KIND / 4 if _is_numeric(old) and _is_numeric(new) else 0
    marks = _list_constant_fields(old, views[0]), _list_constant_fields(new, views[1])
    if all(marks):
        return _MARKED if marks[0] == marks[1] else 0
    titles = old.node.get_string("title"), new.node.get_string("title")
    if titles[0] and titles[0] == titles[1]:
        return _TITLED
    names = _list_field_names(old.view), _list_field_names(new.view)
    if names[0] or names[1]:
        shared = len(names[0] & names[1]) / len(names[0] | names[1])
        return _FIELDS * shared
    return _KIND


def _is_numeric(branch: _Branch) -> bool:
    return branch.view.kinds is not None and branch.view.kinds <= {"integer", "number"}


def _list_field_names(view: View) -> frozenset[str]:
    nodes = view.keywords.get("properties", ())
    return frozenset(name for node in nodes for name, _ in node.list_members())


def _list_constant_fields(branch: _Branch, views: SchemaViews) -> frozenset[str]:
    """Return the fields with exactly one allowed value, and these values."""
    constants: set[str] = set()
    for node in branch.view.keywords.get("properties", ()):
        for name, field in node.list_members():
            values = views.build(Schema((field,))).list_values()
            if values is not None and len(values) == 1:
                constants.add(f"{name}={next(iter(values))}")
    return frozenset(constants)
