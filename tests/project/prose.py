"""Reads the texts of the project and finds banned words in them.

Vale is not used, because its package on PyPI downloads a binary at run time.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import click

from driftline.cli.group import driftline

from .sources import list_nodes

__all__ = ["BANNED_WORDS", "Passage", "find_banned", "read_catalogues", "read_help",
           "read_messages", "read_pages"]  # fmt: skip

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "driftline"

BANNED_WORDS = {
    r"\bis no (?!longer\b|more than\b|less than\b)\w+": "is not a …",
    r"\bis none\b": "say what it is, or `not a …`",
    r"\bthere (?:is|are) none\b": "no …",
    r"\bcannot be had\b": "could not obtain …",
    r"\banew\b": "again",
    r"\bmend(?:s|ed|ing)?\b": "fix, correct or repair",
    r"\bgrave(?:r|st)?\b": "severe",
    r"\b(?:is|are|was|be) told\b": "reported",
    r"\btells? of\b": "reports",
    r"\bwho(?:ever|soever)\b": "name the person or the program",
    r"\bno more\b(?! than)": "no longer",
    r"\bany ?more\b": "no longer",
    r"\bborne? out\b|\bbears? out\b": "covers",
    r"\bunseen\b|\bnever seen\b": "not covered",
    r"\btroubles?\b": "fault",
    r"\banswers?\b|\banswered\b|\banswering\b": "response, respond",
    r"\brefus(?:e|es|ed|al)\b": "reject",
    r"\bremed(?:y|ies)\b": "hint",
    r"\bas often as you like\b": "repeatable",
    r"\bcomes? round\b": "loops",
    r"\bso manieth\b": "give the number",
    r"\bof ours\b": "name it",
    r"\bheld against\b": "compared with, checked against",
    r"\bheeded?\b": "obeyed",
    r"\bthe house\b": "project layout",
    r"\bis given \d|\bgiven twice\b": "occurs …, duplicate",
    r"\bgo(?:es)? round\b": "loops",
    r"\bbehaviour\b|\bcolour\b|\bhonour\b|\bserialis|\bnormalis": "American spelling",
    r"\brecognis|\binitialis|\bauthoris|\bminimis|\bcancelled\b": "American spelling",
}
_PATTERNS = {
    re.compile(pattern, re.IGNORECASE): replacement for pattern, replacement in BANNED_WORDS.items()
}
# Phrases that are plain English in a docstring or comment, though not in a message.
_ONLY_IN_MESSAGES = ("is no ", "is none", "are) none", "told", "tells", "who(", "of ours", "remed")


@attrs.frozen
class Passage:
    """A string and its location."""

    location: str
    string: str


def find_banned(passages: Iterator[Passage], *, in_code: bool = False) -> list[str]:
    """Return each banned phrase with its location and what to write instead."""
    return [
        f"{passage.location}: {match[0]!r} in {passage.string[:90]!r}: {replacement}"
        for passage in passages
        for pattern, replacement in _PATTERNS.items()
        if not (in_code and any(part in pattern.pattern for part in _ONLY_IN_MESSAGES))
        for match in pattern.finditer(passage.string)
    ]


def read_pages(*paths: Path) -> Iterator[Passage]:
    """Yield the lines of Markdown pages, without code."""
    for path in paths:
        is_code = False
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if line.lstrip().startswith("```"):
                is_code = not is_code
            elif not is_code:
                bare = re.sub(r"`[^`]*`|\]\([^)]*\)|<[^>]*>", "", line)
                yield Passage(f"{path.relative_to(ROOT).as_posix()}:{number}", bare)


def read_help(command: click.Command = driftline, name: str = "driftline") -> Iterator[Passage]:
    """Yield the help of a command and of all its subcommands."""
    context = click.Context(command, info_name=name)
    yield Passage(f"{name} --help", " ".join(command.get_help(context).split()))
    if isinstance(command, click.Group):
        for subcommand_name in command.list_commands(context):
            subcommand = command.get_command(context, subcommand_name)
            assert subcommand is not None
            yield from read_help(subcommand, f"{name} {subcommand_name}")


def read_catalogues() -> Iterator[Passage]:
    """Yield the strings of the catalogues of findings, changes and problems."""
    for path in sorted(SOURCE.rglob("*.toml")):
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        for string in _list_strings(data):
            yield Passage(path.relative_to(ROOT).as_posix(), string)


def _list_strings(data: Any) -> Iterator[str]:
    if isinstance(data, dict):
        for value in data.values():
            yield from _list_strings(value)
    elif isinstance(data, str):
        yield data


def read_docstrings(path: Path) -> Iterator[Passage]:
    """Yield the docstrings and comments of a module, line by line, without code in backquotes."""
    source = path.read_text(encoding="utf-8")
    docstrings = [
        (node.value.lineno, node.value.value)
        for node in list_nodes(path)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    ]
    comments = [
        (token.start[0], token.string)
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type == tokenize.COMMENT
    ]
    display_path = path.relative_to(ROOT).as_posix()
    for start, comment in [*docstrings, *comments]:
        for number, line in enumerate(str(comment).splitlines(), start):
            yield Passage(f"{display_path}:{number}", re.sub(r"`[^`]*`", "", line))


def read_messages(path: Path) -> Iterator[Passage]:
    """Yield the string literals of a module that are sentences; docstrings are not messages."""
    docstrings = {
        id(node.value)
        for node in list_nodes(path)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    display_path = path.relative_to(ROOT).as_posix()
    for node in list_nodes(path):
        is_string = isinstance(node, ast.Constant) and isinstance(node.value, str)
        if is_string and id(node) not in docstrings and " " in node.value.strip():
            yield Passage(f"{display_path}:{node.lineno}", node.value)
