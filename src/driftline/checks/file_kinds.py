"""Checks bodies that are neither JSON nor streams: files, CSV, XML and text."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from driftline.checks.exchange import Exchange
from driftline.checks.finding import Flaw
from driftline.file_formats import CSV, decode_text, find_format_problem
from driftline.media import get_essence
from driftline.openapi import MediaType, describe


def find_file_flaws(media: MediaType, exchange: Exchange) -> Iterator[Flaw]:
    """Yield the flaws of a body for its media type."""
    content_type = exchange.get_header("content-type") or media.name
    problem = find_format_problem(media.kind, content_type, exchange.body)
    if problem is not None:
        message = f"the body of the {exchange.status} response {problem.message}"
        kind = "response.body.unreadable"
        yield Flaw(kind, media.pointer, message, problem.expected, exchange.excerpt)
    elif media.kind == "text" and exchange.body and get_essence(content_type) == CSV:
        yield from _find_column_flaws(media, decode_text(exchange.body, content_type) or "")


def _find_column_flaws(media: MediaType, string: str) -> Iterator[Flaw]:
    """Compare the columns with those of the documented example."""
    header = next(csv.reader(io.StringIO(string, newline="")), list[str]())
    example = next(iter(media.examples.values()), None)
    documented_header = _read_documented_header(example) if isinstance(example, str) else []
    if documented_header and documented_header != header:
        yield Flaw(
            "response.columns.wrong",
            media.pointer,
            "the columns are not those of the documented example",
            ", ".join(documented_header),
            describe(", ".join(header)),
        )


def _read_documented_header(example: str) -> list[str]:
    """Return the columns of an example; none if it is one value or a sentence, and no table."""
    if find_format_problem("text", CSV, example.encode("utf-8", "replace")) is not None:
        return []
    rows = list(csv.reader(io.StringIO(example, newline="")))
    is_table = len(rows) > 1 or (rows and len(rows[0]) > 1)
    return rows[0] if is_table else []
