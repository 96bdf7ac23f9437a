"""`driftline release`: the version and the changelog are written completely and only once."""

from __future__ import annotations

import os
import shlex
import shutil
from pathlib import Path

import pytest
from changes_wire.repository import commit, run_git, start_repository
from click.testing import CliRunner, Result
from hypothesis import example, given, strategies as st
from markdown_it import MarkdownIt

from driftline.changes import PYTHON_RULES
from driftline.changes.release.changelog import (
    NEW,
    build_entry,
    format_entry,
    insert_release,
    is_ours,
    list_versions,
)
from driftline.changes.release.version import bump, is_later
from driftline.changes.wire import RULES, Change, Use
from driftline.cli.group import driftline
from driftline.errors import Location, UsageError

SPEC = Path(__file__).parents[1] / "openapi" / "shop.yaml"
PYPROJECT = """\
[project]
name = "shop"  # ours
version = "1.4.0"

[tool.driftline]
version-files = ["shop.py"]
"""
LOG = """\
# Changes of the shop

## [Unreleased]

### Fixed

- A thing
  of two lines.

## [1.4.0] - 2026-01-02

First.

[Unreleased]: https://example.com/shop/compare/v1.4.0...HEAD
[1.4.0]: https://example.com/shop/releases/v1.4.0
"""
LINE = (
    "- **shop** (breaking) `models.Order`, `state`: "
    "State now has the value 'LOST' `python.value.added`"
)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(driftline, list(arguments))


def edit(path: Path, old: str, new: str) -> None:
    content = path.read_text(encoding="utf-8")
    assert old in content
    path.write_text(content.replace(old, new), encoding="utf-8")


@pytest.fixture(scope="module")
def first(client: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a project released as v1.4.0, with a new value in its spec and client since then."""
    folder = tmp_path_factory.mktemp("first")
    shutil.copytree(client, folder / "generated", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "specs").mkdir()
    shutil.copy(SPEC, folder / "specs")
    (folder / "pyproject.toml").write_text(PYPROJECT)
    (folder / "shop.py").write_text('__version__ = "1.4.0"\n')
    (folder / "CHANGELOG.md").write_text(LOG)
    start_repository(folder)
    commit(folder, "v1.4.0")
    run_git(folder, "tag", "nightly")
    edit(folder / "specs" / "shop.yaml", "[NEW, PAID, SENT]", "[NEW, PAID, SENT, LOST]")
    assert run("generate", "--specs", str(folder / "specs")).exit_code == 0
    return folder


@pytest.fixture
def shop(first: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of the project as the current directory."""
    shutil.copytree(first, tmp_path / "shop")
    monkeypatch.chdir(tmp_path / "shop")
    return tmp_path / "shop"


def read_files(project: Path) -> dict[str, str]:
    names = ("pyproject.toml", "shop.py", "CHANGELOG.md")
    return {name: (project / name).read_text(encoding="utf-8") for name in names}


def test_release_updates_version_and_changelog_once(shop: Path) -> None:
    """`release` updates the version and changelog
    since the last tag; a second run changes nothing.
    """
    result = run("release")
    assert result.exit_code == 0, result.output
    assert "changed: pyproject.toml\nchanged: shop.py\nchanged: CHANGELOG.md\n" in result.stdout
    assert "Written. Changes since v1.4.0:" in result.stdout
    contents = read_files(shop)
    assert contents["pyproject.toml"] == PYPROJECT.replace("1.4.0", "2.0.0")
    assert contents["shop.py"] == '__version__ = "2.0.0"\n'
    log = contents["CHANGELOG.md"]
    assert log.startswith("# Changes of the shop\n\n## [Unreleased]\n\n## [2.0.0] - 20")
    assert f"### Changed\n\n{LINE}\n" in log
    assert (
        "\n\n### Fixed\n\n- A thing\n  of two lines.\n\n## [1.4.0] - 2026-01-02\n\nFirst.\n" in log
    )
    assert log.endswith(
        "[Unreleased]: https://example.com/shop/compare/v2.0.0...HEAD\n"
        "[2.0.0]: https://example.com/shop/compare/v1.4.0...v2.0.0\n"
        "[1.4.0]: https://example.com/shop/releases/v1.4.0\n"
    )
    second_result = run("release")
    assert "Nothing to write since v1.4.0." in second_result.stdout
    assert read_files(shop) == contents


def test_a_second_run_before_the_tag_updates_the_entry(shop: Path) -> None:
    """A second run before the tag updates the entry of the same version."""
    assert run("release").exit_code == 0
    edit(shop / "specs" / "shop.yaml", "SENT, LOST]", "SENT, GONE]")
    assert run("generate").exit_code == 0
    assert run("release").exit_code == 0
    log = read_files(shop)["CHANGELOG.md"]
    assert list_versions(log) == ["2.0.0", "1.4.0"]
    assert "LOST" not in log
    assert log.count("'GONE' `python.value.added`") == 1
    commit(shop, "v2.0.0")
    assert "Nothing to write since v2.0.0." in run("release").stdout
    assert "2.0.1" in run("release", "--bump", "patch").stdout
    assert list_versions(read_files(shop)["CHANGELOG.md"]) == ["2.0.1", "2.0.0", "1.4.0"]


def test_the_commands_of_the_release_page_work(shop: Path) -> None:
    """Every `driftline release` command of docs/release.md works, run in order."""
    page = (Path(__file__).parents[2] / "docs" / "release.md").read_text(encoding="utf-8")
    commands = [
        line
        for line in page.splitlines()
        if line.startswith("$ driftline release") or line.endswith("--package")
    ]
    assert len(commands) == 5
    for line in commands:
        assert run(*shlex.split(line)[2:]).exit_code == 0
    assert list_versions(read_files(shop)["CHANGELOG.md"]) == ["2.0.0", "1.4.0"]


def test_a_client_has_its_own_version_changelog_and_tags(shop: Path) -> None:
    """A client has its own version, changelog and
    tags, and its release leaves the project unchanged.
    """
    before = read_files(shop)
    client = shop / "generated" / "shop_client"
    rejected_result = run("release", "shop")
    assert (
        rejected_result.exit_code,
        "driftline generate shop --package" in rejected_result.stderr,
    ) == (2, True)
    assert run("generate", "shop", "--package").exit_code == 0
    untagged_result = run("release", "shop")
    assert (untagged_result.exit_code, "no tag shop-client-VERSION" in untagged_result.stderr) == (
        2,
        True,
    )
    commit(shop, "shop-client-v0.1.0")
    assert "Nothing to write since shop-client-v0.1.0." in run("release", "shop").stdout
    edit(shop / "specs" / "shop.yaml", "SENT, LOST]", "SENT, GONE]")
    assert run("generate").exit_code == 0
    assert run("release", "shop").exit_code == 0
    assert 'version = "0.2.0"' in (client / "pyproject.toml").read_text(encoding="utf-8")
    log = (client / "CHANGELOG.md").read_text(encoding="utf-8")
    assert list_versions(log) == ["0.2.0"]
    assert "'GONE' `python.value.added`" in log
    assert read_files(shop) == before
    assert "shop-client" not in run("release", "--dry-run").stdout


def test_a_dry_run_writes_nothing(shop: Path) -> None:
    """`--dry-run` prints the changes and writes nothing."""
    before = read_files(shop)
    result = run("release", "--dry-run")
    assert result.exit_code == 0
    assert "changed: CHANGELOG.md\nDry run, nothing written. Changes since v1.4.0:" in result.stdout
    assert LINE in result.stdout
    assert read_files(shop) == before


def test_since_accepts_a_folder_without_git(shop: Path) -> None:
    """`--since` accepts a directory without git, and generates its clients if they are missing."""
    run_git(shop, "stash")
    shutil.copytree(shop / "specs", shop / "then" / "specs")
    shutil.copy(shop / "pyproject.toml", shop / "then")
    run_git(shop, "stash", "pop")
    shutil.rmtree(shop / ".git")
    result = run("release", "--since", "then")
    assert result.exit_code == 0, result.output
    assert "was then/specs/shop.yaml:112" in result.stdout
    assert LINE in read_files(shop)["CHANGELOG.md"]
    assert 'version = "2.0.0"' in read_files(shop)["pyproject.toml"]
    (shop / "then" / "specs" / "shop.yaml").rename(shop / "then" / "specs" / "other.yaml")
    output = run("release", "--since", "then", "--dry-run").stdout
    for name in ("api.added", "api.removed", "python.client.added", "python.client.removed"):
        assert name in output


def test_a_dynamic_version_is_not_written(shop: Path) -> None:
    """With a dynamic version only the changelog is written, and created if it is missing."""
    (shop / "pyproject.toml").write_text('[project]\nname = "shop"\ndynamic = ["version"]\n')
    (shop / "CHANGELOG.md").unlink()
    commit(shop)
    result = run("release", "--since", "v1.4.0")
    assert "added: CHANGELOG.md\nWritten" in result.stdout
    assert read_files(shop)["CHANGELOG.md"].startswith(f"{NEW}\n## [2.0.0] - ")


@pytest.mark.parametrize(
    ("arguments", "expected_error"),
    [
        (("--since", "nope"), "'nope' is neither a directory nor a git revision"),
        (("--since", "--output=x"), "'--output=x' is neither a directory nor a git revision"),
    ],
)
def test_an_unknown_revision_is_one_error(
    arguments: tuple[str, ...], expected_error: str, shop: Path
) -> None:
    """An unknown revision gives exit code 2, and nothing is written."""
    before = read_files(shop)
    result = run("release", *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert expected_error in result.stderr
    assert read_files(shop) == before


def test_a_stale_client_is_not_released(shop: Path) -> None:
    """An outdated client is an error that names the command to regenerate it."""
    before = read_files(shop)
    edit(shop / "specs" / "shop.yaml", "LOST", "GONE")
    result = run("release")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        "error: generated/ is out of date: shop\n  Run: driftline generate shop\n"
    )
    assert read_files(shop) == before


def test_without_a_version_tag_release_is_an_error(shop: Path) -> None:
    """Without a version tag, or outside a repository, the error says so."""
    run_git(shop, "tag", "--delete", "v1.4.0")
    assert "no version tag before this commit" in run("release").stderr
    shutil.rmtree(shop / ".git")
    assert "not a git repository" in run("release").stderr


@pytest.mark.parametrize(
    ("file", "content", "expected_error"),
    [
        ("pyproject.toml", "[project", "invalid TOML"),
        ("pyproject.toml", PYPROJECT.replace('["shop.py"]', "3"), "is not a list of paths"),
        ("shop.py", "version = 3", "once, found it 0 times"),
        ("CHANGELOG.md", "\udcff", "is not UTF-8"),
    ],
)
def test_a_file_that_cannot_be_updated_changes_no_file(
    file: str, content: str, expected_error: str, shop: Path
) -> None:
    """If one file cannot be updated, the error names it and no file is changed."""
    (shop / file).write_bytes(content.encode("utf-8", "surrogateescape"))
    before = {path.name: path.read_bytes() for path in shop.iterdir() if path.is_file()}
    result = run("release")
    assert (result.exit_code, result.stdout) == (2, "")
    assert expected_error in result.stderr
    assert file in result.stderr
    assert {path.name: path.read_bytes() for path in shop.iterdir() if path.is_file()} == before


def test_a_full_disk_changes_no_file(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk leaves every file unchanged."""
    before = read_files(shop)
    monkeypatch.setattr(os, "fsync", fail_with_full_disk)
    assert run("release").exit_code == 2
    assert read_files(shop) == before


def fail_with_full_disk(number: int) -> None:
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize(
    ("severity", "old", "new"),
    [
        ("breaking", "1.4.2", "2.0.0"),
        ("additive", "1.4.2", "1.5.0"),
        ("harmless", "1.4.2", "1.4.3"),
        ("breaking", "0.4.2", "0.5.0"),
        ("additive", "0.4.2", "0.4.3"),
        ("harmless", "0.4.2", "0.4.3"),
        ("breaking", "2.0.0rc1", "2.0.0"),
        ("additive", "1.2", "1.3.0"),
    ],
)
def test_the_most_severe_change_sets_the_next_version(severity: str, old: str, new: str) -> None:
    """The most severe change sets the next version by
    semantic versioning, with smaller steps before 1.0.
    """
    step = bump(["harmless", severity], old)  # type: ignore[list-item]
    assert step.new == new
    assert is_later(new, old)


def test_an_invalid_version_is_reported() -> None:
    """An invalid version raises `UsageError`."""
    with pytest.raises(UsageError, match="'latest' is not a valid version"):
        bump([], "latest")


STRINGS = st.text(max_size=60)
CHANGES = st.builds(
    lambda rule, message, operation, where: Change(
        id=rule.id,
        severity=rule.severity,
        direction=rule.direction,
        api="shop",
        message=message,
        old=Location(Path("a"), 1, ""),
        new=Location(Path("b"), 1, ""),
        uses=(Use(operation, where),),
    ),
    st.sampled_from([*RULES.values(), *PYTHON_RULES.values()]),
    STRINGS,
    STRINGS,
    STRINGS,
)
LINES = (
    *("# Log", "## [Unreleased]", "## 1.0.0", "## [0.9.0] - 2026-01-01", "### Added", "### Fixed"),
    *("### Notes", "- one", "  more", "", "a text", "```", "[1.0.0]: https://example.com/1"),
)
LOGS = st.lists(st.sampled_from(LINES), max_size=14).map("\n".join)


@given(st.lists(CHANGES, max_size=5), LOGS)
@example([], "## [Unreleased]\n### Fixed\n[1.0.0]: https://example.com/1\n### Added")
def test_every_line_of_a_changelog_is_kept(changes: list[Change], log: str) -> None:
    """Every line of a changelog is kept, and a second run changes nothing."""
    lines = build_entry(changes, ["shop"])
    merged_log = insert_release(log, lines, "2.0.0", "2026-02-03")
    assert insert_release(merged_log, lines, "2.0.0", "2026-05-06") == merged_log
    merged_lines = [line for line in merged_log.splitlines() if line.strip()]
    for line in log.splitlines():
        category = line.startswith("### ") or line == "## [Unreleased]"
        assert not line.strip() or line in merged_lines or category or line.startswith("## ")
    for entries in lines.values():
        assert all(merged_log.count(f"\n{line}") >= 1 for line in entries)


@given(st.lists(CHANGES, min_size=1, max_size=5))
def test_each_change_is_one_list_item_of_plain_text(changes: list[Change]) -> None:
    """Each change is one list item of plain text that is
    recognised as generated, whatever the spec contains.
    """
    lines = build_entry(changes, [])
    for token in MarkdownIt("commonmark").parse(format_entry(lines)):
        allowed_types = {"text", "code_inline", "strong_open", "strong_close"}
        assert {child.type for child in token.children or ()} <= allowed_types
    entries = [line for entry_lines in lines.values() for line in entry_lines]
    assert all(is_ours(line) and "\n" not in line for line in entries)
    items = [
        t for t in MarkdownIt("commonmark").parse(format_entry(lines)) if t.type == "list_item_open"
    ]
    assert len(items) == len(entries)
