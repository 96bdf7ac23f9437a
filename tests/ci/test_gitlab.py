"""GitLab as the host: issues, merge requests and notes, by the token that may write them."""

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
    """acme/shop, with merge request 1, as a job sees it that has a token of the project."""
    with serve_gitlab() as project:
        monkeypatch.setenv("CI_API_V4_URL", project.url)
        monkeypatch.setenv("CI_PROJECT_ID", str(PROJECT))
        monkeypatch.setenv("GITLAB_TOKEN", TOKEN)
        project.add("merge_requests", title="x", description="", source_branch="x", **ENDS)
        yield project


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A comment, with a line that GitLab would execute."""
    path = tmp_path / "comment.md"
    path.write_text("**Nothing has changed.**\n\n  /close\n", encoding="utf-8")
    return path


def test_a_note_is_replaced_and_never_repeated(
    project: GitLabProject, run: Run, file: Path
) -> None:
    """Ours is found behind a hundred others, and no line of it is a quick action; a stranger's note
    and one of GitLab itself are left alone."""
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


def test_the_life_of_an_issue(project: GitLabProject) -> None:
    """Opened with its label, found by it, changed and closed, by its number in the project."""
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


def test_the_life_of_a_merge_request(project: GitLabProject) -> None:
    """Opened once for a branch, changed, closed, and opened again; that of a fork is not ours."""
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
def test_what_keeps_it_from_writing_is_one_line(  # noqa: PLR0917
    variables: dict[str, str], expected_message: str, project: GitLabProject, run: Run, file: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Which variable or right is missing, without the token; and nothing is written."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    result = run("comment", file, "--host", "gitlab", "--on", 1)
    assert result.exit_code == 2
    assert expected_message in result.output
    assert "glpat" not in result.output
    assert "glcbt" not in result.output
    assert project.notes == []


def test_the_author_may_be_another(project: GitLabProject) -> None:
    """Nobody is asked who the token belongs to, and what others wrote is not found."""
    host = open_host("gitlab", "mallory")
    assert [pull.number for pull in host.list_pulls("x")] == []
    assert project.calls == ["GET merge_requests"]
    project.merge_requests[0]["author"] = OTHER_USER
    assert [pull.number for pull in host.list_pulls("x")] == [1]


def test_a_path_stands_for_the_number_of_a_project(
    project: GitLabProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a script outside of GitLab has it."""
    monkeypatch.setenv("CI_PROJECT_ID", "acme/shop")
    assert open_host("gitlab").open_issue("Drift", "text", "drift") == 1


def test_a_second_merge_request_is_rejected(project: GitLabProject) -> None:
    """What GitLab says is said, where somebody else has opened one from the branch."""
    fields: dict[str, Any] = {"title": "x", "description": "", "author": OTHER_USER, **ENDS}
    project.add("merge_requests", source_branch="driftline/watch", **fields)
    with pytest.raises(UsageError, match=r"409 .*Another open merge request"):
        open_host("gitlab").open_pull("Follow", "text", "driftline/watch", "main")
