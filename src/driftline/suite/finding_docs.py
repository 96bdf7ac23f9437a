"""Text about an entry of the catalogue."""

from __future__ import annotations

from driftline.checks import CatalogueEntry, name_checks_for

EVERY_CHECK = "every check"
"""Stands for all checks that send requests: each response is compared with the spec."""


def list_finders(entry: CatalogueEntry) -> tuple[str, ...]:
    """Return the names of the checks that look for a finding; none if every check does."""
    return entry.checks or name_checks_for(entry.id)


def name_finders(entry: CatalogueEntry) -> str:
    """Return the checks that look for a finding as a phrase."""
    return ", ".join(list_finders(entry)) or EVERY_CHECK


def format_sentence(summary: str) -> str:
    """Return a summary as a sentence: `a row is lost` gives `A row is lost.`"""
    return summary[:1].upper() + summary[1:] + "."


def format_text(entry: CatalogueEntry) -> str:
    """Return the description of an ID, as plain text."""
    lines = [
        f"{format_sentence(entry.summary)} {entry.meaning}",
        "",
        f"For example: {entry.message}",
        f"expected: {entry.expected}",
        f"got: {entry.got}",
        "",
        f"What to do: {entry.hint}",
        f"Found by: {name_finders(entry)}",
    ]
    return "\n".join(lines)


def format_markdown(entry: CatalogueEntry, *, on_page: bool = False) -> str:
    """Return the description of an ID in Markdown, without a heading.

    `on_page`: for the page of all IDs, which is short: without the example and "every check".
    """
    finders = ", ".join(list_finders(entry)) if on_page else name_finders(entry)
    suffix = f"; found by {finders}" if finders else ""
    values = f"expected: {entry.expected}\ngot:      {entry.got}"
    example = [] if on_page else ["```text", entry.message, values, "```", ""]
    lines = [
        f"{format_sentence(entry.summary)} {_escape(entry.meaning)}",
        "",
        *example,
        _escape(entry.hint),
        "",
        f"{entry.severity.capitalize()}{suffix}.",
    ]
    return "\n".join(lines)


def _escape(string: str) -> str:
    """Escape the characters that Markdown would interpret."""
    return string.replace("\\", "\\\\").replace("*", "\\*").replace("_", "\\_").replace("<", "&lt;")
