"""`driftline ci issue` opens, updates and closes an issue by reports alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import attrs
import pytest
from click.testing import Result
from hypothesis import given, strategies as st
from justhtml import JustHTML
from markdown_it import MarkdownIt

from driftline.checks.finding import Check, Finding
from driftline.ci.issue import TrackedFinding, format_state, read_known
from driftline.ci.nightly_run import read_night
from driftline.errors import Location
from driftline.markup import COMMENT_LIMIT as LIMIT
from driftline.report import OperationLine, Report, ReportedApi
from driftline.report.formats.json import render

Run = Callable[..., Result]
NightlyRun = Callable[..., Path]
FINDING = Finding(
    id="response.required.missing",
    severity="breaking",
    api="shop",
    operation="order.list",
    location=Location(Path("specs/shop.yaml"), 42, "/components/schemas/Order/required"),
    message="field `data[].id` is required but missing",
    expected="the field id",
    got="only total, state",
    where="data[].id",
)
OTHER_FINDING = attrs.evolve(FINDING, id="response.enum.undocumented", where="data[].state")
BANK = attrs.evolve(FINDING, api="bank", operation="ping")


@pytest.fixture
def night(tmp_path: Path) -> NightlyRun:
    """Return a function that writes the report.json of a night with findings and unchecked APIs."""

    def write(*findings: Finding, day: int = 1, unchecked_apis: Sequence[str] = ()) -> Path:
        names = ("shop", "bank")
        checks = [
            Check(
                api=name,
                operation="ping",
                name="pages",
                outcome="error" if name in unchecked_apis else "passed",
                findings=tuple(finding for finding in findings if finding.api == name),
            )
            for name in names
        ]
        report = Report(
            apis=tuple(
                ReportedApi(
                    name, name, f"https://{name}.example", (OperationLine("ping", "GET", "/", ""),)
                )
                for name in names
            ),
            checks=tuple(checks),
            started=datetime(2025, 1, day, 3, tzinfo=UTC),
            seconds=1,
            version="1.2.3",
        )
        path = tmp_path / "report.json"
        path.write_text(render(report), encoding="utf-8")
        return path

    return write


def find_issue(repository: Any) -> Any:
    (issue,) = [issue for issue in repository.read()["issues"] if "pull_request" not in issue]
    return issue


def list_comments(repository: Any) -> list[str]:
    return [comment["body"] for comment in repository.read()["comments"]]


def test_no_drift_opens_nothing(repository: Any, run: Run, night: NightlyRun) -> None:
    """A report without findings opens no issue."""
    result = run("issue", night())
    assert (result.exit_code, repository.writes) == (0, [])
    assert result.output == "No findings for an issue, and no open issue.\n"


def test_an_issue_is_opened_updated_closed_and_opened_again(
    repository: Any, run: Run, night: NightlyRun
) -> None:
    """An issue is opened, updated and closed as findings change, and a new one is opened later."""
    assert run("issue", night(FINDING)).output == "Opened issue 2.\n"
    assert find_issue(repository)["title"] == "Drift: 1 finding in shop"
    assert FINDING.expected in find_issue(repository)["body"]
    assert FINDING.got not in find_issue(repository)["body"]  # it may be a user's data
    writes = list(repository.writes)
    assert run("issue", night(FINDING)).output == "Issue 2 is up to date.\n"
    assert repository.writes == writes

    assert run("issue", night(FINDING, day=2)).output == "Updated issue 2.\n"
    assert list_comments(repository) == []  # a new day alone is nothing to be told of
    assert run("issue", night(FINDING, OTHER_FINDING, day=3)).output == "Updated issue 2.\n"
    assert "New on 2025-01-03: 1." in list_comments(repository)[0]
    assert "response.enum.undocumented" in list_comments(repository)[0]
    body = find_issue(repository)["body"]
    assert "breaking, since 2025-01-01" in body
    assert "breaking, since 2025-01-03" in body
    run("issue", night(OTHER_FINDING, day=4))
    assert "response.required.missing data[].id" in list_comments(repository)[1]
    assert "breaking, since 2025-01-03" in find_issue(repository)["body"]

    assert run("issue", night(day=5)).output == "Closed issue 2.\n"
    issue = find_issue(repository)
    assert (issue["state"], issue["state_reason"]) == ("closed", "completed")
    assert "All findings are resolved" in list_comments(repository)[2]
    assert run("issue", night(FINDING, day=6)).output == "Opened issue 3.\n"


def test_findings_of_an_unchecked_api_stay_open(
    repository: Any, run: Run, night: NightlyRun
) -> None:
    """Findings of an unchecked API stay open; a night without results opens no issue."""
    assert run("issue", night(unchecked_apis=["shop"])).output == (
        "No findings for an issue, and no open issue. Something could not be checked in shop.\n"
    )
    run("issue", night(FINDING, BANK))
    run("issue", night(day=2, unchecked_apis=["shop"]))
    issue = find_issue(repository)
    assert (issue["state"], issue["title"]) == ("open", "Drift: 1 finding in shop")
    assert "not checked in the last run" in issue["body"]
    assert "Something could not be checked in shop" in issue["body"]
    assert run("issue", night(day=3)).output == "Closed issue 2.\n"


def test_an_assumed_finding_opens_no_issue(repository: Any, run: Run, night: NightlyRun) -> None:
    """A finding with the severity `assumed` opens no issue."""
    run("issue", night(attrs.evolve(FINDING, severity="assumed")))
    assert repository.writes == []


def test_an_issue_of_another_user_is_unchanged(
    repository: Any, run: Run, night: NightlyRun
) -> None:
    """Another user's issue and a pull request with the mark are unchanged."""
    stranger = {"login": "mallory", "type": "User"}
    bot_user = {"login": "shop-bot", "type": "Bot"}
    row = {"state": "open", "labels": [{"name": "driftline"}], "title": "x"}
    body = "<!-- driftline: live -->\n"
    repository.add("issues", number=2, user=stranger, body=body, **row)
    repository.add("issues", number=3, user=bot_user, body=body, pull_request={}, **row)
    repository.change(labels=["driftline"])
    assert run("issue", night(FINDING)).output == "Opened issue 4.\n"


def test_the_issue_links_to_the_run(
    repository: Any, run: Run, night: NightlyRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The issue has a link to the run from the runner's variables."""
    monkeypatch.setenv("GITHUB_SERVER_URL", "https://github.com")
    monkeypatch.setenv("GITHUB_REPOSITORY", "acme/shop")
    monkeypatch.setenv("GITHUB_RUN_ID", "77")
    run("issue", night(FINDING))
    assert "(https://github.com/acme/shop/actions/runs/77)" in find_issue(repository)["body"]


def test_an_issue_with_many_findings_is_cut_to_the_limit(
    repository: Any, run: Run, night: NightlyRun
) -> None:
    """The text of an issue with many findings is cut to the limit and counts the others."""
    findings = [
        attrs.evolve(FINDING, where=f"data[].{'f' * 100}{number}", message="m<&>" * 200)
        for number in range(700)
    ]
    assert run("issue", night(*findings)).exit_code == 0
    body = find_issue(repository)["body"]
    assert len(body.encode()) <= LIMIT
    assert " more</li>" in body
    assert run("issue", night(day=2)).output == "Closed issue 2.\n"
    assert len(list_comments(repository)[0].encode()) <= LIMIT


def test_markup_of_a_server_is_escaped(repository: Any, run: Run, night: NightlyRun) -> None:
    """Markup in a server's response is escaped, and the issue's state is still read."""
    markup = "@all #1 **b** --> <script> [x](http://e) \n\n# h"
    hostile_finding = attrs.evolve(
        FINDING, where=markup, message=markup, got=markup, expected=markup
    )
    run("issue", night(hostile_finding))
    body = find_issue(repository)["body"]
    assert "\n# h" not in body
    page = JustHTML(MarkdownIt("gfm-like", {"html": True}).render(body), sanitize=False)
    assert page.query("a, b, h1, script") == []
    assert "@all #1 **b** --> <script> [x](http://e)" in page.to_text()
    assert run("issue", night(hostile_finding)).output == "Issue 2 is up to date.\n"
    damaged_body = body.replace("driftline-known: [", "driftline-known: [[")
    assert read_known(body)
    assert read_known(damaged_body) == []


@given(st.lists(st.builds(TrackedFinding, *[st.text(max_size=20)] * 4), max_size=5))
def test_the_state_of_an_issue_is_read_as_it_was_written(
    tracked_findings: list[TrackedFinding],
) -> None:
    """The state of an issue is read as it was written, and is one line in an HTML comment."""
    line = format_state(tracked_findings)
    assert read_known(f"x\n{line}y") == tracked_findings
    assert line.count("\n") == 1
    assert line.index("-->") == len(line) - 4


def test_an_invalid_report_is_one_error(repository: Any, run: Run, tmp_path: Path) -> None:
    """An invalid report is one error, and nothing is sent."""
    (tmp_path / "bad.json").write_text("{}")
    result = run("issue", tmp_path / "bad.json")
    assert (result.exit_code, repository.read()["calls"]) == (2, [])
    assert result.output.startswith("error: ")


def test_a_shard_resolves_no_findings(night: NightlyRun) -> None:
    """A report of a shard does not resolve the findings of any API."""
    path = night(FINDING)
    assert read_night(path).settled == {"shop", "bank"}
    path.write_text(path.read_text().replace('"shard": null', '"shard": "1/2"'))
    assert read_night(path).settled == frozenset()
