"""Texts for people: no glossary words, no riddles, in pages, help, catalogues and messages."""

from __future__ import annotations

from itertools import chain
from pathlib import Path

import pytest

from project.prose import (
    ROOT,
    SOURCE,
    Passage,
    find_banned,
    read_catalogues,
    read_docstrings,
    read_help,
    read_messages,
    read_pages,
)

PAGES = [*ROOT.glob("*.md"), ROOT / "specs" / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_pages(page: Path) -> None:
    """README and docs, without code."""
    assert find_banned(read_pages(page)) == []


def test_help() -> None:
    """The help of every command."""
    assert find_banned(read_help()) == []


def test_catalogues() -> None:
    """Findings, changes and problems."""
    assert find_banned(read_catalogues()) == []


def test_messages() -> None:
    """Every sentence in a string of the source."""
    modules = sorted(SOURCE.rglob("*.py"))
    assert find_banned(chain.from_iterable(map(read_messages, modules))) == []


def test_docstrings_and_comments() -> None:
    """Every docstring and comment of the source."""
    modules = sorted(SOURCE.rglob("*.py"))
    assert find_banned(chain.from_iterable(map(read_docstrings, modules)), in_code=True) == []


@pytest.mark.parametrize(
    "string",
    [
        "'x' makes an API that is no name",
        "the credential K cannot be had",
        "there is none",
        "the client was made anew",
        "who is told",
        "the answer is refused",
    ],
)
def test_the_check_finds(string: str) -> None:
    """Sentences of the kind that the project had."""
    assert find_banned(iter([Passage("here", string)]))
