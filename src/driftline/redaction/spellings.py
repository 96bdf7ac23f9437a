"""The encodings in which a repeated string may occur, character by character.

A server that quotes a secret may percent-encode it in part, twice or in lower case, write it in
JSON inside JSON, escape it for HTML, or do several of these. The number of whole spellings grows
exponentially, so they are not listed: each character is matched in all of its spellings, one
character after the other, which is linear.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from functools import lru_cache
from html import unescape
from html.entities import html5
from itertools import chain
from typing import Final
from urllib.parse import unquote

# Any number of backslashes (JSON in JSON doubles them), themselves percent-encoded or not.
_BACKSLASHES: Final = r"(?:\\|%(?:25)*+5[Cc])++"
_AMPERSAND: Final = rf"(?:&|{_BACKSLASHES}u0026)(?:amp;)*+"
# Only from the first of several backslashes: matching stays linear in a long row of them.
_NOT_WITHIN_BACKSLASHES: Final = r"(?<!\\)(?<!%5C)(?<!%5c)(?<!255C)(?<!255c)"
_CONTROLS: Final = {"\n": "n", "\r": "r", "\t": "t", "\b": "b", "\f": "f"}
# What replaces a part of a secret that was cut or masked. "?" is what ASCII makes of "…".
_MARK: Final = r"(?:[…•?\x85\ufffd]|\.\.|[*#xX]{3})"
_ELLIPSIS: Final = (
    rf"(?:{_MARK}|\\{{1,4}}u(?:2026|[fF]{{3}}[dD])|&hellip;|&#8230;|%E2%80%A6|â(?:€|\x80)¦"
    r"|[\[(<](?i:\.|…|\d|truncated|snip|cut|redacted|masked|hidden|omitted))"
)
_CUT: Final = re.compile(
    rf"(?:%\w?|\\+(?:u\w{{0,3}})?|&#?\w{{0,6}})?\s{{0,2}}(?:{_ELLIPSIS}|[\"'\])}}]{{0,3}}\Z)"
)
_END_OF_MARK: Final = re.compile(r"[…•?\x85\ufffd]|(?<=\.)\.|(?<=[*#xX]{2})[*#xX]")
_UNITS: Final = re.compile(r"\\+u([0-9a-fA-F]{4})(?:\\+u([0-9a-fA-F]{4}))?")
_HEAD: Final = 4
# Each of the two may stand for the other, in a query.
_SPACES: Final = frozenset(" +")
_ESCAPES: Final = frozenset("%\\&")
_PADDING: Final = re.compile(r"(?:=|%(?:25)*+3[Dd]|\\++u003[dD]|&(?:amp;)*+#(?:61|x3[dD]);){0,2}")
_ENTITIES: Final[dict[str, list[str]]] = {}
for _name, _value in html5.items():
    if len(_value) == 1 and _name.endswith(";"):
        _ENTITIES.setdefault(_value, []).append(_name)


def _match_hex(digits: str) -> str:
    """Hexadecimal digits in upper or lower case."""
    return "".join(
        f"[{digit.lower()}{digit.upper()}]" if digit.isalpha() else digit for digit in digits
    )


@lru_cache(maxsize=4096)
def _list_encodings(char: str) -> str:
    """Return every spelling of a character but itself, as a regular expression."""
    number = ord(char)
    utf8 = char.encode("utf-8", "surrogatepass")
    patterns = [_match_percent(utf8)]
    units = char.encode("utf-16-be", "surrogatepass").hex()
    pairs = [units[at : at + 4] for at in range(0, len(units), 4)]
    patterns.append("".join(f"{_BACKSLASHES}u{_match_hex(unit)}" for unit in pairs))
    if number > 0xFFFF:
        patterns.append(f"{_BACKSLASHES}U{_match_hex(f'{number:08x}')}")
    else:
        patterns.append(rf"%(?:25)*+u{_match_hex(f'{number:04x}')}")
    if 0x7F < number <= 0xFF:
        patterns.append(rf"%(?:25)*+{_match_hex(f'{number:02x}')}")
    if number <= 0xFF:
        patterns.append(f"{_BACKSLASHES}x{_match_hex(f'{number:02x}')}")
    if number > 0x7F:
        patterns.append("".join(f"{_BACKSLASHES}x{_match_hex(f'{byte:02x}')}" for byte in utf8))
    if char in _CONTROLS:
        patterns.append(_BACKSLASHES + _CONTROLS[char])
    numeric = rf"#(?:0*+{number}|[xX]0*+{_match_hex(f'{number:x}')})(?:;|(?![0-9A-Fa-f]))"
    entities = "|".join(map(re.escape, _ENTITIES.get(char, ())))
    patterns.append(_AMPERSAND + (f"(?:{numeric}|{entities})" if entities else numeric))
    if char in " +":
        patterns.append("[ +]")
    return "|".join(patterns)


@lru_cache(maxsize=4096)
def _compile_encoded(char: str) -> re.Pattern[str]:
    """Return a pattern for the spellings of a character after others of the same string."""
    return re.compile(_list_encodings(char) + _match_escaped(char))


def _match_escaped(char: str) -> str:
    """Return a character with backslashes before it, which letters and digits never have."""
    if char.isalnum() or char == "\\":
        return ""
    percent = _match_percent(char.encode("utf-8", "surrogatepass"))
    return f"|{_BACKSLASHES}(?:{re.escape(char)}|{percent})"


def _match_percent(utf8: bytes) -> str:
    return "".join(rf"%(?:25)*+{_match_hex(f'{byte:02x}')}" for byte in utf8)


def _find_ends(char: str, haystack: str, start: int) -> list[int]:
    """Return every place where a spelling of `char` that begins at `start` ends."""
    ends = [start + 1] if haystack.startswith(char, start) else []
    # Letters, digits and the like begin no other spelling.
    if haystack[start : start + 1] not in _BEGINNINGS:
        return ends
    match = _compile_encoded(char).match(haystack, start)
    if match is not None:
        ends.append(match.end())
    repeated_pattern = _REPEATED.get(char)
    if repeated_pattern is not None:
        for _ in range(_TIMES):
            match = repeated_pattern.match(haystack, ends[-1] if ends else start)
            if match is None:
                break
            ends.append(match.end())
    return ends


_BEGINNINGS: Final = frozenset("%\\&+ ")
# What begins an encoding is itself encoded by adding to it: `%25`, `%2525`, `&amp;`, `&amp;amp;`,
# and backslashes by doubling them.
_REPEATED: Final = {
    "%": re.compile("25"),
    "&": re.compile("amp;|#38;|#[xX]26;"),
    "\\": re.compile(r"\\|%(?:25)*+5[Cc]"),
}
_TIMES: Final = 64


def _read_characters(haystack: str, start: int) -> set[str]:
    """Return the characters that the next one may encode."""
    piece = haystack[start : start + 24]
    if piece[:1] not in _BEGINNINGS:
        return {piece[:1]}
    spelled = [piece, unescape(piece), unquote(piece), piece.lstrip("\\")]
    units = _UNITS.match(piece)
    if units is not None:
        packed = bytes.fromhex("".join(filter(None, units.groups())))
        spelled.append(packed.decode("utf-16-be", "ignore"))
    return {spelling[:1] for spelling in spelled}


class Needle:
    """A string to find in any spelling; `has_padding` if base64 padding may follow it."""

    __slots__ = ("_head", "_is_plain", "_offsets", "_string", "has_padding")

    def __init__(self, string: str, *, pads: bool = False) -> None:
        self._string = string
        self._offsets: dict[str, list[int]] | None = None
        self._is_plain = not _SPACES & set(string)
        self._head = _compile_head(string)
        self.has_padding = pads

    def __len__(self) -> int:
        return len(self._string)

    def may_be_in(self, haystack: str) -> bool:
        """Return whether a text without `%`, `&` and backslashes may have it, or its beginning."""
        return self._string[:_HEAD] in haystack or not self._is_plain

    def find(self, haystack: str, start: int, shown_length: int) -> tuple[int, int] | None:
        """Return the next place of it, as start and end.

        A beginning that is longer than `shown_length` counts, where the text was cut after it.
        """
        while (match := self._head.search(haystack, start)) is not None:
            end = self._end(haystack, match.start(), shown_length)
            if end is not None:
                return match.start(), end
            start = match.start() + 1
        return None

    def find_rests(self, haystack: str, shown_length: int) -> Iterator[tuple[int, int]]:
        """Yield the places of what follows a cut, if it is longer than `shown_length`."""
        if self._offsets is None:
            self._offsets = {}
            for offset, char in enumerate(self._string[:-shown_length]):
                self._offsets.setdefault(char, []).append(offset)
        end = 0
        for mark in _END_OF_MARK.finditer(haystack):
            start = mark.end()
            if start < end:
                continue
            offsets = (self._offsets.get(char, ()) for char in _read_characters(haystack, start))
            for offset in chain.from_iterable(offsets):
                ends = self._follow(haystack, start, offset)
                end = max(end, ends[-1]) if len(ends) > shown_length else end
            if end > start:
                yield start, end

    def _end(self, haystack: str, start: int, shown_length: int) -> int | None:
        string = self._string
        if string[-1] not in _ESCAPES and haystack.startswith(string, start):
            return self._skip_padding(haystack, start + len(string))
        ends = self._follow(haystack, start, 0)
        if len(ends) < len(string):
            # The secret itself may have the characters that mark the cut.
            cuts = (end for end in reversed(ends[shown_length:]) if _CUT.match(haystack, end))
            return next(cuts, None)
        return self._skip_padding(haystack, ends[-1])

    def _follow(self, haystack: str, start: int, offset: int) -> list[int]:
        """Return where each character from `offset` on ends, as far as the text has them."""
        ends, farthest_ends = {start}, list[int]()
        for char in self._string[offset:]:
            ends = {end for previous in ends for end in _find_ends(char, haystack, previous)}
            if not ends:
                break
            farthest_ends.append(max(ends))
        return farthest_ends

    def _skip_padding(self, haystack: str, end: int) -> int:
        match = _PADDING.match(haystack, end) if self.has_padding else None
        return match.end() if match else end


def _compile_head(string: str) -> re.Pattern[str]:
    """Return what matches the beginning of a string in any spelling: a fast search for candidates.

    It begins with a plain set of characters, which the regular expression engine looks for in C.
    """
    first = string[0]
    if first in _ESCAPES:
        return re.compile(rf"{_NOT_WITHIN_BACKSLASHES}[%&\\]")
    beginnings = re.escape(first) + r"%\\&" + ("+ " if first in "+ " else "")
    encodings = f"(?={_NOT_WITHIN_BACKSLASHES}(?:{_list_encodings(first)}))"
    literal = re.escape(first)
    rest = ""
    for char in string[1:_HEAD]:
        if char in _ESCAPES:
            break  # its spellings are many, and the rest is compared anyway
        rest += f"(?:{re.escape(char)}|{_list_encodings(char)}{_match_escaped(char)})"
    return re.compile(
        f"(?=[{beginnings}])(?:{literal}|{encodings}(?:{_list_encodings(first)})){rest}"
    )


def has_escapes(string: str) -> bool:
    """Return whether anything in a text may be spelled otherwise than it is."""
    return "%" in string or "\\" in string or "&" in string


def build_needles(secret: str) -> list[Needle]:
    """Return what to look for: the secret, its base64 in both alphabets, its hexadecimal digits."""
    return [Needle(secret), *_list_base64(secret)]


def _list_base64(secret: str) -> list[Needle]:
    raw = secret.encode("utf-8", "surrogatepass")
    alone = base64.b64encode(raw).decode().rstrip("=")
    spellings = {alone: True}
    for offset in range(3):
        spellings.setdefault(_extract_inner(raw, offset), False)
    for spelling, pads in list(spellings.items()):
        spellings.setdefault(spelling.translate(str.maketrans("+/", "-_")), pads)
    for digits in (raw.hex(), raw.hex().upper()):
        spellings.setdefault(digits, False)
    return [Needle(string, pads=pads) for string, pads in spellings.items() if string]


def _extract_inner(raw: bytes, offset: int) -> str:
    """Return the base64 digits that `raw` alone decides, after `offset` other bytes."""
    digits = base64.b64encode(b"\0" * offset + raw).decode().rstrip("=")
    first = -(-offset * 8 // 6)
    return digits[first : (offset + len(raw)) * 8 // 6]
