"""Grouping by cause: findings that one fix resolves form one block."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from driftline.checks.finding import Check, Finding
from driftline.errors import Location
from driftline.report import terminal
from driftline.report.baseline import Accepted, Baseline
from driftline.report.causes import group_findings
from driftline.report.consequences import RULES, is_consequence, list_locations, list_root_locations
from driftline.report.formats import html, markdown
from driftline.report.phrases import describe_cause, describe_parts, describe_verdict
from driftline.report.report import FailureRules, OperationLine, Report, ReportedApi

PATHS = {
    ("shop", "order.list"): "/orders",
    ("shop", "order.create"): "/orders/",
    ("shop", "order.delete"): "/orders/{id}",
    ("shop", "user.list"): "/users",
}
IDS = ("response.type.wrong", "security.not-enforced", "request.invalid.accepted")


def find(
    kind: str,
    operation: str = "order.list",
    pointer: str = "/a/type",
    where: str = "a",
    **fields: str,
) -> Finding:
    severity = "additive" if kind == "response.field.undocumented" else "breaking"
    return Finding(
        id=kind,
        severity=severity,
        api="shop",
        operation=operation,
        location=Location(Path("specs/shop.yaml"), 7, pointer),
        message=f"field `{where}` is wrong",
        expected="right",
        got="wrong",
        where=where,
        **fields,
    )


def build_report(*findings: Finding, rules: FailureRules | None = None) -> Report:
    """Return a report of one check with these findings."""
    lines = tuple(
        OperationLine(id=name, method="GET", path="/", summary="") for name in ("order.list",)
    )
    check = Check(
        api="shop", operation="order.list", name="fuzzing", outcome="drift", findings=findings
    )
    return Report(
        apis=(ReportedApi("shop", "The shop", "mock", lines),),
        checks=(check,),
        started=datetime(2025, 1, 1, tzinfo=UTC),
        seconds=1.0,
        version="1",
        rules=rules or FailureRules(),
    )


def test_one_clause_in_five_operations_is_one_cause() -> None:
    """Findings on one schema in five operations are one cause."""
    names = [f"order.{number}" for number in range(5)]
    pointer = "/components/schemas/Order/properties/a/type"
    (cause,) = group_findings(find("response.type.wrong", name, pointer) for name in names)
    assert [part.operation for part in cause.parts] == names[1:]
    assert describe_cause(cause) == "one cause: the same clause, 5 findings in 5 operations"


def test_wrong_types_of_many_fields_are_one_cause() -> None:
    """Wrong types of sixteen fields are one cause; a violated bound is another."""
    fields = [
        find("request.invalid.accepted", pointer=f"/properties/f{number}/type", where=f"f{number}")
        for number in range(16)
    ]
    bound = find("request.invalid.accepted", pointer="/properties/f1/maximum", where="f1")
    types, other_cause = group_findings([*fields, bound])
    assert describe_cause(types) == "one cause: the types of 16 fields are not validated"
    assert other_cause.findings == (bound,)


def test_missing_authentication_is_one_cause() -> None:
    """Missing authentication in several operations is one cause."""
    names = ("order.list", "order.get")
    (cause,) = group_findings(find("security.not-enforced", name, f"/{name}") for name in names)
    assert describe_cause(cause) == "one cause: 2 findings in 2 operations"


def test_a_renamed_field_is_one_cause() -> None:
    """A missing and an undocumented field are one cause, led by the more severe finding."""
    new = find("response.field.undocumented", pointer="/schemas/A/properties", where="b")
    old = find("response.required.missing", pointer="/schemas/A/required", where="a")
    (cause,) = group_findings([new, old])
    assert (cause.lead, cause.parts) == (old, (new,))
    assert describe_parts(cause) == [
        "field `b` is wrong (response.field.undocumented); expected right, got wrong",
    ]


def test_two_wrong_values_of_one_field_are_two_findings() -> None:
    """Null and a wrong string in one field are two findings, and accepting one keeps the other."""
    null = find("response.type.wrong", variant="null")
    string_finding = find("response.type.wrong", variant="string")
    entry = Accepted(
        api="shop",
        operation="order.list",
        id="response.type.wrong",
        where="a",
        value="null",
        reason="known",
        expires=date(2030, 1, 1),
    )
    rules = FailureRules(baseline=Baseline(Path("accepted.yaml"), (entry,)))
    report = build_report(null, string_finding, rules=rules)
    assert report.findings == [null, string_finding]
    assert [report.is_failure(finding) for finding in report.findings] == [False, True]
    assert [cause.findings for cause in report.causes] == [(null,), (string_finding,)]
    assert report.exit_code == 1
    assert build_report(null, rules=rules).exit_code == 0


def test_a_new_baseline_names_the_value() -> None:
    """A new baseline entry names the wrong value, so that another value still fails."""
    empty = Baseline(Path("accepted.yaml"), ())
    day = date(2025, 1, 1)
    null = find("response.type.wrong", variant="null")
    (entry,) = empty.renew([null], ["shop"], reason="known", expires=day, today=day).entries
    assert entry.value == "null"
    assert not entry.matches(find("response.type.wrong", variant="string"))


@given(
    st.lists(
        st.builds(
            find,
            st.sampled_from(IDS),
            st.sampled_from(["one", "two"]),
            st.sampled_from(["/a/type", "/b/type", "/b/enum"]),
            st.sampled_from(["a", "b.a"]),
        )
    )
)
def test_every_finding_is_in_one_cause(findings: list[Finding]) -> None:
    """Each finding belongs to exactly one cause, and
    causes keep the order of their first findings.
    """
    causes = group_findings(findings)
    listed_findings = [finding for cause in causes for finding in cause.findings]
    assert sorted(map(str, listed_findings)) == sorted(map(str, findings))
    firsts = [findings.index(cause.lead) for cause in causes]
    assert firsts == sorted(firsts)


FINDINGS = st.builds(
    find,
    st.sampled_from([*IDS, *(root for rule in RULES for root in rule.root_ids)]),
    st.sampled_from([name for _, name in PATHS]),
    st.sampled_from(
        ["/a/type", "/x/parameters/1/schema", "/paths/~1orders/get/x-listing/filter/a"]
    ),
    st.sampled_from(["", "a", "b.a", "id"]),
)


@given(FINDINGS, FINDINGS)
def test_the_root_of_a_finding_is_at_a_compared_location(part: Finding, root: Finding) -> None:
    """The root of a finding is always at one of the locations that are compared."""
    if is_consequence(part, root, PATHS):
        assert {*list_root_locations(part, PATHS)} & {*list_locations(root, PATHS)}


@pytest.mark.parametrize(
    "render", [terminal.render, markdown.render, html.render], ids=["terminal", "markdown", "html"]
)
def test_parts_are_listed_below_their_cause(render: object) -> None:
    """Each operation of a cause is named, and its common parts are shown once."""
    names = ("order.list", "order.get", "order.find")
    report = build_report(*(find("response.type.wrong", name, "/schemas/A/type") for name in names))
    rendering = render(report)  # type: ignore[operator]
    assert all(name in rendering for name in names)
    assert rendering.count("one cause: the same clause, 3 findings in 3 operations") == 1
    assert rendering.count("specs/shop.yaml:7") == 1


def test_the_verdict_counts_causes() -> None:
    """The verdict counts causes, and the JSON report gives the cause of each finding."""
    names = ("order.list", "order.get")
    report = build_report(
        *(find("response.type.wrong", name, "/schemas/A/type") for name in names),
        find("response.type.wrong", pointer="/schemas/B/type", where="b"),
    )
    assert describe_verdict(report) == "Drift: 3 findings with 2 causes (3 breaking) in shop."
    assert [finding["cause"] for finding in report.to_dict()["findings"]] == [1, 1, 2]


FILTER = "/paths/~1orders/get/x-listing/filter/status"


@pytest.mark.parametrize(
    ("root", "part", "is_one_cause"),
    [
        (find("response.server-error", "order.delete"), find("effect.not-deleted"), True),
        (find("response.server-error"), find("effect.field.reset", "order.delete"), False),
        (
            find("response.server-error", pointer="/paths/~1orders/get/responses", where=""),
            find("effect.not-deleted", "order.delete"),
            True,
        ),
        (
            find("response.server-error", "order.create", "/paths/~1orders/post/responses"),
            find("effect.not-deleted", "order.delete"),
            False,
        ),
        (find("listing.page.repeats"), find("effect.not-listed", "order.create"), True),
        (find("listing.page.repeats"), find("listing.row.lost", "user.list"), False),
        (
            find("response.enum.undocumented", where="[].status"),
            find("listing.filter.ignored", pointer=FILTER, where=""),
            True,
        ),
        (
            find("response.enum.undocumented", where="[].kind"),
            find("listing.filter.ignored", pointer=FILTER, where=""),
            False,
        ),
        (
            find("listing.filter.ignored", pointer=FILTER, where=""),
            find("request.invalid.accepted", pointer="/x/parameters/1/schema", where="status"),
            True,
        ),
        (
            find("listing.filter.ignored", pointer=FILTER, where=""),
            find("request.invalid.accepted", pointer="/x/parameters/1/schema", where="kind"),
            False,
        ),
        (
            find("response.type.wrong", pointer="/a/type", where="error"),
            find("response.type.wrong", "user.list", pointer="/b/type", where="error"),
            True,
        ),
        (
            find("response.type.wrong", pointer="/a/type", where="error"),
            find("response.type.wrong", "user.list", pointer="/b/type", where="id"),
            False,
        ),
        (find("effect.field.changed", where="a"), find("listing.order.wrong"), False),
        (
            find("effect.not-listed", "order.create"),
            find("request.valid.rejected", "order.delete"),
            True,
        ),
        (
            find("effect.not-listed", "order.create"),
            find("request.valid.rejected", "user.list"),
            False,
        ),
        (find("effect.parent.ignored"), find("effect.parent.ignored", "order.delete"), True),
        (
            find("effect.version.wrong", where="ETag"),
            find("effect.version.wrong", "order.delete", where="If-Match"),
            False,
        ),
        (
            find("response.content-type.undocumented", pointer="/a/responses/404/content"),
            find("response.content-type.undocumented", "user.list", "/b/responses/401/content"),
            True,
        ),
        (find("request.valid.rejected"), find("listing.row.lost"), True),
        (
            find("request.valid.rejected", where="a"),
            find("request.valid.rejected", pointer="/paths/~1orders/get", where=""),
            True,
        ),
    ],
)
@pytest.mark.parametrize("is_reversed", [False, True])
def test_related_findings_are_listed_below_their_cause(
    root: Finding, part: Finding, is_one_cause: bool, is_reversed: bool
) -> None:
    """Related findings are one cause in any order, led by the root; unrelated ones are separate."""
    findings = [part, root] if is_reversed else [root, part]
    causes = group_findings(findings, paths=PATHS)
    assert sorted(len(cause.findings) for cause in causes) == ([2] if is_one_cause else [1, 1])
    if is_one_cause and root.id != part.id:
        assert causes[0].lead == root
