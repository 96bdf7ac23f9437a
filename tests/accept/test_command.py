"""`driftline accept` reads a report, writes edits or a baseline, and returns exit codes."""

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
def shop_with_report(build_shop: Callable[..., Shop], monkeypatch: pytest.MonkeyPatch) -> Shop:
    """Create a project with the report of a run with two findings, and make it the current
    directory.
    """

    def edit(body: Any) -> Any:
        return {**body, "state": "draining", "load": 3}

    shop = build_shop(change_body("/health", edit))
    folder = shop.project.root / "report"
    folder.mkdir()
    write(shop.check(), folder)
    monkeypatch.chdir(shop.project.root)
    return shop


def run(*arguments: str) -> Result:
    return CliRunner().invoke(driftline, ("accept", *arguments))


def test_write_edits_spec_and_client(shop_with_report: Shop) -> None:
    """Without --write the spec is unchanged; with it, spec and client are edited and the check is
    clean.
    """
    path = shop_with_report.project.specs / "shop.yaml"
    before = path.read_bytes()
    preview = run("--reason", "ticket 4711")
    assert preview.exit_code == 0, preview.output
    assert "Nothing was written" in preview.output
    assert "ticket 4711" in preview.output
    assert path.read_bytes() == before
    write_result = run("--write")
    assert write_result.exit_code == 0, write_result.output
    assert "2 edits, written. The check afterwards: no drift." in write_result.output
    assert "maximum: 3" in path.read_text()
    second_result = run("--write")
    assert second_result.exit_code == 0
    assert "no edit: the spec already allows it" in second_result.output
    assert second_result.output.endswith("No edits.\n")


def test_a_spec_behind_a_symbolic_link_is_not_changed(shop_with_report: Shop) -> None:
    """A spec that is a symbolic link is an error, and its target is unchanged."""
    path = shop_with_report.project.specs / "shop.yaml"
    link_target = shop_with_report.project.root.parent / "theirs.yaml"
    before = path.read_bytes()
    path.rename(link_target)
    path.symlink_to(link_target)
    for arguments in ((), ("--write",)):
        result = run(*arguments)
        assert (result.exit_code, "shop.yaml is a symbolic link" in result.output) == (2, True)
    assert link_target.read_bytes() == before


def test_a_fingerprint_selects_one_finding(shop_with_report: Shop) -> None:
    """A fingerprint selects one finding, and a selection that matches nothing is an error."""
    data = json.loads(Path("report/report.json").read_text())
    from driftline.report.previous import parse_findings

    [enum] = [f for f in parse_findings(data) if f.id == "response.enum.undocumented"]
    result = run("report/report.json", compute_fingerprint(enum)[:8], "--write", "--format", "json")
    assert result.exit_code == 0, result.output
    [edit] = json.loads(result.stdout)["edits"]
    assert edit["summary"] == 'allow "draining"'
    assert run("nothing.like-this").exit_code == 2


def test_the_check_afterwards_uses_the_settings_of_the_project(shop_with_report: Shop) -> None:
    """The check afterwards uses the URL and limits of driftline.toml, and invalid settings prevent
    edits.
    """
    path, settings = shop_with_report.project.specs / "shop.yaml", Path("driftline.toml")
    before = path.read_bytes()
    arguments = ("response.enum.undocumented", "--write", "--url", "shop")
    assert run(*arguments).exit_code == 2
    settings.write_text('[api.shop]\nrate = "fast"\n')
    assert run(*arguments).exit_code == 2
    assert path.read_bytes() == before
    with run_server({"shop": shop_with_report.server}) as url:
        settings.write_text(f'[api.shop]\nurl = "{url}/shop"\nmax-requests = 1\n')
        result = run(*arguments)
    assert result.exit_code == 2, result.output
    assert "The check afterwards: could not check order.list" in result.output
    assert path.read_bytes() != before


def test_callers_reports_the_lines_that_an_edit_breaks(shop_with_report: Shop) -> None:
    """`--callers` reports lines that the edit breaks, such as an incomplete match, and no other
    errors.
    """
    caller = shop_with_report.project.root / "app.py"
    caller.write_text(CALLER + "\nwrong: int = 'today'\n")
    (shop_with_report.project.root / "mypy.ini").write_text("[mypy]\nstrict = true\n")
    result = run("response.enum.undocumented", "--callers", "app.py")
    assert result.exit_code == 0, result.output
    assert "Client code: 1 broken line" in result.output
    assert "app.py:3: Missing return statement" in result.output


def test_until_adds_findings_to_a_baseline(shop_with_report: Shop) -> None:
    """`--until` adds findings to a baseline with a reason and a date, and leaves the spec
    unchanged.
    """
    arguments = ("--until", "2999-03-31", "--baseline", "accepted.yaml")
    assert run(*arguments).exit_code == 2  # no reason
    dry = run(*arguments, "--reason", "in March")
    assert dry.exit_code == 0
    assert "2 findings would be added to accepted.yaml. Nothing was written" in dry.output
    assert "in the baseline until 2999-03-31: " in dry.output
    assert " response.enum.undocumented shop health.get state" in dry.output
    assert not Path("accepted.yaml").exists()
    result = run("response.enum.undocumented", *arguments, "--reason", "in March", "--write")
    assert result.exit_code == 0
    run("response.bound.exceeded", *arguments, "--reason", "in March", "--write")
    baseline = Path("accepted.yaml").read_text()
    assert baseline.count('reason: "in March"') == 2
    assert run("--until", "1999-03-31", "--reason", "late").exit_code == 2


def test_a_finding_that_cannot_be_accepted_exits_with_1(
    build_shop: Callable[..., Shop], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A finding that cannot be accepted is reported with its reason, and the exit code is 1."""
    shop = build_shop(change_body("/none", lambda body: body))
    client = shop.project.generated / "shop_client" / "client.py"
    client.write_text(client.read_text() + "# stale\n")
    folder = tmp_path / "report"
    folder.mkdir()
    write(shop.check(), folder)
    monkeypatch.chdir(shop.project.root)
    result = run(str(folder))
    assert result.exit_code == 1
    assert "not accepted" in result.output
    assert "Run driftline generate." in result.output


def test_a_spec_that_changed_meanwhile_is_not_overwritten(
    shop_with_report: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A spec that changed while the clients were generated is not overwritten."""
    path = shop_with_report.project.specs / "shop.yaml"

    def measure_later(*arguments: Any) -> Any:
        path.write_text(f"{path.read_text()}# another edit\n")
        return measure_effects(*arguments)

    monkeypatch.setattr("driftline.accept.measure_effects", measure_later)
    client = read_client(shop_with_report)
    result = run("response.enum.undocumented", "--write")
    assert result.exit_code == 2
    assert "shop.yaml was changed meanwhile; nothing was written" in result.output
    assert path.read_text().endswith("# another edit\n")
    assert "draining" not in path.read_text()
    assert read_client(shop_with_report) == client


def read_client(shop: Shop) -> dict[Path, bytes]:
    folder = shop.project.generated
    return {path: path.read_bytes() for path in folder.rglob("*.py")}


LIMITED_PROGRAM = """\
import resource, sys
from driftline.__main__ import main

resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), int(sys.argv[1])))
sys.argv[1:2] = []
main()
"""


@pytest.mark.slow
@pytest.mark.parametrize("room", [200, 4_000])
def test_a_full_disk_is_one_error_and_nothing_is_written(shop_with_report: Shop, room: int) -> None:
    """If the disk is full, `accept` exits with 2 and one error, and no file changes.

    ``-B`` prevents truncated bytecode that other tests would read.
    """
    before = {
        path: path.read_bytes()
        for path in shop_with_report.project.root.rglob("*")
        if path.is_file()
    }
    arguments = ["accept", "response.enum.undocumented", "--write"]
    process = subprocess.run(
        [sys.executable, "-B", "-c", LIMITED_PROGRAM, str(room), *arguments],
        check=False,
        capture_output=True,
        text=True,
    )
    assert (process.returncode, process.stdout) == (2, "")
    assert re.fullmatch(r"error: (\S+: )?File too large\n", process.stderr)
    after = {
        path: path.read_bytes()
        for path in shop_with_report.project.root.rglob("*")
        if path.is_file()
    }
    assert after == before
