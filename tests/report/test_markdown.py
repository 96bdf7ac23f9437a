"""The Markdown report: complete, within the size limit, and safe for any server data."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given, strategies as st
from justhtml import JustHTML
from markdown_it import MarkdownIt

from driftline.checks.coverage.evidence import Coverage
from driftline.errors import Location
from driftline.markup import COMMENT_LIMIT, escape_prose, format_block, format_code, shorten
from driftline.report import OperationLine, Report, ReportedApi
from driftline.report.baseline import Baseline
from driftline.report.formats import html, markdown
from driftline.report.phrases import describe_verdict
from driftline.report.previous import EarlierReport
from driftline.report.redact import make_printable
from driftline.report.report import FailureRules

from .conftest import CHECK, FINDING, REPORT
from .test_baseline import ENTRY
from .test_seen import FIELD, NEVER_COVERED

Make = Callable[..., Any]
# As hosts read comments: with tables, HTML, and addresses that become links by themselves.
PARSER = MarkdownIt("gfm-like", {"html": True, "linkify": True})
# What begins or ends something in Markdown or HTML, or means something to a host.
MARKS = [
    "`", "```\n", "~~~", "|", "\n|-|-|\n", "\n\n", "\n# ", "\n- ", "\n> ", "\n---\n", "    ", "\t",
    "*", "**", "_", "~~", "[", "](", "![a](http://b.example/c.png)", "[a]: http://b.example\n",
    "<", ">", "&", "&lt;", "&#64;", "\\", "\\|", "\\`", "<!--", "-->", "<![CDATA[", "<?php",
    "</code>", "</pre>", "</td></tr></table>", "</details>", "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>", "<a href='http://b.example'>", "<http://b.example>",
    "@somebody", "@org/team", "#123", "org/repo#1", "GH-1", "http://b.example", "www.b.example",
    "me@b.example", ":tada:", "$x$", "$$", "{{ 7 * 7 }}", '"', "'", "\r", "\u202e", "\x00",
]  # fmt: skip
CELLS = ("td", "th")
HOSTILE = st.lists(st.sampled_from(MARKS) | st.text(max_size=5), min_size=1, max_size=8).map(
    lambda parts: make_printable("".join(["x ", *parts]))
)


def render_page(report: Report) -> JustHTML:
    """Return the comment as the HTML that a host renders."""
    return JustHTML(PARSER.render(markdown.render(report)), sanitize=False)


def walk_nodes(node: Any) -> Iterator[Any]:
    yield node
    for child in getattr(node, "children", None) or ():
        yield from walk_nodes(child)


def list_tags(document: JustHTML) -> list[str]:
    return [node.name for node in walk_nodes(document.root) if not node.name.startswith("#")]


def list_texts(document: JustHTML, *names: str) -> list[str]:
    """Return the texts of the elements with these names."""
    matching_nodes = (node for node in walk_nodes(document.root) if node.name in names)
    return [node.to_text(separator="", strip=False) for node in matching_nodes]


def read_prose(node: Any) -> str:
    """Return the text outside of code."""
    if node.name in {"code", "pre"}:
        return ""
    if node.name == "#text":
        return str(node.data)
    return "".join(map(read_prose, getattr(node, "children", None) or ()))


def fill_report(string: str) -> Report:
    """Return a report with `string` in every field that a server or spec can control."""
    fields = ("message", "expected", "got", "where", "curl", "client", "operation", "id")
    location = Location(Path("specs") / "shop.yaml", 3, string)
    filled_finding = attrs.evolve(FINDING, location=location, **dict.fromkeys(fields, string))
    accepted_finding = attrs.evolve(FINDING, message=string)
    apis = tuple(
        attrs.evolve(api, title=string, operations=(OperationLine(string, string, string, string),))
        for api in REPORT.apis
    )
    failed_check = attrs.evolve(
        CHECK, outcome="error", operation=string, name=string, detail=string
    )
    drifted_check = attrs.evolve(
        CHECK, outcome="drift", findings=(filled_finding, accepted_finding)
    )
    entries = (attrs.evolve(ENTRY, reason=string), attrs.evolve(ENTRY, operation=string, id=string))
    earlier_report = EarlierReport(Path("old.json"), "2025-01-30T12:00:00+00:00", (
        attrs.evolve(FINDING, operation=string, id="a", message=string),
    ))  # fmt: skip
    rules = FailureRules(baseline=Baseline(Path("accepted.yaml"), entries), since=earlier_report)
    checks = (*REPORT.checks, drifted_check, attrs.evolve(failed_check, api="bank"))
    return attrs.evolve(REPORT, apis=apis, checks=checks, rules=rules)


@pytest.mark.parametrize("count", [1, 500])
def test_findings_precede_errors(count: int, report_of: Make) -> None:
    """Findings precede errors, and errors are kept if the comment has to be shortened."""
    findings = [
        attrs.evolve(
            FINDING,
            id="response.type.wrong",
            location=attrs.evolve(FINDING.location, pointer=f"/{number}"),
            where=f"field{number}",
        )
        for number in range(count)
    ]
    report = report_of(*findings)
    error = attrs.evolve(CHECK, name="pages", outcome="error", detail="budget exhausted")
    page = markdown.render(attrs.evolve(report, checks=(*report.checks, error)))
    assert 0 < page.index("### Breaking") < page.index("### Could not check")
    assert "budget exhausted" in page
    assert len(page.encode()) <= COMMENT_LIMIT
    assert ("Omitted here" in page) is (count > 1)


PLAIN_TAGS = list_tags(render_page(fill_report("x y")))


@given(HOSTILE)
def test_no_string_adds_an_element_link_or_mention(string: str) -> None:
    """No string adds an element, link or mention, and the comment keeps its size limit."""
    document = render_page(fill_report(string))
    assert list_tags(document) == PLAIN_TAGS
    assert not {"a", "img", "script", "em", "del"} & set(PLAIN_TAGS)
    assert not [
        active_part
        for active_part in ("@", "#123", "b.example")
        if active_part in read_prose(document.root)
    ]
    assert len(markdown.render(fill_report(string)).encode()) <= COMMENT_LIMIT


@given(HOSTILE)
def test_escaping_keeps_every_string_in_the_rendered_page(string: str) -> None:
    """Escaping keeps every string unchanged in the rendered page."""
    code_texts = list_texts(render_page(fill_report(string)), "code", "pre")
    # HTML itself has only one kind of line break.
    assert code_texts.count(string.replace("\r\n", "\n").replace("\r", "\n")) > 8


@given(HOSTILE)
def test_escaped_prose_is_one_plain_paragraph(string: str) -> None:
    """Escaped prose renders as one paragraph of plain text."""
    document = JustHTML(PARSER.render(f"A {escape_prose(string)} b"), sanitize=False)
    assert list_tags(document) == ["html", "head", "body", "p"]
    shown_prose = document.root.to_text(separator="", strip=False).replace("\u200b", "")
    assert " ".join(shown_prose.split()) == " ".join(f"A {string} b".replace("\u200b", "").split())
    assert not re.search(r"@\w|#\d", document.root.to_text(separator="", strip=False))


def test_the_first_line_is_the_verdict(
    report_of: Make, finding: Make, agreeing_report: Report
) -> None:
    """The first line of the comment is the verdict."""
    for report in (agreeing_report, report_of(finding()), report_of(outcome="error", detail="no")):
        first = PARSER.render(markdown.render(report).splitlines()[0])
        assert first == f"<p>{describe_verdict(report)}</p>\n"


def test_a_finding_has_clause_line_values_and_commands(report_of: Make, finding: Make) -> None:
    """A finding has its clause, file and line, expected
    and received value, count, and folded commands.
    """
    document = render_page(report_of(finding()))
    code_texts = list_texts(document, "code", "pre")
    for part in ("shop", "order.list", finding().id, "specs/shop.yaml:42", finding().message,
                 finding().location.pointer, finding().curl, finding().client):  # fmt: skip
        assert part in code_texts
    row = next(node for node in walk_nodes(document.root) if node.name == "tr" and
               "the field id" in node.to_text())  # fmt: skip
    cells = [node.to_text() for node in walk_nodes(row) if node.name == "td"]
    assert cells == ["the field id", "only total, state"]
    assert "seen 3 times in 40 requests" in read_prose(document.root)
    details_nodes = [node for node in walk_nodes(document.root) if node.name == "details"]
    assert [finding().curl in node.to_text() for node in details_nodes] == [True]
    assert "A required field is missing." in read_prose(document.root)


def test_findings_are_grouped_by_severity(report_of: Make, finding: Make) -> None:
    """Findings are grouped by severity, most severe first, with their number."""
    names = ["assumed", "additive", "breaking", "breaking"]
    findings = [
        finding(id="response.type.wrong", severity=name, where=str(number))
        for number, name in enumerate(names)
    ]
    assert list_texts(render_page(report_of(*findings)), "h3") == [
        "Breaking: 2 findings",
        "Additive: 1 finding",
        "Assumed: 1 finding",
    ]


def test_the_table_has_a_row_for_each_operation(report_of: Make, finding: Make) -> None:
    """The table has a row for each API and operation, with a mark for each check."""
    document = render_page(report_of(finding()))
    table = next(node for node in walk_nodes(document.root) if node.name == "table")
    rows = [
        [
            node.to_text(separator="", strip=False).strip()
            for node in walk_nodes(row)
            if node.name in CELLS
        ]
        for row in walk_nodes(table)
        if row.name == "tr"
    ]
    assert rows[0] == ["Operation", "spec", "listing", "creation"]
    assert rows[2] == ["order.list GET /orders", "", "✗ 1", "–"]  # noqa: RUF001
    assert len(rows) == 1 + 2 + 3


def test_new_known_gone_and_accepted_findings_are_labelled(report_of: Make, finding: Make) -> None:
    """New and known findings are labelled; accepted, gone and stale ones are folded."""
    known_finding, gone_finding = (
        finding(api="bank", where="known"),
        finding(where="gone", message="it was gone"),
    )
    earlier_report = EarlierReport(
        Path("old.json"), "2025-01-30T12:00:00+00:00", (known_finding, gone_finding)
    )
    stale = attrs.evolve(ENTRY, id="example.invalid", expires=date(2099, 1, 1))
    baseline = Baseline(Path("accepted.yaml"), (ENTRY, stale))
    report = report_of(finding(), known_finding, finding(api="bank", where="other"))
    document = render_page(
        attrs.evolve(report, rules=FailureRules(since=earlier_report, baseline=baseline))
    )
    prose = read_prose(document.root)
    assert prose.index("still there, seen 3 times") < prose.index("new, seen 3 times")
    assert list_texts(document, "h3") == ["Breaking: 2 findings"]
    details_by_title = {
        node.children[0].to_text(): node.to_text()
        for node in walk_nodes(document.root)
        if node.name == "details"
    }
    ends = "Resolve it"
    assert list(details_by_title) == [
        "Reproduce it",
        ends,
        "In the baseline: 1",
        "Gone: 1",
        "Stale: 1",
    ]
    assert (
        f"in the baseline until {ENTRY.expires.isoformat()}: {ENTRY.reason}"
        in details_by_title["In the baseline: 1"]
    )
    assert "it was gone" in details_by_title["Gone: 1"]
    assert "example.invalid" in details_by_title["Stale: 1"]


def test_the_coverage_is_in_the_markdown_and_html_reports(agreeing_report: Report) -> None:
    """The coverage summary is in the Markdown and HTML reports."""
    coverage = Coverage((FIELD, NEVER_COVERED))
    check = attrs.evolve(CHECK, name="coverage", coverage=coverage)
    report = attrs.evolve(agreeing_report, checks=(*agreeing_report.checks, check))
    assert "Covered: 1 of 2 documented clauses; 1 not covered" in read_prose(
        render_page(report).root
    )
    assert "Covered: 1 of 2 documented clauses; 1 not covered" in html.render(report)


@pytest.mark.parametrize("filler", ["x", "\U0001f4a5", '"', "\n", "&"])
@pytest.mark.parametrize("number", [1, 30, 300])
def test_the_comment_never_exceeds_the_limit(
    number: int, filler: str, report_of: Make, finding: Make
) -> None:
    """The comment never exceeds the limit, and states how many findings it omits."""
    names = ("message", "expected", "got", "curl", "client", "id", "operation")
    long = dict.fromkeys(names, filler * 5_000)
    findings = [finding(where=f"{index}", **long) for index in range(number)]
    comment = markdown.render(report_of(*findings, finding(severity="additive")))
    assert len(comment.encode()) <= COMMENT_LIMIT
    document = JustHTML(PARSER.render(comment), sanitize=False)
    left_out_counts = re.findall(
        r"(\d[\d,]*) (breaking|additive) finding", " ".join(list_texts(document, "strong"))
    )
    missing = {kind: int(count.replace(",", "")) for count, kind in left_out_counts}
    titles = len(re.findall(r"<th>expected</th>", comment))
    assert titles + sum(missing.values()) == number + 1
    assert not missing or "report.html and report.json" in read_prose(document.root)


def test_a_long_table_is_shortened_before_the_findings(
    agreeing_report: Report, finding: Make
) -> None:
    """If a table of many operations is too long, it is shortened before the findings."""
    lines = tuple(OperationLine(f"a.list{number}", "GET", "/a", "") for number in range(5_000))
    apis = (*agreeing_report.apis, ReportedApi("big", "", "mock", lines))
    drifted_check = attrs.evolve(CHECK, outcome="drift", findings=(finding(),))
    comment = markdown.render(
        attrs.evolve(agreeing_report, apis=apis, checks=(*agreeing_report.checks, drifted_check))
    )
    assert len(comment.encode()) <= COMMENT_LIMIT
    assert finding().message in comment
    assert re.search(r"Omitted here for lack of space: [\d,]+ table rows", comment)


@pytest.mark.parametrize(
    ("string", "limit", "expected_string"),
    [("abc", 3, "abc"), ("abcd", 3, "abc… (1 more)"), ("x" * 2_001, 1, "x… (2,000 more)")],
)
def test_a_shortened_string_states_how_much_was_removed(
    string: str, limit: int, expected_string: str
) -> None:
    """A shortened text states how many characters were removed."""
    assert shorten(string, limit) == expected_string


def test_an_empty_string_stays_empty() -> None:
    """An empty string renders as no inline code, and as an empty block."""
    assert (format_code(""), format_block("")) == ("", "<pre></pre>")
