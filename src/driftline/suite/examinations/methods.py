"""HEAD and OPTIONS, which proxies, browsers and monitors send although no spec documents them."""

from __future__ import annotations

import attrs

from driftline.checks import build_outgoing
from driftline.suite.probe import Probe
from driftline.suite.samples import make_sample


def check_methods(probe: Probe) -> None:
    """Check that neither method makes the server fail."""
    operation, session = probe.operation, probe.session
    request = make_sample(session, operation)
    arguments = session.choose_credentials(operation)
    outgoing = build_outgoing(probe.spec, operation, request.arguments, credentials=arguments)
    for method in ("HEAD", "OPTIONS"):
        if method != operation.method:
            session.send_raw(operation, attrs.evolve(outgoing, method=method))
