"""`scripts/corpus FOLDER`: what comes through of the OpenAPI documents in a folder."""

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
            return [each.code for each in self.outcomes] == [1]
        called = self.answered + self.excused
        return (
            all(not each.code for each in self.outcomes)
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
    """Bring in every document below FOLDER, and report what is lost on the way and why."""
    os.environ["PYTHONPATH"] = f"{ROOT}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"
    documents = [each for each in find_documents(folder) if not only or re.search(only, str(each))]
    chosen = [each for each in STEPS if not steps or each in steps or each == "add"]
    results: list[Result] = []
    with ThreadPoolExecutor(jobs) as pool:
        for result in pool.map(partial(try_document, steps=chosen), documents):
            results.append(result)
            click.echo(format_result(result))
            if file:
                file.write_text(json.dumps([attrs.asdict(each) for each in results], indent=1))
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
    """Return how many operations the source itself has, by a reader that is not ours."""
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
        for step in steps:
            command = build_command(step, document.resolve(), name)
            outcomes.append(run_step(step, command, Path(folder)))
            if step == "add" and outcomes[-1].code:
                break
    calls = [each for each in _read_lines(outcomes, "calls") if "id" in each]
    check = _read_lines(outcomes, "check")
    alarms = [each for each in check if "alarm" in each]
    causes = [f"calls: {each['error']}" for each in calls if each["error"]]
    causes += [f"check: {each['alarm']}: {each.get('message', '')}" for each in alarms]
    causes += [
        f"{each.step}: {_format_last_line(each)}" for each in outcomes if each.code and not alarms
    ]
    return Result(
        name=str(document.name),
        operations=expected,
        present=len(calls),
        methods=sum(each["method"] for each in calls),
        answered=sum(not each["error"] and not each["reason"] for each in calls),
        excused=sum(bool(each["reason"]) for each in calls),
        checked=sum(each.get("checked", 0) for each in check),
        requests=sum(each.get("requests", 0) for each in check),
        slips=sum("slip" in each for each in check),
        outcomes=tuple(attrs.evolve(each, output=each.output[-3000:]) for each in outcomes),
        causes=tuple(causes),
    )


def _read_lines(outcomes: list[Outcome], step: str) -> list[dict[str, Any]]:
    """Return the JSON lines that a step printed."""
    output = "".join(each.output for each in outcomes if each.step == step)
    return [json.loads(line) for line in output.splitlines() if line.startswith("{")]


def _format_last_line(outcome: Outcome) -> str:
    lines = [line for line in outcome.output.splitlines() if line.strip()]
    return f"exit {outcome.code}: {lines[-1][:200] if lines else ''}"


def format_result(result: Result) -> str:
    """Return one line about a document."""
    marks = " ".join(
        f"{each.step}{'' if not each.code else f'!{each.code}'} {each.cpu:.0f}s {each.peak:.0f}M"
        for each in result.outcomes
    )
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

    total = {name: sum(getattr(each, name) for each in results) for name in _COUNTS}

    lines = [
        "",
        f"{len(results)} documents, {sum(each.is_clean for each in results)} clean on every step",
        "  ".join(f"{name}: {count}" for name, count in total.items()),
    ]
    for step in STEPS:
        outcomes = [each for result in results for each in result.outcomes if each.step == step]
        if outcomes:
            clean = sum(not each.code for each in outcomes)
            cpu, peak = sum(each.cpu for each in outcomes), max(each.peak for each in outcomes)
            lines.append(f"{step:6} {clean} of {len(outcomes)} clean, {cpu:.0f} s, {peak:.0f} MiB")
    causes: Counter[str] = Counter()
    for result in results:
        causes.update(re.sub(r"'[^']*'|\"[^\"]*\"|\d+", "…", each) for each in result.causes)
    lines += [f"{count:6}  {cause[:150]}" for cause, count in causes.most_common(25)]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
