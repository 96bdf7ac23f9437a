"""HEAD and OPTIONS: undocumented, and sent by proxies, browsers and monitors all the same."""

from __future__ import annotations

import attrs

from driftline.checks import build_outgoing
from driftline.suite.probe import Probe
from driftline.suite.samples import make_sample


def check_methods(probe: Probe) -> None:
    """Neither makes the server fail; `responses` looks at the responses."""
    operation, session = probe.operation, probe.session
    request = make_sample(session, operation)
    right = session.choose_credentials(operation)
    made = build_outgoing(probe.spec, operation, request.arguments, credentials=right)
    for method in ("HEAD", "OPTIONS"):
        if method != operation.method:
            session.send_raw(operation, attrs.evolve(made, method=method))
