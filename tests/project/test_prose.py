"""Pages, help, catalogues, messages and docstrings contain no banned phrases."""

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
    """The README and the docs contain no banned phrases outside of code."""
    assert find_banned(read_pages(page)) == []


def test_help() -> None:
    """The help of every command contains no banned phrases."""
    assert find_banned(read_help()) == []


def test_catalogues() -> None:
    """Findings, changes and problems contain no banned phrases."""
    assert find_banned(read_catalogues()) == []


def test_messages() -> None:
    """No string literal of the source that is a sentence contains a banned phrase."""
    modules = sorted(SOURCE.rglob("*.py"))
    assert find_banned(chain.from_iterable(map(read_messages, modules))) == []


def test_docstrings_and_comments() -> None:
    """No docstring or comment of the source contains a banned phrase."""
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
def test_sentences_in_the_banned_style_are_found(string: str) -> None:
    """Examples of sentences in the banned style are found."""
    assert find_banned(iter([Passage("here", string)]))
