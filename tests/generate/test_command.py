"""`driftline generate` reports where the types of a client are wider than its spec."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from generate.minimal import make_document

from driftline.cli.commands.generate import command

SCHEMAS = {
    "Thing": {
        "type": "object",
        "properties": {
            "any": {"type": "array"},
            "pair": {"type": "array", "prefixItems": [{"type": "string"}]},
            "other": {"type": "array"},
        },
    }
}


@pytest.fixture
def specs(tmp_path: Path) -> Path:
    """Return the specs directory of a project with two arrays without items."""
    folder = tmp_path / "specs"
    folder.mkdir()
    (folder / "small.json").write_text(json.dumps(make_document(schemas=SCHEMAS), indent=1))
    return folder


def test_the_last_lines_count_widened_types_by_id(specs: Path) -> None:
    """The output ends with a count for each kind of widened type."""
    result = CliRunner().invoke(command, ["--specs", str(specs)])
    assert result.exit_code == 0, result.output
    assert result.output.splitlines()[-2:] == [
        "Wider types than the spec: 3 "
        "(client.widened.array-without-items 2, client.widened.tuple 1)",
        "  List them with --verbose.",
    ]


def test_verbose_lists_each_widened_type_with_its_line(specs: Path) -> None:
    """`--verbose` lists each widened type with file, line, ID and hint, even if nothing changed."""
    for _ in range(2):
        result = CliRunner().invoke(command, ["--specs", str(specs), "--verbose"])
        assert result.exit_code == 0, result.output
        lines = (specs / "small.json").read_text().splitlines()
        number = next(n for n, line in enumerate(lines, 1) if '"other"' in line)
        assert f"small.json:{number}: the array has no `items`" in result.output
        assert "[client.widened.array-without-items]" in result.output
