"""The resource that an operation's tag names."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from driftline.add.naming.phrases import list_fixed_segments, split_words, strip_suffixes
from driftline.add.operations import SourceOperation
from driftline.openapi import is_array

_NO_TAGS: Final = frozenset({"api", "default", "general", "misc", "other", "root", "untagged"})
_MAX_TAG: Final = 40
_LEVELS: Final = re.compile(r">|::|/|\.")
_VERSION: Final = re.compile(r"v\d+\w*", re.IGNORECASE)
_SHORTEST_LEVEL: Final = 3


def read_tag(operation: SourceOperation) -> str:
    """Return the first tag of an operation, or an empty string."""
    tags = operation.node.get("tags")
    return tags[0] if is_array(tags) and tags and isinstance(tags[0], str) else ""


def map_tags(operations: Sequence[SourceOperation]) -> Mapping[str, tuple[str, ...]]:
    """Return the words of the resource of each tag that names one.

    A tag with levels, such as `manage > v1 > projects`, is named by its last level, or by as many
    levels as make it unique.
    """
    tags = {tag for operation in operations if (tag := read_tag(operation))}
    levels = {tag: tag_levels for tag in tags if (tag_levels := _split_levels(tag))}
    suffixes = Counter(
        suffix
        for parts in set(levels.values())
        for suffix in (parts[at:] for at in range(len(parts)))
    )
    shared = _find_shared(operations)
    prefix = _find_prefix(tags)
    resources: dict[str, tuple[str, ...]] = {}
    for tag in tags - {shared}:
        words = split_words(tag)[len(prefix) :]
        if tag in levels:
            ends = [levels[tag][at:] for at in range(len(levels[tag]))]
            shortest = next((end for end in reversed(ends) if suffixes[end] == 1), ends[0])
            resources[tag] = tuple(word for level in shortest for word in level)
        elif _is_name(tag) and words and "_".join(words) not in _NO_TAGS:
            resources[tag] = strip_suffixes(words)
    return resources


def _split_levels(tag: str) -> tuple[tuple[str, ...], ...]:
    """Return the words of each level of a tag, without versions; empty without levels."""
    parts = [part.strip() for part in _LEVELS.split(tag)]
    if len(parts) == 1 or any(
        len(part) < _SHORTEST_LEVEL for part in parts if not _VERSION.fullmatch(part)
    ):
        return ()
    levels = [split_words(part) for part in parts if not _VERSION.fullmatch(part)]
    usable = tuple(level for level in levels if level and level[0][0].isalpha())
    return usable if len(usable) == len(levels) else ()


def _is_name(tag: str) -> bool:
    """Return whether a tag is a name and not a sentence."""
    return len(tag) <= _MAX_TAG or tag.isalnum()


def _find_prefix(tags: Collection[str]) -> tuple[str, ...]:
    """Return what all tags begin with: a word, such as the name of the API, and a version."""
    split_tags = [split_words(tag) for tag in tags]
    firsts = {tag_words[:1] for tag_words in split_tags}
    is_prefix = (
        len(split_tags) > 2
        and len(firsts) == 1
        and all(len(tag_words) > 1 for tag_words in split_tags)
    )
    if not is_prefix:
        return ()
    prefixes = {tag_words[:2] for tag_words in split_tags}
    is_versioned = len(prefixes) == 1 and all(len(tag_words) > 2 for tag_words in split_tags)
    if is_versioned and _VERSION.fullmatch(split_tags[0][1]):
        return prefixes.pop()
    return firsts.pop()


def _find_shared(operations: Sequence[SourceOperation]) -> str:
    """Return the tag that all operations have, if their paths are more specific."""
    tags = {read_tag(operation) for operation in operations}
    segments = [list_fixed_segments(operation.path) for operation in operations]
    firsts = {parts[0] for parts in segments if parts}
    return tags.pop() if len(tags) == 1 and len(firsts) > 1 else ""
