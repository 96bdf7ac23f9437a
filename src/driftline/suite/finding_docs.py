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


def format_markdown(entry: CatalogueEntry, *, has_values: bool = True) -> str:
    """Return the description of an ID in Markdown, without a heading.

    The example is a message, with an expected and a received value if `has_values`.
    """
    values = [f"expected: {entry.expected}", f"got:      {entry.got}"] if has_values else []
    lines = [
        f"{format_sentence(entry.summary)} {_escape(entry.meaning)}",
        "",
        "```text",
        entry.message,
        *values,
        "```",
        "",
        _escape(entry.hint),
        "",
        f"{entry.severity.capitalize()}; found by {name_finders(entry)}.",
    ]
    return "\n".join(lines)


def _escape(string: str) -> str:
    """Escape the characters that Markdown would interpret."""
    return string.replace("\\", "\\\\").replace("*", "\\*").replace("_", "\\_").replace("<", "&lt;")
