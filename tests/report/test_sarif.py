"""SARIF: valid by the standard's schema, complete for code scanning, and deterministic."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import jsonschema_rs
import pytest
from hypothesis import given, strategies as st

from driftline.checks.catalogue import CATALOGUE
from driftline.errors import Location
from driftline.report import Report, ReportedApi
from driftline.report.baseline import Baseline
from driftline.report.formats import sarif
from driftline.report.previous import EarlierReport
from driftline.report.redact import make_printable
from driftline.report.report import SEVERITIES, FailureRules
from driftline.suite import finding_docs as prose

from .conftest import CHECK, FINDING, REPORT
from .test_baseline import ENTRY

Make = Callable[..., Any]
# The standard's own schema, as Microsoft's package for Jest has it (MIT licence).
SCHEMA = json.loads(Path(__file__).with_name("sarif-2.1.0-rtm.5.json").read_text("utf-8"))
# One pattern in it is no regular expression to a strict reader; no document of ours has the field.
for name in ("run", "toolComponent"):
    del SCHEMA["definitions"][name]["properties"]["language"]["pattern"]
VALIDATOR = jsonschema_rs.Draft4Validator(SCHEMA, validate_formats=True)
STRINGS = st.text().map(make_printable)


def render_log(report: Report) -> Any:
    """Return the SARIF document after validating it against the schema."""
    log = json.loads(sarif.render(report))
    assert [
        f"{schema_error.instance_path}: {schema_error.message}"
        for schema_error in VALIDATOR.iter_errors(log)
    ] == []
    return log


def list_results(report: Report) -> list[Any]:
    return [result for run in render_log(report)["runs"] for result in run["results"]]


def build_rules(**changes: Any) -> FailureRules:
    return FailureRules(**changes)


def build_earlier_report(*findings: Any) -> EarlierReport:
    return EarlierReport(Path("old/report.json"), "2025-01-30T12:00:00+00:00", findings)


def test_the_schema_rejects_an_invalid_document(report_of: Make, finding: Make) -> None:
    """The schema rejects an invalid document."""
    log = render_log(report_of(finding()))
    log["runs"][0]["results"][0]["level"] = "fatal"
    assert not VALIDATOR.is_valid(log)


def test_a_result_has_the_line_of_its_clause(report_of: Make, finding: Make) -> None:
    """A result has the relative file, line, pointer, both values, count and commands."""
    (result,) = list_results(report_of(finding()))
    location = result["locations"][0]["physicalLocation"]
    assert location["artifactLocation"] == {"uri": "specs/shop.yaml", "uriBaseId": "%SRCROOT%"}
    assert location["region"] == {"startLine": 42}
    (logical,) = result["locations"][0]["logicalLocations"]
    assert logical["fullyQualifiedName"] == finding().location.pointer
    assert result["message"]["text"] == (
        "field `data[].id` is required but missing. Expected: the field id. Got: only total, state."
    )
    assert (result["occurrenceCount"], result["properties"]["first"]) == (3, 12)
    assert result["properties"]["curl"] == finding().curl
    assert result["properties"]["client"] == finding().client


@pytest.mark.parametrize(
    ("severity", "level"), list(zip(SEVERITIES, ("error", "warning", "note"), strict=True))
)
def test_each_severity_has_a_level(
    severity: str, level: str, report_of: Make, finding: Make
) -> None:
    """Breaking is an error, additive a warning, and assumed a note."""
    (result,) = list_results(report_of(finding(severity=severity)))
    assert result["level"] == level


@pytest.mark.parametrize("kind", CATALOGUE)
def test_every_id_is_a_rule(kind: str, report_of: Make, finding: Make) -> None:
    """Every finding ID is a rule with the text of `driftline explain`, within GitHub's limits."""
    (run, _) = render_log(report_of(finding(id=kind)))["runs"]
    (rule,) = run["tool"]["driver"]["rules"]
    assert (rule["id"], run["results"][0]["ruleIndex"]) == (kind, 0)
    assert re.fullmatch(r"([A-Z][a-z0-9]*)+", rule["name"])
    assert rule["name"].lower() == re.sub("[^a-z0-9]", "", kind)
    assert CATALOGUE[kind].meaning in rule["fullDescription"]["text"]
    for name in ("shortDescription", "fullDescription"):
        assert 0 < len(rule[name]["text"]) <= 1024
    for form in ("text", "markdown"):
        assert CATALOGUE[kind].expected in rule["help"][form]
        assert prose.name_finders(CATALOGUE[kind]) in rule["help"][form]
    assert CATALOGUE[kind].hint in rule["help"]["text"]
    assert len(rule["properties"]["tags"]) <= 10


def test_each_rule_is_listed_once(report_of: Make, finding: Make) -> None:
    """Each rule is listed once, and results refer to it by index."""
    kinds = ["response.type.wrong", "response.enum.unknown", "response.type.wrong"]
    findings = [finding(id=kind, where=str(number)) for number, kind in enumerate(kinds)]
    run = render_log(report_of(*findings))["runs"][0]
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == kinds[:2]
    for result in run["results"]:
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]


KEYS = st.fixed_dictionaries(dict.fromkeys(("api", "operation", "id", "where", "pointer"), STRINGS))


def compute_fingerprints(key: dict[str, str], line: int = 1, **changes: Any) -> dict[str, str]:
    location = Location(Path("specs/shop.yaml"), line, key["pointer"])
    fields = {name: value for name, value in key.items() if name != "pointer"}
    finding = attrs.evolve(FINDING, location=location, **fields, **changes)
    report = attrs.evolve(REPORT, checks=(attrs.evolve(CHECK, findings=(finding,)),))
    fingerprints: dict[str, str] = list_results(report)[0]["partialFingerprints"]
    return fingerprints


@given(KEYS, KEYS, st.integers(1), STRINGS)
def test_a_fingerprint_depends_only_on_the_findings_identity(
    first_key: dict[str, str], second_key: dict[str, str], line: int, detail: str
) -> None:
    """A fingerprint depends on the finding's identity, not on its line, values or count."""
    before = compute_fingerprints(first_key)
    assert set(before) == {"primaryLocationLineHash", "driftline/v1"}
    assert re.fullmatch(r"[0-9a-f]{16}:1", before["primaryLocationLineHash"])
    changes = {"got": detail, "expected": detail, "message": detail, "count": 9, "curl": detail}
    assert compute_fingerprints(first_key, line, **changes) == before
    if first_key != second_key:
        assert not set(compute_fingerprints(second_key).values()) & set(before.values())


def test_each_api_is_a_separate_run(report_of: Make, finding: Make) -> None:
    """Each API is a run whose ID has the API and `mock` or
    `live`, so that runs do not close each other's results.
    """
    runs = render_log(report_of(finding(), finding(api="bank")))["runs"]
    assert [run["automationDetails"]["id"] for run in runs] == [
        "driftline/shop/mock/",
        "driftline/bank/live/",
    ]
    assert [len(run["results"]) for run in runs] == [1, 1]
    assert {run["tool"]["driver"]["version"] for run in runs} == {"1.2.3"}
    assert runs[0]["invocations"][0]["startTimeUtc"] == "2025-01-31T12:00:00Z"


def test_too_many_runs_for_code_scanning_are_combined(agreeing_report: Report) -> None:
    """Up to twenty APIs are separate runs; more are combined into one."""
    apis = [ReportedApi(f"api{number}", "", "mock", ()) for number in range(21)]
    assert len(render_log(attrs.evolve(agreeing_report, apis=tuple(apis[:20])))["runs"]) == 20
    (run,) = render_log(attrs.evolve(agreeing_report, apis=tuple(apis)))["runs"]
    assert run["automationDetails"]["id"] == "driftline/all/mock/"


def test_only_the_most_severe_of_too_many_results_are_kept(report_of: Make, finding: Make) -> None:
    """Of more than 5,000 results the most severe are kept, and a notification counts the rest."""
    findings = [finding(severity="additive", where=str(number)) for number in range(5_000)]
    run = render_log(report_of(*findings, finding()))["runs"][0]
    assert len(run["results"]) == 5_000
    assert run["results"][0]["level"] == "error"
    (note,) = run["invocations"][0]["toolExecutionNotifications"]
    assert note["message"]["text"].startswith("Left out here: 1 result.")


def test_a_failed_check_is_reported_as_a_notification(report_of: Make) -> None:
    """A run with a failed check is not successful, and its notification gives the reason."""
    shop, bank = render_log(report_of(outcome="error", detail="the budget is spent"))["runs"]
    assert not shop["invocations"][0]["executionSuccessful"]
    (note,) = shop["invocations"][0]["toolExecutionNotifications"]
    expected_message = "Could not check shop order.list pages: the budget is spent"
    assert (note["level"], note["message"]["text"]) == ("error", expected_message)
    assert bank["invocations"][0]["executionSuccessful"]


def test_results_have_their_state_since_an_earlier_report(report_of: Make, finding: Make) -> None:
    """Results are new, unchanged or absent compared
    with an earlier report; absent ones are suppressed.
    """
    new, known_finding, gone_finding = (
        finding(where=field_name) for field_name in ("new", "still", "gone")
    )
    report = report_of(new, known_finding)
    assert not any("baselineState" in result for result in list_results(report))
    report = attrs.evolve(
        report, rules=build_rules(since=build_earlier_report(known_finding, gone_finding))
    )
    results = list_results(report)
    assert [result["baselineState"] for result in results] == ["new", "unchanged", "absent"]
    assert [len(result["suppressions"]) for result in results] == [0, 0, 1]
    assert not results[2]["properties"]["counts"]


def test_an_accepted_finding_is_suppressed(report_of: Make, finding: Make) -> None:
    """An accepted finding is suppressed with its reason and last day until it expires."""
    report = report_of(finding(), finding(api="bank"))
    baseline = Baseline(Path("accepted.yaml"), (ENTRY,))
    shop, bank = list_results(attrs.evolve(report, rules=build_rules(baseline=baseline)))
    (suppression,) = shop["suppressions"]
    assert (suppression["kind"], suppression["status"]) == ("external", "accepted")
    for part in (ENTRY.reason, ENTRY.expires.isoformat()):
        assert part in suppression["justification"]
    assert (bank["suppressions"], shop["properties"]["counts"]) == ([], False)
    expired_entry = attrs.evolve(ENTRY, expires=report.started.date().replace(year=2020))
    late = attrs.evolve(
        report, rules=build_rules(baseline=Baseline(baseline.path, (expired_entry,)))
    )
    assert [result["suppressions"] for result in list_results(late)] == [[], []]


@given(STRINGS, STRINGS, STRINGS)
def test_no_string_becomes_a_link_in_a_message(first: str, two: str, three: str) -> None:
    """No string becomes a link in a message; the properties keep the exact strings."""
    hostile = f"[{first}](https://evil.example){two}"
    fields = dict.fromkeys(("message", "expected", "got", "where", "curl", "id"), hostile)
    finding = attrs.evolve(FINDING, **fields, operation=three, api=two)
    checks = (attrs.evolve(CHECK, findings=(finding,), outcome="error", detail=hostile),)
    log = render_log(attrs.evolve(REPORT, checks=checks))
    run = log["runs"][-1]
    assert "](" not in run["results"][0]["message"]["text"]
    assert run["results"][0]["properties"]["got"] == hostile
    for sarif_run in log["runs"]:
        for note in sarif_run["invocations"][0]["toolExecutionNotifications"]:
            assert "](" not in note["message"]["text"]


def test_a_huge_value_is_shortened_in_the_message(report_of: Make, finding: Make) -> None:
    """A huge value is shortened in the message but not in the properties."""
    huge = "x" * 100_000
    (result,) = list_results(report_of(finding(got=huge, message=huge, expected=huge)))
    assert len(result["message"]["text"]) < 3_100
    assert result["properties"]["got"] == huge


def test_a_path_outside_the_project_is_reduced_to_its_name(report_of: Make, finding: Make) -> None:
    """A path outside the project is reduced to its file name, and paths are valid URIs."""
    for file, uri in (
        ("/home/me/specs/a b.yaml", "a%20b.yaml"),
        ("specs/ä#.yaml", "specs/%C3%A4%23.yaml"),
    ):
        location = Location(Path(file), 1, "")
        report = report_of(finding(location=location))
        (result,) = list_results(report)
        assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == uri
        assert "logicalLocations" not in result["locations"][0]
        assert "/home/me" not in sarif.render(report)
