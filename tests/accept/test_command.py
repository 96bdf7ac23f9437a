"""`driftline accept`: a report in, edits or a baseline out, and the exit codes."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from accept.conftest import Shop, change_body
from click.testing import CliRunner, Result

from driftline.accept import measure_effects
from driftline.cli.group import driftline
from driftline.mock import run_server
from driftline.report import write
from driftline.report.baseline import compute_fingerprint

CALLER = """\
from shop_client import Shop

def show(client: Shop) -> str:
    match client.health.get().state:
        case "up":
            return "fine"
        case "down":
            return "broken"
"""


@pytest.fixture
def reported(shop: Callable[..., Shop], monkeypatch: pytest.MonkeyPatch) -> Shop:
    """A project with the report of a run that found two drifts, as the current folder."""

    def edit(body: Any) -> Any:
        return {**body, "state": "draining", "load": 3}

    made = shop(change_body("/health", edit))
    folder = made.project.root / "report"
    folder.mkdir()
    write(made.check(), folder)
    monkeypatch.chdir(made.project.root)
    return made


def run(*words: str) -> Result:
    return CliRunner().invoke(driftline, ("accept", *words))


def test_it_shows_and_then_writes(reported: Shop) -> None:
    """Without --write the spec stays; with it, spec and client are other ones, and the mock of the
    new spec passes."""
    path = reported.project.specs / "shop.yaml"
    before = path.read_bytes()
    shown = run("--reason", "ticket 4711")
    assert shown.exit_code == 0, shown.output
    assert "Nothing was written" in shown.output
    assert "ticket 4711" in shown.output
    assert path.read_bytes() == before
    done = run("--write")
    assert done.exit_code == 0, done.output
    assert "2 edits, written. The check afterwards: no drift." in done.output
    assert "maximum: 3" in path.read_text()
    again = run("--write")
    assert again.exit_code == 0
    assert "no edit: the spec already allows it" in again.output
    assert again.output.endswith("No edits.\n")


def test_a_spec_behind_a_symbolic_link_is_not_changed(reported: Shop) -> None:
    """A checkout may have one that leads to a document of another project."""
    path = reported.project.specs / "shop.yaml"
    elsewhere = reported.project.root.parent / "theirs.yaml"
    before = path.read_bytes()
    path.rename(elsewhere)
    path.symlink_to(elsewhere)
    for words in ((), ("--write",)):
        done = run(*words)
        assert (done.exit_code, "shop.yaml is a symbolic link" in done.output) == (2, True)
    assert elsewhere.read_bytes() == before


def test_one_finding_is_named_by_its_fingerprint(reported: Shop) -> None:
    """Only that one is accepted; what matches nothing is an error."""
    data = json.loads(Path("report/report.json").read_text())
    from driftline.report.previous import parse_findings

    [enum] = [f for f in parse_findings(data) if f.id == "response.enum.undocumented"]
    done = run("report/report.json", compute_fingerprint(enum)[:8], "--write", "--format", "json")
    assert done.exit_code == 0, done.output
    [edit] = json.loads(done.stdout)["edits"]
    assert edit["summary"] == 'allow "draining"'
    assert run("nothing.like-this").exit_code == 2


def test_the_check_afterwards_has_the_settings_of_the_project(reported: Shop) -> None:
    """The URL of driftline.toml and its limits; and what is invalid there ends before an edit."""
    path, settings = reported.project.specs / "shop.yaml", Path("driftline.toml")
    before = path.read_bytes()
    words = ("response.enum.undocumented", "--write", "--url", "shop")
    assert run(*words).exit_code == 2
    settings.write_text('[api.shop]\nrate = "fast"\n')
    assert run(*words).exit_code == 2
    assert path.read_bytes() == before
    with run_server({"shop": reported.server}) as url:
        settings.write_text(f'[api.shop]\nurl = "{url}/shop"\nmax-requests = 1\n')
        done = run(*words)
    assert done.exit_code == 2, done.output
    assert "The check afterwards: could not check order.list" in done.output
    assert path.read_bytes() != before


def test_it_names_the_lines_of_callers_that_break(reported: Shop) -> None:
    """A match that was complete is not any more; today's errors of the code are not repeated."""
    caller = reported.project.root / "app.py"
    caller.write_text(CALLER + "\nwrong: int = 'today'\n")
    (reported.project.root / "mypy.ini").write_text("[mypy]\nstrict = true\n")
    shown = run("response.enum.undocumented", "--callers", "app.py")
    assert shown.exit_code == 0, shown.output
    assert "Client code: 1 broken line" in shown.output
    assert "app.py:3: Missing return statement" in shown.output


def test_until_adds_to_a_baseline(reported: Shop) -> None:
    """The second end of a finding: the spec stays, and the finding is accepted until a date."""
    words = ("--until", "2999-03-31", "--baseline", "accepted.yaml")
    assert run(*words).exit_code == 2  # no reason
    dry = run(*words, "--reason", "in March")
    assert dry.exit_code == 0
    assert "2 findings would be added to accepted.yaml. Nothing was written" in dry.output
    assert "in the baseline until 2999-03-31: " in dry.output
    assert " response.enum.undocumented shop health.get state" in dry.output
    assert not Path("accepted.yaml").exists()
    done = run("response.enum.undocumented", *words, "--reason", "in March", "--write")
    assert done.exit_code == 0
    run("response.bound.exceeded", *words, "--reason", "in March", "--write")
    text = Path("accepted.yaml").read_text()
    assert text.count('reason: "in March"') == 2
    assert run("--until", "1999-03-31", "--reason", "late").exit_code == 2


def test_what_is_not_accepted_ends_with_1(shop: Callable[..., Shop], tmp_path: Path,
                                          monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    """A rejected finding is named with its reason, and the run fails."""
    made = shop(change_body("/none", lambda body: body))
    client = made.project.generated / "shop_client" / "client.py"
    client.write_text(client.read_text() + "# stale\n")
    folder = tmp_path / "report"
    folder.mkdir()
    write(made.check(), folder)
    monkeypatch.chdir(made.project.root)
    done = run(str(folder))
    assert done.exit_code == 1
    assert "not accepted" in done.output
    assert "Run driftline generate." in done.output


def test_the_second_of_two_commands_at_once_writes_nothing(
    reported: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A spec that another command, or a person, changed while the clients were generated is not
    overwritten, and the other edit is not lost."""
    path = reported.project.specs / "shop.yaml"

    def measure_later(*arguments: Any) -> Any:
        path.write_text(f"{path.read_text()}# another edit\n")
        return measure_effects(*arguments)

    monkeypatch.setattr("driftline.accept.measure_effects", measure_later)
    client = read_client(reported)
    done = run("response.enum.undocumented", "--write")
    assert done.exit_code == 2
    assert "shop.yaml was changed meanwhile; nothing was written" in done.output
    assert path.read_text().endswith("# another edit\n")
    assert "draining" not in path.read_text()
    assert read_client(reported) == client


def read_client(shop: Shop) -> dict[Path, bytes]:
    folder = shop.project.generated
    return {path: path.read_bytes() for path in folder.rglob("*.py")}


LIMITED = """\
import resource, sys
from driftline.__main__ import main

resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), int(sys.argv[1])))
sys.argv[1:2] = []
main()
"""


@pytest.mark.slow
@pytest.mark.parametrize("room", [200, 4_000])
def test_a_full_disk_is_one_error_and_nothing_is_written(reported: Shop, room: int) -> None:
    """Specs or clients do not fit: one line, exit code 2, and no file has changed.

    ``-B``, because Python would write bytecode that is cut off, and other tests would read it.
    """
    before = {
        path: path.read_bytes() for path in reported.project.root.rglob("*") if path.is_file()
    }
    words = ["accept", "response.enum.undocumented", "--write"]
    done = subprocess.run(
        [sys.executable, "-B", "-c", LIMITED, str(room), *words],
        check=False,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert re.fullmatch(r"error: (\S+: )?File too large\n", done.stderr)
    after = {path: path.read_bytes() for path in reported.project.root.rglob("*") if path.is_file()}
    assert after == before
