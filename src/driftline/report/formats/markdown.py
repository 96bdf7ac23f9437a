"""A report as Markdown, for the comment of a pull request, and never longer than one may be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import attrs

from driftline.checks import CATALOGUE, Finding
from driftline.markup import escape_prose, format_block, format_code, shorten
from driftline.report.causes import Cause
from driftline.report.coverage_summary import summarize_coverage as covered
from driftline.report.ends import list_ends
from driftline.report.failure_rules import SEVERITIES
from driftline.report.formats.grid import GridRow, build_rows, list_columns
from driftline.report.phrases import (
    describe_cause,
    describe_extent,
    describe_next_step,
    describe_parts,
    describe_sightings,
    describe_targets,
    describe_verdict,
    format_count,
    group_unmade,
)
from driftline.report.report import Report
from driftline.report.states import (
    describe_acceptance,
    describe_gone,
    describe_stale,
    describe_state,
    summarize,
)
from driftline.suite import finding_docs as catalogue

LIMIT: Final = 65_536
"""Of a comment on GitHub; held in bytes, so that no way of counting characters exceeds it."""
_MOST_PARTS: Final = 24
_TEXT, _COMMAND, _LINE = 600, 2_000, 400
"""Of any longer text only so many characters are shown."""
_ROOM: Final = 1_500
"""Kept for the last lines, which say what was left out."""
_HINTS: Final = {
    "gone": "The earlier report had these, and this run did not find them.",
    "stale": "These entries of the baseline cover no finding.",
}


@attrs.frozen
class _Part:
    """A heading and what is below it, in at most so many bytes; `noun` names what is left out."""

    noun: str
    opening: str
    items: tuple[str, ...]
    closing: str = ""
    most: int = LIMIT


def render(report: Report) -> str:
    """The page: verdict, table, findings, the rest; cut from the end."""
    text, left = _format_top(report), dict[str, int]()
    room = LIMIT - _ROOM - _measure(text)
    for part in _build_parts(report):
        fixed = _measure(part.opening + part.closing)
        taken = _keep_fitting(part.items, min(room, part.most) - fixed)
        if taken:
            text += part.opening + "".join(taken) + part.closing
            room -= fixed + sum(map(_measure, taken))
        if len(taken) < len(part.items):
            left[part.noun] = left.get(part.noun, 0) + len(part.items) - len(taken)
    return text + _format_bottom(report, left)


def _measure(text: str) -> int:
    return len(text.encode())


def _keep_fitting(items: Sequence[str], room: int) -> list[str]:
    taken: list[str] = []
    for item in items:
        room -= _measure(item)
        if room < 0:
            break
        taken.append(item)
    return taken


def _format_top(report: Report) -> str:
    lines = [
        describe_verdict(report),
        f"{describe_extent(report)}, against {describe_targets(report)}.",
    ]
    lines += filter(None, (*summarize(report), covered(report)))
    return "".join(f"{escape_prose(shorten(line, _LINE))}\n\n" for line in lines)


def _format_bottom(report: Report, left: dict[str, int]) -> str:
    lines = [f"driftline {escape_prose(report.version)}, seed {report.seed}"]
    if left:
        numbers = ", ".join(format_count(number, noun) for noun, number in left.items())
        lines.insert(0, f"**Left out here, for want of room: {numbers}.** "
                        "They are in report.html and report.json of the same run.")  # fmt: skip
    return "".join(f"\n{line}\n" for line in lines)


def _build_parts(report: Report) -> Iterator[_Part]:
    names = "".join(f"<th>{_format_cell(name)}</th>" for name in list_columns(report))
    head = f"<table>\n<tr><th>Operation</th>{names}</tr>\n"
    yield _Part(
        "table row", head, tuple(map(_format_row, build_rows(report))), "</table>\n", LIMIT // 4
    )
    errors = tuple(
        _format_error(reason, subjects) for reason, subjects in group_unmade(report).items()
    )
    yield _Part("error", "\n### What could not be checked\n\n", errors, most=LIMIT // 4)
    open_ones = [cause for cause in report.causes if not _is_accepted(report, cause.lead)]
    for severity in SEVERITIES:
        found = [cause for cause in open_ones if cause.lead.severity == severity]
        blocks = tuple(_format_cause(report, cause) for cause in found)
        number = sum(len(cause.findings) for cause in found)
        title = f"\n### {severity.capitalize()}: {format_count(number, 'finding')}\n"
        yield _Part(f"{severity} finding", title, blocks)
    if describe_next_step(report):
        yield _Part(
            "hint", "\n", (escape_prose(describe_next_step(report).replace("\n", " ")) + "\n",)
        )
    yield from _rest(report)


def _rest(report: Report) -> Iterator[_Part]:
    accepted = [finding for finding in report.findings if _is_accepted(report, finding)]
    why = [
        f"{_format_subject(f)} {_shorten(f.message)} {_shorten(describe_acceptance(report, f))}"
        for f in accepted
    ]
    yield _fold("accepted finding", f"Accepted: {len(why):,}", "", why)
    for what, noun, lines in (
        ("gone", "gone finding", describe_gone(report)),
        ("stale", "stale item", describe_stale(report)),
    ):
        shown = [_shorten(line) for line in lines]
        yield _fold(noun, f"{what.capitalize()}: {len(lines):,}", _HINTS[what], shown)


def _fold(noun: str, title: str, hint: str, lines: Sequence[str]) -> _Part:
    opening = f"\n<details><summary>{title}</summary>\n{hint}\n<ul>\n"
    items = tuple(f"<li>{line}</li>\n" for line in lines)
    return _Part(noun, opening.replace("\n\n", "\n"), items, "</ul></details>\n")


def _is_accepted(report: Report, finding: Finding) -> bool:
    entry = report.find_acceptance(finding)
    return entry is not None and not report.is_over(entry)


def _format_row(row: GridRow) -> str:
    name = _shorten(row.label) if row.operation else f"<b>{_shorten(row.label)}</b>"
    cells = "".join(f"<td>{cell.text}</td>" for cell in row.cells)
    return f"<tr><td>{name} {_shorten(row.note)}</td>{cells}</tr>\n"


def _format_cell(name: str) -> str:
    return name if name.isalnum() else _shorten(name)


def _format_error(reason: str, subjects: Sequence[str]) -> str:
    what = ", ".join(subjects)
    return f"<div>{_shorten(what)}\n{format_block(shorten(reason, _TEXT))}\n</div>\n\n"


def _shorten(text: str) -> str:
    return format_code(shorten(text, _TEXT))


def _format_subject(finding: Finding) -> str:
    return " ".join(filter(None, map(_shorten, (finding.api, finding.operation, finding.id))))


def _format_cause(report: Report, cause: Cause) -> str:
    """The finding that stands for a cause, and below it the places where it was seen as well."""
    lines = [_shorten(line) for line in describe_parts(cause)]
    if not lines:
        return _format_finding(report, cause.lead)
    items = "".join(f"<li>{line}</li>\n" for line in lines[:_MOST_PARTS])
    more = len(lines) - _MOST_PARTS
    items += f"<li>{more} more</li>\n" if more > 0 else ""
    title = _shorten(describe_cause(cause))
    return f"{_format_finding(report, cause.lead)}{title}\n<ul>\n{items}</ul>\n"


def _format_finding(report: Report, finding: Finding) -> str:
    entry = CATALOGUE.get(finding.id)
    title = f"<b>{catalogue.format_sentence(entry.summary)}</b> " if entry else ""
    standing = [
        describe_state(report, finding),
        describe_sightings(finding),
        describe_acceptance(report, finding),
    ]
    how = ", ".join(
        part if number < 2 else _shorten(part) for number, part in enumerate(standing) if part
    )
    expected, got = (_shorten(text) for text in (finding.expected, finding.got))
    lines = [
        "\n<table>",
        f'<tr><td colspan="2">{title}{_format_subject(finding)}',
        f"<br>{_shorten(finding.message)}",
        f"<br>{_shorten(str(finding.location))} {_shorten(finding.location.pointer)}",
        f"<br>{how}" if how else "",
        "</td></tr>",
        "<tr><th>expected</th><th>got</th></tr>",
        f"<tr><td>{expected}</td><td>{got}</td></tr>",
        "</table>",
        _format_commands("How to see it", [finding.curl, finding.client]),
        _format_commands("How it ends, unless the server is fixed", list_ends(report, finding)),
    ]
    return "".join(f"{line}\n" for line in lines if line)


def _format_commands(title: str, commands: Sequence[str]) -> str:
    shown = "\n".join(format_block(shorten(each, _COMMAND)) for each in commands if each)
    return f"<details><summary>{title}</summary>\n{shown}\n</details>" if shown else ""
