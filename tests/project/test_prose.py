"""Texts for people: no glossary words, no riddles, in pages, help, catalogues and messages."""

from __future__ import annotations

from itertools import chain
from pathlib import Path

import pytest

from project.prose import (
    ROOT,
    SOURCE,
    Text,
    find_banned,
    read_catalogues,
    read_help,
    read_messages,
    read_pages,
)

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
PENDING_PAGES = frozenset(
    {
        "findings.md",
    }
)
"""Pages that are not rewritten yet: take a page out once it is."""
PENDING_MODULES = frozenset(
    {
        "add/proposals/effects.py",
        "changes/release/entry.py",
        "checks/coverage/marks.py",
        "checks/reproduce/client_call.py",
        "mock/http/negotiation.py",
        "mock/server/asgi.py",
        "mutation/operators/effects.py",
        "mutation/operators/parameters.py",
        "observe/readers/entry.py",
        "observe/readers/har.py",
        "report/formats/terminal.py",
        "runtime/errors.py",
        "suite/examinations/selection.py",
        "suite/http/latency.py",
        "suite/http/session.py",
    }
)
"""Modules whose messages are not rewritten yet."""
PENDING_IDS = frozenset(
    {
        "client.refused",
        "request.valid.refused",
        "security.refused-otherwise",
        "security.right-refused",
    }
)
"""Entries of the catalogue whose public ids have a word of the glossary: ids stay the same."""


@pytest.mark.parametrize(
    "page", [page for page in PAGES if page.name not in PENDING_PAGES], ids=lambda path: path.name
)
def test_pages(page: Path) -> None:
    """README and docs, without code."""
    assert find_banned(read_pages(page)) == []


def test_what_is_pending_is_still_to_be_rewritten() -> None:
    """A page, module or entry that is clean by now is no longer left out."""
    pages = {page.name for page in PAGES if find_banned(read_pages(page))}
    modules = {
        path.relative_to(SOURCE).as_posix()
        for path in SOURCE.rglob("*.py")
        if find_banned(read_messages(path))
    }
    entries = {text.place.split(" (")[0] for text in read_catalogues() if find_banned(iter([text]))}
    assert pages == PENDING_PAGES
    assert modules == PENDING_MODULES
    assert entries == PENDING_IDS


def test_help() -> None:
    """The help of every command."""
    assert find_banned(read_help()) == []


def test_catalogues() -> None:
    """Findings, changes and problems."""
    texts = [text for text in read_catalogues() if text.place.split(" (")[0] not in PENDING_IDS]
    assert find_banned(iter(texts)) == []


def test_messages() -> None:
    """Every sentence in a string of the source."""
    modules = [
        path
        for path in sorted(SOURCE.rglob("*.py"))
        if path.relative_to(SOURCE).as_posix() not in PENDING_MODULES
    ]
    assert find_banned(chain.from_iterable(map(read_messages, modules))) == []


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
    assert find_banned(iter([Text("here", string)]))
