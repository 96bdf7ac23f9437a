"""Texts of servers and specs, shown as they are, whatever they hold: in Markdown and anywhere.

In Markdown such a text stands in a `<code>` or `<pre>` of an HTML block without an empty line:
there Markdown has no marks, and hosts look for no mentions, issues or links. Only five characters
and the line breaks have to be escaped then.
"""

from __future__ import annotations

import re
import unicodedata
from html import escape
from typing import Final

_PLAIN: Final = frozenset(" ,;()")


def format_code(text: str) -> str:
    """A short text, in one piece; "" stays so."""
    return f"<code>{_escape_held(text)}</code>" if text else ""


def format_block(text: str) -> str:
    """A text with its line breaks."""
    return f"<pre>{_escape_held(text)}</pre>"


def _escape_held(text: str) -> str:
    # A first line break would be dropped by HTML, and any would end a line of Markdown.
    return escape(text).replace("\r", "&#13;").replace("\n", "&#10;")


def escape_prose(text: str) -> str:
    """A sentence of ours with a name in it: all but letters, digits and stops are escaped.

    A space that cannot be seen follows what begins a mention or the number of an issue.
    """
    return "".join(_escape_character(text, place) for place in range(len(text)))


def _escape_character(text: str, place: int) -> str:
    char, before, after = text[place], text[place - 1 : place], text[place + 1 : place + 2]
    if char.isalnum() or char in _PLAIN:
        return char
    if char in ".:" and after in ("", " "):
        return char
    if char in ".:-+" and before.isdigit() and after.isdigit():
        return char
    hidden = "&#8203;" if char in "@#" else ""
    return f"&#{ord(char)};{hidden}"


def shorten(text: str, limit: int) -> str:
    """At most so many characters of it, and how many more there are."""
    return text if len(text) <= limit else f"{text[:limit]}… ({len(text) - limit:,} more)"


# Cc control, Cf format (bidi overrides, zero width), Cs lone surrogates, Cn and Co unassigned,
# Zl and Zp line separators.
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp"})
# What the runners of CI systems take for a command wherever it is printed: `::error::` at the
# beginning of a line, which a long string may be broken into, and `##[error]` anywhere.
_COMMANDS: Final = re.compile(
    r":(?=:(?:add-mask|add-matcher|add-path|debug|echo|endgroup|error|group|notice|remove-matcher"
    r"|save-state|set-env|set-output|stop-commands|warning)\b)|#(?=#[A-Za-z]{0,20}\[)",
    re.IGNORECASE,
)


def make_printable(text: str) -> str:
    """Return a string of a spec, file name, server or recording fit for a terminal or a log.

    It is one line, every character that cannot be seen is written as `\\u001b`, and nothing in it
    is a command to the runner of a CI system.
    """
    return printable_block(text).replace("\n", "\\n")


def printable_block(text: str) -> str:
    """Return the same with its line breaks, as a shell command may need them."""
    if "::" in text or "##" in text:
        text = _COMMANDS.sub(lambda found: _escape(found[0]), text)
    if text.isascii() and text.replace("\n", "").isprintable():
        return text
    return "".join(
        _escape(char) if char != "\n" and unicodedata.category(char) in _UNSEEN else char
        for char in text
    )


def _escape(char: str) -> str:
    number = ord(char)
    return f"\\u{number:04x}" if number <= 0xFFFF else f"\\U{number:08x}"
