"""Generates strings of a given length that match a pattern.

Python's parser splits the pattern, and random choices rebuild it with repeats that reach the
length. The result is matched by ECMA's rules, since Python reads some patterns differently.
"""

from __future__ import annotations

import re
import string
import warnings
from collections.abc import Iterator, Sequence
from functools import lru_cache, partial
from importlib import import_module
from random import Random
from typing import Any

import jsonschema_rs

_PARSER: Any = import_module("re._parser")  # untyped, and it has no public name
_ATTEMPTS = 12
_LONGEST = 10_000
"""A pattern that requests more characters is not made: `(x{9999}){9999}`."""
_ROOM = 12
"""The maximum length of a string of an open pattern beyond its minimum."""
_PLAIN = string.ascii_lowercase + string.digits
_WIDE = [*map(ord, _PLAIN + string.ascii_uppercase + "-_ " + string.punctuation)]
_CATEGORIES = {
    "CATEGORY_DIGIT": string.digits,
    "CATEGORY_WORD": _PLAIN + string.ascii_uppercase + "_",
    "CATEGORY_SPACE": " ",
    "CATEGORY_NOT_DIGIT": string.ascii_lowercase,
    "CATEGORY_NOT_WORD": "-.",
    "CATEGORY_NOT_SPACE": _PLAIN,
}
_PROPERTIES = (
    (re.compile(r"\\p\{(L|Letter|Ll|Lowercase_Letter|IsLatin|Script=Latin|Alphabetic)\}"), "a-z"),
    (re.compile(r"\\p\{(Lu|Uppercase_Letter)\}"), "A-Z"),
    (re.compile(r"\\p\{(N|Nd|Number|Decimal_Number)\}"), "0-9"),
    (re.compile(r"\\p\{(M|Mn|Mark)\}"), "a"),
    (re.compile(r"\\p\{(P|Pd|Punctuation|S|Symbol)\}"), "!"),
    (re.compile(r"\\p\{(Z|Zs|Separator)\}"), " "),
)
_BACK_REFERENCE = re.compile(r"\\[1-9k]")


@lru_cache(maxsize=4096)
def _get_validator(pattern: str) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator({"pattern": pattern})


def can_compile_pattern(pattern: str) -> bool:
    """Return whether validators can compile a pattern; they ignore one that is invalid or huge."""
    try:
        _get_validator(pattern)
    except ValueError:
        return False
    return True


def matches_pattern(pattern: str, value: str, *, otherwise: bool = False) -> bool:
    """Return whether a string matches by the rules of JSON Schema: ECMA, anywhere in it.

    Python's `re` may take for ever with the pattern of a document. `otherwise` is returned for one
    that is invalid.
    """
    try:
        return _get_validator(pattern).is_valid(value)
    except ValueError:
        return otherwise


def make_matching(
    pattern: str, source: Random, min_length: int = 0, max_length: int | None = None
) -> Iterator[str]:
    """Yield some matching strings of a length; deterministic for a source of randomness.

    MISSING if no string could be built.
    """
    tree = _parse(pattern)
    if tree is None:
        return
    shortest = _measure_shortest(tree)
    if shortest > _LONGEST or (max_length is not None and shortest > max_length):
        return
    for attempt in range(_ATTEMPTS):
        low = max(shortest, min_length)
        high = low + _ROOM if max_length is None else max(low, min(max_length, low + _ROOM))
        length = source.randint(low, high)
        try:
            candidate = _StringBuilder(
                source, length - shortest, is_greedy=attempt >= _ATTEMPTS // 2
            )(tree)
            candidate = _pad(pattern, candidate, min_length)
            if (
                len(candidate) >= min_length
                and (max_length is None or len(candidate) <= max_length)
                and matches_pattern(pattern, candidate)
            ):
                yield candidate
        except (LookupError, ValueError, RecursionError):
            return


def _pad(pattern: str, candidate: str, min_length: int) -> str:
    """Return the string with padding after the match, if the pattern has no end anchor."""
    if len(candidate) >= min_length or pattern.endswith("$"):
        return candidate
    return candidate + (_PLAIN * (1 + min_length // len(_PLAIN)))[: min_length - len(candidate)]


@lru_cache(maxsize=4096)
def _parse(pattern: str) -> Any:
    """Return the parsed pattern, or None if Python cannot parse it."""
    for classes, characters in _PROPERTIES:
        pattern = classes.sub(partial(_format_class, characters), pattern)
    pattern = re.sub(r"\(\?<(?=[A-Za-z])", "(?P<", pattern)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _PARSER.parse(pattern)
    except (re.error, ArithmeticError, LookupError, ValueError, TypeError, RecursionError):
        return None


def _format_class(characters: str, match: re.Match[str]) -> str:
    """Return the characters in brackets, unless they are within brackets already."""
    before = match.string[: match.start()]
    is_inside = before.count("[") - before.count("\\[") > before.count("]") - before.count("\\]")
    return characters if is_inside else f"[{characters}]"


def measure_pattern(pattern: str) -> tuple[int, int | None]:
    """Return the fewest characters of a matching string, and the most; None if unlimited.

    `(0, None)` if that is not known: an unmatched group that is repeated is empty by ECMA's rules.
    """
    tree = None if _BACK_REFERENCE.search(pattern) else _parse(pattern)
    if tree is None:
        return 0, None
    shortest, longest = tree.getwidth()
    ends = [str(argument) for kind, argument in (*tree[:1], *tree[-1:]) if str(kind) == "AT"]
    return int(shortest), int(longest) if ends == ["AT_BEGINNING", "AT_END"] else None


def _measure_shortest(tree: Any) -> int:
    """Return the minimum length of a match."""
    return int(tree.getwidth()[0])


class _StringBuilder:
    """Builds one string, up to `spare_length` characters longer than the shortest match."""

    def __init__(self, source: Random, spare_length: int, *, is_greedy: bool) -> None:
        self._random = source
        self._spare_length = spare_length
        self._is_greedy = is_greedy
        self._groups: dict[int, str] = {}

    def __call__(self, tree: Any) -> str:
        return "".join([self._make(str(kind), argument) for kind, argument in tree])

    def _make(self, kind: str, argument: Any) -> str:
        if kind == "LITERAL":
            return chr(argument)
        if kind == "NOT_LITERAL":
            return self._choose_other_than({argument})
        if kind == "ANY":
            return self._random.choice(_PLAIN)
        if kind == "IN":
            return self._choose_character(argument)
        if kind == "BRANCH":
            return self(self._choose_branch(argument[1]))
        if kind == "SUBPATTERN":
            group = self(argument[3])
            if argument[0] is not None:
                self._groups[argument[0]] = group
            return group
        if kind in {"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"}:
            return self._repeat(*argument)
        if kind == "ATOMIC_GROUP":
            return self(argument)
        # Of lookarounds, only the group is built: the match is tested later.
        return self._groups.get(argument, "") if kind == "GROUPREF" else ""

    def _choose_branch(self, branches: Sequence[Any]) -> Any:
        """Return a branch that fits into the rest of the string."""
        shortest = min(map(_measure_shortest, branches))
        short_branches = [
            branch
            for branch in branches
            if _measure_shortest(branch) - shortest <= self._spare_length
        ]
        choice = self._random.choice(short_branches)
        self._spare_length -= _measure_shortest(choice) - shortest
        return choice

    def _repeat(self, min_count: int, max_count: Any, tree: Any) -> str:
        more = self._spare_length // max(1, _measure_shortest(tree))
        more = min(more, int(max_count) - min_count)
        count = more if self._is_greedy else self._random.randint(0, more)
        if count == 0 and more > 0 and min_count == 0 and self._random.random() < 0.5:
            count = 1
        self._spare_length -= count * _measure_shortest(tree)
        return "".join([self(tree) for _ in range(min_count + count)])

    def _choose_character(self, members: Sequence[tuple[Any, Any]]) -> str:
        is_negated = str(members[0][0]) == "NEGATE"
        codes = [code for kind, argument in members for code in _list_codes(str(kind), argument)]
        if is_negated:
            return self._choose_other_than(set(codes))
        return chr(self._random.choice(codes))

    def _choose_other_than(self, codes: set[int]) -> str:
        plain = [character for character in _PLAIN if ord(character) not in codes]
        characters = plain or [chr(code) for code in _WIDE if code not in codes]
        return self._random.choice(characters)


def _list_codes(kind: str, argument: Any) -> Sequence[int]:
    """Return the characters of a class member, only a few of a large range."""
    if kind == "LITERAL":
        return [argument]
    if kind == "RANGE":
        first, last = argument
        plain = [ord(character) for character in _PLAIN if first <= ord(character) <= last]
        return plain or range(first, min(last, first + 127) + 1)
    if kind == "CATEGORY":
        return [ord(character) for character in _CATEGORIES[str(argument)]]
    return []
