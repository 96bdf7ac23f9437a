"""The check of a project's API against its mock, some operations of it, as JSON lines."""

from __future__ import annotations

import json
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
    project = Project.find()
    ids = [
        operation.id
        for spec in map(load, find(project.specs, [name]))
        for operation in spec.operations
    ]
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


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
