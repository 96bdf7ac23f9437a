"""`driftline ci comment` keeps one comment on a pull request and edits no others."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from driftline.ci import ROOM, open_host
from driftline.errors import UsageError

Run = Callable[..., Result]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return a file with the comment."""
    path = tmp_path / "comment.md"
    path.write_text("**Nothing has changed.**\n", encoding="utf-8")
    return path


def test_a_comment_is_created_then_replaced_and_never_repeated(
    repository: Any, run: Run, file: Path
) -> None:
    """An equal comment is not sent again, and a changed one replaces the first."""
    assert run("comment", file, "--on", 1).output == "Commented on 1.\n"
    assert run("comment", file, "--on", 1).output == "The comment on 1 is up to date.\n"
    assert repository.writes == ["POST issues/1/comments"]
    file.write_text("**Changes: 1 breaking. Client code breaks.** ✗\n", encoding="utf-8")
    assert run("comment", file, "--on", 1).output == "Updated the comment on 1.\n"
    (comment,) = repository.read()["comments"]
    assert comment["body"].endswith("Client code breaks.** ✗\n")


def test_comments_with_different_names_are_separate(repository: Any, run: Run, file: Path) -> None:
    """Comments with different names are separate."""
    run("comment", file, "--on", 1)
    assert run("comment", file, "--on", 1, "--name", "python").output == "Commented on 1.\n"
    assert len(repository.read()["comments"]) == 2


def test_a_comment_of_another_user_is_not_edited(repository: Any, run: Run, file: Path) -> None:
    """Another user's comment with the same mark is not edited; driftline's own is on page 2."""
    stranger = {"login": "mallory", "type": "User"}
    for number in range(120):
        body = "<!-- driftline: change -->\nmine"
        repository.add("comments", id=number, on=1, user=stranger, body=body)
    assert run("comment", file, "--on", 1).output == "Commented on 1.\n"
    assert run("comment", file, "--on", 1).output == "The comment on 1 is up to date.\n"
    assert len(repository.read()["comments"]) == 121


@pytest.mark.parametrize(
    ("variable", "value", "expected_message"),
    [
        ("GH_TOKEN", "", "gh auth login"),
        ("PATH", "/nowhere", "could not run gh"),
        ("GH_REPO", "", "no git remotes"),
    ],
)
def test_a_missing_token_program_or_repository_is_one_error(
    variable: str, value: str, expected_message: str, request: pytest.FixtureRequest, file: Path
) -> None:
    """A missing token, program or repository exits with 2 and one error without the token."""
    repository, run = request.getfixturevalue("repository"), request.getfixturevalue("run")
    request.getfixturevalue("monkeypatch").setenv(variable, value)
    result = run("comment", file, "--on", 1)
    assert (result.exit_code, repository.writes) == (2, [])
    assert result.output.startswith("error: ")
    assert expected_message in result.output
    assert "ghs_secret" not in result.output


def test_a_read_only_token_is_reported_with_its_permission(
    repository: Any, run: Run, file: Path
) -> None:
    """A read-only token and an unknown pull request exit with 2, and the error names the
    permission.
    """
    repository.change(read_only=True)
    result = run("comment", file, "--on", 1)
    assert result.exit_code == 2
    assert "HTTP 403" in result.output
    assert "pull-requests" in result.output
    assert run("comment", file, "--on", 7).exit_code == 2


@pytest.mark.usefixtures("repository")
def test_an_invalid_request_names_its_field() -> None:
    """An invalid base branch is an error that names the field instead of the token."""
    with pytest.raises(UsageError) as raised:
        open_host("github").open_pull("Follow", "text", "driftline/watch", "trunk")
    assert raised.value.message.endswith("(HTTP 422) base invalid")
    assert raised.value.hint == "Correct the reported problem, and run it again."


def test_a_comment_that_is_too_long_is_not_sent(repository: Any, run: Run, file: Path) -> None:
    """A comment that is one byte too long is an error and is not sent."""
    file.write_text("x" * ROOM)
    assert run("comment", file, "--on", 1).exit_code == 0
    file.write_text("x" * (ROOM + 1))
    result = run("comment", file, "--on", 1)
    assert (result.exit_code, len(repository.writes)) == (2, 1)


def test_a_name_cannot_end_the_mark(repository: Any, run: Run, file: Path) -> None:
    """A name that would end the HTML comment of the mark is rejected."""
    assert run("comment", file, "--on", 1, "--name", "a-->b").exit_code == 2
    assert repository.writes == []
