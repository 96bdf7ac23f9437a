"""Issues, merge requests and notes on GitLab are written with the token of the project."""

from __future__ import annotations

from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import attrs
import pytest
from click.testing import Result

from driftline.ci import PullRequest, open_host
from driftline.errors import UsageError

from .fake_gitlab import JOB_TOKEN, ME, PROJECT, READ_TOKEN, TOKEN, GitLabProject, serve_gitlab

Run = Callable[..., Result]
OTHER_USER = {"id": 8, "username": "mallory"}
ENDS = {"source_project_id": PROJECT, "target_project_id": PROJECT}


@pytest.fixture
def project(monkeypatch: pytest.MonkeyPatch) -> Generator[GitLabProject]:
    """Serve acme/shop with merge request 1, and set the variables of a job with a project token."""
    with serve_gitlab() as project:
        monkeypatch.setenv("CI_API_V4_URL", project.url)
        monkeypatch.setenv("CI_PROJECT_ID", str(PROJECT))
        monkeypatch.setenv("GITLAB_TOKEN", TOKEN)
        project.add("merge_requests", title="x", description="", source_branch="x", **ENDS)
        yield project


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return a comment with a line that GitLab would execute."""
    path = tmp_path / "comment.md"
    path.write_text("**Nothing has changed.**\n\n  /close\n", encoding="utf-8")
    return path


def test_a_note_is_replaced_and_never_repeated(
    project: GitLabProject, run: Run, file: Path
) -> None:
    """driftline finds its own note behind many others and replaces it; no line of it is a quick
    action, and other notes are unchanged.
    """
    row = project.merge_requests[0]
    for number in range(120):
        note = project.add_note(row, "<!-- driftline: change -->\nmine", system=number > 60)
        note["author"] = ME if number > 60 else OTHER_USER
    options = ("comment", file, "--host", "gitlab", "--on", 1)
    assert run(*options).output == "Commented on 1.\n"
    assert run(*options).output == "The comment on 1 is up to date.\n"
    file.write_text("**This breaks client code.**\n", encoding="utf-8")
    assert run(*options).output == "Updated the comment on 1.\n"
    note = project.notes[-1]
    assert note["body"].endswith("breaks client code.**\n")
    path = "merge_requests/1/notes"
    assert project.writes == [f"POST {path}", f"PUT {path}/{note['id']}"]
    assert project.actions == []


def test_an_issue_is_opened_found_changed_and_closed(project: GitLabProject) -> None:
    """An issue is opened with a label, found by it, changed and closed, by its `iid`."""
    host = open_host("gitlab")
    project.add("issues", title="x", description="", labels=["drift"], author=OTHER_USER)
    number = host.open_issue("Drift", "/close\ntext", "drift")
    assert number == 2
    assert project.issues[1]["id"] != number
    [issue] = host.list_issues("drift")
    assert (issue.number, issue.title, issue.body) == (2, "Drift", "/close\ntext")
    host.add_issue_comment(number, "New.")
    host.change_issue(number, "Drift", "gone", closed=True)
    assert project.issues[1]["state"] == "closed"
    assert [*host.list_issues("drift")] == []
    assert project.actions == []


def test_a_merge_request_is_opened_changed_closed_and_reopened(project: GitLabProject) -> None:
    """A merge request is opened once for a branch, changed, closed and opened again; forks are
    ignored.
    """
    host = open_host("gitlab")
    pull = PullRequest(name="watch", branch="driftline/watch", base="main")
    fork = project.add("merge_requests", title="x", source_branch=pull.branch, **ENDS)
    fork |= {"description": "<!-- driftline: watch -->\n", "source_project_id": 43}
    assert pull.close(host).message == "No merge request is open."
    outcome = pull.put(host, "Follow shop", "text")
    assert (outcome.message, outcome.path) == ("Opened merge request 3.", "-/merge_requests/3")
    assert not pull.put(host, "Follow shop", "text").is_changed
    assert pull.put(host, "Follow shop", "more").message == "Updated merge request 3."
    assert project.merge_requests[2]["remove_source_branch"] is True
    pull.close(host)
    assert project.merge_requests[2]["state"] == "closed"
    assert pull.find_rejection(host) is None
    assert pull.put(host, "Follow shop", "text").message == "Opened merge request 4."
    project.merge_requests[3]["state"] = "closed"
    rejection = pull.find_rejection(host)
    assert rejection is not None
    assert "Merge request 4 was closed without a merge." in rejection.message
    assert attrs.evolve(pull, change="other").find_rejection(host) is None


@pytest.mark.parametrize(
    ("variables", "expected_message"),
    [
        ({"GITLAB_TOKEN": ""}, "GITLAB_TOKEN not set"),
        ({"CI_API_V4_URL": "", "CI_PROJECT_ID": ""}, "CI_API_V4_URL, CI_PROJECT_ID not set"),
        ({"GITLAB_TOKEN": JOB_TOKEN}, "GET user: 401 401 Unauthorized"),
        ({"CI_API_V4_URL": "http://gitlab.example/api/v4"}, "does not begin with https://"),
        ({"CI_PROJECT_ID": "acme/other"}, "404 404 Project Not Found"),
        ({"GITLAB_TOKEN": READ_TOKEN}, "403 insufficient_scope"),
        ({"CI_API_V4_URL": "http://127.0.0.1:1/api/v4"}, "no response: ConnectError"),
    ],
)
def test_a_missing_variable_or_permission_is_one_error(  # noqa: PLR0917
    variables: dict[str, str],
    expected_message: str,
    project: GitLabProject,
    run: Run,
    file: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A missing variable or permission is one error without the token, and nothing is written."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    result = run("comment", file, "--host", "gitlab", "--on", 1)
    assert result.exit_code == 2
    assert expected_message in result.output
    assert "glpat" not in result.output
    assert "glcbt" not in result.output
    assert project.notes == []


def test_only_merge_requests_of_the_passed_author_are_found(project: GitLabProject) -> None:
    """If an author is passed, the token's user is not requested and only that author's merge
    requests are found.
    """
    host = open_host("gitlab", "mallory")
    assert [pull.number for pull in host.list_pulls("x")] == []
    assert project.calls == ["GET merge_requests"]
    project.merge_requests[0]["author"] = OTHER_USER
    assert [pull.number for pull in host.list_pulls("x")] == [1]


def test_a_path_can_replace_the_number_of_a_project(
    project: GitLabProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A path can replace the number of the project."""
    monkeypatch.setenv("CI_PROJECT_ID", "acme/shop")
    assert open_host("gitlab").open_issue("Drift", "text", "drift") == 1


def test_a_second_merge_request_is_rejected(project: GitLabProject) -> None:
    """If another merge request exists for the branch, the error has GitLab's message."""
    fields: dict[str, Any] = {"title": "x", "description": "", "author": OTHER_USER, **ENDS}
    project.add("merge_requests", source_branch="driftline/watch", **fields)
    with pytest.raises(UsageError, match=r"409 .*Another open merge request"):
        open_host("gitlab").open_pull("Follow", "text", "driftline/watch", "main")
