"""The result of a mutation test: as data, as JSON, and as a table."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import attrs
from rich.table import Table

from driftline.errors import UsageError
from driftline.files import make_folder, replace
from driftline.markup import format_count, format_json
from driftline.mutation.trial import Result, Verdict
from driftline.terminal import PrintedPage, build_table

BEGIN, END = "<!-- drill -->", "<!-- /drill -->"
VERDICTS: tuple[Verdict, ...] = (
    "killed",
    "assumed",
    "misattributed",
    "survived",
    "equivalent",
    "error",
)
_UNSCORED = frozenset({"assumed", "equivalent"})
_HEADS = {"assumed": "only assumed"}
_TITLES: dict[Verdict, str] = {
    "survived": "survived: no finding",
    "misattributed": "misattributed: a finding names another clause",
    "error": "could not be tried",
}


@attrs.frozen
class MutationSubject:
    """An API: the number of clauses of its spec, and of those with a mutant in this run."""

    api: str
    clauses: int
    tried: int


@attrs.frozen(kw_only=True)
class MutationReport:
    """One mutation test. `remembered` is the number of results from an earlier one."""

    subjects: tuple[MutationSubject, ...]
    results: tuple[Result, ...]
    started: datetime
    seconds: float
    seed: int
    remembered: int = 0

    def list_results(self, verdict: Verdict, api: str | None = None) -> list[Result]:
        """Return the results of one verdict."""
        return [r for r in self.results if r.verdict == verdict and api in {None, r.api}]

    def compute_score(self, api: str | None = None) -> float:
        """Return the share of killed mutants, without equivalent and only assumed ones: 0 to 1."""
        killed_count = len(self.list_results("killed", api))
        able = sum(
            len(self.list_results(verdict, api)) for verdict in VERDICTS if verdict not in _UNSCORED
        )
        return killed_count / able if able else 1.0

    @property
    def exit_code(self) -> int:
        """0: every mutant is noticed or equivalent; 2: some could not be tested; 1: otherwise."""
        if self.list_results("error"):
            return 2
        return 1 if self.list_results("survived") or self.list_results("misattributed") else 0

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON data."""
        return {
            "started": self.started.isoformat(),
            "seconds": round(self.seconds, 3),
            "seed": self.seed,
            "remembered": self.remembered,
            "exit_code": self.exit_code,
            "apis": [self._format_line(subject) for subject in self.subjects],
            "mutants": [result.to_dict() for result in self.results],
        }

    def _format_line(self, subject: MutationSubject) -> dict[str, Any]:
        mine = [result for result in self.results if result.api == subject.api]
        return {
            **attrs.asdict(subject),
            "mutants": len(mine),
            **{verdict: len(self.list_results(verdict, subject.api)) for verdict in VERDICTS},
            "score": round(self.compute_score(subject.api), 4),
            "seconds": round(sum(result.seconds for result in mine), 3),
            "requests": sum(result.requests for result in mine),
        }


def write(report: MutationReport, folder: Path) -> Path:
    """Write `drill.json` into the folder."""
    make_folder(folder)
    path = folder / "drill.json"
    replace({path: format_json(report.to_dict())})
    return path


def render(report: MutationReport, *, root: Path, width: int = 100, color: bool = False) -> str:
    """Return the table, followed by the mutants that survived or were misattributed."""
    page = PrintedPage(width=width, color=color)
    page.print(_build_table(report))
    for verdict, title in _TITLES.items():
        results = report.list_results(verdict)
        if results:
            page.print(f"\n{len(results)} {title}", style="bold")
        for result in results:
            page.put(_describe_result(result, root))
    page.put(f"\n{_format_verdict(report)}")
    return page.text


def _build_lines(report: MutationReport) -> list[dict[str, Any]]:
    """Return the APIs that have a mutant in this run."""
    return [line for line in report.to_dict()["apis"] if line["mutants"]]


def _share(line: dict[str, Any]) -> str:
    # Rounded down: 100 % means all of them.
    return f"{int(line['score'] * 1000) / 10:g} %"


def format_markdown(report: MutationReport) -> str:
    """Return the score of each API, as a table."""
    names = ("api", "clauses", "mutants", *(verdict for verdict in VERDICTS if verdict != "error"))
    heads = ["API", *(_HEADS.get(name, name) for name in names[1:])]
    rows = [[*(str(line[name]) for name in names), _share(line)] for line in _build_lines(report)]
    rule = ["---", *["---:"] * len(heads)]
    return "\n".join(f"| {' | '.join(row)} |" for row in [[*heads, "score"], rule, *rows])


def update(path: Path, report: MutationReport) -> None:
    """Write the table between the markers of a Markdown file; raises what `split_file` raises."""
    before, after = split_file(path)
    replace({path: f"{before}\n{format_markdown(report)}\n{after}"})


def split_file(path: Path) -> tuple[str, str]:
    """Return the text before and after the table of a Markdown file, with the markers.

    Raises:
        UsageError: the file cannot be read, or lacks a marker.
    """
    try:
        content = path.read_text("utf-8")
    except (OSError, UnicodeError) as error:
        raise UsageError(f"could not read {path}: {error}", "Pass a Markdown file.") from None
    before, begin, rest = content.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        hint = f"Write {BEGIN} and, on a later line, {END}."
        raise UsageError(f"{path}: no markers for the score", hint)
    return before + begin, end + after


def _build_table(report: MutationReport) -> Table:
    table = build_table("")
    for name in ("clauses", "mutants", *VERDICTS, "score", "time"):
        head = _HEADS.get(name, name)  # of two words: the only one that a narrow table wraps
        table.add_column(head, justify="right", no_wrap=name not in _HEADS)
    for line in _build_lines(report):
        counts = (str(line[verdict] or "") for verdict in VERDICTS)
        time = f"{line['seconds']:.1f} s"
        table.add_row(
            line["api"], str(line["clauses"]), str(line["mutants"]), *counts, _share(line), time
        )
    return table


def _describe_result(result: Result, root: Path) -> str:
    file = Path(result.file)
    display_path = file.relative_to(root) if file.is_relative_to(root) else file
    lines = [f"  {display_path}:{result.line} {result.id}"]
    lines.append(f"    expected: {' or '.join(result.expected)} at {result.clause}")
    lines += [f"    reported: {finding}" for finding in result.reported]
    lines += [f"    {result.detail}"] if result.detail else []
    return "\n".join(lines)


def _format_verdict(report: MutationReport) -> str:
    counts = [(v, len(report.list_results(v))) for v in VERDICTS]
    summary = ", ".join(
        f"{count} {_HEADS.get(verdict, verdict)}" for verdict, count in counts if count
    )
    reused = f", {report.remembered} of them reused" if report.remembered else ""
    count = len(report.results)
    return f"{format_count(count, 'mutant')}: {summary or 'none'}{reused}; {report.seconds:.1f} s."
