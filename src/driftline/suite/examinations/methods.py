"""HEAD and OPTIONS: undocumented, and sent by proxies, browsers and monitors all the same."""

from __future__ import annotations

import attrs

from driftline.checks.outgoing import outgoing
from driftline.suite.probe import Probe
from driftline.suite.samples import sample

__all__ = ["methods"]


def methods(probe: Probe) -> None:
    """Neither makes the server fail; `responses` looks at the answers."""
    operation, session = probe.operation, probe.session
    request = sample(session, operation)
    right = session.credentials(operation)
    made = outgoing(probe.spec, operation, request.arguments, credentials=right)
    for method in ("HEAD", "OPTIONS"):
        if method != operation.method:
            session.send_raw(operation, attrs.evolve(made, method=method))
