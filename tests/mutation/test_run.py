"""The mutation test: stored results, shards, survivors, reports and the command."""

from __future__ import annotations

import json
import shutil
from concurrent.futures import Future
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from driftline import openapi as specs
from driftline.cli.group import driftline
from driftline.errors import UsageError
from driftline.mutation import run, trial
from driftline.mutation.clauses import generate_mutants
from driftline.mutation.report import (
    BEGIN,
    END,
    MutationReport,
    MutationSubject,
    format_markdown,
    render,
    update,
)
from driftline.mutation.run import run_mutation_test
from driftline.mutation.trial import Result
from driftline.project import Project
from driftline.shard import Shard

ROOT = Path(__file__).resolve().parents[2]
REVOX = specs.load(ROOT / "specs" / "revox.yaml")
SELECTED_MUTANTS = "revox/call.list/response.enum/*"
IDS = [m.id for m in generate_mutants(REVOX) if m.id.startswith(SELECTED_MUTANTS[:-1])]


def build_result(name: str, verdict: Any = "killed") -> Result:
    return Result(id=name, api="revox", clause="/paths", file="revox.yaml", line=3, verdict=verdict)


def build_report(*verdicts: Any) -> MutationReport:
    results = tuple(build_result(f"revox/{n}", verdict) for n, verdict in enumerate(verdicts))
    start_time = datetime(2025, 1, 1, tzinfo=UTC)
    subjects = (MutationSubject("revox", 9, 9), MutationSubject("other", 5, 0))
    return MutationReport(
        subjects=subjects, results=results, started=start_time, seconds=1.0, seed=0
    )


@pytest.fixture
def run_ids(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Replace the trial of mutants, and return the IDs that were tried."""
    names: list[str] = []

    def try_mutant(
        project: Any, spec: Any, mutant: Any, seed: int, touched_operations: Any
    ) -> Result:
        names.append(mutant.id)
        return build_result(mutant.id)

    monkeypatch.setattr(run, "try_mutant", try_mutant)
    return names


def test_stored_results_are_reused(run_ids: list[str], tmp_path: Path) -> None:
    """Stored results are reused for the same spec and seed, unless `fresh` is set."""
    state = tmp_path / "drill.jsonl"
    first = run_mutation_test(Project(ROOT), [REVOX], only=SELECTED_MUTANTS, state=state)
    assert run_ids == IDS
    second_report = run_mutation_test(Project(ROOT), [REVOX], only=SELECTED_MUTANTS, state=state)
    assert run_ids == IDS
    assert (second_report.remembered, second_report.results) == (len(IDS), first.results)
    run_mutation_test(Project(ROOT), [REVOX], only=SELECTED_MUTANTS, state=state, seed=1)
    run_mutation_test(Project(ROOT), [REVOX], only=SELECTED_MUTANTS, state=state, fresh=True)
    assert run_ids == IDS * 3


def test_a_truncated_line_costs_one_mutant(run_ids: list[str], tmp_path: Path) -> None:
    """A truncated line of the state file costs one mutant, and the file stays valid."""
    state = tmp_path / "drill.jsonl"
    run_mutation_test(Project(ROOT), [REVOX], only=SELECTED_MUTANTS, state=state)
    state.write_bytes(state.read_bytes()[:-9])
    run_ids.clear()
    run_mutation_test(Project(ROOT), [REVOX], only=SELECTED_MUTANTS, state=state)
    assert run_ids == IDS[-1:]
    assert json.loads(state.read_text().splitlines()[-1])["id"] == IDS[-1]


def test_a_changed_spec_discards_the_stored_results(run_ids: list[str], tmp_path: Path) -> None:
    """Any change of the spec discards the stored results."""
    path = tmp_path / "revox.yaml"
    shutil.copy(REVOX.path, path)
    state = tmp_path / "drill.jsonl"
    run_mutation_test(Project(ROOT), [specs.load(path)], only=SELECTED_MUTANTS, state=state)
    path.write_text(path.read_text() + "# changed\n")
    run_mutation_test(Project(ROOT), [specs.load(path)], only=SELECTED_MUTANTS, state=state)
    assert run_ids == IDS * 2


@pytest.mark.parametrize("count", [1, 2, 3, 7])
def test_shards_are_disjoint_and_complete(count: int) -> None:
    """Each mutant belongs to exactly one shard."""
    parts = [Shard(index, count) for index in range(1, count + 1)]
    assert all(
        sum(part.has(mutant.id) for part in parts) == 1 for mutant in generate_mutants(REVOX)
    )


@pytest.mark.parametrize("string", ["", "1", "0/2", "3/2", "a/b", "1/2/3"])
def test_an_invalid_shard_is_rejected(string: str) -> None:
    """An invalid shard raises an error that shows the expected form."""
    with pytest.raises(UsageError, match="1/4"):
        Shard.parse(string)


def test_a_process_that_dies_costs_only_its_mutant() -> None:
    """If a process dies, its mutant becomes an error and the others continue."""
    future: Future[dict[str, Any]] = Future()
    future.set_exception(RuntimeError("gone"))
    mutant = generate_mutants(REVOX)[0]
    result = run._read_result(future, REVOX, mutant)
    assert (result.id, result.verdict, result.detail) == (mutant.id, "error", "RuntimeError: gone")


def test_a_mutant_that_breaks_the_suite_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """An exception in the suite makes the mutant an error."""

    def fail(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError("oh")

    monkeypatch.setattr(trial, "run_suite", fail)
    result = trial.try_mutant(Project(ROOT), REVOX, generate_mutants(REVOX)[0])
    assert (result.verdict, result.detail) == ("error", "ZeroDivisionError: oh")


@pytest.mark.parametrize(
    ("verdicts", "code", "score"),
    [
        (["killed", "equivalent"], 0, 1.0),
        (["killed", "survived"], 1, 0.5),
        (["killed", "misattributed"], 1, 0.5),
        (["killed", "assumed"], 0, 1.0),
        (["survived", "assumed"], 1, 0.0),
        (["killed", "survived", "error", "killed"], 2, 0.5),
    ],
)
def test_equivalent_and_assumed_mutants_do_not_affect_the_score(
    verdicts: list[Any], code: int, score: float
) -> None:
    """Equivalent and assumed mutants do not affect the score; errors give exit code 2."""
    made_of = build_report(*verdicts)
    assert (made_of.exit_code, made_of.compute_score()) == (code, score)


def test_survivors_are_listed_with_line_and_id() -> None:
    """Survivors are listed with file, line and ID, and APIs without mutants are omitted."""
    output = render(build_report("killed", "survived"), root=ROOT)
    assert " misattributed " in output.splitlines()[1]
    assert "revox.yaml:3 revox/1" in output
    assert "other" not in output
    table = format_markdown(build_report("killed", "survived", "assumed"))
    assert "| revox | 9 | 3 | 1 | 1 | 0 | 1 | 0 | 50 % |" in table
    assert "| only assumed |" in table


def test_the_score_replaces_the_string_between_its_markers(tmp_path: Path) -> None:
    """The score replaces the text between its markers; a file without markers is an error."""
    path = tmp_path / "README.md"
    path.write_text(f"before\n{BEGIN}\n{END}\nafter\n")
    for verdict in ("survived", "killed"):
        update(path, build_report(verdict))
    expected_page = f"before\n{BEGIN}\n{format_markdown(build_report('killed'))}\n{END}\nafter\n"
    assert path.read_text() == expected_page
    path.write_text("none")
    with pytest.raises(UsageError, match="no markers for the score"):
        update(path, build_report("killed"))


def run_command(*arguments: str) -> Any:
    return CliRunner().invoke(driftline, ["drill", *arguments])


@pytest.mark.parametrize(("verdict", "code"), [("killed", 0), ("survived", 1), ("error", 2)])
def test_the_command_ends_with_the_verdict(
    verdict: Any, code: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The exit code is 0 if all are killed, 1 for
    survivors and 2 for errors; the report is written.
    """
    monkeypatch.setattr(
        run, "try_mutant", lambda _, __, mutant, *___: build_result(mutant.id, verdict)
    )
    monkeypatch.chdir(ROOT)
    result = run_command(
        "revox", "--only", SELECTED_MUTANTS, "--jobs", "1", "--report", str(tmp_path)
    )
    assert result.exit_code == code, result.output
    assert json.loads((tmp_path / "drill.json").read_text())["exit_code"] == code


def test_a_pattern_that_matches_no_mutant_is_an_error(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A pattern that matches no mutant is an error, and nothing is written."""
    monkeypatch.chdir(ROOT)
    result = run_command("revox", "--only", "nothing", "--report", str(tmp_path / "report"))
    assert result.exit_code == 2
    assert "no mutant matches 'nothing'" in result.output
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("page_text", "options", "expected_reason"),
    [
        ("none", [], "no markers for the score"),
        (f"{BEGIN}\n{END}\n", ["--only", SELECTED_MUTANTS], "needs the results of all mutants"),
        (f"{BEGIN}\n{END}\n", ["--shard", "1/2"], "needs the results of all mutants"),
    ],
)
def test_update_is_rejected_for_a_partial_run(
    page_text: str,
    options: list[str],
    expected_reason: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """`--update` is rejected for a partial run or a page without markers."""
    monkeypatch.chdir(ROOT)
    path = tmp_path / "README.md"
    path.write_text(page_text)
    report = tmp_path / "report"
    result = run_command("revox", *options, "--update", str(path), "--report", str(report))
    assert (result.exit_code, path.read_text(), report.exists()) == (2, page_text, False)
    assert expected_reason in result.output


def test_real_mutants_are_killed_in_two_processes(tmp_path: Path) -> None:
    """A few real mutants are killed in two processes."""
    selection = "revox/call.list/*items/[mn]*"
    report = run_mutation_test(
        Project(ROOT), [REVOX], jobs=2, only=selection, state=tmp_path / "drill.jsonl"
    )
    assert len(report.results) >= 2
    assert {result.verdict for result in report.results} == {"killed"}
