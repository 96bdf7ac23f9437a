"""A history as one HTML page that needs nothing but itself, and runs no script."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import Final

from driftline.history.formats.phrases import (
    describe_clause,
    describe_timeline,
    find_latest_coverage,
    list_coverage,
)
from driftline.history.timeline import ClauseTimeline, CoveragePoint, Timeline

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


def render(timeline: Timeline) -> str:
    """Return the page; every text in it is escaped."""
    return "\n".join(_build_lines(timeline)) + "\n"


def _build_lines(timeline: Timeline) -> Iterator[str]:
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
    for line, each in zip(list_coverage(timeline), points.values(), strict=True):
        yield f"<h3>{escape(line)}</h3>\n{_draw(each[-_MOST_POINTS:], line)}"
    yield "</body>\n</html>"


def _build_row(each: ClauseTimeline) -> str:
    clause = each.clause
    place = f"{clause.file}:{clause.line} {clause.pointer}"
    cells = (
        f'<td class="{each.state}">{escape(describe_clause(each))}</td>',
        f"<td>{each.first:%Y-%m-%d}</td>",
        f"<td>{each.last:%Y-%m-%d}</td>",
        f"<td>{each.seen} of {each.runs}</td>",
        f'<td class="finding">{clause.severity}: {escape(clause.name)}'
        f"<br><small>{escape(place)}</small></td>",
    )
    return f"<tr>{''.join(cells)}</tr>"


def _draw(points: Sequence[CoveragePoint], title: str) -> str:
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
