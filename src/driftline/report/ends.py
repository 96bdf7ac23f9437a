"""How a finding can end, as commands to copy: the spec is edited, or it is accepted until a day.

The third end is a fix of the server, which the curl command is for.
"""

from __future__ import annotations

from driftline.checks import EDITABLE, Finding
from driftline.report.fingerprint import compute_fingerprint
from driftline.report.report import MOCK, Report


def list_ends(report: Report, finding: Finding) -> tuple[str, ...]:
    """Return the commands for a finding about a server or a recording.

    A mock is made from the spec, and what differs from it there is no drift of a server.
    """
    entry = report.find_acceptance(finding)
    if report.targets.get(finding.api, MOCK) == MOCK:
        return ()
    if entry is not None and not report.is_over(entry):
        return ()
    name = compute_fingerprint(finding)[:8]
    edit = (f"driftline accept {name} --write",) if finding.id in EDITABLE else ()
    return (*edit, f"driftline accept {name} --until DATE --reason TEXT --write")
