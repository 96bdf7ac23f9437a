"""Every code block of every page is run, checked or parsed, including those of new pages.

sh       is run line by line in a small project; each line must succeed
console  is a session: its commands must exist, and its output must be the actual one
python   is run from top to bottom, with an environment that points to the mocks
yaml, json, toml are parsed; text and blocks without a language are not checked

A block that cannot be run has `<!-- not run: why -->` above it.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import tomllib
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import click
import pytest
from click.testing import CliRunner
from ruamel.yaml import YAML

from driftline.cli.group import driftline
from driftline.generate import generate
from driftline.mock import Mock, run_server
from driftline.openapi import find, load
from driftline.project import Project

from .pages import OTHER_PAGES, PAGES, ROOT, Block, Page

BLOCKS = [block for page in PAGES for block in page.blocks()]
# What another test runs, or proves; it has to name the page.
TESTED_ELSEWHERE = {
    ("README.md", "console"): "tests/readme/test_readme.py",
    ("README.md", "python"): "tests/readme/test_readme.py",
    ("docs/ci.md", "yaml"): "tests/project/test_workflows.py",
    ("docs/clients.md", "python"): "tests/readme/test_readme.py",
    ("docs/diff.md", "console"): "tests/cli/test_diff.py",
    ("docs/migration.md", "python"): "tests/readme/test_migration.py",
    ("docs/mock.md", "json"): "tests/readme/test_mock.py",
    ("docs/observe.md", "python"): "tests/observe/test_reading.py",
    ("docs/tutorials/call-an-api.md", "console"): "tests/readme/test_tutorials.py",
    ("docs/tutorials/call-an-api.md", "python"): "tests/readme/test_tutorials.py",
    ("docs/tutorials/check-your-api.md", "console"): "tests/readme/test_tutorials.py",
    ("docs/tutorials/check-your-api.md", "python"): "tests/readme/test_tutorials.py",
    ("docs/tutorials/watch-an-api.md", "console"): "tests/readme/test_tutorials.py",
    ("docs/tutorials/watch-an-api.md", "python"): "tests/readme/test_tutorials.py",
}
NAMED_ELSEWHERE = {"docs/reports.md"}  # named by another test, which runs nothing of it
# Lines that take minutes, a package index or a server, and the tests that run them over less.
LONG = {
    r"scripts/(drift|test)$": ".ci/run",
    r"driftline drill( |$)": "tests/mutation/test_run.py",
    r"pytest contract_tests( |$)": "tests/suite/test_shared.py",
    r"driftline check --examples": "tests/suite/test_novelty.py",
    r"pip install 'driftline\[contract\] @ git": "tests/project/test_workflows.py",
}
# What a session may type that is not driftline's own.
OTHER_PROGRAMS = {".", "cat", "curl", "export", "git", "pip", "pytest", "python3", "zcat"}
SPEC = """\
openapi: 3.1.0
info: {title: Small, version: "1"}
servers: [{url: "https://small.example"}]
security: [{key: []}]
paths:
  /ping:
    get:
      operationId: call.ping
      summary: Is it there?
      responses:
        "200":
          description: It is.
          content: {application/json: {schema: {type: object, properties: {ok: {type: boolean}}}}}
        default: {description: Something is wrong.}
components:
  securitySchemes:
    key: {type: apiKey, in: header, name: X-Key, x-env: SMALL_KEY}
"""


def is_covered(page: str, language: str) -> bool:
    """Return whether another test covers such blocks of the page."""
    if page in {name for name, _ in TESTED_ELSEWHERE} | NAMED_ELSEWHERE:
        return (page, language) in TESTED_ELSEWHERE
    tests = (path for path in (ROOT / "tests").rglob("test_*.py") if path != Path(__file__))
    page_pattern = re.compile(f'["/]{re.escape(page.removeprefix("docs/"))}')
    return any(page_pattern.search(test.read_text()) for test in tests)


def select_blocks(*languages: str) -> list[Block]:
    return [block for block in BLOCKS if block.language in languages and not block.why]


def test_every_block_has_a_known_language() -> None:
    """Every block has a known language, and every fence is found."""
    known_languages = {"", "console", "json", "python", "sh", "text", "toml", "yaml"}
    assert [str(block) for block in BLOCKS if block.language not in known_languages] == []
    for page in PAGES:
        fences = re.findall(r"^ *```", page.path.read_text(), re.MULTILINE)
        assert len(fences) == 2 * len(page.blocks()), page.name


def test_blocks_that_run_elsewhere_have_a_test() -> None:
    """Each entry of the table names an existing test and block."""
    for (page, language), test in TESTED_ELSEWHERE.items():
        assert (ROOT / test).is_file()
        assert page.rpartition("/")[2] in (ROOT / test).read_text(), page
        assert any((block.page, block.language) == (page, language) for block in BLOCKS), page
    assert [test for test in LONG.values() if not (ROOT / test).is_file()] == []


@pytest.mark.parametrize("block", select_blocks("yaml", "json", "toml"), ids=str)
def test_data_blocks_can_be_parsed(block: Block) -> None:
    """Each data block can be parsed."""
    readers: dict[str, Callable[[str], Any]] = {
        "yaml": YAML(typ="safe").load,
        "json": json.loads,
        "toml": tomllib.loads,
    }
    assert readers[block.language](block.text)


TYPED_BLOCKS = [
    block
    for block in select_blocks("sh", "console")
    if not block.page.startswith("docs/tutorials/")
]


@pytest.mark.parametrize("block", TYPED_BLOCKS, ids=str)
def test_documented_commands_exist(block: Block) -> None:
    """Each documented command, option and script exists."""
    for command in block.commands():
        for part in re.split(r" \| | && | &$| > \S+", command):
            if part.strip():
                check_command_line(shlex.split(part))


def list_jobs(data: Any) -> list[str]:
    """Return the lines of all scripts in a workflow or GitLab job."""
    if isinstance(data, dict):
        scripts = [data[key] for key in ("run", "script") if isinstance(data.get(key), (str, list))]
        lines = [
            line for script in scripts for line in ([script] if isinstance(script, str) else script)
        ]
        return [*lines, *(line for value in data.values() for line in list_jobs(value))]
    return [line for item in data for line in list_jobs(item)] if isinstance(data, list) else []


JOBS = {
    f"{block}-{number}": line
    for block in select_blocks("yaml")
    for number, line in enumerate(list_jobs(YAML(typ="safe").load(block.text)))
    if line.startswith("driftline ")
}


@pytest.mark.parametrize("line", JOBS.values(), ids=JOBS)
def test_documented_commands_of_jobs_exist(line: str) -> None:
    """Each `driftline` command in a documented job exists, with its options."""
    check_command_line(shlex.split(line))


def check_command_line(words: list[str]) -> None:
    while "=" in words[0]:  # A=b command
        words = words[1:]
    program, *words = words
    if program.startswith("scripts/"):
        assert os.access(ROOT / program, os.X_OK), program
    elif program != "driftline":
        assert program in OTHER_PROGRAMS, program
    else:
        command: click.Command = driftline
        while isinstance(command, click.Group) and words and words != ["--help"]:
            name, *words = words
            subcommand = command.get_command(click.Context(command), name)
            assert subcommand is not None, name
            command = subcommand
        command.make_context(str(command.name), words, resilient_parsing="--help" in words)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return a small git project with the API names that the pages use."""
    specs = tmp_path / "specs"
    specs.mkdir()
    for name in ("roark", "zudu"):
        (specs / f"{name}.yaml").write_text(SPEC)
    generate(Project(tmp_path), [load(path) for path in find(specs)])
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b"]
    for arguments in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "1"]):
        subprocess.run([*git, *arguments], cwd=tmp_path, check=True)
    tip = ["git", "update-ref", "refs/remotes/origin/main", "HEAD"]
    subprocess.run(tip, cwd=tmp_path, check=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BASE", "HEAD")
    monkeypatch.delenv("SMALL_KEY", raising=False)
    serve_at_once(monkeypatch)
    with patch.dict(os.environ):  # what a session exports is gone after it
        yield tmp_path


def serve_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Replace the mock server by one that reports its URL and ends at once."""

    def serve(site: Any, host: str, port: int, ready: Callable[[str], None]) -> None:
        ready(f"http://{host}:{port}")

    monkeypatch.setattr("driftline.cli.commands.mock.serve", serve)


RUN = [
    page
    for page in PAGES
    if any(b.page == page.name for b in select_blocks("sh")) and not is_covered(page.name, "sh")
]


@pytest.mark.parametrize("page", RUN, ids=lambda page: page.name)
def test_scripts_run_from_top_to_bottom(page: Page, project: Path) -> None:
    """All shell commands of a page succeed in one project."""
    for block in page.blocks():
        commands = block.commands() if block.language == "sh" and not block.why else ()
        for command in commands:
            if not any(re.match(long, command) for long in LONG):
                line, _, file = command.partition(" > ")
                result = invoke(line)
                assert result.exit_code == 0, f"{block}: {command}\n{result.output}"
                if file:  # that a line below may read, or a program
                    (project / file).write_text(result.stdout)
                    assert result.stdout if file.endswith(".md") else json.loads(result.stdout)


def invoke(line: str) -> Any:
    words = shlex.split(os.path.expandvars(line))
    assert words[0] in {"driftline", "export"}, line
    if words[0] == "export":  # of no other process
        os.environ.update(assignment.partition("=")[::2] for assignment in words[1:])
        return CliRunner().invoke(driftline, ["--version"])
    return CliRunner().invoke(driftline, words[1:])


SESSIONS = [b for b in select_blocks("console") if b.shown and not is_covered(b.page, "console")]


@pytest.mark.parametrize("block", SESSIONS, ids=str)
def test_the_output_of_a_session_matches_the_page(
    block: Block, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The output of a session matches the page, apart from counts and line numbers."""
    monkeypatch.chdir(ROOT)
    serve_at_once(monkeypatch)
    (command,) = block.commands()
    remaining_output = mask_numbers(invoke(command).output)
    for piece in filter(None, re.split(r"(?:^|\n)…(?:\n|$)", mask_numbers(block.shown))):
        _, separator, remaining_output = remaining_output.partition(piece)
        assert separator == piece


def mask_numbers(output: str) -> str:
    return re.sub(r"(?<=\()\d+(?=\))|(?<=\.yaml:)\d+", "N", output)


PYTHON = [
    page
    for page in PAGES
    if any(b.page == page.name for b in select_blocks("python"))
    and not is_covered(page.name, "python")
]


@pytest.mark.parametrize("page", PYTHON, ids=lambda page: page.name)
def test_python_runs_from_top_to_bottom(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    """All Python blocks of a page run in one namespace."""
    monkeypatch.chdir(ROOT)
    names: dict[str, Any] = {}
    with set_environment(monkeypatch):
        for block in page.blocks():
            if block.language == "python" and not block.why:
                exec(compile(block.text, str(block), "exec"), names)  # noqa: S102 (our own page)


@contextmanager
def set_environment(monkeypatch: pytest.MonkeyPatch) -> Generator[None]:
    """Serve the mocks of all specs and set the variables for their clients."""
    mocks = {path.stem: Mock(load(path)) for path in find(ROOT / "specs")}
    with run_server({name: mock.handle for name, mock in mocks.items()}) as url:
        for name, mock in mocks.items():
            for scheme in mock.spec.security_schemes.values():
                monkeypatch.setenv(str(scheme.env), mock.credentials[scheme.name])
            for server in mock.spec.servers:
                monkeypatch.setenv(str(server.env), f"{url}/{name}")
        yield


def list_anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings."""
    markdown = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    headings = re.findall(r"^#+ (.*)$", markdown, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", [*PAGES, *OTHER_PAGES], ids=lambda page: page.name)
def test_relative_links_have_a_target(page: Page) -> None:
    """Each relative link leads to a file and, if given, a heading."""
    for target in re.findall(r"\]\(([^)\s]+)\)", page.path.read_text()):
        if target.startswith(("http://", "https://")):
            continue
        name, _, anchor = target.partition("#")
        path = (page.path.parent / name).resolve() if name else page.path
        assert path.exists(), target
        assert not anchor or anchor in list_anchors(path), target


def test_each_use_is_linked_near_the_top() -> None:
    """The README introduces each use with code and a link near the top, has a section per audience,
    and every page is reachable from it.
    """
    readme = PAGES[0].path.read_text()
    first = readme[: readme.index("\n## ")]
    for phrase in ("from shop_client import Shop", "`driftline generate`", "`driftline ci live`"):
        assert phrase in first
    for page in ("docs/clients.md", "docs/diff.md", "docs/ci.md"):
        assert f"]({page})" in first
    for heading, page in {
        "I call an API": "docs/clients.md",
        "I run an API": "docs/add.md",
        "I watch a vendor's API": "docs/live.md",
    }.items():
        section = readme.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
        assert f"]({page})" in section
        assert "```" in section
    seen_paths, waiting = set[Path](), [PAGES[0].path]
    while waiting:
        path = waiting.pop()
        if path not in seen_paths and path.suffix == ".md" and path.is_file():
            seen_paths.add(path)
            links = re.findall(r"\]\(([^)#\s]+)", path.read_text())
            waiting += [(path.parent / link).resolve() for link in links if ":" not in link]
    assert {page.path for page in PAGES} <= seen_paths
