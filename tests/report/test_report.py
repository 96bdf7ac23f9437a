"""The verdict of a run and the JSON report."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import attrs
import jsonschema_rs
import pytest

from driftline.checks.finding import Finding
from driftline.report import Report
from driftline.report.phrases import (
    choose_commands,
    describe_assumptions,
    describe_extent,
    describe_next_step,
    describe_sightings,
    describe_targets,
    describe_verdict,
)
from driftline.report.previous import BESIDE
from driftline.report.report import MOCK, RECORDED
from driftline.report.terminal import render as render_terminal

Make = Callable[..., Any]


@pytest.mark.parametrize(
    ("changes", "expected_start"),
    [
        ({}, "seen 3 times in 40 requests, first in request 12 of the run"),
        ({"count": 1, "requests": 1, "first": 1}, "seen once in 1 request, in request 1 of"),
        ({"count": 1200, "requests": 0, "first": 0}, "seen 1,200 times"),
        ({"count": 1, "requests": 9, "first": 0}, ""),
    ],
)
def test_a_finding_states_how_often_it_was_seen(
    changes: dict[str, int], expected_start: str, finding: Make
) -> None:
    """The sentence states the known counts, and is empty if no request showed the finding."""
    assert describe_sightings(finding(**changes)).startswith(expected_start)
    assert bool(describe_sightings(finding(**changes))) is bool(expected_start)


@pytest.mark.parametrize(
    ("severity", "api", "code"),
    [
        ("breaking", "shop", 1),
        ("additive", "shop", 1),
        ("assumed", "shop", 1),
        ("breaking", "bank", 1),
        ("additive", "bank", 1),
        ("assumed", "bank", 0),
    ],
)
def test_assumed_findings_are_drift_only_on_a_mock(
    severity: str, api: str, code: int, finding: Make, report_of: Make
) -> None:
    """Every finding fails a mock run; assumed findings do not fail a live run."""
    judged_finding = finding(severity=severity, api=api)
    outcome = "drift" if code else "passed"
    report = report_of(judged_finding, api=api, operation=judged_finding.operation, outcome=outcome)
    assert report.exit_code == code
    assert report.to_dict()["findings"][0]["counts"] is bool(code)


def test_a_report_without_findings_exits_with_0(agreeing_report: Report) -> None:
    """Without findings the exit code is 0, and the last line summarizes what was checked."""
    assert agreeing_report.exit_code == 0
    assert describe_verdict(agreeing_report) == "No drift: everything that was checked agrees."
    assert describe_extent(agreeing_report) == "2 APIs, 3 operations, 4 checks, 6 requests in 1.2 s"
    assert describe_targets(agreeing_report) == "the mock of shop; bank at https://bank.example/v1"


def test_a_failed_check_gives_no_verdict(report_of: Make, finding: Make) -> None:
    """A check that failed to run gives exit code 2
    despite drift, and so does a run without checks.
    """
    report = report_of(finding(), outcome="error", detail="it broke")
    assert report.exit_code == 2
    assert describe_verdict(report).startswith(
        "Could not check: 1 of 5 checks could not run; 1 finding"
    )
    empty = attrs.evolve(report, checks=())
    assert (empty.exit_code, describe_verdict(empty)) == (2, "Could not check: no check was run.")


def test_one_cause_is_one_finding(report_of: Make, finding: Make) -> None:
    """A finding seen by two checks is listed once with the sum of its counts."""
    report = report_of(finding(), finding(count=4, first=99, requests=2))
    sightings = [(f.id, f.first, f.count, f.requests) for f in report.findings]
    assert sightings == [("response.required.missing", 12, 7, 42)]


def test_findings_are_ordered_by_api_then_severity(report_of: Make, finding: Make) -> None:
    """Findings are ordered by API, then by severity."""
    order = ["assumed", "additive", "breaking"]
    report = report_of(
        finding(api="bank"), *(finding(severity=severity, where=severity) for severity in order)
    )
    assert [(f.api, f.severity) for f in report.findings] == [
        ("shop", "breaking"),
        ("shop", "additive"),
        ("shop", "assumed"),
        ("bank", "breaking"),
    ]


def test_the_json_satisfies_its_published_schema(
    agreeing_report: Report, report_of: Make, finding: Make
) -> None:
    """Every kind of report satisfies the strict `report.schema.json`."""
    schema = json.loads((files("driftline.report") / "report.schema.json").read_text())
    validator = jsonschema_rs.validator_for(schema, validate_formats=True)
    unsent = {"operation": "order.create", "outcome": "not-sent", "detail": "a write"}
    for report in (
        agreeing_report,
        report_of(finding()),
        report_of(**unsent),
        report_of(outcome="error"),
    ):
        data = json.loads(json.dumps(report.to_dict()))
        assert [str(error) for error in validator.iter_errors(data)] == []
    assert not validator.is_valid({**data, "more": 1})


def test_the_keys_of_the_json_keep_their_order(agreeing_report: Report) -> None:
    """The JSON keys have the order of the schema."""
    schema = json.loads((files("driftline.report") / "report.schema.json").read_text())
    assert list(agreeing_report.to_dict()) == list(schema["properties"]) == schema["required"]


def test_findings_survive_the_json_report(report_of: Make, finding: Make) -> None:
    """A finding read back from the JSON report equals the original."""
    (finding_data,) = report_of(finding()).to_dict()["findings"]
    assert (
        Finding.from_dict({k: v for k, v in finding_data.items() if k not in BESIDE}) == finding()
    )


def test_a_live_run_reports_its_assumed_findings(report_of: Make, finding: Make) -> None:
    """A live run reports its assumed findings and the command that confirms assumptions."""
    assumed_finding = finding(api="bank", severity="assumed")
    report = report_of(assumed_finding)
    assert report.exit_code == 0
    sentence = "1 finding is on a clause marked x-assumed and cannot fail the run."
    assert describe_assumptions(report) == sentence
    assert describe_assumptions(attrs.evolve(report, folder=Path("report"))) == (
        f"{sentence}\nConfirm the assumptions that hold: driftline accept --assumptions --write"
    )
    assert "1 finding is on a clause marked x-assumed" in render_terminal(report)
    assert describe_assumptions(report_of(attrs.evolve(assumed_finding, api="shop"))) == ""
    assert describe_assumptions(report_of(attrs.evolve(assumed_finding, severity="breaking"))) == ""


def test_without_a_report_the_output_says_how_to_write_one_for_accept(
    report_of: Make, finding: Make
) -> None:
    """Without `--report`, no command of accept is shown, but one line says how to get a report."""
    hint = "again with --report report"
    on_server, on_mock = report_of(finding(api="bank")), report_of(finding())
    assert render_terminal(on_server).count(hint) == 1
    assert hint not in render_terminal(attrs.evolve(on_server, folder=Path("out")))
    assert hint not in render_terminal(on_mock)
    assert hint not in render_terminal(report_of())


def test_only_findings_on_a_mock_have_a_hint_to_start_it(report_of: Make, finding: Make) -> None:
    """Only findings on a mock have a hint to start it, with the seed of the run."""
    assert describe_next_step(report_of(finding(api="bank"))) == ""
    report = attrs.evolve(report_of(finding()), seed=7)
    assert "driftline mock shop --seed 7" in describe_next_step(report)


@pytest.mark.parametrize("target", [MOCK, RECORDED, "http://127.0.0.1:8000"])
def test_an_outdated_client_has_the_command_to_regenerate_it(
    target: str, finding: Callable[..., Finding]
) -> None:
    """An outdated client has the command to regenerate it, and an invalid spec has no command."""
    old_client = finding(id="generated.stale", api="shop", operation="")
    assert choose_commands(old_client, target, writes=False, folder=None) == {
        "To regenerate the client": "driftline generate shop"
    }
    broken_spec = finding(id="spec.unsound", api="shop", operation="")
    assert choose_commands(broken_spec, target, writes=False, folder=None) == {}
