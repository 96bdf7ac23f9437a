"""The commands in-process: arguments, output and exit codes."""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from driftline import __version__
from driftline.checks.finding import Check
from driftline.cli.group import COMMANDS, driftline
from driftline.errors import GenerationError, TargetError
from driftline.mock import HttpRequest, Mock, Site
from driftline.openapi import load
from driftline.report import OperationLine, Report, ReportedApi
from driftline.report.files import FORMATS, name_file

ROOT = Path(__file__).parents[2]
Run = Callable[..., Result]
PASSED_CHECK = Check(api="shop", operation="ping", name="pages", outcome="passed")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a project with one API as the current directory."""
    (tmp_path / "specs").mkdir()
    shutil.copy(ROOT / "specs" / "zudu.yaml", tmp_path / "specs" / "zudu.yaml")
    shutil.copytree(ROOT / "generated" / "zudu_client", tmp_path / "generated" / "zudu_client")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run() -> Run:
    """Return a function that runs a command."""
    return lambda *arguments: CliRunner().invoke(driftline, arguments)


@pytest.fixture
def checking(monkeypatch: pytest.MonkeyPatch) -> Callable[..., dict[str, Any]]:
    """Return a function that replaces the check by a fixed report and records its options."""

    def replace_run(outcome: Any = "passed") -> dict[str, Any]:
        check_options: dict[str, Any] = {}

        def check(project: Any, names: Any, *, progress: Any, **options: Any) -> Report:
            check_options.update(options, names=names, root=project.root)
            progress(None, 0, 0)
            progress(PASSED_CHECK, 1, 2)
            progress(PASSED_CHECK, 2, 2)
            fuzzing_check = Check(api="shop", operation="ping", name="fuzzing", outcome=outcome)
            api = ReportedApi("shop", "Shop", "mock", (OperationLine("ping", "GET", "/", ""),))
            start_time = datetime(2025, 1, 1, tzinfo=UTC)
            return Report(
                apis=(api,),
                checks=(PASSED_CHECK, fuzzing_check),
                started=start_time,
                seconds=1,
                version="1",
            )

        monkeypatch.setattr("driftline.check.check", check)
        return check_options

    return replace_run


def test_version(run: Run) -> None:
    """`--version` prints the version of the package."""
    assert run("--version").output == f"driftline, version {__version__}\n"


@pytest.mark.parametrize("name", ["", *COMMANDS])
def test_help_has_exit_codes_and_an_example(name: str, run: Run) -> None:
    """The help of each command has exit codes and an example."""
    result = run(*filter(None, [name]), "--help")
    assert result.exit_code == 0
    assert "Exit codes:" in result.output
    assert f"  driftline {name or 'check'}" in result.output.partition("Example")[2]


def test_each_listed_command_exists() -> None:
    """Each listed command exists under its name."""
    context = click.Context(driftline)
    for name in driftline.list_commands(context):
        command = driftline.get_command(context, name)
        assert command is not None
        assert command.name == name
    assert driftline.get_command(context, "nothing") is None


def test_check_passes_its_options_on(
    run: Run, checking: Callable[..., dict[str, Any]], project: Path
) -> None:
    """`check` passes its names, URLs, writes, limits and seed on."""
    options = checking()
    live = ("--url", "a=https://x/?b=c", "--url", "d=http://e", "--allow-writes", "f.g")
    result = run("check", "a", "d", *live, "--seed", "7", "--rate", "3", "--max-requests", "9")
    assert result.exit_code == 0, result.output
    assert options["names"] == ("a", "d")
    assert options["urls"] == {"a": "https://x/?b=c", "d": "http://e"}
    assert options["allow_writes"] == ("f.g",)
    assert (options["seed"], options["rate"], options["max_requests"]) == (7, 3, 9)
    assert (options["root"], options["specs"]) == (project, None)


def test_the_parent_of_the_specs_option_is_the_project(
    run: Run, checking: Callable[..., dict[str, Any]], project: Path
) -> None:
    """With `--specs DIR` the project is the parent directory of DIR."""
    options = checking()
    (project / "other" / "apis").mkdir(parents=True)
    assert run("check", "--specs", "other/apis").exit_code == 0
    assert options["root"] == project / "other"
    assert options["specs"] == project / "other" / "apis"


@pytest.mark.parametrize(("outcome", "code"), [("passed", 0), ("error", 2)])
def test_the_exit_code_is_that_of_the_report(
    outcome: str, code: int, run: Run, checking: Callable[..., dict[str, Any]], project: Path
) -> None:
    """The exit code is that of the report."""
    checking(outcome)
    result = run("check")
    assert result.exit_code == code
    assert ("No drift" in result.stdout) is (code == 0)


def test_progress_goes_to_stderr(
    run: Run, checking: Callable[..., dict[str, Any]], project: Path
) -> None:
    """Without a terminal, progress is one line per kind
    of check on stderr; stdout has the report only.
    """
    checking()
    result = run("check")
    assert result.stderr == "checking: pages (1 of 2)\n"
    assert "of 2" not in result.stdout


def test_json_progress_is_one_line_per_check(
    run: Run, checking: Callable[..., dict[str, Any]], project: Path
) -> None:
    """`--progress json` prints one JSON line per check with its findings."""
    checking()
    lines = [json.loads(line) for line in run("check", "--progress", "json").stderr.splitlines()]
    assert [(line["done"], line["total"]) for line in lines] == [(0, 0), (1, 2), (2, 2)]
    assert lines[0]["check"] is None
    assert (lines[2]["check"]["name"], lines[2]["check"]["findings"]) == ("pages", [])


def test_report_creates_the_folder_and_writes_all_files(
    run: Run, checking: Callable[..., dict[str, Any]], project: Path
) -> None:
    """`--report` creates the directory, writes all files and prints the path."""
    checking()
    result = run("check", "--report", "out/today")
    assert result.exit_code == 0
    assert "Report: out/today/report.html" in result.stdout
    file_names = {path.name for path in (project / "out" / "today").iterdir()}
    assert file_names == set(map(name_file, FORMATS))


@pytest.mark.parametrize("form", FORMATS)
def test_a_format_prints_exactly_the_bytes_of_its_file(
    form: str,
    run: Run,
    checking: Callable[..., dict[str, Any]],
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With `--format` stdout has exactly the bytes of that file, and messages go to stderr."""
    checking()
    monkeypatch.setenv("FORCE_COLOR", "1")
    result = run("check", "--format", form, "--report", "out")
    assert result.exit_code == 0
    assert result.stdout == (project / "out" / name_file(form)).read_text()
    assert "Report: out/report.html" in result.stderr


def test_an_unknown_format_is_rejected(run: Run, project: Path) -> None:
    """An unknown format is an error that lists the valid formats."""
    result = run("check", "--format", "pdf")
    assert result.exit_code == 2
    assert all(name in result.stderr for name in ("terminal", *FORMATS))


def test_a_full_disk_is_one_error_after_the_verdict(
    run: Run,
    checking: Callable[..., dict[str, Any]],
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A full disk gives exit code 2 with a hint after the verdict was printed."""
    checking()

    def fail_to_sync(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "out/report.json")

    monkeypatch.setattr("driftline.files.os.fsync", fail_to_sync)
    result = run("check", "--report", "out")
    assert result.exit_code == 2
    assert result.stderr.splitlines()[-2:] == [
        "error: out/report.json: No space left on device",
        "  Free some disk space.",
    ]
    assert "No drift" in result.stdout
    assert list((project / "out").iterdir()) == []


def test_an_impossible_report_folder_is_an_error_before_the_run(
    run: Run, checking: Callable[..., dict[str, Any]], project: Path
) -> None:
    """An impossible report directory is an error before the run starts."""
    options = checking()
    (project / "file").write_text("")
    result = run("check", "--report", "file/out")
    assert result.exit_code == 2
    assert result.stderr == "error: file/out: Not a directory\n"
    assert options == {}


@pytest.mark.parametrize(
    ("arguments", "expected_error"),
    [
        (("check", "zuda"), "error: unknown API 'zuda'"),
        (("generate", "zuda"), "error: unknown API 'zuda'"),
        (("mock", "zuda"), "error: unknown API 'zuda'"),
        (("lint", "zuda"), "error: unknown API 'zuda'"),
        (("lint", "--specs", "nowhere"), "error: no such directory: "),
        (("check", "--url", "zudu"), "error: no URL for 'zudu'"),
        (("check", "--url", "zudu="), "error: invalid --url: expected API=URL"),
        (("check", "--url", "other=http://x"), "error: unknown API 'other' in --url"),
        (("check", "--seed", "x"), "Error: Invalid value for '--seed'"),
        (("check", "--rate", "0"), "Error: Invalid value for '--rate'"),
        (("serve",), "Error: No such command 'serve'"),
        (("check", "--nothing"), "Error: No such option"),
    ],
)
def test_invalid_arguments_are_one_error(
    arguments: tuple[str, ...], expected_error: str, run: Run, project: Path
) -> None:
    """Wrong arguments give exit code 2 and one error line without a traceback."""
    result = run(*arguments)
    assert result.exit_code == 2
    assert isinstance(result.exception, SystemExit)
    assert any(line.startswith(expected_error) for line in result.stderr.splitlines()[-2:])


def test_a_missing_project_is_reported(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Outside a project the error explains that the specs directory is missing."""
    monkeypatch.chdir(tmp_path)
    result = run("check")
    assert result.exit_code == 2
    assert "no specs/ directory in" in result.stderr


def test_each_problem_of_a_spec_is_a_line(run: Run, project: Path) -> None:
    """Each command that reads specs prints a line and a hint for each problem. The path is relative
    to the current directory.
    """
    path = project / "specs" / "zudu.yaml"
    path.write_text(path.read_text().replace("openapi: 3", "openapi: 9"))
    for command in COMMANDS.keys() - {"accept", "add", "diff", "explain", "history"}:
        result = run(command, *{"observe": ["-"], "ci": ["live"]}.get(command, []))
        lines = result.stderr.splitlines()
        assert result.exit_code == 2
        assert len(lines) > 1
        assert all(line.startswith("error: specs/zudu.yaml:") for line in lines[::2])
        assert all(line.startswith("  ") for line in lines[1::2])


def test_a_lint_error_exits_with_2_and_a_warning_with_0(run: Run, project: Path) -> None:
    """A lint warning keeps exit code 0; an error gives exit code 2."""
    assert run("lint").output == "Valid: zudu.\n"
    path = project / "specs" / "zudu.yaml"
    path.write_text(path.read_text().replace("call_successful: true", "call_successful: 3", 1))
    result = run("lint")
    assert result.exit_code == 0
    first, _, counts, sound = result.stdout.splitlines()
    assert first.startswith("specs/zudu.yaml:")
    assert ": warning: " in first
    assert first.endswith("[example.invalid]")
    assert (counts, sound) == ("Errors: 0. Warnings: 1.", "Valid: zudu.")
    path.write_text(path.read_text().replace("x-listing:", "x-listing: {items: a}\n      x-was:"))
    result = run("lint")
    assert result.exit_code == 2
    assert ": error: x-listing: " in result.stdout
    assert "\nErrors: " in result.stdout


def test_a_project_ignores_a_problem_with_a_reason(run: Run, project: Path) -> None:
    """`[ignore]` suppresses a problem by ID; an unknown ID or a missing reason is an error."""
    path = project / "specs" / "zudu.yaml"
    path.write_text(path.read_text().replace("call_successful: true", "call_successful: 3", 1))
    settings = project / "driftline.toml"
    settings.write_text('[ignore]\n"example.invalid" = "the vendor is told"\n')
    assert run("lint").output == "Valid: zudu.\n"
    for ignored_problem in ('"example.invalid" = ""', '"example.invalide" = "x"'):
        settings.write_text(f"[ignore]\n{ignored_problem}\n")
        assert run("lint").exit_code == 2


def test_lint_prints_no_control_characters_of_a_document(run: Run, project: Path) -> None:
    """Control characters of a document are not printed."""
    path = project / "specs" / "zudu.yaml"
    path.write_text(path.read_text() + '"x-listin\\e[2Jg": 1\n')
    result = run("lint")
    assert "\x1b" not in result.output


def test_generate_check_reports_and_generate_fixes_a_change(run: Run, project: Path) -> None:
    """`generate --check` changes nothing and exits with 1; `generate` updates the client."""
    stray = project / "generated" / "zudu_client" / "stray.py"
    stray.write_text("")
    result = run("generate", "--check")
    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        "extra: generated/zudu_client/stray.py",
        "Out of date: 1 file. Run: driftline generate zudu",
    ]
    assert stray.exists()
    result = run("generate")
    assert (result.exit_code, stray.exists()) == (0, False)
    assert result.stdout.splitlines()[:2] == [
        "removed: generated/zudu_client/stray.py",
        "Updated: 1 file.",
    ]
    assert run("generate", "--check").output == "generated/ is up to date.\n"


def test_a_failed_generation_is_reported(
    run: Run, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A generation error gives exit code 2 and names the API."""

    def fail(*_: object, **__: object) -> None:
        raise GenerationError("zudu", "it warned", "Mend the spec.")

    assert run("generate", "--check").exit_code == 0
    monkeypatch.setattr("driftline.changes.release.regenerate.generate", fail)
    result = run("generate")
    assert (result.exit_code, result.stderr) == (2, "error: zudu: it warned\n  Mend the spec.\n")


def test_mock_prints_the_base_url_and_credentials(
    run: Run, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`mock` prints the base URL and credentials as export lines for the client's variables."""

    def serve(handles: Any, host: str, port: int, ready: Callable[[str], None]) -> None:
        assert list(handles) == ["zudu"]
        ready(f"http://{host}:{port}")

    monkeypatch.setattr("driftline.cli.commands.mock.serve", serve)
    result = run("mock", "--port", "1234", "--rows", "3", "--seed", "2")
    assert result.exit_code == 0, result.output
    exports = [line for line in result.stdout.splitlines() if line.startswith("export ")]
    spec = load(project / "specs" / "zudu.yaml")
    credentials = [
        f"export {spec.security_schemes[name].env}={value}"
        for name, value in Mock(spec).credentials.items()
    ]
    assert exports == ["export ZUDU_BASE_URL=http://127.0.0.1:1234/zudu", *credentials]
    other_lines = [line for line in result.stdout.splitlines() if line not in exports]
    assert all(line == "" or line.startswith("#") for line in other_lines)


def test_mock_rows_are_stored_reset_written_and_loaded(
    run: Run, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`--db` keeps rows, `--reset` restores them,
    `--snapshot` writes them and `--load` reads them.
    """
    row_counts: list[int] = []
    credentials = Mock(load(project / "specs" / "zudu.yaml"), rows=0).credentials
    keys = (("X-API-KEY", credentials["apiKey"]), ("X-API-SECRET", credentials["apiSecret"]))

    def serve(site: Site, *_: object) -> None:
        response = site["zudu"](HttpRequest("GET", "/api/calls", headers=keys))
        row_counts.append(len(response.parse_json()["data"]["calls"]))

    monkeypatch.setattr("driftline.cli.commands.mock.serve", serve)
    db, snapshot = str(project / "rows.db"), project / "rows.json"
    assert run("mock", "--db", db, "--rows", "3").exit_code == 0
    assert run("mock", "--db", db, "--rows", "5").exit_code == 0
    assert run("mock", "--db", db, "--snapshot", str(snapshot)).exit_code == 0
    assert run("mock", "--db", db, "--rows", "5", "--reset").exit_code == 0
    assert run("mock", "--db", db, "--load", str(snapshot)).exit_code == 0
    assert run("mock", "--rows", "9", "--load", str(snapshot)).exit_code == 0
    assert row_counts == [3, 3, 5, 3, 3]
    assert run("mock", "--db", db, "--speed", "20").exit_code == 0
    mock = Mock(load(project / "specs" / "zudu.yaml"), db=Path(db))
    assert mock.clock.speed == 20
    mock.close()
    assert len(json.loads(snapshot.read_text())["zudu"]["listings"]["call.list"]) == 3


def test_invalid_snapshots_and_databases_are_reported(run: Run, project: Path) -> None:
    """Invalid snapshots and databases give exit code 2 and name the file."""
    file = project / "bad.json"
    for content, expected_error in (
        ("{", "could not read the snapshot"),
        ("[]", "no snapshot of zudu"),
        ('{"zudu": {}}', "not a snapshot of a mock"),
    ):
        file.write_text(content)
        result = run("mock", "--load", str(file), "--port", "0")
        assert result.exit_code == 2
        assert result.stderr.startswith(f"error: {file}: {expected_error}")
    result = run("mock", "--snapshot", str(project / "missing" / "rows.json"))
    assert (result.exit_code, "could not write the snapshot" in result.stderr) == (2, True)
    assert not list(project.glob("tmp*"))
    result = run("mock", "--db", str(file))
    assert (result.exit_code, "could not open the database" in result.stderr) == (2, True)


def test_a_fault_option_applies_from_the_first_request(
    run: Run, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`--fault` applies from the first request, and `--log` prints each request."""

    def serve(site: Site, *_: object) -> None:
        site["zudu"](HttpRequest("GET", "/api/calls"))
        site.faults.add("drift=zudu/call.list/response.status/other")
        site["zudu"](HttpRequest("GET", "/api/calls"))

    monkeypatch.setattr("driftline.cli.commands.mock.serve", serve)
    result = run("mock", "--fault", "zudu/call.list: 503 next=1", "--log", "json")
    assert result.exit_code == 0, result.output
    lines = [json.loads(line) for line in result.stderr.splitlines()]
    assert [(line["operation"], line["status"], line["faults"]) for line in lines] == [
        ("call.list", 503, ["zudu/call.list: 503 next=1"]),
        ("call.list", 401, ["zudu: drift=zudu/call.list/response.status/other"]),
    ]
    result = run("mock", "--fault", "429 next=1", "--log", "text")
    logged_fields = [line.split()[1:5] for line in result.stderr.splitlines()]
    assert logged_fields == [["zudu", "GET", "/api/calls", status] for status in ("429", "401")]
    assert result.stderr.splitlines()[0].endswith(" ms [429 next=1]")


def test_an_invalid_fault_is_reported(run: Run, project: Path) -> None:
    """An invalid `--fault` gives exit code 2 before the mock starts."""
    result = run("mock", "--fault", "zudu: nope")
    assert result.exit_code == 2
    assert result.stderr.startswith(
        "error: invalid fault 'zudu: nope': unknown word 'nope'\n  Write "
    )
    assert "roark" not in result.stdout


def test_a_mock_on_a_public_address_prints_a_warning(
    run: Run, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mock on a public address prints a warning to stderr; one on loopback does not."""

    def serve(_: Site, host: str, port: int, ready: Callable[[str], None]) -> None:
        ready(f"http://{host}:{port}")

    monkeypatch.setattr("driftline.cli.commands.mock.serve", serve)
    result = run("mock", "--host", "0.0.0.0")  # noqa: S104
    assert "warning: the mock is reachable from other machines" in result.stderr
    assert run("mock").stderr == ""


def test_a_port_in_use_is_reported(
    run: Run, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A port in use gives exit code 2 with a hint."""

    def serve(*_: object) -> None:
        raise TargetError("127.0.0.1:8080", "the port is in use", "Choose another with --port.")

    monkeypatch.setattr("driftline.cli.commands.mock.serve", serve)
    result = run("mock")
    expected_error = "error: 127.0.0.1:8080: the port is in use\n  Choose another with --port.\n"
    assert (result.exit_code, result.stderr) == (2, expected_error)
