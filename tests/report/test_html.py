"""The HTML report: filters for findings, no external resources, and valid markup."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given, strategies as st
from justhtml import JustHTML

from driftline.checks.catalogue import CATALOGUE
from driftline.report import Report
from driftline.report.baseline import Baseline, compute_fingerprint
from driftline.report.formats import html
from driftline.report.formats.html import compare_texts
from driftline.report.previous import EarlierReport
from driftline.report.report import FailureRules
from driftline.suite import finding_docs as prose

from .test_baseline import ENTRY

Make = Callable[..., Any]


def render_page(report: Report) -> JustHTML:
    """Return the parsed page; invalid markup fails the test."""
    return JustHTML(html.render(report), strict=True, sanitize=False)


def walk_nodes(node: Any) -> Iterator[Any]:
    yield node
    for child in getattr(node, "children", None) or ():
        yield from walk_nodes(child)


def find_nodes(node: Any, *names: str) -> list[Any]:
    return [node for node in walk_nodes(node) if node.name in names]


def list_elements(document: JustHTML) -> list[Any]:
    return [node for node in walk_nodes(document.root) if not node.name.startswith(("#", "!"))]


def read_text(node: Any) -> str:
    return " ".join(node.to_text(separator="", strip=False).split())


@pytest.fixture
def mixed_report(report_of: Make, finding: Make) -> Report:
    """Return a report with a finding of each state, two APIs, two severities and two operations."""
    new, known_finding = finding(), finding(api="bank", where="still", severity="additive")
    gone_finding = finding(where="gone", operation="order.create", message="it was gone")
    accepted_finding = finding(id="example.invalid", where="taken", operation="order.create")
    earlier_report = EarlierReport(
        Path("old.json"), "2025-01-30T12:00:00+00:00", (known_finding, gone_finding)
    )
    entry = attrs.evolve(ENTRY, operation="order.create", id="example.invalid", where=None)
    stale = attrs.evolve(ENTRY, id="listing.row.lost", line=9)
    rules = FailureRules(
        since=earlier_report, baseline=Baseline(Path("accepted.yaml"), (entry, stale))
    )
    return attrs.evolve(report_of(new, known_finding, accepted_finding), rules=rules)


def test_the_policy_names_the_pages_own_style_and_script(mixed_report: Report) -> None:
    """The content security policy allows only the page's own style and script, by their hashes."""
    document = render_page(mixed_report)
    (meta,) = [m for m in find_nodes(document.root, "meta") if "http-equiv" in m.attrs]
    directives = dict(part.strip().split(" ", 1) for part in meta.attrs["content"].split(";"))
    for name in ("style", "script"):
        (element,) = find_nodes(document.root, name)
        content = element.to_text(separator="", strip=False).encode()
        digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
        assert directives.pop(f"{name}-src") == f"'sha256-{digest}'"
    assert directives == {
        "default-src": "'none'",
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    names = {name for node in list_elements(document) for name in node.attrs}
    assert not [name for name in names if name.startswith("on") or name == "style"]


def test_the_filters_offer_the_values_that_occur(mixed_report: Report) -> None:
    """The filters offer the severities, APIs, states and operations that occur, with labels."""
    document = render_page(mixed_report)
    (form,) = find_nodes(document.root, "form")
    values = {
        (box.attrs["name"], box.attrs["value"])
        for box in find_nodes(form, "input")
        if box.attrs["type"] == "checkbox"
    }
    for name in ("severity", "api", "state"):
        article_values = {
            article.attrs[f"data-{name}"] for article in find_nodes(document.root, "article")
        }
        assert {value for key, value in values if key == name} == article_values
    assert {value for key, value in values if key == "state"} == {
        "new", "still there", "baseline", "gone",
    }  # fmt: skip
    operations = {
        article.attrs["data-operation"] for article in find_nodes(document.root, "article")
    }
    (select,) = find_nodes(form, "select")
    assert next(read_text(node) for node in find_nodes(select, "option")) == "all"
    assert {read_text(node) for node in find_nodes(select, "option")} - {"all"} == operations
    labelled_fields = [
        field
        for label in find_nodes(form, "label")
        for field in find_nodes(label, "input", "select")
    ]
    assert len(labelled_fields) == len(find_nodes(form, "input", "select"))
    assert all(read_text(label) for label in find_nodes(form, "label", "legend"))
    (status,) = [node for node in find_nodes(form, "p") if node.attrs.get("role") == "status"]
    assert status.attrs["id"] == "shown"


def test_a_single_value_is_not_a_filter(report_of: Make, finding: Make) -> None:
    """If all findings are alike, only the text filter is shown."""
    (form,) = find_nodes(render_page(report_of(finding(), finding(where="b"))).root, "form")
    assert [box.attrs["type"] for box in find_nodes(form, "input")] == ["search"]
    assert find_nodes(form, "fieldset", "select") == []


def test_gone_findings_and_stale_entries_have_sections(mixed_report: Report) -> None:
    """A gone finding is shown in full, and a stale baseline entry as one line."""
    sections = {
        section.attrs["aria-labelledby"]: section
        for section in find_nodes(render_page(mixed_report).root, "section")
    }
    assert list(sections) == ["overview", "findings", "gone", "stale"]
    assert len(find_nodes(sections["findings"], "article")) == 3
    (gone_article,) = find_nodes(sections["gone"], "article")
    assert "it was gone" in read_text(gone_article)
    assert mixed_report.gone[0].curl in read_text(gone_article)
    (line,) = find_nodes(sections["stale"], "li")
    assert "accepted.yaml:9" in read_text(line)


def test_each_finding_has_a_stable_link(mixed_report: Report) -> None:
    """The anchor of a finding is derived from its content, and its link has a name."""
    document = render_page(mixed_report)
    articles = find_nodes(document.root, "article")
    ids = [article.attrs["id"] for article in articles]
    findings = [*mixed_report.findings, *mixed_report.gone]
    assert ids == [f"finding-{compute_fingerprint(finding)}" for finding in findings]
    for article in articles:
        (link,) = find_nodes(article, "a")
        assert link.attrs["href"] == f"#{article.attrs['id']}"
        assert link.attrs["aria-label"]
        (title,) = find_nodes(article, "h3")
        assert article.attrs["aria-labelledby"] == title.attrs["id"]
    all_ids = [node.attrs["id"] for node in list_elements(document) if "id" in node.attrs]
    assert len(all_ids) == len(set(all_ids))


def test_every_link_within_the_page_has_a_target(mixed_report: Report) -> None:
    """Every link and label reference within the page has a target."""
    document = render_page(mixed_report)
    all_elements = list_elements(document)
    ids = {node.attrs.get("id") for node in all_elements}
    links = [node.attrs["href"] for node in all_elements if node.name == "a"]
    assert links
    assert all(link.startswith("#") and link[1:] in ids for link in links)
    label_ids = [
        node.attrs["aria-labelledby"] for node in all_elements if "aria-labelledby" in node.attrs
    ]
    assert set(label_ids) <= ids


@pytest.mark.parametrize("kind", CATALOGUE)
def test_each_finding_has_a_collapsed_explanation(
    kind: str, report_of: Make, finding: Make
) -> None:
    """Each finding has a collapsed block with the text of `driftline explain`."""
    (details,) = find_nodes(render_page(report_of(finding(id=kind))).root, "details")
    assert "open" not in details.attrs
    (summary,) = find_nodes(details, "summary")
    assert read_text(summary) == f"{kind}: what it means and what to do"
    entry = CATALOGUE[kind]
    finders = prose.name_finders(entry)
    for part in (prose.format_sentence(entry.summary), entry.meaning, entry.hint, finders):
        assert part.replace("`", "") in read_text(details)
    assert f"driftline explain {kind}" in read_text(details)


def test_the_differing_parts_of_two_values_are_marked(report_of: Make, finding: Make) -> None:
    """The differing parts of the expected and the received value are marked."""
    expected, received = 'enum: ["ACTIVE", "ENDED"]', 'enum: ["ACTIVE", "COMPLETED"]'
    (article,) = find_nodes(
        render_page(report_of(finding(expected=expected, got=received))).root, "article"
    )
    assert [read_text(node) for node in find_nodes(article, "mark")] == ["ENDED", "COMPLETED"]
    assert [read_text(node) for node in find_nodes(article, "dt")] == ["expected", "got"]
    assert [read_text(node) for node in find_nodes(article, "dd")] == [expected, received]


WORDS = st.lists(st.sampled_from(["a", "b", " ", "42", ",", "é", "\n"]) | st.text(), max_size=20)


@given(WORDS.map("".join), WORDS.map("".join))
def test_marking_keeps_both_strings(expected: str, received: str) -> None:
    """Marking keeps both texts, and their unmarked parts are equal."""
    comparison = compare_texts(expected, received)
    for pieces, string in zip(comparison, (expected, received), strict=True):
        assert "".join(part for part, _ in pieces) == string
    if any(is_changed for pieces in comparison for _, is_changed in pieces):
        common_parts = [
            [part for part, is_changed in pieces if not is_changed] for pieces in comparison
        ]
        assert "".join(common_parts[0]) == "".join(common_parts[1])


@pytest.mark.parametrize(
    ("expected", "received"),
    [
        ("the field id", "only total, state"),
        ("the same", "the same"),
        ("a " * 500, "a " * 499 + "b"),
        ("", "something"),
    ],
)
def test_unrelated_strings_are_not_marked(expected: str, received: str) -> None:
    """Texts that are equal, unrelated or too long are not marked."""
    assert compare_texts(expected, received) == ([(expected, False)], [(received, False)])


def test_many_findings_are_rendered_lazily(report_of: Make, finding: Make) -> None:
    """More than 200 findings are all in the page, rendered lazily."""
    findings = [finding(id="response.type.wrong", where=str(number)) for number in range(201)]
    page = html.render(report_of(*findings))
    assert len(re.findall("<article ", page)) == 201
    assert '<main class="many">' in page
    assert '<main class="many">' not in html.render(report_of(*findings[:200]))


def test_a_report_without_findings_has_no_filter(agreeing_report: Report) -> None:
    """A report without findings has no form, article or link."""
    assert find_nodes(render_page(agreeing_report).root, "form", "article", "a") == []


def test_an_operation_has_its_requests_and_seconds(report_of: Make) -> None:
    """The row of an operation has the requests and seconds of all its checks."""
    row = html.render(report_of(requests=1_098, seconds=1.26, operation="order.list"))
    assert "1,100 requests in 1.3 s" in row
