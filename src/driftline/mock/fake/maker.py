"""Makes one value for schemas that apply together.

Rows take turns with listed values, alternatives, optional fields and nulls. Deep or large values
are made as small as their schema allows.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import attrs

from driftline.mock.fake.arrays import make_array
from driftline.mock.fake.merged import (
    TYPES,
    Choice,
    MergedSchema,
    Option,
    Places,
    Unfakeable,
    ValueContext,
)
from driftline.mock.fake.merging import Merger
from driftline.mock.fake.objects import make_object
from driftline.mock.fake.scalars import is_whole_id, make_number, make_string
from driftline.mock.fake.text import Text
from driftline.openapi import MOST_SIZE, get_costs, is_valid

Order = Callable[[str, int, int], list[int]]
"""The order in which the options of a choice are tried in a turn."""
NULL_OR_NOT = (False, True, True, True)
_DEEPEST = 80
_MOST_MADE = 12_000
_MOST_CHECKED = 200
_TRIES = 12
_ONLY_NULL = frozenset({"null"})
_MODES = ("usual", "full", "lean")


@attrs.frozen
class _ChosenOptions:
    """The schemas of a value, and the options chosen so far."""

    schemas: Places
    options: tuple[Option, ...] = ()
    choice_keys: tuple[str, ...] = ()

    def add(self, choice: Choice, option: Option) -> _ChosenOptions:
        return _ChosenOptions(
            self.schemas, (*self.options, option), (*self.choice_keys, choice.key)
        )


class Maker:
    """Makes one value; `index` decides the turns."""

    def __init__(
        self,
        merger: Merger,
        order: Order,
        source: random.Random,
        index: int,
        *,
        is_lean: bool = False,
        is_full: bool = False,
    ) -> None:
        self.merger = merger
        self.random = source
        self.index = index
        self.text_maker = Text(source)
        self.is_full = is_full
        """Whether every optional part is included."""
        self._is_lean = is_lean
        self._order = order
        self._visits: dict[str, int] = {}
        self._value_count = self._check_count = 0
        self._costs = get_costs(merger.spec)

    def turn(self, choices: Sequence[Any], key: str) -> Any:
        """Return one of `choices`; over that many rows, each occurs once."""
        visit = self._visits[key] = self._visits.get(key, -1) + 1
        turn, position = divmod(self.index + visit, len(choices))
        return choices[self._order(key, turn, len(choices))[position]]

    def make(self, pointers: Places, context: ValueContext) -> Any:
        """Return a value for schemas that apply together.

        Raises:
            Unfakeable: no value is valid and small enough.
        """
        self._value_count += 1
        if context.depth > _DEEPEST or self._value_count > _MOST_MADE:
            pointer = pointers[0] if pointers else ""
            reason = "too costly to generate: its values are too deep or too large"
            raise Unfakeable(pointer, reason)
        return self._choose(_ChosenOptions(pointers), context)

    def _choose(self, selection: _ChosenOptions, context: ValueContext) -> Any:
        """Return a value with the options chosen so far, and one for each remaining choice."""
        merged = self.merger.merge(selection.schemas, selection.options, selection.choice_keys)
        if merged.is_impossible:
            raise Unfakeable(merged.key, "its clauses contradict each other")
        if not merged.choices:
            return self._make(merged, context)
        choice = merged.choices[0]
        options = self._sort_options(selection, choice, context)
        if not options:
            raise Unfakeable(choice.key, "no alternative satisfies the other clauses")
        failures: list[Unfakeable] = []
        values = list[Any]()
        for value in self._make_values(selection, choice, options, context, failures):
            if not self._needs_check(choice, options) or self._is_right(choice, value):
                return value
            values.append(value)
        if values:
            return values[0]
        raise failures[0]

    def _make_values(
        self,
        selection: _ChosenOptions,
        choice: Choice,
        options: Sequence[Option],
        context: ValueContext,
        failures: list[Unfakeable],
    ) -> Iterator[Any]:
        """Yield values of each option: usual, as large and as small as possible."""
        before = self._is_lean, self.is_full
        for option in options[:_TRIES]:
            for mode in _MODES if choice.keyword == "oneOf" else _MODES[:1]:
                if mode != "usual":
                    self._is_lean, self.is_full = mode == "lean", mode == "full"
                try:
                    value = self._choose(selection.add(choice, option), context)
                except Unfakeable as failure:
                    failures.append(failure)
                    break
                finally:
                    self._is_lean, self.is_full = before
                yield value

    def _needs_check(self, choice: Choice, options: Sequence[Option]) -> bool:
        """Return whether a value of one alternative may violate the others."""
        if choice.keyword != "oneOf":
            return choice.keyword in {"if", "dependentSchemas"}
        untagged = [option for option in options if not option.tags]
        return len(untagged) > 1 and not self.merger.are_apart(choice)

    def _is_right(self, choice: Choice, value: Any) -> bool:
        """Return whether the clause of a choice allows a value made for one of its options.

        After many such checks, only the whole value is validated.
        """
        self._check_count += 1
        if self._check_count > _MOST_CHECKED:
            return True
        separator = f"/{choice.keyword}/" if choice.keyword == "dependentSchemas" else "/"
        owner = choice.key.rpartition(separator)[0]
        return is_valid(self.merger.spec, owner, value, self.merger.direction)

    def _sort_options(
        self, selection: _ChosenOptions, choice: Choice, context: ValueContext
    ) -> list[Option]:
        """Return the possible options in the order in which they are tried."""
        possible: list[tuple[Option, MergedSchema]] = []
        for option in choice.options:
            more = selection.add(choice, option)
            merged = self.merger.merge(more.schemas, more.options, more.choice_keys)
            if not merged.is_impossible and self._estimate_size(option) <= MOST_SIZE:
                possible.append((option, merged))
        if context.is_lean or self._is_lean or not possible:
            return [
                option
                for option, _ in sorted(
                    possible, key=lambda candidate: self._estimate_size(candidate[0])
                )
            ]
        nulls = [option for option, merged in possible if merged.types == _ONLY_NULL]
        non_nulls = [option for option, merged in possible if merged.types != _ONLY_NULL]
        if nulls and (not non_nulls or self._is_null(choice.key)):
            return [*nulls, *non_nulls]
        first = self.turn(non_nulls, f"{choice.key}/?")
        return [first, *(option for option in non_nulls if option is not first), *nulls]

    def _estimate_size(self, option: Option) -> float:
        return max((self._costs.estimate_size(pointer) for pointer in option.schemas), default=0)

    def _make(self, merged: MergedSchema, context: ValueContext) -> Any:
        """Return a value for which only the type is left to choose."""
        if self._is_lean and not context.is_lean:
            context = attrs.evolve(context, is_lean=True)
        if merged.values is not None:
            return self.turn(merged.values, merged.key)
        if len(merged.types) == len(TYPES):
            return self._make_anything(merged, context.name)
        kinds = sorted(
            merged.types - {"null"} - ({"integer"} if "number" in merged.types else set())
        )
        is_nullable = "null" in merged.types
        if not kinds or (is_nullable and (context.is_lean or self._is_null(f"{merged.key}/null"))):
            return None
        return self._make_typed(merged, self._choose_kind(merged, kinds, context), context)

    def _is_null(self, key: str) -> bool:
        """Return whether a nullable value is null in this turn."""
        return not (self.is_full or self.turn(NULL_OR_NOT, key))

    def _make_typed(self, merged: MergedSchema, kind: str, context: ValueContext) -> Any:
        if kind == "object":
            return make_object(self, merged, context)
        if kind == "array":
            return make_array(self, merged, context)
        if kind == "string":
            if merged.find_least("minLength") > MOST_SIZE:
                raise Unfakeable(merged.key, "too costly to generate: its strings are too long")
            return self._make_allowed(
                merged, lambda: make_string(merged, self.text_maker, self.random, context.name)
            )
        if kind == "boolean":
            return self._make_allowed(merged, lambda: self.turn((True, False), merged.key))
        is_whole = kind == "integer" or is_whole_id(merged, context.name)
        return self._make_allowed(
            merged, lambda: make_number(merged, self.random, context.name, is_whole=is_whole)
        )

    def _choose_kind(self, merged: MergedSchema, kinds: list[str], context: ValueContext) -> str:
        simple = [kind for kind in kinds if kind not in {"object", "array"}]
        if len(kinds) == 1:
            return kinds[0]
        return str(self.turn(simple if context.is_lean and simple else kinds, f"{merged.key}/type"))

    def _make_allowed(self, merged: MergedSchema, make: Callable[[], Any]) -> Any:
        """Return a value that `not` allows, if one is found."""
        value = make()
        for _ in range(_TRIES if merged.excluded else 0):
            if value not in merged.excluded:
                break
            value = make()
        return value

    def _make_anything(self, merged: MergedSchema, name: str) -> Any:
        if name.lower().endswith(("at", "time")):
            return self.text_maker.make_timestamp() if self.turn(NULL_OR_NOT, merged.key) else None
        choices = (
            {"note": self.text_maker.make_sentence()},
            self.text_maker.make_sentence(),
            1,
            None,
        )
        return self.turn(choices, merged.key)
