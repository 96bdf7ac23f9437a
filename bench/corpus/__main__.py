"""`scripts/corpus FOLDER`: tries all steps on the OpenAPI documents in a folder."""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import attrs
import click
import yaml

from bench.corpus.steps import STEPS, Outcome, build_command, run_step
from driftline.openapi.pointer import follow, is_object

METHODS = frozenset({"get", "put", "post", "delete", "options", "head", "patch", "trace"})
_COUNTS = (
    *("operations", "present", "methods", "answered", "excused"),
    *("checked", "requests", "slips"),
)
ROOT = Path(__file__).parents[2]


@attrs.frozen
class Result:
    """What became of one document.

    `excused` operations have no call or no response, for a reason that is given. `checked` is how
    many operations were checked, with how many requests; `slips` are contradictions within the
    document itself.
    """

    name: str
    operations: int
    present: int
    methods: int
    answered: int
    excused: int
    checked: int
    requests: int
    slips: int
    outcomes: tuple[Outcome, ...]
    causes: tuple[str, ...]

    @property
    def is_clean(self) -> bool:
        if not self.operations:  # `add` says so, and ends with 1
            return [outcome.code for outcome in self.outcomes] == [1]
        called = self.answered + self.excused
        return (
            all(not outcome.code for outcome in self.outcomes)
            and self.operations == self.present == self.methods == called
        )


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("folder", type=click.Path(exists=True, path_type=Path))
@click.option("--step", "steps", multiple=True, type=click.Choice(STEPS), help="Run only these.")
@click.option("--only", help="Take only documents whose path matches this regular expression.")
@click.option("--jobs", type=click.IntRange(min=1), default=2, show_default=True)
@click.option("--json", "file", type=click.Path(dir_okay=False, path_type=Path))
def main(
    folder: Path, steps: tuple[str, ...], only: str | None, jobs: int, file: Path | None
) -> None:
    """Add every document below FOLDER, and report which operations are lost, and why."""
    os.environ["PYTHONPATH"] = f"{ROOT}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"
    documents = [
        document
        for document in find_documents(folder)
        if not only or re.search(only, str(document))
    ]
    chosen = [step for step in STEPS if not steps or step in steps or step == "add"]
    results: list[Result] = []
    with ThreadPoolExecutor(jobs) as pool:
        for result in pool.map(partial(try_document, steps=chosen), documents):
            results.append(result)
            click.echo(format_result(result))
            if file:
                file.write_text(json.dumps(list(map(attrs.asdict, results)), indent=1))
    click.echo(format_summary(results))


def find_documents(folder: Path) -> list[Path]:
    """Return the files below `folder` that are OpenAPI documents, smallest first."""
    if folder.is_file():
        return [folder]
    files = [p for p in folder.rglob("*") if p.suffix in {".yaml", ".yml", ".json"} and p.is_file()]
    return sorted(filter(_is_document, files), key=lambda path: path.stat().st_size)


def _is_document(path: Path) -> bool:
    version = rb'(^|\n|[{,]\s*)"?(openapi|swagger)"?\s*:\s*["\']?[23]\.'
    return re.search(version, path.read_bytes()) is not None  # where keys are sorted it comes late


def count_operations(document: Path) -> int:
    """Return the number of operations in the document, counted without driftline."""
    data = _read(document)
    paths, *where = _follow(data.get("paths"), document, data)
    items = (_follow(item, *where)[0] for item in paths.values())
    return sum(method in METHODS for item in items for method in item)


def _follow(item: Any, document: Path, data: Any) -> tuple[dict[str, Any], Path, Any]:
    """Return an object, which may be in another file or at another place, and where it is."""
    for _ in range(10):
        reference = item.get("$ref") if is_object(item) else None
        if not isinstance(reference, str):
            break
        name, _, pointer = reference.partition("#")
        if name:
            document = document.parent / name
            data = _read(document)
        item = follow(data, pointer)
    return item if is_object(item) else {}, document, data


def _read(document: Path) -> Any:
    text = document.read_text("utf-8-sig")
    return json.loads(text) if document.suffix == ".json" else _load_yaml(text)


def _load_yaml(text: str) -> Any:
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506


def try_document(document: Path, steps: list[str]) -> Result:
    """Take one document through the steps, in a project of its own that is thrown away."""
    name = re.sub(r"[^a-z0-9]+", "-", document.stem.lower()).strip("-")[:40] or "api"
    name = name if name[0].isalpha() else f"x-{name}"
    expected = count_operations(document)
    outcomes: list[Outcome] = []
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "specs").mkdir()  # else a project around it would be used
        for step in steps:
            command = build_command(step, document.resolve(), name)
            outcomes.append(run_step(step, command, Path(folder)))
            if step == "add" and outcomes[-1].code:
                break
    calls = [line for line in _read_lines(outcomes, "calls") if "id" in line]
    check = _read_lines(outcomes, "check")
    alarms = [line for line in check if "alarm" in line]
    causes = [f"calls: {call['error']}" for call in calls if call["error"]]
    causes += [f"check: {alarm['alarm']}: {alarm.get('message', '')}" for alarm in alarms]
    causes += [
        f"{outcome.step}: {_format_last_line(outcome)}"
        for outcome in outcomes
        if outcome.code and not alarms
    ]
    return Result(
        name=str(document.name),
        operations=expected,
        present=len(calls),
        methods=sum(call["method"] for call in calls),
        answered=sum(not call["error"] and not call["reason"] for call in calls),
        excused=sum(bool(call["reason"]) for call in calls),
        checked=sum(line.get("checked", 0) for line in check),
        requests=sum(line.get("requests", 0) for line in check),
        slips=sum("slip" in line for line in check),
        outcomes=tuple(
            attrs.evolve(outcome, output=outcome.output[-3000:]) for outcome in outcomes
        ),
        causes=tuple(causes),
    )


def _read_lines(outcomes: list[Outcome], step: str) -> list[dict[str, Any]]:
    """Return the JSON lines that a step printed."""
    output = "".join(outcome.output for outcome in outcomes if outcome.step == step)
    return [json.loads(line) for line in output.splitlines() if line.startswith("{")]


def _format_last_line(outcome: Outcome) -> str:
    lines = [line for line in outcome.output.splitlines() if line.strip()]
    return f"exit {outcome.code}: {lines[-1][:200] if lines else ''}"


def _format_outcome(outcome: Outcome) -> str:
    code = f"!{outcome.code}" if outcome.code else ""
    return f"{outcome.step}{code} {outcome.cpu:.0f}s {outcome.peak:.0f}M"


def format_result(result: Result) -> str:
    """Return one line about a document."""
    marks = " ".join(map(_format_outcome, result.outcomes))
    counts = "/".join(
        str(count)
        for count in (
            *(result.operations, result.present, result.methods),
            *(result.answered, result.excused),
        )
    )
    return f"{'ok ' if result.is_clean else '-- '}{result.name:40.40} {counts:>24}  {marks}"


def format_summary(results: list[Result]) -> str:
    """Return the totals, what each step cost, and the causes of loss by weight."""

    total = {name: sum(getattr(result, name) for result in results) for name in _COUNTS}

    clean_count = sum(result.is_clean for result in results)
    lines = [
        "",
        f"{len(results)} documents, {clean_count} clean on every step",
        "  ".join(f"{name}: {count}" for name, count in total.items()),
    ]
    for step in STEPS:
        outcomes = [
            outcome for result in results for outcome in result.outcomes if outcome.step == step
        ]
        if outcomes:
            clean = sum(not outcome.code for outcome in outcomes)
            cpu, peak = (
                sum(outcome.cpu for outcome in outcomes),
                max(outcome.peak for outcome in outcomes),
            )
            lines.append(f"{step:6} {clean} of {len(outcomes)} clean, {cpu:.0f} s, {peak:.0f} MiB")
    causes: Counter[str] = Counter()
    for result in results:
        causes.update(re.sub(r"'[^']*'|\"[^\"]*\"|\d+", "…", cause) for cause in result.causes)
    lines += [f"{count:6}  {cause[:150]}" for cause, count in causes.most_common(25)]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
