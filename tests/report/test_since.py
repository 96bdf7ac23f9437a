"""What fails a run, and how it compares with an earlier report."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib.resources import files as resources
from pathlib import Path
from typing import Any

import attrs
import jsonschema_rs
import pytest
from hypothesis import given, strategies as st

from driftline.errors import FileError
from driftline.report import Report, terminal, write
from driftline.report.baseline import Accepted, Baseline
from driftline.report.formats import html, junit
from driftline.report.phrases import describe_verdict
from driftline.report.previous import SCHEMA_VERSION, EarlierReport, read_report
from driftline.report.report import FAIL_ON, SEVERITIES, FailureRules

from .conftest import FINDING, REPORT
from .test_baseline import ENTRY

Make = Callable[..., Any]
HOSTILE = "</li><script>alert(1)</script> & \"'`{{ 7 * 7 }}"


def build_earlier_report(*findings: Any) -> EarlierReport:
    return EarlierReport(Path("old/report.json"), "2025-01-30T12:00:00+00:00", findings)


def apply_rules(report: Report, **rules: Any) -> Report:
    return attrs.evolve(report, rules=FailureRules(**rules))


@pytest.mark.parametrize("api", ["shop", "bank"])
@pytest.mark.parametrize("severity", SEVERITIES)
@pytest.mark.parametrize("fail_on", [None, *FAIL_ON])
def test_fail_on_fails_findings_of_that_severity_and_above(
    fail_on: Any, severity: str, api: str, finding: Make, report_of: Make
) -> None:
    """`fail_on` fails findings of that severity and above; the default depends on mock or live."""
    report = report_of(finding(severity=severity, api=api), api=api)
    code = apply_rules(report, fail_on=fail_on).exit_code
    failing = {
        None: {"breaking", "additive"} | ({"assumed"} if api == "shop" else set()),
        "breaking": {"breaking"},
        "additive": {"breaking", "additive"},
        "assumed": {"breaking", "additive", "assumed"},
        "never": set(),
    }
    assert code == int(severity in failing[fail_on])


@pytest.mark.parametrize("fail_on", [None, *FAIL_ON])
def test_a_failed_check_exits_with_2_whatever_fail_on_is(fail_on: Any, report_of: Make) -> None:
    """A failed check gives exit code 2 whatever `fail_on` is."""
    assert apply_rules(report_of(outcome="error"), fail_on=fail_on, only_new=True).exit_code == 2


KEYS = st.lists(st.tuples(st.sampled_from(["shop", "bank"]), st.sampled_from("abc")), unique=True)


@given(KEYS, KEYS, st.booleans())
def test_each_finding_is_new_known_or_gone(
    before: list[tuple[str, str]], after: list[tuple[str, str]], only_new: bool
) -> None:
    """Each finding is new, still there or gone; with `only_new`, only new ones fail."""
    findings_by_key = {
        key: attrs.evolve(FINDING, api=key[0], where=key[1], got=f"{key} as it was")
        for key in before
    }
    findings = [attrs.evolve(FINDING, api=api, where=where) for api, where in after]
    checks = tuple(
        attrs.evolve(check, outcome="drift", findings=tuple(findings)) if not number else check
        for number, check in enumerate(REPORT.checks)
    )
    earlier_report = build_earlier_report(*findings_by_key.values())
    report = apply_rules(
        attrs.evolve(REPORT, checks=checks), since=earlier_report, only_new=only_new
    )
    new = {(f.api, f.where) for f in report.findings if report.compare_with_earlier(f) == "new"}
    known_keys = {
        (f.api, f.where) for f in report.findings if report.compare_with_earlier(f) == "still"
    }
    assert new == set(after) - set(before)
    assert known_keys == set(after) & set(before)
    assert {(f.api, f.where) for f in report.gone} == set(before) - set(after)
    assert report.exit_code == int(bool(new if only_new else after))


def test_no_finding_of_a_check_that_did_not_run_is_gone(report_of: Make, finding: Make) -> None:
    """No finding is gone if its check did not run or its API was not checked."""
    earlier_report = build_earlier_report(finding(where="x"), finding(api="bakery"))
    assert apply_rules(report_of(outcome="error"), since=earlier_report).gone == []
    assert [f.where for f in apply_rules(report_of(), since=earlier_report).gone] == ["x"]


def test_an_accepted_new_finding_does_not_fail(report_of: Make, finding: Make) -> None:
    """An accepted finding does not fail the run even if it is new."""
    baseline = Baseline(Path("b.yaml"), (ENTRY,))
    report = apply_rules(
        report_of(finding()), since=build_earlier_report(), only_new=True, baseline=baseline
    )
    assert report.exit_code == 0
    assert report.to_dict()["findings"][0]["since"] == "new"


def test_a_written_report_is_read_back(report_of: Make, finding: Make, tmp_path: Path) -> None:
    """A written report is read back with its findings."""
    findings = [finding(), finding(where="x", severity="assumed")]
    rules = {
        "baseline": Baseline(Path("b"), (ENTRY,)),
        "since": build_earlier_report(finding(id="old")),
    }
    write(apply_rules(report_of(*findings), **rules), tmp_path)
    reread_report = read_report(tmp_path / "report.json")
    assert list(reread_report.findings) == findings
    assert reread_report.started == "2025-01-31T12:00:00+00:00"


def render_changed(report: Report, **changes: Any) -> str:
    return json.dumps({**report.to_dict(), **changes})


@pytest.mark.parametrize(
    ("content", "expected_message"),
    [
        ("", "invalid JSON"),
        ("{", "invalid JSON"),
        ("[]", "not a report of driftline check: the file"),
        ("{}", "not a report of driftline check: the file"),
        ("null", "not a report"),
        ("[" * 100_000, "invalid JSON"),
        (render_changed(REPORT, schema_version=1), "schema version 1: expected 3"),
        (render_changed(REPORT, schema_version=99), "schema version 99: expected 3"),
        (
            render_changed(REPORT, schema_version="2"),
            "not a report of driftline check: schema_version",
        ),
        (render_changed(REPORT, more=1), "not a report of driftline check"),
        (render_changed(REPORT, findings=[{}]), "not a report of driftline check: findings/0"),
    ],
)
def test_an_invalid_report_is_reported(content: str, expected_message: str, tmp_path: Path) -> None:
    """An invalid report raises `FileError` with the file and the problem."""
    path = tmp_path / "report.json"
    path.write_text(content)
    with pytest.raises(FileError) as caught:
        read_report(path)
    assert str(caught.value).startswith(f"{path}:1: ")
    assert expected_message in str(caught.value)


@pytest.mark.parametrize("content", [b"\xff\xfe{", None], ids=["no UTF-8", "no file"])
def test_an_unreadable_earlier_report_is_an_error(content: bytes | None, tmp_path: Path) -> None:
    """A missing or undecodable file raises `FileError`."""
    path = tmp_path / "report.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(FileError):
        read_report(path)


def test_the_version_is_that_of_the_schema() -> None:
    """The schema's version and title match `SCHEMA_VERSION`."""
    schema = json.loads((resources("driftline.report") / "report.schema.json").read_text())
    assert schema["properties"]["schema_version"] == {"const": SCHEMA_VERSION}
    assert f"version {SCHEMA_VERSION}" in schema["title"]


@pytest.fixture
def mixed_report(report_of: Make, finding: Make) -> Report:
    """Return a report with accepted, expired, stale, new, known and gone findings."""
    expired_entry = attrs.evolve(
        ENTRY, id="listing.row.lost", expires=REPORT.started.date().replace(day=1)
    )
    stale = attrs.evolve(ENTRY, id="listing.page.endless", line=9)
    findings = [finding(), finding(id="listing.row.lost"), finding(id="listing.total.wrong")]
    return apply_rules(
        report_of(*findings),
        baseline=Baseline(Path("accepted.yaml"), (ENTRY, expired_entry, stale)),
        since=build_earlier_report(
            finding(), finding(id="effect.not-found", message="it cannot be read")
        ),
    )


PARTS = (
    "in the baseline until 2025-03-31: they mend it in March",
    "in the baseline until 2025-01-01, which has passed: they mend it in March",
    "still there",
)
WHOLE_PARTS = (
    "Baseline accepted.yaml: 1 valid, 1 expired, 1 stale.",
    "Since the run at 2025-01-30 12:00:00 UTC: 2 new, 1 still there, 1 gone.",
    "accepted.yaml:9 shop order.list listing.page.endless data[].*",
    "shop order.list effect.not-found: it cannot be read",
)


def test_terminal_and_page_show_the_state_of_each_finding(mixed_report: Report) -> None:
    """The terminal and the page show the state of
    each finding and the totals; JUnit shows failures.
    """
    page = html.render(mixed_report)
    output = " ".join(terminal.render(mixed_report, width=100).split())
    for part in (*PARTS, *WHOLE_PARTS):
        assert part in output
    for part in (*PARTS, *WHOLE_PARTS[:-1], "it cannot be read"):
        assert part in page
    lines = terminal.render(mixed_report).splitlines()
    assert any(line.startswith("gone: shop") for line in lines)
    assert any(line.startswith("stale: accepted.yaml:9") for line in lines)
    # The accepted finding fails no case, so that only the two others are told there.
    assert PARTS[1] in junit.render(mixed_report)
    assert PARTS[0] not in junit.render(mixed_report)


def test_the_verdict_counts_only_findings_that_fail(
    mixed_report: Report, report_of: Make, finding: Make
) -> None:
    """The verdict counts only findings that fail, and mentions those that do not."""
    assert describe_verdict(mixed_report) == "Drift: 2 findings (2 breaking) in shop."
    baseline = Baseline(Path("b"), (ENTRY, attrs.evolve(ENTRY, where=None)))
    accepted_report = apply_rules(report_of(finding()), baseline=baseline)
    verdict = describe_verdict(accepted_report)
    assert verdict == "1 finding (1 breaking), which does not fail the run."
    both = apply_rules(report_of(finding(), finding(where="b")), baseline=baseline)
    assert describe_verdict(both).endswith("; none of them fails the run.")
    mark = next(
        line for line in terminal.render(accepted_report).splitlines() if "order.list" in line
    )
    assert "~ 1" in mark
    assert "✗" not in terminal.render(accepted_report)


def test_the_json_of_all_states_satisfies_its_schema(mixed_report: Report) -> None:
    """The JSON report of all states satisfies its schema."""
    schema = json.loads((resources("driftline.report") / "report.schema.json").read_text())
    data = json.loads(json.dumps(mixed_report.to_dict()))
    validator = jsonschema_rs.validator_for(schema, validate_formats=True)
    assert [str(error) for error in validator.iter_errors(data)] == []
    assert [f["since"] for f in data["findings"]] == ["still", "new", "new"]
    assert [f["counts"] for f in data["findings"]] == [False, True, True]
    assert [f["id"] for f in data["since"]["gone"]] == ["effect.not-found"]
    assert [e["id"] for e in data["baseline"]["stale"]] == ["listing.page.endless"]


@pytest.mark.parametrize("width", [40, 80, 140])
def test_long_reasons_are_wrapped(width: int, report_of: Make, finding: Make) -> None:
    """Long reasons are wrapped at any width."""
    entry = attrs.evolve(ENTRY, reason="long " * 40)
    stale = attrs.evolve(entry, id="x" * 200)
    report = apply_rules(
        report_of(finding(curl="", client="")), baseline=Baseline(Path("b"), (entry, stale))
    )
    lines = terminal.render(report, width=width).splitlines()
    assert not [x for x in lines if len(x) > width and not x.startswith(("specs/", "bank: live"))]


def test_strings_of_baselines_and_reports_are_escaped(
    report_of: Make, finding: Make, tmp_path: Path
) -> None:
    """Strings of baselines and earlier reports are escaped in the page."""

    def render(string: str) -> str:
        entry = Accepted(**{**attrs.asdict(ENTRY), "reason": string})
        stale = attrs.evolve(entry, id=string)
        gone_finding = finding(message=string, id=string, operation=string)
        baseline = Baseline(Path("b"), (entry, stale))
        return html.render(
            apply_rules(
                report_of(finding()), baseline=baseline, since=build_earlier_report(gone_finding)
            )
        )

    assert "<script>alert" not in render(HOSTILE)
    assert render(HOSTILE).count("<") == render("plain").count("<")


def test_control_characters_of_an_earlier_report_are_escaped(
    report_of: Make, finding: Make, tmp_path: Path
) -> None:
    """Control characters of an earlier report are escaped in the terminal."""
    write(report_of(finding(message="\x1b[31mred\x07", where="old")), tmp_path)
    earlier_report = read_report(tmp_path / "report.json")
    output = terminal.render(apply_rules(report_of(), since=earlier_report))
    assert "\\u001b[31mred" in output
    assert "\x1b" not in output
