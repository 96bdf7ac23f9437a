"""A made API of 1,000 operations with 200 listings: add, lint, generate, mock and check it.

Each step is a process of its own; its CPU time is compared with that of a reference that does the
least that the step needs: the raw generator, the parser alone, or the interpreter that starts.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.corpus.steps import Outcome, run_step
from bench.diff import document, write_document
from bench.figures import CannotMeasure, Comparison, Target

OPERATIONS = 1_000
CHAIN = 8
# A round of the raw generator alone takes half a minute.
MOST_ROUNDS = 2
_PROGRAM = Path(sys.executable)
_MOCK = """\
import sys
from pathlib import Path
from driftline.mock import Mock
from driftline.openapi import load
mock = Mock(load(Path(sys.argv[1])))
"""


def measure(rounds: int) -> list[Comparison]:
    """Measure each step in `rounds` rounds, at most two, each in a folder of its own."""
    outcomes_by_step: dict[str, list[Outcome]] = {}
    for _ in range(min(rounds, MOST_ROUNDS)):
        with tempfile.TemporaryDirectory() as name:
            for step, outcome in measure_once(Path(name)).items():
                outcomes_by_step.setdefault(step, []).append(outcome)
    return [
        compare_steps(outcomes_by_step, "add", "raw generator", Target("at most", 1.5)),
        compare_steps(outcomes_by_step, "add again, one schema changed", "raw generator"),
        *(
            compare_steps(
                outcomes_by_step, step, reference, Target("at most", seconds, of="figure")
            )
            for step, reference, seconds in _SECONDS
        ),
        *(compare_peak(outcomes_by_step, step, most) for step, most in _MEMORY.items()),
    ]


_SECONDS = (
    ("generate, one schema changed", "raw generator", 3.0),
    ("lint of YAML", "yaml.load", 1.5),
    ("lint of JSON", "json.load", 0.7),
    ("mock made", "json.load", 2.0),
    ("check of one operation", "json.load", 5.0),
)
"""The CPU time that a step may take, and what it is shown beside."""
_MEMORY = {"add": 300.0, "mock made": 150.0, "check of one operation": 250.0}


def compare_steps(
    outcomes_by_step: dict[str, list[Outcome]],
    ours: str,
    reference: str,
    target: Target | None = None,
) -> Comparison:
    """Compare the CPU seconds of two steps."""
    return Comparison(
        measurement="scale",
        subject=f"{OPERATIONS:,} operations",
        unit="CPU s",
        ours=ours,
        rounds=tuple(outcome.cpu for outcome in outcomes_by_step[ours]),
        reference=reference,
        reference_rounds=tuple(outcome.cpu for outcome in outcomes_by_step[reference]),
        target=target,
    )


def compare_peak(outcomes_by_step: dict[str, list[Outcome]], step: str, most: float) -> Comparison:
    """Compare the peak memory of a step with that of reading the document."""
    return Comparison(
        measurement="scale",
        subject=f"{OPERATIONS:,} operations",
        unit="MiB",
        ours=step,
        rounds=tuple(outcome.peak for outcome in outcomes_by_step[step]),
        reference="json.load",
        reference_rounds=tuple(outcome.peak for outcome in outcomes_by_step["json.load"]),
        target=Target("at most", most, of="figure"),
    )


def measure_once(folder: Path) -> dict[str, Outcome]:
    """Run every step once."""
    source = write_json(folder / "shop.json", document(OPERATIONS, chain=CHAIN))
    changed = write_json(folder / "changed.json", document(OPERATIONS, chain=CHAIN))
    change_one_schema(changed)
    driftline, generator = (str(_PROGRAM.with_name(program)) for program in _PROGRAMS)
    project = folder / "project"
    project.mkdir()
    run = {
        "raw generator": run_in(
            folder,
            generator,
            *("generate", "--meta", "none", "--output-path", "raw", "--path"),
            str(source),
        ),
        "json.load": run_in(folder, *_build_command(_LOAD_JSON), str(source)),
        "add": run_in(project, driftline, "add", str(source), "--name", "shop", "--no-check"),
    }
    text = json.loads(source.read_text())
    other = write_yaml(folder / "other" / "specs" / "other.yaml", text)
    run["yaml.load"] = run_in(folder, *_build_command(_LOAD_YAML), str(other))
    run["lint of YAML"] = run_in(other.parents[1], driftline, "lint", codes=(0, 1))
    plain = write_json(folder / "plain" / "specs" / "plain.json", text)
    run["lint of JSON"] = run_in(plain.parents[1], driftline, "lint", codes=(0, 1))
    run["mock made"] = run_in(project, *_build_command(_MOCK), "specs/shop.yaml")
    run["check of one operation"] = run_in(
        project, driftline, "check", "shop", "--operation", "thing7.read"
    )
    source.write_bytes(changed.read_bytes())
    run["add again, one schema changed"] = run_in(
        project, driftline, "add", "--name", "shop", "--update", "--no-check"
    )
    change_overlay(project / "specs" / "shop.yaml")
    run["generate, one schema changed"] = run_in(project, driftline, "generate", "shop")
    return run


_PROGRAMS = ("driftline", "openapi-python-client")
_LOAD_JSON = "import json, sys; json.load(open(sys.argv[1]))"
_LOAD_YAML = "import sys, yaml; yaml.load(open(sys.argv[1]), Loader=yaml.CSafeLoader)"


def _build_command(code: str) -> tuple[str, ...]:
    return (str(_PROGRAM), "-c", code)


def run_in(folder: Path, *command: str, codes: Sequence[int] = (0,)) -> Outcome:
    """Run a command.

    Raises:
        CannotMeasure: it ends with another exit code.
    """
    outcome = run_step("step", command, folder)
    if outcome.code not in codes:
        last = outcome.output.strip().splitlines()[-1:] or [f"exit code {outcome.code}"]
        raise CannotMeasure(f"{' '.join(command[:3])}: {last[0]}")
    return outcome


def change_one_schema(path: Path) -> None:
    """Give one schema of a document another bound."""
    data = json.loads(path.read_text())
    field = data["components"]["schemas"]["Thing9"]["properties"]["name"]
    field["maxLength"] = field["maxLength"] + 1
    write_json(path, data)


def change_overlay(path: Path) -> None:
    """Add an action to an overlay that gives one schema another bound."""
    with path.open("a", encoding="utf-8") as file:
        file.write(_ACTION)


_ACTION = """\
  - target: $['components']['schemas']['Thing9']['properties']['name']
    description: Longer names were seen.
    update:
      maxLength: 90
"""


def write_json(path: Path, data: Any) -> Path:
    """Write a document as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(data, indent=1), encoding="utf-8")
    return path


def write_yaml(path: Path, data: Any) -> Path:
    """Write a document as YAML without aliases."""
    path.parent.mkdir(parents=True)
    return write_document(path.parent, path.name, data)
