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

from bench.corpus.steps import STEPS, Outcome, command_of, run_step
from driftline.openapi.pointer import is_object

__all__ = ["main"]

METHODS = frozenset({"get", "put", "post", "delete", "options", "head", "patch", "trace"})
ROOT = Path(__file__).parents[2]
CHECKED_AT_MOST = 60


@attrs.frozen
class Result:
    """What became of one document."""

    name: str
    operations: int
    present: int
    methods: int
    answered: int
    outcomes: tuple[Outcome, ...]
    causes: tuple[str, ...]

    @property
    def is_clean(self) -> bool:
        return (
            all(not each.code for each in self.outcomes)
            and self.operations == self.present == self.methods == self.answered
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
    head = path.read_bytes()[:200_000]
    return re.search(rb'(^|\n|[{,]\s*)"?(openapi|swagger)"?\s*:\s*["\']?[23]\.', head) is not None


def count_operations(document: Path) -> int:
    """Return how many operations the source itself has, by a reader that is not ours."""
    text = document.read_text("utf-8-sig")
    data: Any = json.loads(text) if document.suffix == ".json" else _load_yaml(text)
    paths: dict[str, Any] = data.get("paths") or {}
    return sum(method in METHODS for item in paths.values() if is_object(item) for method in item)


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
            command = command_of(step, document.resolve(), name)
            if step == "check" and expected > CHECKED_AT_MOST:
                continue
            outcomes.append(run_step(step, command, Path(folder)))
            if step == "add" and outcomes[-1].code:
                break
    lines = [json.loads(line) for each in outcomes if each.step == "calls" for line in _lines(each)]
    causes = [f"calls: {each['error']}" for each in lines if each["error"]]
    causes += [f"{each.step}: {_last(each)}" for each in outcomes if each.code]
    return Result(
        name=str(document.name),
        operations=expected,
        present=len(lines),
        methods=sum(each["method"] for each in lines),
        answered=sum(not each["error"] for each in lines),
        outcomes=tuple(attrs.evolve(each, output=each.output[-3000:]) for each in outcomes),
        causes=tuple(causes),
    )


def _lines(outcome: Outcome) -> list[str]:
    return [line for line in outcome.output.splitlines() if line.startswith('{"id"')]


def _last(outcome: Outcome) -> str:
    lines = [line for line in outcome.output.splitlines() if line.strip()]
    return f"exit {outcome.code}: {lines[-1][:200] if lines else ''}"


def format_result(result: Result) -> str:
    """Return one line about a document."""
    marks = " ".join(
        f"{each.step}{'' if not each.code else f'!{each.code}'} {each.cpu:.0f}s {each.peak:.0f}M"
        for each in result.outcomes
    )
    counts = f"{result.operations}/{result.present}/{result.methods}/{result.answered}"
    return f"{'ok ' if result.is_clean else '-- '}{result.name:40.40} {counts:>20}  {marks}"


def format_summary(results: list[Result]) -> str:
    """Return the totals, and the causes of loss by weight."""
    total = sum(each.operations for each in results)
    lines = [
        "",
        f"{len(results)} documents, {sum(each.is_clean for each in results)} clean on every step",
        f"operations: {total} in the documents, {sum(each.present for each in results)} in specs, "
        f"{sum(each.methods for each in results)} typed, "
        f"{sum(each.answered for each in results)} answered",
    ]
    causes: Counter[str] = Counter()
    for result in results:
        causes.update(re.sub(r"'[^']*'|\"[^\"]*\"|\d+", "…", each) for each in result.causes)
    lines += [f"{count:6}  {cause[:150]}" for cause, count in causes.most_common(25)]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
