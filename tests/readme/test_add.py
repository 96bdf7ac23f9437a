"""The commands of docs/add.md work."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from driftline.openapi.read.reader import parse, read

ROOT = Path(__file__).parents[2]
MAIN = "from driftline.cli import main; main()"
PAGE = (ROOT / "docs" / "add.md").read_text()


def test_the_page_runs_from_top_to_bottom(tmp_path: Path) -> None:
    """The commands print the shown output, and the shown action is in the overlay."""
    shutil.copy(ROOT / "tests/acceptance/outside/shop.json", tmp_path)
    blocks = re.findall(r"```(\w+)\n(.*?)```", PAGE, re.DOTALL)
    (shown_session,) = [block for language, block in blocks if block.startswith("$ driftline add")]
    commands = [shown_session.splitlines()[0].removeprefix("$ ")]
    commands += [
        line for language, block in blocks if language == "sh" for line in block.split("\n")
    ]
    outputs: list[str] = []
    for command in filter(None, commands):
        process = subprocess.run(
            [sys.executable, "-c", MAIN, *shlex.split(command)[1:]],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert process.returncode == 0, process.stdout + process.stderr
        outputs.append(process.stdout)
    assert outputs[0].splitlines() == shown_session.splitlines()[1:]
    (action,) = [block for language, block in blocks if language == "yaml"]
    actions = read(tmp_path / "specs" / "shop.yaml").data["actions"]
    assert parse(Path("page.yaml"), action).data[0] in actions
