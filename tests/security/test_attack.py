"""One attack of each kind; `scripts/attack` runs them for minutes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from attack.__main__ import main
from attack.checkouts import CHECKOUTS, attack_with_checkout
from attack.hosts import LINKS, REPLIES, attack_with_host
from attack.jobs import JOBS
from attack.kills import attack_with_kill
from attack.pages import KINDS, attack_with_page
from attack.processes import Breach, RunOutcome, find_breaches
from attack.recordings import BROKEN, attack_with_file, attack_with_secret
from attack.servers import attack_with_server
from driftline.mock.admin import control

SECRET = "Qx-canary/of+a=key_Zj79"


@pytest.mark.parametrize("name", BROKEN)
def test_no_broken_recording_succeeds(name: str, tmp_path: Path) -> None:
    """A command with a broken recording exits with 0, 1 or 2 within limits, in plain lines."""
    assert list(attack_with_file(name, BROKEN[name], tmp_path / "project")) == []


def test_a_secret_of_a_recording_appears_in_no_output(tmp_path: Path) -> None:
    """A secret in a recording appears in no file and no output, in any encoding."""
    breaches = attack_with_secret(SECRET, "JSON in JSON", "base64 for URLs", tmp_path / "project")
    assert list(breaches) == []


def test_an_echoed_credential_is_not_revealed(tmp_path: Path) -> None:
    """A server that repeats the credential makes neither the client nor the suite reveal it."""
    assert list(attack_with_server(SECRET, "at the edge", "JSON in JSON", tmp_path / "p")) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", CHECKOUTS)
def test_a_hostile_checkout_runs_nothing(name: str, tmp_path: Path) -> None:
    """Stages, histories and links in a checkout install no hook, write no page and lead nowhere."""
    assert list(attack_with_checkout(name, tmp_path / "checkout" / "project")) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "code", "name"),
    [
        ("github", 200, "a path"),
        ("github", 500, "hostile"),
        ("gitlab", 403, "nobody"),
        ("github", 200, "without end"),
        ("gitlab", 200, "nothing"),
    ],
)
def test_a_code_host_may_reply_anything(kind: str, code: int, name: str, tmp_path: Path) -> None:
    """After any reply of a code host, the command ends with one line without the token."""
    link = LINKS[len(name) % len(LINKS)]
    assert name in REPLIES
    assert list(attack_with_host(kind, name, link, code, tmp_path / "project")) == []


@pytest.mark.slow
@pytest.mark.parametrize("job", JOBS)
def test_a_kill_leaves_nothing_half_written(job: str, tmp_path: Path) -> None:
    """A command killed at any step leaves no partial files, and the next run cleans up."""
    assert list(attack_with_kill(job, 1, tmp_path / "project")) == []


@pytest.mark.slow
def test_the_attack_with_kills_finds_a_remaining_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The attack with kills finds a remaining file if the recovery is disabled."""
    monkeypatch.setattr("driftline.cli.options.recover", lambda _: None)
    breaches = [
        breach
        for seed in range(8)
        for breach in attack_with_kill("generate", seed, tmp_path / str(seed))
    ]
    assert any("is left" in breach.message for breach in breaches)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_a_hostile_page_has_no_effect(kind: str, tmp_path: Path) -> None:
    """Foreign pages read and write nothing, and no string of a document is executed."""
    assert list(attack_with_page(kind, 1, tmp_path / "project")) == []


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["rebound"])
def test_the_attack_with_pages_finds_an_open_mock(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The attack with pages finds a mock that accepts requests of foreign pages."""
    monkeypatch.setattr(control, "require_own_page", lambda *_: None)
    assert list(attack_with_page(kind, 1, tmp_path / "project"))


def test_skipped_attacks_exit_with_2(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a browser, the attacks with pages exit with 2 and a message."""
    monkeypatch.setenv("DRIFTLINE_CHROMIUM", str(tmp_path / "missing"))
    result = CliRunner().invoke(main, ["--only", "page"])
    assert result.exit_code == 2
    assert "the attacks with pages were NOT made: DRIFTLINE_CHROMIUM=" in result.output


def test_every_breach_is_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every breach is printed once."""
    breaches = [Breach("x", str(number)) for number in range(50)]
    monkeypatch.setattr("attack.__main__.attack_with_kill", lambda *_: breaches)
    result = CliRunner().invoke(main, ["--only", "kill", "--minutes", "0.005"])
    assert result.exit_code == 1
    assert [line for line in result.output.splitlines() if ": x: " in line] == [
        f"'attack 4: x: {number}'" for number in range(50)
    ]


@pytest.mark.parametrize(
    "output",
    [
        "a\n::error::PWNED",
        "a \x1b]52;c;x\x07",
        "tok " + SECRET,
        json.dumps(SECRET[:12]),
        SECRET.encode().hex(),
    ],
)
def test_the_search_finds_each_kind_of_breach(output: str, tmp_path: Path) -> None:
    """The search for breaches finds each kind in an output, and nothing in a harmless one."""
    assert list(find_breaches("x", RunOutcome(output, 0), tmp_path, (SECRET,)))
    assert list(find_breaches("x", RunOutcome("", 0, "Traceback"), tmp_path, ()))
    assert not list(find_breaches("x", RunOutcome("nothing to see", 0), tmp_path, (SECRET,)))
