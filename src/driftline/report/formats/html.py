"""A report as one self-contained HTML page."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from importlib.resources import files
from typing import Final, Literal

import attrs
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from driftline.checks import CATALOGUE, CatalogueEntry, Finding
from driftline.report.baseline import compute_fingerprint
from driftline.report.grid import Cell, build_rows, list_columns
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
    list_not_covered,
    summarize_coverage as covered,
)
from driftline.report.report import SEVERITIES, Report
from driftline.report.states import describe_acceptance, describe_stale, describe_state, summarize
from driftline.suite import finding_docs as prose

_CODE: Final = re.compile(r"`([^`]+)`")
FILE = "report.html"

State = Literal["open", "new", "still there", "baseline", "gone"]


@attrs.frozen(kw_only=True)
class Item:
    """A finding on the page; `anchor` is stable between runs, `number` is not.

    `parts` are the other findings of its cause, each an anchor and a line.
    """

    finding: Finding
    anchor: str
    number: int
    state: State
    occurrences: str
    comparison: str
    baseline_note: str
    explanation: CatalogueEntry | None
    expected: Sequence[Piece]
    got: Sequence[Piece]
    cause: str = ""
    parts: Sequence[tuple[str, str]] = ()
    commands: Mapping[str, str] = attrs.Factory(dict[str, str])

    @property
    def subject(self) -> str:
        return " · ".join(filter(None, (self.finding.api, self.finding.operation)))


def render(report: Report) -> str:
    """Return the page; every string in it is escaped."""
    environment = Environment(
        loader=PackageLoader("driftline.report.formats", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["code"] = _mark_code
    items, style, script = (
        list(_build_items(report)),
        _read_file("report.css"),
        _read_file("report.js"),
    )
    return environment.get_template("report.html.jinja").render(
        report=report,
        style=Markup(style),  # noqa: S704 - our own file
        script=Markup(script),  # noqa: S704 - our own file
        policy=_build_policy(style, script),
        anchor=_find_anchor,
        columns=list_columns(report),
        rows=build_rows(report),
        verdict=describe_verdict(report),
        extent=describe_extent(report),
        errors=group_errors(report),
        targets=describe_targets(report),
        next_step=describe_next_step(report),
        summaries=list(filter(None, (*summarize(report), covered(report)))),
        findings=[item for item in items if item.state != "gone"],
        gone=[item for item in items if item.state == "gone"],
        stale=describe_stale(report),
        not_covered=list(list_not_covered(report)),
        sentence=prose.format_sentence,
        name_finders=prose.name_finders,
        choices=_list_choices(items),
        operations=list(dict.fromkeys(item.subject for item in items)),
    )


def _mark_code(text: str) -> Markup:
    """Return escaped text in which the parts in backticks are code."""
    return Markup(_CODE.sub(r"<code>\1</code>", str(escape(text))))  # noqa: S704 - escaped before


def _find_anchor(cell: Cell) -> str:
    """Return the anchor that a cell of the table links to; "" without one."""
    if cell.first is not None:
        return _build_anchor(cell.first)
    return "errors" if cell.state == "error" else ""


def _build_anchor(finding: Finding) -> str:
    return f"finding-{compute_fingerprint(finding)}"


def _read_file(name: str) -> str:
    return (files("driftline.report.formats") / "templates" / name).read_text(encoding="utf-8")


def _build_policy(style: str, script: str) -> str:
    """Return the content security policy: only the page's own style and script, by hash."""
    hashes = (hashlib.sha256(source.encode()).digest() for source in (style, script))
    of_style, of_script = (f"'sha256-{base64.b64encode(digest).decode()}'" for digest in hashes)
    return (
        f"default-src 'none'; style-src {of_style}; script-src {of_script}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _build_items(report: Report) -> Iterator[Item]:
    for number, cause in enumerate(report.causes, 1):
        lines = zip(map(_build_anchor, cause.parts), describe_parts(cause), strict=True)
        yield attrs.evolve(
            _build_item(report, cause.lead, number), cause=describe_cause(cause), parts=tuple(lines)
        )
    for finding in report.gone:
        yield _build_item(report, finding, 0)


def _build_item(report: Report, finding: Finding, number: int) -> Item:
    """Return the item of a finding; a gone one (`number` 0) refers to the earlier report."""
    expected, got = compare_texts(finding.expected, finding.got)
    return Item(
        finding=finding,
        anchor=_build_anchor(finding),
        number=number,
        state=_choose_state(report, finding) if number else "gone",
        occurrences=describe_sightings(finding),
        comparison=describe_state(report, finding) if number else "gone",
        baseline_note=describe_acceptance(report, finding) if number else "",
        explanation=CATALOGUE.get(finding.id),
        expected=expected,
        got=got,
        commands=list_commands(report, finding) if number else {},
    )


def _choose_state(report: Report, finding: Finding) -> State:
    if report.is_accepted(finding):
        return "baseline"
    since = report.compare_with_earlier(finding)
    return "open" if since is None else "new" if since == "new" else "still there"


def _list_choices(items: Sequence[Item]) -> dict[str, list[str]]:
    """Return the filters of the page, with the values that occur."""
    severities = {item.finding.severity for item in items}
    return {
        "severity": [severity for severity in SEVERITIES if severity in severities],
        "api": list(dict.fromkeys(item.finding.api for item in items)),
        "state": list(dict.fromkeys(item.state for item in items)),
    }


Piece = tuple[str, bool]
"""A part of a text, and whether the other text lacks it."""
_ALIKE: Final = 0.3
"""Texts that have less in common than this differ as a whole, which needs no marks."""
_MOST: Final = 400
"""In texts with more words, differences are not marked."""


def compare_texts(expected: str, received: str) -> tuple[Sequence[Piece], Sequence[Piece]]:
    """Return the pieces of two texts with their differences; joined again they are the texts."""
    words = _split_words(expected), _split_words(received)
    unmarked = [(expected, False)], [(received, False)]
    if expected == received or max(map(len, words)) > _MOST:
        return unmarked
    matcher = SequenceMatcher(None, *words, autojunk=False)
    shared = [words[0][a:end] for a, end in _find_spans(matcher)]
    if 2 * sum(map(_count_characters, shared)) < _ALIKE * sum(map(_count_characters, words)):
        return unmarked
    pieces: tuple[list[Piece], list[Piece]] = [], []
    for kind, start, end, other_start, other_end in matcher.get_opcodes():
        spans = (start, end), (other_start, other_end)
        for side, tokens, (first, last) in zip(pieces, words, spans, strict=True):
            if first < last:
                side.append(("".join(tokens[first:last]), kind != "equal"))
    return pieces


def _find_spans(matcher: SequenceMatcher[str]) -> Iterator[tuple[int, int]]:
    for block in matcher.get_matching_blocks():
        yield block.a, block.a + block.size


def _count_characters(words: Iterable[str]) -> int:
    """Count letters and digits, since spaces and commas do not make strings similar."""
    return sum(len(word) for word in words if word.isalnum())


def _split_words(string: str) -> list[str]:
    return re.findall(r"\w+|\s+|[^\w\s]", string)
