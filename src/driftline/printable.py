"""Strings of specs, file names, servers and recordings, fit for a terminal or a log."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

# Cc control, Cf format (bidi overrides, zero width), Cs lone surrogates, Cn and Co unassigned,
# Zl and Zp line separators.
_INVISIBLE: Final = frozenset({"Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp"})
# Letters and marks without a glyph, and selectors that hide any text behind one character.
_BLANK: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
_SELECTORS: Final = range(0xE0100, 0xE01F0)
# What the runners of CI systems take for a command wherever it is printed: `::error::` at the
# beginning of a line, which a long string may be broken into, and `##[error]` anywhere.
_COMMANDS: Final = (
    r"(?i):(?=:(?:add-mask|add-matcher|add-path|debug|echo|endgroup|error|group|notice|remove-matcher"
    r"|save-state|set-env|set-output|stop-commands|warning)\b)|#(?=#[A-Za-z]{0,20}\[)"
)


_LONGEST: Final = 10_000


def make_printable(string: str) -> str:
    r"""Return a string of a spec, file name, server or recording fit for a terminal or a log.

    It is one line of limited length, invisible characters are escaped as `\u001b`, and nothing in
    it is a command to the runner of a CI system.
    """
    if len(string) > _LONGEST:
        string = f"{string[:_LONGEST]}… ({len(string) - _LONGEST:,} more characters)"
    return make_printable_block(string).replace("\n", "\\n")


def make_printable_block(string: str) -> str:
    """Return the string with its line breaks, as a shell command may need them."""
    if "::" in string or "##" in string:
        string = re.sub(_COMMANDS, lambda match: _escape(match[0]), string)
    if string.isascii() and string.replace("\n", "").isprintable():
        return string
    return "".join(
        _escape(char) if char != "\n" and _is_invisible(char) else char for char in string
    )


def _is_invisible(char: str) -> bool:
    is_blank = char in _BLANK or ord(char) in _SELECTORS
    return is_blank or unicodedata.category(char) in _INVISIBLE


def _escape(char: str) -> str:
    number = ord(char)
    return f"\\u{number:04x}" if number <= 0xFFFF else f"\\U{number:08x}"
