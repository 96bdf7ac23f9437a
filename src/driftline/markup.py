"""Shows strings of servers and specs unchanged and safely, in Markdown and elsewhere.

In Markdown, such a string is in a `<code>` or `<pre>` of an HTML block without an empty line, where
Markdown has no syntax, and hosts recognize no mentions, issues or links. Only five characters and
line breaks have to be escaped there.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any, Final, NamedTuple

COMMENT_LIMIT: Final = 65_536
"""The limit of a comment on a code host; it is counted in bytes, the strictest way."""
_PLAIN: Final = frozenset(" ,;()")


def format_code(string: str) -> str:
    """Return a short string as inline code; "" is unchanged."""
    return f"<code>{_escape_code(string)}</code>" if string else ""


def format_block(string: str) -> str:
    """Return a string as a code block with its line breaks."""
    return f"<pre>{_escape_code(string)}</pre>"


def _escape_code(string: str) -> str:
    # A first line break would be dropped by HTML, and any would end a line of Markdown.
    return escape(string).replace("\r", "&#13;").replace("\n", "&#10;")


def escape_prose(string: str) -> str:
    """Return a message with a name in it: all but letters, digits and stops are escaped.

    A zero-width space follows the sign that begins a mention or an issue number.
    """
    return "".join(_escape_character(string, index) for index in range(len(string)))


def _escape_character(string: str, index: int) -> str:
    char, before, after = string[index], string[index - 1 : index], string[index + 1 : index + 2]
    if char.isalnum() or char in _PLAIN:
        return char
    if char in ".:" and after in ("", " "):
        return char
    if char in ".:-+" and before.isdigit() and after.isdigit():
        return char
    hidden = "&#8203;" if char in "@#" else ""
    return f"&#{ord(char)};{hidden}"


def format_short_code(string: str, limit: int) -> str:
    """Return a string in one piece, of a limited length."""
    return format_code(shorten(string, limit))


class Section(NamedTuple):
    """A part of a Markdown page with a limited size in bytes; `noun` names what is left out."""

    noun: str
    opening: str
    items: Sequence[str]
    closing: str = ""
    max_length: int = COMMENT_LIMIT


def fit_sections(sections: Iterable[Section], budget: int) -> tuple[str, dict[str, int]]:
    """Return the sections within a size, truncated at the end, and how much is left out."""
    page, left_out = "", dict[str, int]()
    for section in sections:
        overhead = len((section.opening + section.closing).encode())
        fitting = fit_items(section.items, min(budget, section.max_length) - overhead)
        if fitting:
            part = section.opening + "".join(fitting) + section.closing
            page, budget = page + part, budget - len(part.encode())
        if len(fitting) < len(section.items):
            left_out[section.noun] = (
                left_out.get(section.noun, 0) + len(section.items) - len(fitting)
            )
    return page, left_out


def fit_items(items: Iterable[str], budget: int) -> list[str]:
    """Return the first items that fit into a size in bytes."""
    fitting: list[str] = []
    for item in items:
        budget -= len(item.encode())
        if budget < 0:
            break
        fitting.append(item)
    return fitting


def describe_left_out(left_out: Mapping[str, int], elsewhere: str) -> str:
    """Return the line at the end of a truncated page; "" if nothing was left out."""
    if not left_out:
        return ""
    numbers = ", ".join(format_count(number, noun) for noun, number in left_out.items())
    return f"\n**Omitted here for lack of space: {numbers}.** {elsewhere}\n"


def format_json(data: Any) -> str:
    """Return a document for machines."""
    return json.dumps(data, ensure_ascii=False, indent=2) + "\n"


def format_count(number: int, noun: str) -> str:
    """Return a count as in `1 finding`, `2,310 requests`."""
    ending = "" if number == 1 else "es" if noun.endswith("s") else "s"
    return f"{number:,} {noun}{ending}"


def shorten(string: str, limit: int) -> str:
    """Return the beginning of a string, and how many characters are left out."""
    return string if len(string) <= limit else f"{string[:limit]}… ({len(string) - limit:,} more)"
