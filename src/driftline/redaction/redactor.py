"""Removes known secrets from strings, JSON values and bytes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, Final, TypeGuard

from driftline.redaction.names import is_secret_name
from driftline.redaction.spellings import Needle, build_needles, has_escapes

MASK: Final = "***"
# The maximum number of characters of a secret that may be visible.
SHOWN: Final = 5
# A secret that is as short as a word is removed as a word of its own; a still shorter one only
# where a credential stands: "a" is in every text.
WORD: Final = 8
_NAMES: Final = (
    r"bearer|basic|token|secret|password|passwd|pwd|credential|auth|authorization|cookie"
    r"|signature|session|[-_ ]key|apikey"
)
_QUOTES: Final = r"(?:[\"'\\]|%22|&quot;|&#34;){0,6}"
_BETWEEN: Final = rf"{_QUOTES}\s{{0,3}}(?:[:=,]|%3[AaDd])?\s{{0,3}}{_QUOTES}\Z"
_LOOK_BACK: Final = 120
# A NUL, raw or escaped.
_GAP: Final = re.compile(r"\0|\\(?:u0000|x00)|%00")

Span = tuple[int, int, str]


def split_credential(secret: str) -> list[str]:
    """Return the parts of a credential that may occur alone: user and password."""
    parts = secret.split(":", 1)
    return [part for part in parts if len(part) >= WORD] if len(parts) > 1 else []


class Redactor:
    """Replaces each of `secrets`, in every spelling, by the string that it maps to.

    `names` are the headers, parameters and cookies in which credentials are sent: a short secret
    is one where it stands there. It is compiled once; using it is linear in the text.
    """

    __slots__ = ("_name_pattern", "_secrets")

    def __init__(self, secrets: Mapping[str, str], names: Iterable[str] = ()) -> None:
        # The longer first: one secret may be part of another.
        sorted_secrets = sorted(filter(None, secrets), key=lambda secret: (-len(secret), secret))
        self._secrets = [
            (secrets[secret], len(secret), _get_needles(secret)) for secret in sorted_secrets
        ]
        extra_names = "".join("|" + re.escape(name) for name in sorted(set(names)) if name)
        self._name_pattern = re.compile(f"(?:{_NAMES}{extra_names}){_BETWEEN}", re.IGNORECASE)

    def __repr__(self) -> str:
        return f"Redactor({len(self._secrets)} secrets)"

    def __call__(self, string: str, *, is_credential: bool = False) -> str:
        """The text without any secret; `is_credential` if the whole text is in a credential's
        place, where the shortest secret counts."""
        if not self._secrets:
            return string
        pieces = self.split(string, is_credential=is_credential)
        return "".join(piece for piece, _ in pieces)

    def split(self, string: str, *, is_credential: bool = False) -> list[tuple[str, bool]]:
        """Return the text in pieces; those that replace a secret are marked True."""
        spans = self._find_spans(string, is_credential)
        if _GAP.search(string):  # UTF-16 that was read as something else, or a secret with `%00`
            gapped = _map_spans(string, self._find_spans(_GAP.sub("", string), is_credential))
            spans = _join_overlaps([*spans, *gapped])
        pieces, at = list[tuple[str, bool]](), 0
        for start, end, replacement in spans:
            pieces += [(string[at:start], False), (replacement, True)]
            at = end
        pieces.append((string[at:], False))
        return [piece for piece in pieces if piece[0]]

    def redact_bytes(self, content: bytes) -> bytes:
        """Return the same for bytes of any encoding."""
        string = content.decode("utf-8", "surrogateescape")
        clean = self(string)
        return content if clean == string else clean.encode("utf-8", "surrogateescape")

    def redact_json(self, value: Any) -> Any:
        """Return the same for all strings of a JSON value, names of fields too.

        It is changed in place.
        """
        top: list[Any] = [value]
        todo: list[tuple[Any, Any, bool]] = [(top, 0, False)]
        while todo:  # not by recursion: it may lie deep
            holder, key, is_secret = todo.pop()
            entry = holder[key]
            if isinstance(entry, str):
                holder[key] = self(entry, is_credential=is_secret)
            elif is_object(entry):
                fields: dict[Any, Any] = {}
                for name, item in entry.items():
                    clean = self(name)
                    fields[clean] = item
                    todo.append((fields, clean, is_secret or is_secret_name(name)))
                holder[key] = fields
            elif is_array(entry):
                todo.extend((entry, index, is_secret) for index in range(len(entry)))
        return top[0]

    def _find_spans(self, string: str, is_credential: bool) -> list[Span]:
        """Return the places of all secrets, in the order of the text, none within another."""
        spans: list[Span] = []
        has_no_escapes = not has_escapes(string)
        for replacement, length, spelled in self._secrets:
            for number, needle in enumerate(spelled):
                if number == 0:
                    spans += [(*span, replacement) for span in needle.find_rests(string, SHOWN)]
                if has_no_escapes and not needle.may_be_in(string):
                    continue
                start = 0
                while (span := needle.find(string, start, SHOWN)) is not None:
                    start = span[1]
                    is_plain = number == 0
                    if is_credential or self._is_secret(string, span, length, is_plain=is_plain):
                        spans.append((*span, replacement))
        return _join_overlaps(spans)

    def _is_secret(
        self, string: str, span: tuple[int, int], length: int, *, is_plain: bool
    ) -> bool:
        """Return whether a match is a secret.

        A short one may be an ordinary word.
        """
        if length >= WORD or (length > SHOWN and not is_plain):
            return True
        start, end = span
        is_word = not (string[start - 1 : start].isalnum() or string[end : end + 1].isalnum())
        if length > SHOWN:
            return is_word or string[start - 3 : start - 2] in {"%", "\\"}
        before = string[max(0, start - _LOOK_BACK) : start]
        return is_word and self._name_pattern.search(before) is not None


def is_object(value: Any) -> TypeGuard[dict[str, Any]]:
    return isinstance(value, dict)


def is_array(value: Any) -> TypeGuard[list[Any]]:
    return isinstance(value, list)


@lru_cache(maxsize=256)
def _get_needles(secret: str) -> tuple[Needle, ...]:
    return tuple(build_needles(secret))


def _join_overlaps(spans: list[Span]) -> list[Span]:
    """Return the spans in order; overlapping ones are joined."""
    disjoint: list[Span] = []
    for start, end, replacement in sorted(spans, key=lambda span: (span[0], -span[1])):
        if disjoint and start < disjoint[-1][1]:
            before = disjoint.pop()
            disjoint.append((before[0], max(end, before[1]), before[2]))
        else:
            disjoint.append((start, end, replacement))
    return disjoint


def _map_spans(string: str, spans: list[Span]) -> list[Span]:
    """Map spans in a text without its NULs to spans in the text."""
    positions, at = list[int](), 0
    for gap in _GAP.finditer(string):
        positions += range(at, gap.start())
        at = gap.end()
    positions += range(at, len(string))
    return [
        (positions[start], positions[end - 1] + 1, replacement) for start, end, replacement in spans
    ]
