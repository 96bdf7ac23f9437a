"""A report as one HTML page that needs nothing but itself."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Sequence
from importlib.resources import files
from typing import Literal

import attrs
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from driftline.checks.catalogue import CATALOGUE, Entry, prose
from driftline.report.formats.differences import Piece, differences
from driftline.report.fingerprint import fingerprint
from driftline.report.formats.grid import columns, rows
from driftline.report.report import Report
from driftline.report.failure_rules import SEVERITIES
from driftline.report.coverage_summary import summary as covered
from driftline.report.coverage_summary import unseen
from driftline.report.states import acceptance, news, stale, summaries
from driftline.report.phrases import extent, next_step, seen, targets, unmade, verdict
from driftline.checks.finding import Finding

__all__ = ["Item", "render"]

State = Literal["open", "new", "still there", "accepted", "gone"]


@attrs.frozen(kw_only=True)
class Item:
    """A finding as the page has it; `anchor` stays the same from run to run, `number` does not."""

    finding: Finding
    anchor: str
    number: int
    state: State
    seen: str
    news: str
    acceptance: str
    entry: Entry | None
    expected: Sequence[Piece]
    got: Sequence[Piece]

    @property
    def subject(self) -> str:
        return " · ".join(filter(None, (self.finding.api, self.finding.operation)))


def render(report: Report) -> str:
    """The page; every text in it is escaped."""
    environment = Environment(
        loader=PackageLoader("driftline.report.formats", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    items, style, script = list(_items(report)), _file("report.css"), _file("report.js")
    return environment.get_template("report.html.jinja").render(
        report=report,
        style=Markup(style),  # noqa: S704 - our own file
        script=Markup(script),  # noqa: S704 - our own file
        policy=_policy(style, script),
        columns=columns(report),
        rows=rows(report),
        verdict=verdict(report),
        extent=extent(report),
        unmade=unmade(report),
        targets=targets(report),
        next_step=next_step(report),
        summaries=list(filter(None, (*summaries(report), covered(report)))),
        found=[item for item in items if item.state != "gone"],
        gone=[item for item in items if item.state == "gone"],
        stale=stale(report),
        unseen=list(unseen(report)),
        sentence=prose.sentence,
        name_finders=prose.name_finders,
        choices=_choices(items),
        operations=list(dict.fromkeys(item.subject for item in items)),
    )


def _file(name: str) -> str:
    return (files("driftline.report.formats") / "templates" / name).read_text(encoding="utf-8")


def _policy(style: str, script: str) -> str:
    """Nothing is loaded, sent or run but the page's own style and script, by their hashes."""
    hashes = (hashlib.sha256(text.encode()).digest() for text in (style, script))
    of_style, of_script = (f"'sha256-{base64.b64encode(each).decode()}'" for each in hashes)
    return (
        f"default-src 'none'; style-src {of_style}; script-src {of_script}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _items(report: Report) -> Iterator[Item]:
    for number, finding in enumerate(report.findings, 1):
        yield _item(report, finding, number)
    for finding in report.gone:
        yield _item(report, finding, 0)


def _item(report: Report, finding: Finding, number: int) -> Item:
    """Of one that is gone (`number` 0) the earlier report has the rest."""
    expected, got = differences(finding.expected, finding.got)
    return Item(
        finding=finding,
        anchor=f"finding-{fingerprint(finding)}",
        number=number,
        state=_state(report, finding) if number else "gone",
        seen=seen(finding),
        news=news(report, finding) if number else "gone",
        acceptance=acceptance(report, finding) if number else "",
        entry=CATALOGUE.get(finding.id),
        expected=expected,
        got=got,
    )


def _state(report: Report, finding: Finding) -> State:
    entry = report.accepted(finding)
    if entry is not None and not report.is_over(entry):
        return "accepted"
    since = report.since(finding)
    return "open" if since is None else "new" if since == "new" else "still there"


def _choices(items: Sequence[Item]) -> dict[str, list[str]]:
    """What the page can be filtered by, and the values that occur."""
    severities = {item.finding.severity for item in items}
    return {
        "severity": [severity for severity in SEVERITIES if severity in severities],
        "api": list(dict.fromkeys(item.finding.api for item in items)),
        "state": list(dict.fromkeys(item.state for item in items)),
    }
