"""docs/mock.md and docs/mock-reference.md: the faults, drifts, paths and log fields exist."""

from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.parse import urlsplit

from driftline.cli.commands.mock import command
from driftline.mock import HttpRequest, Mock, Site, parse_rule
from driftline.mock.faults import SYNTAX
from driftline.mutation.drifts import MutantDrifts
from driftline.openapi import load

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "mock.md").read_text()
FAULTS = PAGE.partition("\n## Inject faults\n")[2].partition("\n## ")[0]
REFERENCE = (ROOT / "docs" / "mock-reference.md").read_text()
CONTROL = REFERENCE.partition("\n## Control API\n")[2].partition("\n## ")[0]


def test_every_fault_of_the_table_is_valid() -> None:
    """Every fault in docs/mock.md parses, and every option of a rule is documented."""
    documented_faults = re.findall(r"^\| `([^`]+)`", FAULTS, re.MULTILINE)
    assert len(documented_faults) > 15
    for documented_fault in documented_faults:
        if documented_fault == "drift=ID":
            continue
        rule = (
            documented_fault
            if not documented_fault.startswith(("share", "next"))
            else f"503 {documented_fault}"
        )
        parse_rule(rule)
    for string in re.findall(r"--fault '([^']+)'", PAGE):
        parse_rule(string)
    all_faults = " ".join(documented_faults)
    for name in re.findall(r"([a-z-]+)=", SYNTAX):
        assert f"{name}=" in all_faults


def test_the_drift_ids_of_the_page_exist() -> None:
    """The drift ID in docs/mock.md exists."""
    named_drifts = re.findall(r"(?:roark|zudu)/call\.list/[a-z.]+/[^`'\n]+", FAULTS)
    assert len(named_drifts) == 1
    mocks = [Mock(load(ROOT / f"specs/{name}.yaml"), rows=1) for name in ("roark", "zudu")]
    drift_ids = {drift for mock in mocks for drift in MutantDrifts().list_ids(mock)}
    assert set(named_drifts) <= drift_ids


def test_the_reference_lists_the_paths_of_the_control_api() -> None:
    """The reference lists exactly the methods and paths of the control API."""
    site = Site({"roark": Mock(load(ROOT / "specs/roark.yaml"), rows=1)})
    documented_controls = re.findall(r"^\| `([A-Z]+) ([^`]+)` \|", CONTROL, re.MULTILINE)
    index = site.handle(HttpRequest("GET", "/_driftline/")).parse_json()["control"]
    assert {f"{method} {urlsplit(path).path}" for method, path in documented_controls} == set(index)


def test_the_example_log_line_has_the_logged_fields() -> None:
    """The example log line has exactly the fields that are logged."""
    (block,) = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    lines: list[dict[str, object]] = []
    mock = Mock(load(ROOT / "specs/roark.yaml"), rows=1)
    site = Site(
        {"roark": mock}, log=lambda logged_request: lines.append(logged_request.build_log_line())
    )
    site["roark"](HttpRequest("GET", "/v1/call"))
    assert lines[0].keys() == json.loads(block).keys()


def test_the_help_mentions_every_option_of_a_rule() -> None:
    """`driftline mock --help` mentions every option of a rule."""
    for name in re.findall(r"([a-z-]+)=", SYNTAX):
        assert f"{name}=" in (command.epilog or "")
