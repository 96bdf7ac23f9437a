"""`driftline diff`: its arguments, output and exit codes."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from changes_wire.comparing import as_body, build_api
from changes_wire.repository import commit, run_git, start_repository
from click.testing import CliRunner, Result
from hypothesis import given, settings, strategies as st

from driftline.changes import PYTHON_RULES
from driftline.changes.wire import RULES, Change, Use
from driftline.changes.wire.formats import (
    render_markdown as as_markdown,
    render_terminal as as_text,
)
from driftline.changes.wire.report import DiffReport
from driftline.cli.group import driftline
from driftline.errors import Location
from driftline.markup import COMMENT_LIMIT as LIMIT

OLD, NEW = as_body({"enum": ["a", "b"]}), as_body({"enum": ["a"]})
ROOT = Path(__file__).parents[2]


def run(*arguments: str) -> Result:
    return CliRunner().invoke(driftline, ["diff", *arguments])


def write(path: Path, data: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(data, indent=1))


@pytest.fixture
def history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a repository with tags v1 and v2, where
    v2 breaks the API, and an uncommitted change.
    """
    start_repository(tmp_path)
    write(tmp_path / "specs" / "shop.json", OLD)
    write(tmp_path / "specs" / "bank.json", build_api())
    commit(tmp_path, "v1")
    write(tmp_path / "specs" / "shop.json", NEW)
    commit(tmp_path, "v2")
    write(tmp_path / "specs" / "shop.json", {**NEW, "servers": [{"url": "https://a.example.com"}]})
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def two(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a directory with old.json and new.json."""
    write(tmp_path / "old.json", OLD)
    write(tmp_path / "new.json", NEW)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "expected_ids", "expected_versions"),
    [
        ((), {"server.added"}, "HEAD:specs → specs"),
        (("v2",), {"server.added"}, "v2:specs → specs"),
        (("v1",), {"server.added", "request.enum.value-removed"}, "v1:specs → specs"),
        (("v1", "v2"), {"request.enum.value-removed"}, "v1:specs → v2:specs"),
        (("v2", "v1"), {"request.enum.value-added"}, "v2:specs → v1:specs"),
        (("main", "specs/shop.json"), {"server.added"}, "main:specs/shop.json → specs/shop.json"),
        (("v1:specs/shop.json", "v2"), {"request.enum.value-removed"}, "v1:specs/shop.json → v2:"),
        (("v1:specs/shop.json",), {"server.added", "request.enum.value-removed"}, "→ specs/shop"),
        (("specs/shop.json",), {"server.added"}, "HEAD:specs/shop.json → specs/shop.json"),
        (("specs/shop.json", "v2"), {"server.removed"}, "specs/shop.json → v2:specs/shop.json"),
        (("v1:specs", "specs/shop.json"), {"server.added", "request.enum.value-removed"}, "v1:"),
        (("v1:./specs", "HEAD~1:specs/"), set(), "v1:specs → HEAD~1:specs"),
        (("v1:specs/shop.json", "v1:specs/bank.json"), {"body.removed"}, "v1:specs/bank.json"),
    ],
)
def test_arguments_name_files_folders_or_revisions(
    arguments: tuple[str, ...], expected_ids: set[str], expected_versions: str, history: Path
) -> None:
    """Arguments name files, directories or revisions;
    a revision alone refers to the other's path.
    """
    result = run(*arguments, "--format", "json")
    data = json.loads(result.stdout)
    assert {change["id"] for change in data["changes"]} == expected_ids
    assert expected_versions in f"{data['old']} → {data['new']}"
    assert result.exit_code == any(RULES[name].severity == "breaking" for name in expected_ids)


def test_revisions_work_from_a_subfolder(history: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From a subdirectory, revisions refer to the project's specs and `./` to the directory."""
    monkeypatch.chdir(history / "specs")
    assert run("v1", "v2").exit_code == 1
    assert run("v1:./shop.json", "v2:./shop.json").exit_code == 1
    assert run("v1", "shop.json").exit_code == 1


def test_a_removed_api_is_a_breaking_change(history: Path) -> None:
    """A removed API is a breaking change of the directory."""
    (history / "specs" / "bank.json").unlink()
    result = run("v2")
    assert result.exit_code == 1
    assert "the API was removed" in result.stdout
    assert "api.removed" in result.stdout


def test_comparing_revisions_leaves_the_folder_unchanged(history: Path) -> None:
    """Comparing revisions leaves the working directory unchanged."""
    before = {path: path.read_bytes() for path in sorted((history / "specs").iterdir())}
    assert run("v1", "v2").exit_code == 1
    assert {path: path.read_bytes() for path in sorted((history / "specs").iterdir())} == before


@pytest.mark.parametrize(
    ("arguments", "expected_message"),
    [
        (("nope",), "'nope' is not a file, a directory or a git revision"),
        (("v1", "nope"), "'nope' is not a file, a directory or a git revision"),
        (("v1:nope.json",), "no nope.json in v1"),
        (("v1:specs", "specs/other.json"), "not a file, a directory or a git revision"),
        (("--", "--output=/tmp/x"), "not a file, a directory or a git revision"),
        (("v1:",), "no document in v1:"),
        ((":specs",), "':specs' is not a file, a directory or a git revision"),
    ],
)
def test_an_unknown_file_or_revision_is_one_error(
    arguments: tuple[str, ...], expected_message: str, history: Path
) -> None:
    """An unknown file or revision gives exit code 2 with a hint."""
    result = run(*arguments)
    assert result.exit_code == 2
    assert isinstance(result.exception, SystemExit)
    line, _hint = result.stderr.splitlines()
    assert line.startswith("error: ")
    assert expected_message in line


def test_outside_a_repository_both_arguments_must_be_files(two: Path) -> None:
    """Outside a repository both arguments must be files; the error mentions git."""
    assert run("old.json", "new.json").exit_code == 1
    for arguments in ((), ("old.json",), ("main", "new.json")):
        result = run(*arguments)
        assert result.exit_code == 2
        assert "git repository" in result.stderr


@pytest.mark.parametrize(
    ("content", "expected_message"),
    [
        ("{", "not JSON"),
        ("", "the file is empty"),
        ("[]", "not an OpenAPI document"),
        ('{"swagger": "1.2"}', "unsupported version: swagger"),
    ],
)
def test_an_invalid_document_is_one_error(content: str, expected_message: str, two: Path) -> None:
    """An invalid document gives exit code 2 with
    its file and line, and prints nothing to stdout.
    """
    (two / "new.json").write_text(content)
    result = run("old.json", "new.json")
    assert (result.exit_code, result.stdout) == (2, "")
    line, _ = result.stderr.splitlines()
    assert line.startswith("error: new.json:1: ")
    assert expected_message in result.stderr


def test_json_and_yaml_of_two_versions_are_compared_by_content(two: Path) -> None:
    """A JSON and a YAML document of different versions are compared by content."""
    (two / "new.yaml").write_text(
        "openapi: 3.0.3\ninfo: {title: Shop, version: '1'}\npaths:\n  /things/{id}:\n    put:\n"
        "      requestBody: {content: {application/json: {schema: {enum: [a, b]}}}}\n"
        "      responses: {'200': {description: Done.}}\n"
    )
    result = run("old.json", "new.yaml")
    assert result.exit_code == 0
    assert "Nothing has changed for client code." in result.stdout


@pytest.mark.parametrize(
    ("least_severe", "code"), [("breaking", 1), ("additive", 1), ("harmless", 1), ("never", 0)]
)
def test_fail_on_sets_the_severity_that_fails(least_severe: str, code: int, two: Path) -> None:
    """`--fail-on` decides from which severity on the exit code is 1."""
    assert run("old.json", "new.json", "--fail-on", least_severe).exit_code == code


def test_an_additive_change_fails_only_with_fail_on_additive(two: Path) -> None:
    """An additive change fails only with `--fail-on additive`."""
    codes = [
        run("new.json", "old.json", *options).exit_code
        for options in ((), ("--fail-on", "additive"))
    ]
    assert codes == [0, 1]


def test_the_terminal_lists_breaking_changes_first(two: Path) -> None:
    """The output lists breaking changes first, by
    operation, with both locations, then the verdict.
    """
    write(two / "new.json", {**NEW, "servers": [{"url": "https://a.example.com"}]})
    result = run("old.json", "new.json")
    assert result.stdout.splitlines() == [
        "old.json → new.json",
        "",
        "PUT /things/{id}",
        '  breaking  body: the value "b" is no longer accepted',
        "            request.enum.value-removed  new.json:19, was old.json:21",
        "",
        "the API as a whole",
        "  additive  servers: the base URL https://a.example.com was added",
        "            server.added  new.json:31, was old.json:1",
        "",
        "Changes: 1 breaking, 1 additive. Client code breaks.",
    ]


def test_a_change_of_an_assumed_clause_shows_its_reason(two: Path) -> None:
    """A change of an assumed clause is shown with the reason of the assumption."""
    write(
        two / "old.json",
        as_body({"enum": ["a", "b"], "x-assumed": {"enum": "as others have"}}),
    )
    assert "the old clause was only assumed: as others have" in run("old.json", "new.json").stdout


def load_validator() -> Any:
    schema = (files("driftline.changes.wire") / "diff.schema.json").read_text()
    return jsonschema_rs.validator_for(json.loads(schema), validate_formats=True)


def test_the_json_output_satisfies_its_schema(history: Path) -> None:
    """The JSON output satisfies its schema, with changes of every severity and without changes."""
    write(history / "specs" / "bank.json", build_api(deprecated=True))
    for arguments in (("v1",), ("v1", "v1")):
        data = json.loads(run(*arguments, "--format", "json").stdout)
        assert list(load_validator().iter_errors(data)) == []
    assert set(json.loads(run("v1", "--format", "json").stdout)["numbers"]) == {
        *("breaking", "additive", "harmless")
    }


STRINGS = st.text(max_size=40)
CHANGES = st.builds(
    Change,
    id=st.sampled_from(sorted(RULES)),
    severity=st.sampled_from(("breaking", "additive", "harmless")),
    direction=st.sampled_from(("request", "response")),
    api=st.sampled_from(("shop", "bank")),
    message=STRINGS.filter(bool),
    old=st.builds(Location, st.just(Path("old.json")), st.integers(1, 9), st.just("/a")),
    new=st.builds(Location, st.just(Path("new.json")), st.integers(1, 9), st.just("")),
    before=STRINGS,
    after=STRINGS,
    assumed=STRINGS,
    uses=st.lists(st.builds(Use, STRINGS, STRINGS), min_size=1, max_size=5).map(tuple),
)


@settings(deadline=None)
@given(st.lists(CHANGES, max_size=6), st.integers(40, 140), st.booleans())
def test_any_comparison_can_be_rendered(changes: list[Change], width: int, color: bool) -> None:
    """Any comparison renders as text, JSON and Markdown without unescaped markup."""
    report = DiffReport(old="a", new="b", apis=("shop", "bank"), changes=tuple(changes))
    assert as_text(report, width=width, color=color).endswith("\n")
    assert list(load_validator().iter_errors(report.to_dict())) == []
    page = as_markdown(report)
    cells = [cell.partition("</code>")[0] for cell in page.split("<code>")[1:]]
    assert not any("<" in cell or "\n" in cell for cell in cells)


def test_the_markdown_output_keeps_its_size_limit() -> None:
    """The Markdown output keeps its size limit and counts the omitted changes."""
    change = Change(
        id="operation.removed",
        severity="breaking",
        direction="request",
        api="shop",
        message="é" * 900,
        old=Location(Path("old.json"), 1, ""),
        new=Location(Path("new.json"), 1, ""),
        uses=(Use("GET /a", ""), Use("GET /b", "")),
    )
    report = DiffReport(old="a", new="b", apis=("shop",), changes=(change,) * 500)
    page = as_markdown(report)
    assert len(page.encode()) <= LIMIT
    shown_count = page.count("operation.removed")
    assert 0 < shown_count < 500
    assert f"{500 - shown_count} breaking changes" in page


def test_the_page_of_changes_equals_the_output_of_explain() -> None:
    """docs/changes.md equals the output of `driftline explain --changes --markdown`."""
    markdown = CliRunner().invoke(driftline, ["explain", "--changes", "--markdown"]).stdout
    assert (ROOT / "docs" / "changes.md").read_text(encoding="utf-8") == markdown
    assert all(f"`{name}`" in markdown for name in (*RULES, *PYTHON_RULES))


def test_explain_prints_one_or_all_ids() -> None:
    """`explain` prints one or all IDs as text or JSON, and suggests an ID for an unknown one."""
    run_explain = CliRunner().invoke
    explanation = run_explain(driftline, ["explain", "request.enum.value-removed"]).stdout
    assert "A request that was valid may be rejected." in " ".join(explanation.split())
    rule_json = run_explain(driftline, ["explain", "server.removed", "--format", "json"]).stdout
    assert json.loads(rule_json)["severity"] == "breaking"
    rules_json = run_explain(driftline, ["explain", "--changes", "--format", "json"]).stdout
    assert [rule["id"] for rule in json.loads(rules_json)] == [*RULES, *PYTHON_RULES]
    lines = run_explain(driftline, ["explain", "--changes"]).stdout
    assert all(name in lines for name in RULES)
    result = run_explain(driftline, ["explain", "server.remove"])
    assert result.exit_code == 2
    assert "server.removed" in result.stderr


def test_the_page_on_diff_shows_every_form_of_the_command() -> None:
    """docs/diff.md shows seven forms of the command."""
    page = (ROOT / "docs" / "diff.md").read_text(encoding="utf-8")
    commands = [
        line.split("`")[1] for line in page.splitlines() if line.startswith("| `driftline ")
    ]
    assert len(commands) == 7
    assert all(command.startswith("driftline diff") for command in commands)


def test_files_are_compared_without_git(two: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without git, files are compared, and a revision is an error."""
    monkeypatch.setenv("PATH", "")
    assert run("old.json", "new.json").exit_code == 1
    assert run("main").exit_code == 2


def test_a_link_in_a_revision_is_not_a_document(history: Path) -> None:
    """A symbolic link in a revision is not read as a document."""
    (history / "specs" / "link.json").symlink_to("shop.json")
    run_git(history, "add", "--all")
    commit(history, "v3")
    assert run("v3", "v3").exit_code == 0


def test_the_example_of_the_page_is_the_actual_output(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The example in docs/diff.md is the actual output of the command."""
    start_repository(tmp_path)
    spec_yaml = (ROOT / "specs" / "roark.yaml").read_text(encoding="utf-8")
    for name in ("revox", "zudu"):
        write(tmp_path / "specs" / f"{name}.json", build_api())
    spec = tmp_path / "specs" / "roark.yaml"
    spec.write_text(spec_yaml, encoding="utf-8")
    commit(tmp_path)
    spec.write_text(spec_yaml.replace("default: 20", "default: 30"), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    output = run("main").stdout
    page = (ROOT / "docs" / "diff.md").read_text(encoding="utf-8")
    assert f"$ driftline diff main\n{output}```" in page
