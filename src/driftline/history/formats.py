"""Formats of a history: terminal, HTML page, JSON, badge, feed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import escape
from typing import Final
from uuid import NAMESPACE_URL, uuid5

import attrs
from rich.text import Text

from driftline.history.timeline import ClauseTimeline, CoveragePoint, HistoryEvent, Timeline
from driftline.markup import format_count, format_json
from driftline.terminal import PrintedPage, build_table

_STYLES: Final = {"open": "bold red", "unknown": "yellow", "gone": "green"}


def render_terminal(timeline: Timeline, *, width: int = 100, color: bool = False) -> str:
    """Return the history as text `width` columns wide."""
    page = PrintedPage(width=width, color=color)
    if timeline.clauses:
        table = build_table("state", "first", "last", "runs")
        table.add_column("finding", overflow="fold")
        for entry in timeline.clauses:
            table.add_row(
                Text(describe_clause(entry), style=_STYLES[entry.state]),
                f"{entry.first:%Y-%m-%d}",
                f"{entry.last:%Y-%m-%d}",
                f"{entry.occurrences}/{entry.runs}",
                Text(entry.clause.name).append(f"\n{entry.clause.file}:{entry.clause.line}", "dim"),
            )
        page.print(table)
        page.print()
    for line in list_coverage(timeline):
        page.print(Text(line))
    page.print(Text(describe_timeline(timeline), style="bold"))
    return page.text


def describe_clause(clause: ClauseTimeline) -> str:
    """Return `open`, `open, flaky`, `gone` or `not checked`."""
    state = {"open": "open", "gone": "gone", "unknown": "not checked"}[clause.state]
    return f"{state}, flaky" if clause.flaky else state


def describe_timeline(timeline: Timeline) -> str:
    """Return one sentence: the number of runs, and the open findings."""
    if not timeline.runs:
        return "No run yet."
    first, last = timeline.runs[0].time, timeline.runs[-1].time
    flaky = sum(entry.flaky for entry in timeline.open)
    more = f", {flaky} flaky" if flaky else ""
    runs = format_count(len(timeline.runs), "run")
    return (
        f"{runs} from {first:%Y-%m-%d} to {last:%Y-%m-%d}: "
        f"{format_count(len(timeline.open), 'finding')} open{more}, "
        f"{len(timeline.clauses) - len(timeline.open)} gone."
    )


def find_latest_coverage(timeline: Timeline) -> dict[str, list[CoveragePoint]]:
    """Return the points of each API, the oldest first."""
    points: dict[str, list[CoveragePoint]] = {}
    for point in timeline.coverage:
        points.setdefault(point.api, []).append(point)
    return points


def list_coverage(timeline: Timeline) -> Iterator[str]:
    """Return `shop: 97 % covered (31 of 32), 90 % at first`, for each API."""
    for api, points in find_latest_coverage(timeline).items():
        first, last = points[0], points[-1]
        line = f"{api}: {_format_share(last)} covered ({last.covered} of {last.total})"
        yield line + (f", {_format_share(first)} at first" if len(points) > 1 else "")


def _format_share(point: CoveragePoint) -> str:
    return f"{100 * point.covered // point.total if point.total else 100} %"


def render_json(timeline: Timeline) -> str:
    """Return one JSON document."""
    clauses = [
        {
            **attrs.asdict(entry.clause),
            "state": entry.state,
            "flaky": entry.flaky,
            "first": entry.first.isoformat(),
            "last": entry.last.isoformat(),
            "occurrences": entry.occurrences,
            "runs": entry.runs,
        }
        for entry in timeline.clauses
    ]
    coverage = [{**attrs.asdict(p), "time": p.time.isoformat()} for p in timeline.coverage]
    data = {"runs": len(timeline.runs), "clauses": clauses, "coverage": coverage}
    return format_json(data)


_STYLE: Final = """\
:root { color-scheme: light dark; --line: #8886; --bad: #b3261e; --good: #14724a; --soft: #6b7280; }
@media (prefers-color-scheme: dark) { :root { --bad: #ff9c92; --good: #6fd3a2; --soft: #9aa4b3; } }
body { max-width: 68rem; margin: 0 auto; padding: 1.25rem; font: 16px/1.5 system-ui, sans-serif; }
.scroll { overflow-x: auto; border: 1px solid var(--line); border-radius: 10px; }
table { width: 100%; border-collapse: collapse; font-size: .9rem; }
th, td { padding: .5rem .6rem; text-align: left; vertical-align: top; }
tr + tr { border-top: 1px solid var(--line); }
td { white-space: nowrap; }
td.finding { white-space: normal; overflow-wrap: anywhere; }
@media (max-width: 40rem) {
  tr { display: grid; grid-template-columns: 1fr 1.4fr 1.4fr 1fr; }
  th:last-child { display: none; }
  td.finding { grid-column: 1 / -1; padding-top: 0; }
}
.open { color: var(--bad); font-weight: 700; }
.gone { color: var(--good); }
small { color: var(--soft); }
@media (max-width: 40rem) {
  tr { display: grid; grid-template-columns: 28% 26% 26% 20%; }
  th, td { padding: .3rem .5rem; white-space: normal; }
  td.finding, th:last-child { grid-column: 1 / -1; }
}
svg { display: block; width: 100%; height: 60px; }
polyline { fill: none; stroke: var(--good); stroke-width: 2; vector-effect: non-scaling-stroke; }
"""
_MOST_POINTS: Final = 400


def render_html(timeline: Timeline) -> str:
    """Return the page; every text in it is escaped."""
    return "\n".join(_build_page(timeline)) + "\n"


def _build_page(timeline: Timeline) -> Iterator[str]:
    yield '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield (
        '<meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'; style-src 'unsafe-inline'\">"
    )
    yield f"<title>History of drift</title>\n<style>{_STYLE}</style>\n</head>\n<body>"
    yield f"<h1>History of drift</h1>\n<p>{escape(describe_timeline(timeline))}</p>"
    if timeline.clauses:
        yield '<h2 id="findings">Findings</h2>'
        yield '<div class="scroll" role="region" aria-labelledby="findings" tabindex="0"><table>'
        names = ("State", "First seen", "Last seen", "Runs", "Finding")
        heads = "".join(f'<th scope="col">{name}</th>' for name in names)
        yield f"<tr>{heads}</tr>"
        yield from map(_build_row, timeline.clauses)
        yield "</table></div>"
    points = find_latest_coverage(timeline)
    if points:
        yield "<h2>Coverage</h2>"
    for line, api_points in zip(list_coverage(timeline), points.values(), strict=True):
        yield f"<h3>{escape(line)}</h3>\n{_draw_coverage(api_points[-_MOST_POINTS:], line)}"
    yield "</body>\n</html>"


def _build_row(entry: ClauseTimeline) -> str:
    clause = entry.clause
    location = f"{clause.file}:{clause.line} {clause.pointer}"
    cells = (
        f'<td class="{entry.state}">{escape(describe_clause(entry))}</td>',
        f"<td>{entry.first:%Y-%m-%d}</td>",
        f"<td>{entry.last:%Y-%m-%d}</td>",
        f"<td>{entry.occurrences} of {entry.runs}</td>",
        f'<td class="finding">{clause.severity}: {escape(clause.name)}'
        f"<br><small>{escape(location)}</small></td>",
    )
    return f"<tr>{''.join(cells)}</tr>"


def _draw_coverage(points: Sequence[CoveragePoint], title: str) -> str:
    """Draw the share of covered clauses from run to run."""
    shares = [point.covered / point.total if point.total else 1.0 for point in points]
    step = 100 / max(1, len(shares) - 1)
    line = " ".join(f"{n * step:.2f},{20 - 19 * share:.2f}" for n, share in enumerate(shares))
    if len(shares) == 1:
        line += f" 100,{20 - 19 * shares[0]:.2f}"
    return (
        f'<svg viewBox="0 0 100 21" preserveAspectRatio="none" role="img" '
        f'aria-label="{escape(title)}"><polyline points="{line}"/></svg>'
    )


_BADGE_COLORS: Final = {"good": "#14724a", "bad": "#b3261e", "unknown": "#5b6472"}
_WIDTH: Final = 7
"""The approximate width of a character."""


def render_badge(timeline: Timeline) -> str:
    """Return the badge as SVG."""
    message, color = _describe_badge(timeline)
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


def _describe_badge(timeline: Timeline) -> tuple[str, str]:
    if not timeline.runs:
        return "no run", _BADGE_COLORS["unknown"]
    counting = [entry for entry in timeline.open if entry.clause.counts]
    if counting:
        return format_count(len(counting), "finding"), _BADGE_COLORS["bad"]
    if timeline.runs[-1].exit_code == 2:
        return "not checked", _BADGE_COLORS["unknown"]
    return "none", _BADGE_COLORS["good"]


_MOST_EVENTS: Final = 100
_WORDS: Final = {"new": "New", "gone": "Gone", "back": "Back"}
_NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render_feed(timeline: Timeline, link: str = "") -> str:
    """Return the feed; `link` is the URL of the page, or ""."""
    return "\n".join(_build_feed(timeline, link)) + "\n"


def _build_feed(timeline: Timeline, link: str) -> Iterator[str]:
    updated = timeline.runs[-1].time.isoformat() if timeline.runs else "1970-01-01T00:00:00+00:00"
    yield '<?xml version="1.0" encoding="utf-8"?>'
    yield '<feed xmlns="http://www.w3.org/2005/Atom">'
    apis = sorted({api for run in timeline.runs for api in run.targets})
    title = f"Drift in {', '.join(apis)}" if apis else "Drift"
    yield f"<title>{_escape(title)}</title>"
    yield f"<id>{_build_id(link or title)}</id>"
    yield f"<updated>{updated}</updated>"
    yield "<author><name>driftline</name></author>"
    if link:
        yield f'<link href="{_escape(link)}"/>'
    for event in reversed(timeline.events[-_MOST_EVENTS:]):
        yield from _build_entry(event, link)
    yield "</feed>"


def _build_entry(event: HistoryEvent, link: str) -> Iterator[str]:
    clause = event.clause
    yield "<entry>"
    yield f"<title>{_escape(f'{_WORDS[event.kind]}: {clause.name}')}</title>"
    # The same event has the same id in every feed, so that a reader shows it once.
    yield f"<id>{_build_id(f'{clause.fingerprint} {event.kind} {event.time.isoformat()}')}</id>"
    yield f"<updated>{event.time.isoformat()}</updated>"
    if link:
        yield f'<link href="{_escape(link)}"/>'
    summary = f"{clause.severity}: {clause.file}:{clause.line} {clause.pointer}"
    yield f'<content type="text">{_escape(summary)}</content>'
    yield "</entry>"


def _build_id(name: str) -> str:
    return f"urn:uuid:{uuid5(NAMESPACE_URL, name)}"


def _escape(string: str) -> str:
    return escape(_NOT_XML.sub("\ufffd", string))
