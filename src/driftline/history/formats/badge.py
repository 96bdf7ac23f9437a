"""A badge (SVG) that shows whether there is drift."""

from __future__ import annotations

from html import escape
from typing import Final

from driftline.history.timeline import Timeline
from driftline.markup import format_count

_COLORS: Final = {"good": "#14724a", "bad": "#b3261e", "unknown": "#5b6472"}
_WIDTH: Final = 7
"""The approximate width of a character."""


def render(timeline: Timeline) -> str:
    """Return the badge as SVG."""
    message, color = _describe(timeline)
    label = "drift"
    left, right = _WIDTH * len(label) + 10, _WIDTH * len(message) + 10
    title = escape(f"{label}: {message}")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="20" role="img" '
        f'aria-label="{title}"><title>{title}</title>'
        f'<rect width="{left}" height="20" fill="#444"/>'
        f'<rect x="{left}" width="{right}" height="20" fill="{color}"/>'
        '<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11" '
        'text-anchor="middle">'
        f'<text x="{left / 2}" y="14">{label}</text>'
        f'<text x="{left + right / 2}" y="14">{escape(message)}</text></g></svg>\n'
    )


def _describe(timeline: Timeline) -> tuple[str, str]:
    if not timeline.runs:
        return "no run", _COLORS["unknown"]
    counting = [each for each in timeline.open if each.clause.counts]
    if counting:
        return format_count(len(counting), "finding"), _COLORS["bad"]
    if timeline.runs[-1].exit_code == 2:
        return "not checked", _COLORS["unknown"]
    return "none", _COLORS["good"]
