"""The scripts of docs/ci.md work unchanged, by cron with GitHub and as jobs of GitLab."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from accept.conftest import Change
from readme.pages import ROOT, Page
from ruamel.yaml import YAML

from .fake_gitlab import PROJECT, TOKEN, serve_gitlab
from .watched import Nights, drain_and_fail, draining, keep_response

BLOCKS = Page(ROOT / "docs/ci.md").blocks()
SEVERITIES = {"info", "minor", "major", "critical", "blocker"}


def run_script(nights: Nights, change: Change, script: str, **variables: str) -> str:
    """Run a script with sh and driftline on the PATH, and return what it prints."""
    nights.server.change = change
    nights.inbox.bodies.clear()
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    process = subprocess.run(
        ["sh", "-euc", script],  # noqa: S607 - that of the PATH
        cwd=nights.root,
        env={**os.environ, "PATH": path, **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 0, process.stdout + process.stderr
    return process.stdout + process.stderr


@pytest.mark.slow
def test_the_script_opens_one_pull_request_and_one_message(nights: Nights) -> None:
    """In a plain clone, the script opens one pull request and sends one message, and repeats
    neither.
    """
    [script] = [block.text for block in BLOCKS if block.text.startswith("#!/bin/sh")]
    run_script(nights, draining, script)
    assert nights.host.writes == ["POST pulls"]
    assert "draining" in nights.find(2)["body"]
    assert "1 new, 1 finding open" in nights.message
    branch = nights.branch
    assert "Pull request 2 is up to date." in run_script(nights, draining, script)
    assert nights.host.writes == ["POST pulls"]
    assert (nights.branch, nights.message) == (branch, "")


def read_jobs() -> dict[str, Any]:
    [block_text] = [block.text for block in BLOCKS if "codequality" in block.text]
    jobs: dict[str, Any] = YAML(typ="safe").load(block_text)
    return jobs


def join_script(job: dict[str, Any]) -> str:
    """Return the script of a job without its installation of driftline."""
    return "\n".join(line for line in job["script"] if not line.startswith("pip install "))


def check_code_quality(path: Path, top: Path) -> Sequence[Any]:
    """Return the issues of a code quality report, each checked against GitLab's documentation."""
    issues: Sequence[Any] = json.loads(path.read_text(encoding="utf-8"))
    for issue in issues:
        assert all(issue[name] for name in ("description", "check_name", "fingerprint"))
        assert issue["severity"] in SEVERITIES
        location = issue["location"]
        assert (top / location["path"]).is_file()
        assert not Path(location["path"]).is_absolute()
        assert location["lines"]["begin"] >= 1
    assert len({issue["fingerprint"] for issue in issues}) == len(issues)
    return issues


@pytest.mark.slow
def test_the_jobs_of_gitlab_watch_and_check(nights: Nights) -> None:
    """The jobs of GitLab report no issue without drift; with drift, they open one merge request and
    one issue, repeat neither, and close both when the drift ends.
    """
    jobs = read_jobs()
    with serve_gitlab() as project:
        address = f"https://driftline:{TOKEN}@gitlab.example/acme/shop.git"
        variables = {
            "CI_API_V4_URL": project.url,
            "CI_PROJECT_ID": str(PROJECT),
            "CI_PROJECT_URL": "https://gitlab.example/acme/shop",
            "CI_PROJECT_PATH": "acme/shop",
            "CI_SERVER_HOST": "gitlab.example",
            "CI_DEFAULT_BRANCH": "main",
            "CI_MERGE_REQUEST_DIFF_BASE_SHA": nights.git("rev-parse", "HEAD"),
            "GITLAB_TOKEN": TOKEN,
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": f"url.{nights.remote}.insteadOf",
            "GIT_CONFIG_VALUE_0": address,
        }
        report = nights.root / jobs["watch"]["artifacts"]["reports"]["codequality"]
        run_script(nights, keep_response, join_script(jobs["check"]), **variables)
        assert check_code_quality(report, nights.root) == []

        watch = join_script(jobs["watch"])
        output = run_script(nights, drain_and_fail, watch, **variables)
        assert TOKEN not in output
        assert project.writes == ["POST merge_requests", "POST issues"]
        [pull], [issue] = project.merge_requests, project.issues
        assert "draining" in pull["description"]
        assert (pull["source_branch"], pull["target_branch"]) == ("driftline/watch", "main")
        assert "response.server-error" in issue["description"]
        assert "acme/shop/-/merge_requests/1" in nights.message
        issues = check_code_quality(report, nights.root)
        assert "response.enum.undocumented" in {issue["check_name"] for issue in issues}
        branch = nights.branch

        nights.clean()
        run_script(nights, drain_and_fail, watch, **variables)
        assert (nights.branch, nights.message) == (branch, "")
        nights.clean()
        run_script(nights, keep_response, watch, **variables)
        assert (pull["state"], issue["state"], nights.branch) == ("closed", "closed", "")
        assert project.writes[2:] == ["PUT merge_requests/1", "PUT issues/1", "POST issues/1/notes"]
        assert project.actions == []
