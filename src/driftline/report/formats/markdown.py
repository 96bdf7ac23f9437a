"""A report as Markdown, for the comment of a pull request, and never longer than one may be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import attrs

from driftline.checks.catalogue import CATALOGUE
from driftline.checks.catalogue import prose as catalogue
from driftline.report.formats.grid import Row, columns, rows
from driftline.report.report import Report
from driftline.report.failure_rules import SEVERITIES
from driftline.report.coverage_summary import summary as covered
from driftline.report.states import acceptance, gone, news, stale, summaries
from driftline.report.phrases import extent, next_step, plural, seen, targets, unmade, verdict
from driftline.checks.finding import Finding
from driftline.markup import code, pre, prose, shortened

__all__ = ["LIMIT", "render"]

LIMIT: Final = 65_536
"""Of a comment on GitHub; held in bytes, so that no way of counting characters exceeds it."""
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
    text, left = _top(report), dict[str, int]()
    room = LIMIT - _ROOM - _size(text)
    for part in _parts(report):
        fixed = _size(part.opening + part.closing)
        taken = _that_fit(part.items, min(room, part.most) - fixed)
        if taken:
            text += part.opening + "".join(taken) + part.closing
            room -= fixed + sum(map(_size, taken))
        if len(taken) < len(part.items):
            left[part.noun] = left.get(part.noun, 0) + len(part.items) - len(taken)
    return text + _bottom(report, left)


def _size(text: str) -> int:
    return len(text.encode())


def _that_fit(items: Sequence[str], room: int) -> list[str]:
    taken: list[str] = []
    for item in items:
        room -= _size(item)
        if room < 0:
            break
        taken.append(item)
    return taken


def _top(report: Report) -> str:
    lines = [verdict(report), f"{extent(report)}, against {targets(report)}."]
    lines += filter(None, (*summaries(report), covered(report)))
    return "".join(f"{prose(shortened(line, _LINE))}\n\n" for line in lines)


def _bottom(report: Report, left: dict[str, int]) -> str:
    lines = [f"driftline {prose(report.version)}, seed {report.seed}"]
    if left:
        numbers = ", ".join(plural(number, noun) for noun, number in left.items())
        lines.insert(0, f"**Left out here, for want of room: {numbers}.** "
                        "They are in report.html and report.json of the same run.")  # fmt: skip
    return "".join(f"\n{line}\n" for line in lines)


def _parts(report: Report) -> Iterator[_Part]:
    names = "".join(f"<th>{_cell(name)}</th>" for name in columns(report))
    head = f"<table>\n<tr><th>Operation</th>{names}</tr>\n"
    yield _Part("table row", head, tuple(map(_row, rows(report))), "</table>\n", LIMIT // 4)
    errors = tuple(_error(reason, subjects) for reason, subjects in unmade(report).items())
    yield _Part("error", "\n### What could not be checked\n\n", errors, most=LIMIT // 4)
    open_ones = [finding for finding in report.findings if not _is_accepted(report, finding)]
    for severity in SEVERITIES:
        found = [finding for finding in open_ones if finding.severity == severity]
        blocks = tuple(_finding(report, finding) for finding in found)
        title = f"\n### {severity.capitalize()}: {plural(len(found), 'finding')}\n"
        yield _Part(f"{severity} finding", title, blocks)
    if next_step(report):
        yield _Part("hint", "\n", (prose(next_step(report).replace("\n", " ")) + "\n",))
    yield from _rest(report)


def _rest(report: Report) -> Iterator[_Part]:
    accepted = [finding for finding in report.findings if _is_accepted(report, finding)]
    why = [f"{_subject(f)} {_short(f.message)} {_short(acceptance(report, f))}" for f in accepted]
    yield _folded("accepted finding", f"Accepted: {len(why):,}", "", why)
    for what, noun, lines in (
        ("gone", "gone finding", gone(report)),
        ("stale", "stale item", stale(report)),
    ):
        shown = [_short(line) for line in lines]
        yield _folded(noun, f"{what.capitalize()}: {len(lines):,}", _HINTS[what], shown)


def _folded(noun: str, title: str, hint: str, lines: Sequence[str]) -> _Part:
    opening = f"\n<details><summary>{title}</summary>\n{hint}\n<ul>\n"
    items = tuple(f"<li>{line}</li>\n" for line in lines)
    return _Part(noun, opening.replace("\n\n", "\n"), items, "</ul></details>\n")


def _is_accepted(report: Report, finding: Finding) -> bool:
    entry = report.accepted(finding)
    return entry is not None and not report.is_over(entry)


def _row(row: Row) -> str:
    name = _short(row.label) if row.operation else f"<b>{_short(row.label)}</b>"
    cells = "".join(f"<td>{cell.text}</td>" for cell in row.cells)
    return f"<tr><td>{name} {_short(row.note)}</td>{cells}</tr>\n"


def _cell(name: str) -> str:
    return name if name.isalnum() else _short(name)


def _error(reason: str, subjects: Sequence[str]) -> str:
    what = ", ".join(subjects)
    return f"<div>{_short(what)}\n{pre(shortened(reason, _TEXT))}\n</div>\n\n"


def _short(text: str) -> str:
    return code(shortened(text, _TEXT))


def _subject(finding: Finding) -> str:
    return " ".join(filter(None, map(_short, (finding.api, finding.operation, finding.id))))


def _finding(report: Report, finding: Finding) -> str:
    entry = CATALOGUE.get(finding.id)
    title = f"<b>{catalogue.sentence(entry.summary)}</b> " if entry else ""
    standing = [news(report, finding), seen(finding), acceptance(report, finding)]
    how = ", ".join(
        part if number < 2 else _short(part) for number, part in enumerate(standing) if part
    )
    expected, got = (_short(text) for text in (finding.expected, finding.got))
    lines = [
        "\n<table>",
        f'<tr><td colspan="2">{title}{_subject(finding)}',
        f"<br>{_short(finding.message)}",
        f"<br>{_short(str(finding.location))} {_short(finding.location.pointer)}",
        f"<br>{how}" if how else "",
        "</td></tr>",
        "<tr><th>expected</th><th>got</th></tr>",
        f"<tr><td>{expected}</td><td>{got}</td></tr>",
        "</table>",
        _commands(finding),
    ]
    return "".join(f"{line}\n" for line in lines if line)


def _commands(finding: Finding) -> str:
    commands = [each for each in (finding.curl, finding.client) if each]
    shown = "\n".join(pre(shortened(each, _COMMAND)) for each in commands)
    return f"<details><summary>How to see it</summary>\n{shown}\n</details>" if commands else ""
