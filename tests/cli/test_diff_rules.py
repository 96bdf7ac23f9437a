"""`driftline diff` in a team: baselines, configured severities and versions."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import attrs
import pytest
from changes_wire.comparing import as_body, build_api
from click.testing import CliRunner, Result
from hypothesis import given, strategies as st

from driftline.changes import ChangeRules, DiffReport
from driftline.changes.release.version import bump, has_major_version
from driftline.changes.wire import Change, Use
from driftline.cli.group import driftline
from driftline.errors import Location
from driftline.report import Baseline, read_baseline

OLD, NEW = as_body({"enum": ["a", "b"]}), as_body({"enum": ["a"]})
CHANGE = Change(
    id="request.enum.value-removed",
    severity="breaking",
    direction="request",
    api="shop",
    message="the value may no longer be sent",
    old=Location(Path("a"), 1, ""),
    new=Location(Path("b"), 1, ""),
    before='"b"',
    uses=(Use("POST /orders", "body.state"), Use("PUT /orders", "body.state")),
)
DAY = date(2030, 1, 2)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a directory with old.json and a new.json that breaks it."""
    write(tmp_path, OLD, NEW)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(folder: Path, old: Any, new: Any) -> None:
    (folder / "old.json").write_text(json.dumps(old))
    (folder / "new.json").write_text(json.dumps(new))


def diff(*arguments: str) -> Result:
    return CliRunner().invoke(driftline, ["diff", "old.json", "new.json", *arguments])


def accept(path: str, expires: str = "2999-01-01") -> Result:
    return diff("--write-baseline", path, "--reason", "agreed with all", "--until", expires)


def test_an_accepted_change_does_not_fail(project: Path) -> None:
    """An accepted change is shown with its reason and does not fail; another change still fails."""
    assert diff().exit_code == 1
    assert accept("accepted.yaml").exit_code == 0
    result = diff("--baseline", "accepted.yaml")
    assert result.exit_code == 0
    assert "in the baseline until 2999-01-01: agreed with all" in result.output
    assert "1 breaking, 1 in the baseline" in result.output
    (change,) = json.loads(diff("--baseline", "accepted.yaml", "--format", "json").output)[
        "changes"
    ]
    assert change["accepted"] == {
        "reason": "agreed with all", "expires": "2999-01-01", "expired": False
    }  # fmt: skip
    assert "agreed with all" in diff("--baseline", "accepted.yaml", "--format", "markdown").output
    write(project, as_body({"enum": ["a", "b", "c"]}), as_body({"enum": ["a"]}))
    assert diff("--baseline", "accepted.yaml").exit_code == 1


def test_a_baseline_keeps_the_entries_of_other_commands(project: Path) -> None:
    """One baseline holds findings and changes; each command keeps the other's entries, and
    accepting twice changes nothing.
    """
    finding = (
        '{"api": "new", "operation": "a", "id": "b.c", "reason": "d", "expires": "2999-01-01"}'
    )
    path = project / "accepted.yaml"
    path.write_text(f'{{"version": 1, "accepted": [{finding}]}}')
    assert accept("accepted.yaml").exit_code == 0
    first_content = path.read_text()
    baseline = read_baseline(path)
    assert [entry.id for entry in baseline.entries] == ["b.c"]
    assert [entry.id for entry in baseline.changes] == ["request.enum.value-removed"]
    assert accept("accepted.yaml").exit_code == 0
    assert path.read_text() == first_content
    renewed_baseline = baseline.renew([], ["new"], reason="x", expires=DAY, today=DAY)
    assert renewed_baseline.entries == ()
    assert renewed_baseline.changes == baseline.changes


@pytest.mark.parametrize(
    ("arguments", "expected_message"),
    [
        (("--write-baseline", "a.yaml"), "needs a reason and a date"),
        (("--reason", "a"), "need --write-baseline"),
        (("--write-baseline", "a.yaml", "--reason", "a", "--until", "2000-01-01"), "in the past"),
        (("--baseline", "none.yaml"), "none.yaml"),
    ],
)
def test_options_without_their_counterpart_are_rejected(
    project: Path, arguments: tuple[str, ...], expected_message: str
) -> None:
    """Options without their counterpart are rejected, and nothing is written."""
    result = diff(*arguments)
    assert result.exit_code == 2
    assert expected_message in result.output
    assert not list(project.glob("*.yaml"))


USES = st.tuples(st.sampled_from(["POST /orders", "GET /a"]), st.sampled_from(["body.*", "b"]))


@given(st.lists(USES, min_size=1, max_size=3), USES, st.booleans(), st.booleans())
def test_an_entry_accepts_only_its_own_change(
    uses: list[tuple[str, str]], other_use: tuple[str, str], is_same_value: bool, is_over: bool
) -> None:
    """An entry accepts its change through its last
    day, and no change of another location or value.
    """
    change = attrs.evolve(CHANGE, uses=tuple(Use(*use) for use in uses))
    rules = ChangeRules(today=DAY)
    expires = DAY - timedelta(days=1) if is_over else DAY
    entries = rules.accept([change], "agreed", expires)
    rules = attrs.evolve(rules, baseline=Baseline(Path("a"), (), entries))
    apis = ("shop",)
    report = DiffReport(old="a", new="b", apis=apis, changes=(change,), rules=rules)
    assert report.is_accepted(change) is not is_over
    assert report.exit_code == int(is_over)
    value = change.before if is_same_value else '"c"'
    other_change = attrs.evolve(change, uses=(Use(*other_use),), before=value)
    is_covered = other_use == uses[0] and is_same_value and not is_over
    assert report.is_accepted(other_change) is is_covered
    assert rules.accept([change], "again", DAY)[0].reason == ("again" if is_over else "agreed")


def test_severities_are_configured(project: Path) -> None:
    """`driftline.toml` changes or disables a severity; a mistake is an error with its line."""
    file = project / "driftline.toml"
    file.write_text('[changes.severity]\n"request.enum.value-removed" = "harmless"\n')
    result = diff()
    assert (result.exit_code, "1 harmless" in result.output) == (0, True)
    assert diff("--fail-on", "harmless").exit_code == 1
    file.write_text('[changes.severity]\n"request.enum.value-removed" = "off"\n')
    assert "Nothing has changed" in diff().output
    file.write_text('[changes.severity]\n"request.enum.gone" = "off"\n')
    result = diff()
    assert (result.exit_code, "driftline.toml:2" in result.output) == (2, True)
    file.write_text('[changes.severity]\n"request.enum.value-removed" = "assumed"\n')
    assert diff().exit_code == 2


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("1.4.0", "2.0.0", 0),
        ("1.4.0", "3.1", 0),
        ("1.4.0", "1.5.0", 1),
        ("1.4.0", "1.4.0", 1),
        ("0.4.0", "0.5.0", 0),
        ("0.4.0", "0.4.1", 1),
        ("2.0.0rc1", "2.0.0", 0),
        ("2026-01-01", "2027-01-01", 1),
    ],
)
def test_a_breaking_change_needs_a_major_version(
    project: Path, old: str, new: str, code: int
) -> None:
    """`--fail-on unversioned` fails a breaking change without a new major version."""
    versions = [{"title": "Shop", "version": version} for version in (old, new)]
    write(project, {**OLD, "info": versions[0]}, {**NEW, "info": versions[1]})
    result = diff("--fail-on", "unversioned")
    assert result.exit_code == code
    assert ("No new major version: new." in result.output) == bool(code)
    write(project, {**NEW, "info": versions[0]}, {**OLD, "info": versions[1]})
    assert diff("--fail-on", "unversioned").exit_code == 0


def test_a_removed_api_counts_as_unversioned(project: Path) -> None:
    """The removal of an API counts as a change without a new version."""
    for side in ("old", "new"):
        (project / side).mkdir()
        (project / side / "bank.json").write_text(json.dumps(build_api()))
    (project / "old" / "shop.json").write_text(json.dumps(OLD))
    arguments = ["diff", "old", "new", "--fail-on", "unversioned"]
    result = CliRunner().invoke(driftline, arguments)
    assert (result.exit_code, "No new major version: shop." in result.output) == (1, True)


@given(st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(0, 3)))
def test_the_gate_and_the_release_agree(numbers: tuple[int, int, int]) -> None:
    """The version that `release` proposes for a breaking
    change passes the gate; an additive one does not.
    """
    old = ".".join(map(str, numbers))
    assert has_major_version(old, bump(["breaking"], old).new)
    assert not has_major_version(old, bump(["additive"], old).new)
    assert not has_major_version(old, old)
