"""Data from schemas: deterministic, plausible, and over its rows complete.

Row after row takes enum values, optional fields and nulls by turns: over the rows each value is
there, each optional field both present and absent, and null wherever it is allowed.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Any

from driftline.errors import Problem, SpecError
from driftline.mock.memo import remember
from driftline.mock.mending import mended
from driftline.mock.text import Text
from driftline.spec import Spec
from driftline.spec.patterns import fits, matching
from driftline.spec.pointer import is_array, is_object, join
from driftline.spec.schema import Violation, violations

__all__ = ["Data"]

MAX_DEPTH = 5
_ATTEMPTS = 20
_UNMENDED = 3
"""So often a value is made anew before it is mended: that leaves out what may be left out."""
_REMEMBERED = 10_000
_NULL_OR_NOT = (False, True, True, True)


class Data:
    """Makes values for the schemas of one spec; the same for the same seed and index."""

    def __init__(self, spec: Spec, seed: int) -> None:
        self.spec = spec
        self.number = seed
        self.seed = f"{seed}:{spec.name}"
        self._known = _Known(spec, self.seed)

    def value(self, schema_pointer: str, index: int, name: str = "") -> Any:
        """A value for the schema at `schema_pointer`, the `index`th of its kind.

        The name of the field that it is for says what it may be about.

        Raises:
            SpecError: none could be made, for example for a required text with a pattern.
        """
        found: list[Violation] = []
        for attempt in range(_ATTEMPTS):
            seed = f"{self.seed}:{schema_pointer}:{index}:{attempt}"
            source = random.Random(seed)  # noqa: S311 (plausible, not secret)
            # Not the same turn again: what is wrong may be just what the turn chooses.
            made = _Maker(self._known, source, index + attempt).make(schema_pointer, name, 0)
            found = violations(self.spec, schema_pointer, made)
            if not found:
                return made
            if attempt >= _UNMENDED:
                made, found = mended(self.spec, schema_pointer, made)
                if not found:
                    return made
        location = self.spec.location(found[0].clause)
        what = f"no value could be made for this schema: {found[0].message}"
        raise SpecError(
            (
                Problem(
                    "mock.value-impossible", location, what, "Give an example, or a simpler rule."
                ),
            )
        )

    def hidden(self, name: str, index: int) -> str:
        """A text that is searched and never shown, e.g. a transcript."""
        source = random.Random(f"{self.seed}:hidden:{name}:{index}")  # noqa: S311
        return Text(source).make(name, None)


class _Known:
    """What was found out about the schemas of a spec: the same for row after row."""

    def __init__(self, spec: Spec, seed: str) -> None:
        self._spec = spec
        self._seed = seed
        self._schemas: dict[str, tuple[str, Any]] = {}
        self._orders: dict[tuple[str, int, int], list[int]] = {}

    def schema(self, pointer: str) -> tuple[str, Any]:
        """The pointer and schema once `$ref`s are followed, with what its `allOf` adds."""
        found = self._schemas.get(pointer)
        if found is None:
            place, schema = self._spec.resolve(pointer)
            found = place, self._merged(place, schema) if is_object(schema) else schema
            self._schemas[pointer] = found
        return found

    def _merged(self, pointer: str, schema: Mapping[str, Any]) -> dict[str, Any]:
        result = {key: value for key, value in schema.items() if key != "allOf"}
        for position in range(len(schema.get("allOf", ()))):
            place, part = self._spec.resolve(f"{pointer}/allOf/{position}")
            for key, value in self._merged(place, part).items():
                if key == "properties":
                    own = part.get(key, {})
                    fields = {
                        field: {"$ref": f"#{place}{join(key, field)}"} if field in own else inner
                        for field, inner in value.items()
                    }
                    result[key] = {**fields, **result.get(key, {})}
                elif key == "required":
                    result[key] = [*result.get(key, []), *value]
                else:
                    result.setdefault(key, value)
        return result

    def order(self, place: str, turn: int, count: int) -> list[int]:
        """In which order that many choices are taken, another each time."""
        found = self._orders.get((place, turn, count))
        if found is None:
            found = list(range(count))
            random.Random(f"{self._seed}:{place}:{turn}").shuffle(found)  # noqa: S311
            remember(self._orders, (place, turn, count), found, _REMEMBERED)
        return found


class _Maker:
    """Makes one value; `index` decides what is taken by turns."""

    def __init__(self, known: _Known, source: random.Random, index: int) -> None:
        self.known = known
        self.random = source
        self.index = index
        self.text = Text(source)
        self.visits: dict[str, int] = {}

    def turn(self, choices: Sequence[Any], place: str) -> Any:
        """One of `choices`: every one of them once in each run of that many rows."""
        visit = self.visits[place] = self.visits.get(place, -1) + 1
        turn, position = divmod(self.index + visit, len(choices))
        return choices[self.known.order(place, turn, len(choices))[position]]

    def make(self, pointer: str, name: str, depth: int) -> Any:
        pointer, schema = self.known.schema(pointer)
        if not is_object(schema):
            return None  # `true`: anything, so nothing
        if "const" in schema:
            return schema["const"]
        if schema.get("enum"):
            return self.turn(schema["enum"], pointer)
        for word in ("anyOf", "oneOf"):
            if schema.get(word):
                place = self.branch(pointer, len(schema[word]), word, depth)
                made = self.make(place, name, depth)
                if is_object(made) and "properties" in schema:
                    made = {**self.object(pointer, schema, depth), **made}
                return made
        return self.typed(pointer, schema, name, depth)

    def branch(self, pointer: str, count: int, word: str, depth: int) -> str:
        places = [f"{pointer}/{word}/{position}" for position in range(count)]
        nulls = [p for p in places if self.known.schema(p)[1] == {"type": "null"}]
        others = [p for p in places if p not in nulls]
        wanted = others and depth <= MAX_DEPTH and self.turn(_NULL_OR_NOT, pointer)
        return nulls[0] if nulls and not wanted else str(self.turn(others, f"{pointer}/{word}"))

    def typed(self, pointer: str, schema: Mapping[str, Any], name: str, depth: int) -> Any:
        kinds: Any = schema.get("type")
        if is_array(kinds):
            others = [kind for kind in kinds if kind != "null"]
            if len(others) < len(kinds) and not (others and self.turn(_NULL_OR_NOT, pointer)):
                return None
            kinds = self.turn(others, f"{pointer}/type")
        if kinds == "object" or (kinds is None and "properties" in schema):
            return self.object(pointer, schema, depth)
        if kinds == "array" or (kinds is None and "items" in schema):
            return self.array(pointer, schema, name, depth)
        if kinds == "string":
            return self.string(schema, name)
        if kinds in {"integer", "number"}:
            return self.number(schema, name, whole=kinds == "integer")
        if kinds == "boolean":
            return self.turn((True, False), pointer)
        return None if kinds == "null" else self.anything(pointer, name)

    def anything(self, pointer: str, name: str) -> Any:
        if name.lower().endswith(("at", "time")):
            return self.text.moment() if self.turn(_NULL_OR_NOT, pointer) else None
        return self.turn(({"note": self.text.sentence()}, self.text.sentence(), 1, None), pointer)

    def object(self, pointer: str, schema: Mapping[str, Any], depth: int) -> dict[str, Any]:
        result: dict[str, Any] = {}
        required = set(schema.get("required", ()))
        for field, inner in schema.get("properties", {}).items():
            place = f"{pointer}/properties{join(field)}"
            if is_object(inner) and set(inner) == {"$ref"}:
                place = inner["$ref"].removeprefix("#")
            present = depth <= MAX_DEPTH and self.turn(_NULL_OR_NOT, f"{pointer}/?/{field}")
            if field in required or present:
                result[field] = self.make(place, field, depth + 1)
        extra = schema.get("additionalProperties")
        if is_object(extra) and not result:
            place = f"{pointer}/additionalProperties"
            result = {key: self.make(place, key, depth + 1) for key in ("first", "second")}
        elif extra is True and not schema.get("properties"):
            result = {"customerId": f"cust_{self.random.randrange(1000):03d}", "priority": "high"}
        return result

    def array(self, pointer: str, schema: Mapping[str, Any], name: str, depth: int) -> list[Any]:
        low = int(schema.get("minItems", 0))
        high = min(int(schema.get("maxItems", low + 3)), low + 3)
        count = low if depth > MAX_DEPTH else self.turn(range(low, high + 1), pointer)
        if "items" not in schema:
            return [None] * low
        return [self.make(f"{pointer}/items", name, depth + 1) for _ in range(count)]

    def string(self, schema: Mapping[str, Any], name: str) -> str:
        if "pattern" in schema and schema.get("examples"):
            return str(self.random.choice(schema["examples"]))
        low, high = int(schema.get("minLength", 0)), schema.get("maxLength")
        text = self.text.make(name, schema.get("format"))
        if "pattern" in schema and not fits(schema["pattern"], text):
            for each in matching(schema["pattern"], self.random):
                if len(each) >= low and (high is None or len(each) <= high):
                    return each
        while len(text) < low:
            text = f"{text} {self.text.sentence()}"
        return text if high is None else text[: int(high)]

    def number(self, schema: Mapping[str, Any], name: str, *, whole: bool) -> float:
        step = 1 if whole else 0.01
        low, high = _range(name)
        low = schema.get("minimum", schema.get("exclusiveMinimum", low - step) + step)
        high = schema.get("maximum", schema.get("exclusiveMaximum", max(high, low) + step) - step)
        high = min(high, low + max(1000, _range(name)[1]))
        made = low + self.random.random() * (high - low)
        multiple = schema.get("multipleOf")
        if multiple:
            made = -(-low // multiple) * multiple
        return int(made) if whole else round(made, 2)


def _range(name: str) -> tuple[float, float]:
    """Plausible bounds: milliseconds since 1970, milliseconds of a call, or a small number."""
    words = name.lower()
    if words.endswith("timestamp"):
        return 1_767_225_600_000, 1_787_000_000_000
    if words.endswith(("ms", "duration")):
        return 1000, 3_600_000
    return 0, 1000
