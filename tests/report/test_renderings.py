"""Terminal, JUnit and HTML reports: readable, complete, and safe for any server data."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree as ET

import attrs
import pytest

from driftline.checks.finding import Finding
from driftline.printable import make_printable, make_printable_block
from driftline.report import FORMATS, Report, terminal
from driftline.report.files import name_file, render_files
from driftline.report.formats import html, junit

Make = Callable[..., Any]
HOSTILE = "</pre><script>alert(1)</script> & \"'`{{ 7 * 7 }}"


def list_parts(finding: Finding) -> list[str]:
    """Return the parts of a finding that every rendering shows."""
    location = f"{finding.location.file}:{finding.location.line}"
    return [finding.id, finding.severity, finding.operation, location, finding.location.pointer,
            finding.message, finding.expected, finding.got]  # fmt: skip


def test_the_terminal_shows_every_part_of_a_finding(report_of: Make, finding: Make) -> None:
    """The terminal shows severity, clause, file and
    line, both values, the count and the commands.
    """
    output = terminal.render(report_of(finding()), width=100)
    for part in list_parts(finding()):
        assert part in output
    assert re.search(r"^expected +the field id +got +only total, state$", output, re.MULTILINE)
    assert "(seen 3 times in 40 requests, first in request 12 of the run)" in " ".join(
        output.split()
    )
    assert {finding().curl, finding().client} <= set(output.splitlines())
    assert "Drift: 1 finding (1 breaking) in shop." in output


@pytest.mark.parametrize("width", [40, 60, 80, 100, 140])
def test_only_commands_locations_and_urls_exceed_the_width(
    width: int, report_of: Make, finding: Make
) -> None:
    """Lines are wrapped to the width, except commands, locations and URLs."""
    long = finding(message="long " * 60, expected="wide " * 60, got="x" * 300)
    lines = terminal.render(report_of(long, name="an own check"), width=width).splitlines()
    pieces = ("curl ", "shop.", "specs/", "bank: live server", "To try a curl", "and paste")
    assert not [line for line in lines if len(line) > width and not line.startswith(pieces)]


def test_the_table_marks_checks_that_ran_or_were_skipped(report_of: Make) -> None:
    """The table shows a mark for a check that ran, a dash if none applies, and `skipped`."""
    report = report_of(operation="order.create", name="credentials", outcome="not-sent")
    lines = terminal.render(report, width=100).splitlines()
    head = next(line for line in lines if "listing" in line)
    assert head.split() == ["spec", "listing", "auth", "creation", "requests", "time"]
    rows = {line.split()[0]: line.split()[1:] for line in lines if line.startswith("  ")}
    operation_checks = [check for check in report.checks if check.operation == "order.list"]
    request_count = str(sum(check.requests for check in operation_checks))
    seconds = f"{sum(check.seconds for check in operation_checks):.1f}"
    assert rows["order.list"] == ["✓", "–", "–", request_count, seconds, "s"]  # noqa: RUF001
    assert rows["order.create"][:3] == ["–", "skipped", "✓"]  # noqa: RUF001


def test_skipped_checks_are_listed_by_reason(report_of: Make) -> None:
    """Skipped checks have one line per reason, and the list is limited."""
    reason = "writes are not sent"
    report = report_of(operation="order.create", name="updates", outcome="not-sent", detail=reason)
    assert "skipped: shop order.create (updates): writes are not sent\n" in terminal.render(report)
    check = attrs.evolve(report.checks[-1], name="deletion")
    both = attrs.evolve(report, checks=(*report.checks, check))
    assert "skipped: shop order.create (2 checks): " in terminal.render(both)
    many = [attrs.evolve(check, detail=f"reason {number}") for number in range(30)]
    output = terminal.render(attrs.evolve(report, checks=(*report.checks, *many)))
    assert output.count("skipped: ") == terminal.MOST_SKIPPED
    assert "skipped for 21 other reasons, listed in report.json" in output


def test_colors_are_printed_only_on_request(report_of: Make, finding: Make) -> None:
    """Without color the output has no escape codes; with color the text is the same."""
    report = report_of(finding())
    plain_output = terminal.render(report, width=100)
    colored_output = terminal.render(report, width=100, color=True)
    assert "\x1b" not in plain_output
    assert "\x1b[" in colored_output
    uncolored_output = re.sub(r"\x1b\[[0-9;]*m", "", colored_output)
    assert [line.rstrip() for line in uncolored_output.splitlines()] == plain_output.splitlines()


def test_an_error_is_shown_with_its_reason(report_of: Make) -> None:
    """The reason of an error is in the terminal, JUnit and HTML reports."""
    report = report_of(outcome="error", detail="the budget is spent")
    for rendering in (terminal.render(report), junit.render(report), html.render(report)):
        assert "the budget is spent" in rendering


def test_a_shared_reason_is_shown_once(report_of: Make) -> None:
    """A reason shared by several checks is shown once with all their names."""
    report = report_of(outcome="error", detail="the budget is spent")
    second_check = attrs.evolve(report.checks[-1], name="order")
    report = attrs.evolve(report, checks=(*report.checks, second_check))
    for rendering in (terminal.render(report), Page(html.render(report)).text):
        assert rendering.count("shop order.list (pages, order)") == 1
    assert terminal.render(report).count("the budget is spent") == 1


def test_junit_has_a_case_for_each_check(report_of: Make, finding: Make) -> None:
    """JUnit has a suite per API, and failures, errors and skips for checks."""
    report = report_of(finding())
    other_checks = [
        attrs.evolve(report.checks[1], operation="order.create", name=name, outcome=outcome)
        for name, outcome in (("fuzzing", "error"), ("sequences", "not-sent"))
    ]
    report = attrs.evolve(report, checks=(*report.checks, *other_checks))
    document = ET.fromstring(junit.render(report))  # noqa: S314
    (shop, bank) = document.findall("testsuite")
    assert (shop.get("name"), shop.get("tests"), bank.get("tests")) == ("shop", "6", "1")
    assert (shop.get("failures"), shop.get("errors"), shop.get("skipped")) == ("1", "1", "1")
    (failure,) = shop.iter("failure")
    assert failure.get("type") == finding().id
    for part in list_parts(finding()):
        if part != finding().operation:
            assert part in (failure.text or "")
    for line in (finding().curl, finding().client, "seen 3 times in 40 requests, first in"):
        assert line in (failure.text or "")


def test_assumed_drift_of_a_live_server_fails_no_junit_case(report_of: Make, finding: Make) -> None:
    """An assumed finding on a live server is in the JUnit report without failing a case."""
    assumed_finding = finding(api="bank", operation="ping", severity="assumed")
    report = report_of(assumed_finding, api="bank", operation="ping", outcome="passed")
    document = ET.fromstring(junit.render(report))  # noqa: S314
    assert not list(document.iter("failure"))
    assert assumed_finding.message in junit.render(report)


class Page(HTMLParser):
    """A parser that collects the tags and text of a page."""

    def __init__(self, content: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(content)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_page_loads_no_external_resource(report_of: Make, finding: Make) -> None:
    """The page loads no external resource, and its content security policy forbids it."""
    page = Page(html.render(report_of(finding())))
    loaded_urls = [
        value
        for tag, attributes in page.tags
        for name, value in attributes.items()
        if name in {"src", "href", "srcset", "action", "data", "poster"} and tag != "a"
    ]
    assert loaded_urls == ["data:,"]
    assert "url(" not in page.text
    assert "@import" not in page.text
    assert any("default-src 'none'" in (a.get("content") or "") for _, a in page.tags)


def test_the_page_works_without_javascript(report_of: Make, finding: Make) -> None:
    """Without JavaScript every finding is visible; only the filter controls are hidden."""
    page = Page(html.render(report_of(finding(), finding(severity="assumed", where="x"))))
    articles = [attributes for tag, attributes in page.tags if tag == "article"]
    assert [a["data-severity"] for a in articles] == ["breaking", "assumed"]
    hidden_tags = {tag for tag, attributes in page.tags if "hidden" in attributes}
    assert hidden_tags == {"form", "button"}
    for part in [*list_parts(finding()), finding().curl, finding().client]:
        assert part.replace("`", "") in page.text


def test_every_string_in_the_page_is_escaped(report_of: Make, finding: Make) -> None:
    """Hostile strings are escaped in the page."""
    names = ("message", "expected", "got", "where", "curl", "client", "operation", "id")
    report = report_of(finding(**dict.fromkeys(names, HOSTILE)), detail=HOSTILE, outcome="error")
    page = html.render(report)
    plain_finding = finding(id="none", got="nothing in common")
    clean = html.render(report_of(plain_finding, detail="plain", outcome="error"))
    tags, clean_tags = ([t for t, _ in Page(p).tags if t != "code"] for p in (page, clean))
    assert tags == clean_tags
    assert HOSTILE in Page(page).text


@pytest.mark.parametrize(
    ("string", "printable"),
    [
        ("plain\nä 漢 ✓", "plain\\nä 漢 ✓"),
        ("\u2028::error::no", "\\u2028\\u003a:error::no"),
        ("a ##[error]no", "a \\u0023#[error]no"),
        ("std::error ## no [x]", "std\\u003a:error ## no [x]"),
        ("\x1b[31mred\x07", "\\u001b[31mred\\u0007"),
        ("a\u202eb\u2066c\u200bd", "a\\u202eb\\u2066c\\u200bd"),
        ("\ud800 \x7f\x00\r", "\\ud800 \\u007f\\u0000\\u000d"),
        ("\U000e0001", "\\U000e0001"),
        ("\u3164a\u2800\u034f", "\\u3164a\\u2800\\u034f"),
        ("x\U000e0141", "x\\U000e0141"),
    ],
)
def test_invisible_characters_are_escaped(string: str, printable: str) -> None:
    """Control, bidirectional and other invisible characters are escaped."""
    assert make_printable(string) == printable
    assert make_printable_block(string) == printable.replace("\\n", "\n")


def test_all_files_are_utf8_and_well_formed(report_of: Make, finding: Make) -> None:
    """All files are valid UTF-8, and the XML is well-formed, for unusual characters."""
    odd_string = make_printable("\x00\ud800\x1b ä ✓ \ufffe")
    contents = render_files(report_of(finding(got=odd_string, message=odd_string)))
    assert contents.keys() == set(map(name_file, FORMATS))
    for content in contents.values():
        content.encode()
    ET.fromstring(contents["junit.xml"])  # noqa: S314


def test_an_empty_report_renders(agreeing_report: Report) -> None:
    """A report without findings renders no article in the page and ends with "No drift"."""
    assert "<article" not in html.render(agreeing_report)
    assert terminal.render(agreeing_report).rstrip().splitlines()[-1].startswith("No drift")
