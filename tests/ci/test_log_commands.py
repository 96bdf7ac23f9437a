"""No string of a spec, a server or a file name becomes a command of GitHub Actions."""

from __future__ import annotations

import json
import re
import sys
from io import StringIO
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from hypothesis import given, strategies as st

from driftline.cli.group import driftline
from driftline.log_commands import format_command, guard_output, write_command

ACTIONS = {"GITHUB_ACTIONS": "true"}
COMMAND = re.compile(r"(?:^|[\r\n])\s*::|##\[")
PIECES = st.sampled_from(("::", ":", "error", "set-env name=A", "##[", "\n", "\r", " ", "\t", "a"))
STRINGS = st.lists(PIECES, max_size=8).map("".join)


@given(st.lists(STRINGS, max_size=5))
def test_no_guarded_output_is_a_command(parts: list[str]) -> None:
    """No output is a command, however it is split into writes and lines."""
    with pytest.MonkeyPatch.context() as patch:
        stream = StringIO()
        patch.setattr(sys, "stdout", stream)
        with guard_output(ACTIONS):
            for part in parts:
                click.echo(part, nl=False)
    assert not COMMAND.search(stream.getvalue())
    expected_output = re.sub(r"\s", "", "".join(parts))
    assert re.sub(r"\s", "", stream.getvalue()) == expected_output


@given(STRINGS, STRINGS)
def test_a_command_is_one_line_that_decodes_to_its_message(message: str, title: str) -> None:
    """A command is one line, and the runner decodes its message to the original."""
    command = format_command("error", message, title=title)
    assert "\n" not in command
    assert "\r" not in command
    name, _, data = command.removeprefix("::error ").partition("::")
    assert "," not in name
    assert data.replace("%0A", "\n").replace("%0D", "\r").replace("%25", "%") == message


def test_own_commands_are_not_escaped(capsys: pytest.CaptureFixture[str]) -> None:
    """Commands that driftline writes are not escaped, unlike the guarded output around them."""
    with guard_output(ACTIONS):
        click.echo("::debug::theirs")
        write_command(format_command("debug", "ours"))
    assert capsys.readouterr().out == ": :debug::theirs\n::debug::ours\n"


@pytest.mark.parametrize("form", ["terminal", "markdown", "json"])
def test_a_name_in_a_spec_is_not_a_command(
    form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Names in a spec do not become commands in any format of standard output, and JSON stays
    valid.
    """
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    evil = "\n::error::##[set-env name=PATH]x"
    field = {evil: {"type": "string"}}
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Shop", "version": "1"},
        "paths": {},
        "webhooks": {evil: {"post": {"requestBody": {"content": {"application/json": {
            "schema": {"type": "object", "properties": field}
        }}}}}},
    }  # fmt: skip
    old, new = tmp_path / "old.json", tmp_path / "new.json"
    old.write_text(json.dumps(document))
    new.write_text(json.dumps({**document, "webhooks": {}}))
    result = CliRunner().invoke(driftline, ["diff", str(old), str(new), "--format", form])
    assert "set-env" in result.stdout
    assert not COMMAND.search(result.stdout)
    if form == "json":
        assert "set-env" in json.loads(result.stdout)["changes"][0]["uses"][0]["operation"]


def test_an_error_is_not_a_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Names in errors on standard error do not become commands."""
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    result = CliRunner().invoke(driftline, ["diff", "no\n::error::x", "##[error]x"])
    assert result.exit_code == 2
    assert not COMMAND.search(result.stderr)
