"""docs/limits.md has the values of the code."""

from __future__ import annotations

from importlib import import_module

import pytest

from tests.readme.pages import ROOT

LIMITS = (
    ("a document, in a file or from a URL", "50 MB", "files", "MOST_BYTES", 10**6),
    ("a document, in a file or from a URL", "50 MB", "add.source.fetch", "MAX_BYTES", 10**6),
    ("nodes of a document", "1,000,000", "openapi.read.reader", "MAX_NODES", 1),
    ("nesting of a document", "200 levels", "openapi.read.reader", "MAX_DEPTH", 1),
    ("files of a document", "5,000", "openapi.read.bundle", "MAX_FILES", 1),
    ("subschemas of one schema", "10,000", "openapi.read.upgrade.sizes", "_MOST_SIZE", 1),
    ("members of one keyword", "3,000", "openapi.read.upgrade.sizes", "_MOST_PARTS", 1),
    ("nesting of a schema", "60 levels", "openapi.read.upgrade.sizes", "_DEEPEST", 1),
    ("size of a value", "200,000", "openapi.schema.cost", "MOST_SIZE", 1),
    ("a response |", "5 MB", "suite.http.sender", "MAX_BODY", 10**6),
    ("items of a stream", "100", "suite.http.sender", "MAX_ITEMS", 1),
    (
        "valid, and invalid, bodies",
        "200 each",
        "suite.fuzzing.schemathesis_tuning",
        "MOST_BODY_CASES",
        1,
    ),
    ("fuzzing cases", "2,000", "suite.fuzzing.schemathesis_tuning", "MOST_CASES", 1),
    ("values of these cases", "200,000", "suite.fuzzing.schemathesis_tuning", "MOST_VALUES", 1),
    ("examples of one schema", "20", "suite.fuzzing.schema", "_MOST_EXAMPLES", 1),
    ("combinations", "10,000", "suite.fuzzing.costly_choices", "MOST_COMBINATIONS", 1),
    ("security alternatives", "20", "suite.examinations.credentials", "_MOST", 1),
    ("lost, late or too large", "3", "suite.http.session", "MOST_FAILURES", 1),
    ("consecutive empty pages", "100", "runtime.paging.pages", "_MOST_EMPTY", 1),
    ("headers of a response", "1,000", "runtime.transport.body_stream", "_MOST_HEADERS", 1),
    ("a token response", "1 MB", "runtime.core", "_MAX_TOKEN", 10**6),
    ("a request to the mock", "32 MiB", "mock.http.messages", "MAX_BODY", 1 << 20),
    ("the head of a request", "64 KiB", "mock.server.protocol", "_LONGEST_HEAD", 1 << 10),
    ("a body in a recording", "20 MB", "observe.readers.entry", "MAX_BODY", 10**6),
    ("a report, journal", "500 MB", "files", "MOST_OF_RUN", 10**6),
    ("requests of a live run", "2,000", "suite.http.session", "MAX_REQUESTS", 1),
)


@pytest.mark.parametrize(("row", "words", "module", "name", "unit"), LIMITS)
def test_the_page_has_the_limits_of_the_code(
    row: str, words: str, module: str, name: str, unit: int
) -> None:
    """Each limit in the page equals its constant."""
    rows = (ROOT / "docs" / "limits.md").read_text(encoding="utf-8").splitlines()
    cells = next(line.split("|") for line in rows if line.startswith(f"| {row}"))
    assert cells[2].strip() == words
    value = getattr(import_module(f"driftline.{module}"), name)
    assert value / unit == float(words.split(maxsplit=1)[0].replace(",", ""))
