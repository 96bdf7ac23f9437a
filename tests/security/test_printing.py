"""No string of a document, file name, server or recording controls a terminal or a log."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from attack.vocabulary import INJECTED, STRINGS
from driftline.cli.group import Failure, driftline
from driftline.errors import Location, Problem, SpecError
from driftline.printable import make_printable
from driftline.runtime.errors import (
    ClientError,
    DecodingError,
    IncompleteResponse,
    PagingError,
    TransportError,
)
from driftline.runtime.telemetry.drift import DriftEvent
from driftline.terminal import PrintedPage

INVISIBLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]")


def check(output: str) -> None:
    """Assert that the output has no control characters and no command of a CI runner."""
    assert INVISIBLE.search(output) is None
    assert re.search(r"^\s*::[a-z-]+[ :]", output, re.MULTILINE) is None
    assert re.search(r"##\[", output) is None


def write_project(tmp_path: Path, hostile: str) -> Path:
    """Write a project whose spec has the string in every place."""
    room = {
        "type": "object",
        "description": hostile,
        "required": [f"{hostile}gone"],
        "properties": {hostile: {"type": "string", "enum": [hostile, "free"]}},
    }
    operation = {
        "operationId": "room.list",
        "summary": hostile,
        "tags": [hostile],
        "security": [{hostile: []}],
        "parameters": [{"name": hostile, "in": "query", "schema": {"type": "string"}}],
        "responses": {
            "200": {
                "description": hostile,
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Room"}}},
            }
        },
    }
    document: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {"title": hostile, "version": hostile},
        "servers": [{"url": f"https://hotel.example/{hostile}"}],
        "paths": {"/rooms": {"get": operation}},
        "components": {"schemas": {"Room": room}},
    }
    (tmp_path / "specs").mkdir()
    (tmp_path / "old").mkdir()
    (tmp_path / "specs" / "hotel.json").write_text(json.dumps(document))
    document["info"]["title"] = "Hotel"
    room["properties"] = {f"{hostile} old": {"type": "string"}}
    (tmp_path / "old" / "hotel.json").write_text(json.dumps(document))
    return tmp_path


def run(folder: Path, *arguments: str) -> Result:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        return CliRunner().invoke(driftline, arguments)


@pytest.mark.parametrize(
    "arguments", [("lint",), ("diff", "old", "specs"), ("generate", "--check")]
)
@pytest.mark.parametrize("hostile", STRINGS, ids=ascii)
def test_no_command_prints_a_hostile_string(
    hostile: str, arguments: tuple[str, ...], tmp_path: Path
) -> None:
    """No command prints a hostile string unescaped."""
    result = run(write_project(tmp_path, hostile), *arguments)
    assert result.output
    check(result.output)


def test_the_lines_of_the_mock_can_be_pasted_into_a_shell(tmp_path: Path) -> None:
    """Each line that the mock prints is a comment or one shell word after `export`."""
    from driftline.cli.commands.mock import _build_lines  # pyright: ignore[reportPrivateUsage]
    from driftline.mock import Mock
    from driftline.openapi import load

    folder = write_project(tmp_path, f"\ntouch {INJECTED}\n")
    mock = Mock(load(folder / "specs" / "hotel.json"), rows=1)
    printed_lines = "\n".join(map(make_printable, _build_lines([mock], "http://127.0.0.1:8080")))
    for line in filter(None, printed_lines.splitlines()):
        assert line.startswith("#") or len(shlex.split(line)) == 2


def test_a_file_name_is_printed_on_one_line(tmp_path: Path) -> None:
    """A file name with line breaks is printed on one line."""
    folder = write_project(tmp_path, "plain")
    (folder / "specs" / "a\n::error::INJ.json").write_text("{")
    result = run(folder, "lint")
    assert result.exit_code == 2
    check(result.output)


def test_an_error_and_its_hint_are_one_line_each(capsys: pytest.CaptureFixture[str]) -> None:
    """An error and its hint are one line each, however many lines their strings have."""
    hostile = "x\n::error::y\n  z"
    problem = Problem("ref.dangling", Location(Path(hostile), 1, ""), hostile, hostile)
    Failure(*SpecError((problem,)).problems).show()
    error_output = capsys.readouterr().err
    check(error_output)
    assert len(error_output.splitlines()) == 2


@pytest.mark.parametrize("hostile", STRINGS, ids=ascii)
def test_no_error_of_a_client_shows_a_hostile_string(hostile: str) -> None:
    """No error of a client contains a hostile string unescaped."""
    event = DriftEvent("room.list", hostile, "field.undocumented", "nothing", "string")
    errors: list[object] = [
        ClientError("room.list", 400, hostile, None, hostile),
        ClientError("room.list", 400, "", None, "", message=hostile),
        DecodingError("room.list", 200, hostile, hostile),
        IncompleteResponse("room.list", hostile, 200, hostile),
        PagingError("room.list", hostile, hostile),
        TransportError("room.list", hostile),
        event,
    ]
    for error in errors:
        check(str(error))
        assert len(str(error).splitlines()) == 1


@pytest.mark.parametrize("hostile", STRINGS, ids=ascii)
def test_a_printed_page_has_no_escape_of_a_hostile_string(hostile: str) -> None:
    """A printed page contains no escape sequence of a hostile string."""
    page = PrintedPage(width=60, color=False)
    page.print(hostile)
    page.print(f"{'word ' * 11}{hostile}", style="bold")
    check(page.text)


def test_a_long_path_is_shortened(tmp_path: Path) -> None:
    """A path of a megabyte is shortened in the output."""
    path = "/" + "a" * 1_000_000
    document = {
        "openapi": "3.1.0",
        "info": {"title": "T", "version": "1"},
        "paths": {path: {"get": {"responses": {"200": {"$ref": "#/components/responses/None"}}}}},
    }
    spec = tmp_path / "specs" / "shop.json"
    spec.parent.mkdir()
    spec.write_text(json.dumps(document))
    for command in (["lint"], ["mock", "--snapshot", str(tmp_path / "rows.json")]):
        result = CliRunner().invoke(driftline, [*command, "--specs", str(spec.parent)])
        assert len(result.output) < 50_000, command
