"""What two texts differ in, word by word."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from typing import Final

Piece = tuple[str, bool]
"""A part of a text, and whether the other text lacks it."""
_ALIKE: Final = 0.3
"""Texts that have less in common than this differ as a whole, which needs no marks."""
_MOST: Final = 400
"""Of more words than this nobody would look for the one that differs."""


def compare_texts(one: str, other: str) -> tuple[Sequence[Piece], Sequence[Piece]]:
    """Return the pieces of both texts; put together again they are the texts."""
    words = _split_words(one), _split_words(other)
    whole = [(one, False)], [(other, False)]
    if one == other or max(map(len, words)) > _MOST:
        return whole
    matcher = SequenceMatcher(None, *words, autojunk=False)
    shared = [words[0][a:end] for a, end in _find_spans(matcher)]
    if 2 * sum(map(_weigh, shared)) < _ALIKE * sum(map(_weigh, words)):
        return whole
    pieces: tuple[list[Piece], list[Piece]] = [], []
    for kind, start, end, other_start, other_end in matcher.get_opcodes():
        spans = (start, end), (other_start, other_end)
        for side, text, (first, last) in zip(pieces, words, spans, strict=True):
            if first < last:
                side.append(("".join(text[first:last]), kind != "equal"))
    return pieces


def _find_spans(matcher: SequenceMatcher[str]) -> Iterator[tuple[int, int]]:
    for block in matcher.get_matching_blocks():
        yield block.a, block.a + block.size


def _weigh(words: Iterable[str]) -> int:
    """In letters and digits: spaces and commas make no likeness."""
    return sum(len(word) for word in words if word.isalnum())


def _split_words(text: str) -> list[str]:
    return re.findall(r"\w+|\s+|[^\w\s]", text)
