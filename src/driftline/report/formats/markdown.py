"""A report as Markdown, within the size limit of a pull request comment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from driftline.checks import CATALOGUE, Finding
from driftline.markup import (
    COMMENT_LIMIT,
    Section,
    describe_left_out,
    escape_prose,
    fit_sections,
    format_block,
    format_count,
    format_short_code,
    shorten,
)
from driftline.report.causes import Cause
from driftline.report.grid import GridRow, build_rows, list_columns
from driftline.report.phrases import (
    describe_cause,
    describe_extent,
    describe_next_step,
    describe_parts,
    describe_sightings,
    describe_targets,
    describe_verdict,
    group_errors,
    list_commands,
    summarize_coverage as covered,
)
from driftline.report.report import SEVERITIES, Report
from driftline.report.states import (
    describe_acceptance,
    describe_gone,
    describe_stale,
    describe_state,
    summarize,
)
from driftline.suite import finding_docs as catalogue

FILE = "report.md"

_SHARE: Final = COMMENT_LIMIT // 4
_MOST_PARTS: Final = 24
_TEXT, _COMMAND, _LINE = 600, 2_000, 400
"""The maximum number of characters of a text, a command and a line."""
_ROOM: Final = 1_500
"""Kept for the last lines, which say what was left out."""
_HINTS: Final = {
    "gone": "The earlier report had these, and this run did not find them.",
    "stale": "These entries of the baseline match no finding.",
}


def render(report: Report) -> str:
    """Return the page: verdict, table, findings, errors, details; truncated at the end."""
    top = _format_top(report)
    budget = COMMENT_LIMIT - _ROOM - len(top.encode())
    # Errors follow the findings, but are fitted first: many findings must not displace them.
    errors, left_out_errors = fit_sections((_build_errors(report),), budget)
    budget -= len(errors.encode())
    findings, left_out = fit_sections(_list_findings(report), budget)
    details, left_out_details = fit_sections(_list_details(report), budget - len(findings.encode()))
    left_out |= left_out_errors | left_out_details
    return top + findings + errors + details + _format_bottom(report, left_out)


def _format_top(report: Report) -> str:
    lines = [
        describe_verdict(report),
        f"{describe_extent(report)}, against {describe_targets(report)}.",
    ]
    lines += filter(None, (*summarize(report), covered(report)))
    return "".join(f"{escape_prose(shorten(line, _LINE))}\n\n" for line in lines)


def _format_bottom(report: Report, left_out: dict[str, int]) -> str:
    elsewhere = "They are in report.html and report.json of the same run."
    version = f"driftline {escape_prose(report.version)}, seed {report.seed}"
    return f"{describe_left_out(left_out, elsewhere)}\n{version}\n"


def _build_errors(report: Report) -> Section:
    errors = [_format_error(reason, subjects) for reason, subjects in group_errors(report).items()]
    return Section("error", "\n### Could not check\n\n", errors, max_length=_SHARE)


def _list_findings(report: Report) -> Iterator[Section]:
    names = "".join(f"<th>{_format_cell(name)}</th>" for name in list_columns(report))
    head = f"<table>\n<tr><th>Operation</th>{names}</tr>\n"
    rows = [_format_row(row) for row in build_rows(report)]
    yield Section("table row", head, rows, "</table>\n", _SHARE)
    open_ones = [cause for cause in report.causes if not report.is_accepted(cause.lead)]
    for severity in SEVERITIES:
        causes = [cause for cause in open_ones if cause.lead.severity == severity]
        blocks = tuple(_format_cause(report, cause) for cause in causes)
        number = sum(len(cause.findings) for cause in causes)
        title = f"\n### {severity.capitalize()}: {format_count(number, 'finding')}\n"
        yield Section(f"{severity} finding", title, blocks)
    if describe_next_step(report):
        yield Section(
            "hint", "\n", (escape_prose(describe_next_step(report).replace("\n", " ")) + "\n",)
        )


def _list_details(report: Report) -> Iterator[Section]:
    accepted = [finding for finding in report.findings if report.is_accepted(finding)]
    why = [
        f"{_format_subject(f)} {_shorten(f.message)} {_shorten(describe_acceptance(report, f))}"
        for f in accepted
    ]
    yield _format_details("baseline finding", f"In the baseline: {len(why):,}", "", why)
    for state, noun, lines in (
        ("gone", "gone finding", describe_gone(report)),
        ("stale", "stale item", describe_stale(report)),
    ):
        short_lines = [_shorten(line) for line in lines]
        yield _format_details(
            noun, f"{state.capitalize()}: {len(lines):,}", _HINTS[state], short_lines
        )


def _format_details(noun: str, title: str, hint: str, lines: Sequence[str]) -> Section:
    opening = f"\n<details><summary>{title}</summary>\n{hint}\n<ul>\n"
    items = tuple(f"<li>{line}</li>\n" for line in lines)
    return Section(noun, opening.replace("\n\n", "\n"), items, "</ul></details>\n")


def _format_row(row: GridRow) -> str:
    name = _shorten(row.label) if row.operation else f"<b>{_shorten(row.label)}</b>"
    cells = "".join(f"<td>{cell.text}</td>" for cell in row.cells)
    return f"<tr><td>{name} {_shorten(row.note)}</td>{cells}</tr>\n"


def _format_cell(name: str) -> str:
    return name if name.isalnum() else _shorten(name)


def _format_error(reason: str, subjects: Sequence[str]) -> str:
    names = ", ".join(subjects)
    return f"<div>{_shorten(names)}\n{format_block(shorten(reason, _TEXT))}\n</div>\n\n"


def _shorten(string: str) -> str:
    return format_short_code(string, _TEXT)


def _format_subject(finding: Finding) -> str:
    return " ".join(filter(None, map(_shorten, (finding.api, finding.operation, finding.id))))


def _format_cause(report: Report, cause: Cause) -> str:
    """Return the lead finding of a cause, and the other locations of the cause."""
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
    summary = ", ".join(
        part if number < 2 else _shorten(part) for number, part in enumerate(standing) if part
    )
    expected, got = (_shorten(value) for value in (finding.expected, finding.got))
    lines = [
        "\n<table>",
        f'<tr><td colspan="2">{title}{_format_subject(finding)}',
        f"<br>{_shorten(finding.message)}",
        f"<br>{_shorten(str(finding.location))} {_shorten(finding.location.pointer)}",
        f"<br>{summary}" if summary else "",
        "</td></tr>",
        "<tr><th>expected</th><th>got</th></tr>",
        f"<tr><td>{expected}</td><td>{got}</td></tr>",
        "</table>",
        _format_commands("Reproduce it", [("", finding.curl), ("", finding.client)]),
        _format_commands("Resolve it", list_commands(report, finding).items()),
    ]
    return "".join(f"{line}\n" for line in lines if line)


def _format_commands(title: str, commands: Iterable[tuple[str, str]]) -> str:
    """Fold commands, each below its label."""
    blocks = "\n".join(
        (f"{label}:\n" if label else "") + format_block(shorten(command, _COMMAND))
        for label, command in commands
        if command
    )
    return f"<details><summary>{title}</summary>\n{blocks}\n</details>" if blocks else ""
