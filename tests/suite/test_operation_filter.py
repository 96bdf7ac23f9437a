"""`check --operation` and `--tag` restrict the checks to the named operations."""

from __future__ import annotations

from pathlib import Path

import pytest

from driftline.check import check
from driftline.errors import UsageError
from driftline.openapi import Spec
from driftline.project import Project
from driftline.suite.operation_filter import OperationFilter

from .conftest import ROOT
from .documents import build_operation, load_document


@pytest.fixture
def spec(tmp_path: Path) -> Spec:
    paths = {
        "/a": {"get": build_operation("a.list", {}, tags=["Old", "Both"])},
        "/b": {
            "get": build_operation("b.list", {}, tags=["Both"]),
            "post": build_operation("b.create", {}),
        },
    }
    return load_document(tmp_path, paths)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, ["a.list", "b.list", "b.create"]),
        ({"operations": ["*.list"]}, ["a.list", "b.list"]),
        ({"operations": ["POST /b"]}, ["b.create"]),
        ({"tags": ["Old"]}, ["a.list"]),
        ({"tags": ["B*"], "operations": ["b.create"]}, ["a.list", "b.list", "b.create"]),
    ],
)
def test_globs_select_operations(
    spec: Spec, options: dict[str, list[str]], expected: list[str]
) -> None:
    """Globs select operations by id, by method and path, and by tag; without globs, all are
    selected.
    """
    operation_filter = OperationFilter(**options)
    assert [
        operation.id for operation in spec.operations if operation_filter.has(spec, operation)
    ] == expected


def test_a_glob_that_matches_nothing_is_an_error(spec: Spec) -> None:
    """A glob that matches no operation is an error, since it may be a typing error."""
    with pytest.raises(UsageError, match=r"no operation matches 'c\.\*'"):
        OperationFilter(operations=["c.*"]).check([spec])


def test_only_the_selected_operation_is_checked() -> None:
    """A report of a selected operation has no other operation and no check for stale clients."""
    selection = OperationFilter(operations=["call.create"])
    report = check(Project(ROOT), ["roark"], selection=selection)
    assert {check.operation for check in report.checks} == {"", "call.create"}
    assert "fresh" not in {check.name for check in report.checks}
    assert [api.name for api in report.apis] == ["roark"]
