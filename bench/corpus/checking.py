"""The check of a project's API against its mock, some operations of it, as JSON lines."""

from __future__ import annotations

import json
import subprocess
import sys

import click

from driftline.check import check
from driftline.checks import CHECKS
from driftline.openapi import find, load
from driftline.project import Project
from driftline.suite.operation_filter import ALL, OperationFilter

MOST = 60
"""So many operations are checked, evenly over the document."""


def main(name: str) -> int:
    """Check specs/`name`; print each finding and error, and last how many requests were sent.

    What a document says against itself, such as an example that breaks its schema, is printed as
    a slip. Returns 1 if there is anything but slips.
    """
    project, ids = Project.find(), _list_ids(name)
    chosen = [ids[index * len(ids) // MOST] for index in range(MOST)] if len(ids) > MOST else ids
    globs = tuple(operation_id.replace("[", "[[]") for operation_id in chosen)
    selection = OperationFilter(operations=globs) if len(ids) > MOST else ALL
    report = check(project, [name], selection=selection)
    own = {
        check_entry.name
        for check_entry in CHECKS
        if check_entry.column == "examples" and not check_entry.asks_server
    }
    is_clean = True
    for check_result in report.checks:
        kind = "slip" if check_result.name in own else "alarm"
        for finding in check_result.findings:
            is_clean = is_clean and kind == "slip"
            where = {"operation": finding.operation, "check": check_result.name}
            click.echo(json.dumps({kind: finding.id, **where, "message": finding.message}))
        if check_result.outcome == "error":
            is_clean = False
            error = {
                "alarm": check_result.detail[:300],
                "operation": check_result.operation,
                "check": check_result.name,
            }
            click.echo(json.dumps(error))
    requests = sum(check_result.requests for check_result in report.checks)
    click.echo(json.dumps({"checked": len(chosen), "requests": requests}))
    return 0 if is_clean else 1


def _list_ids(name: str) -> list[str]:
    """Return the ids of all operations, read by another process: the spec would stay in memory."""
    command = [sys.executable, "-m", "bench.corpus.checking", name, "--list"]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603
    return [str(operation_id) for operation_id in json.loads(output)]


def print_ids(name: str) -> int:
    """Print the ids of all operations of specs/`name`."""
    specs = map(load, find(Project.find().specs, [name]))
    click.echo(json.dumps([operation.id for spec in specs for operation in spec.operations]))
    return 0


if __name__ == "__main__":
    sys.exit((print_ids if "--list" in sys.argv else main)(sys.argv[1]))
