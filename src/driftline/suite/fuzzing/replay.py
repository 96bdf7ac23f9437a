"""Replays the stored examples of fuzzing first, and stores new ones."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

import attrs

from driftline.checks import Exchange, Outgoing, build_outgoing, response
from driftline.suite.fuzzing.examples import Example, remove_credentials
from driftline.suite.fuzzing.verdict import Verdict
from driftline.suite.http.sender import Unsendable
from driftline.suite.http.session import NotAllowed
from driftline.suite.probe import Probe

MOST = 50
"""How many examples of one operation are replayed, and how many one run keeps."""

Judge = Callable[[Exchange, Verdict | None], Sequence[Verdict]]
Cause = tuple[str, str, str]


class ExampleRecorder:
    """Keeps one example of each cause for a check's operation, if there is a store."""

    def __init__(self, probe: Probe, judge: Judge) -> None:
        self._probe = probe
        self._judge = judge
        self._examples = probe.session.examples
        self._causes: set[Cause] = set()
        self._saved_count = 0
        url = probe.session.target.base_url
        self._target = hashlib.sha256(url.encode()).hexdigest()[:16]

    def replay(self) -> None:
        """Send the stored examples and judge them again; drop those without a finding."""
        if self._examples is None:
            return
        probe = self._probe
        for example in self._examples.list_for(probe.spec, probe.operation)[:MOST]:
            probe.session.target.reset()
            try:
                exchange = probe.session.send_raw(
                    probe.operation, self._restore_credentials(example.request)
                )
            except (NotAllowed, Unsendable):
                continue
            causes = self._find_causes(exchange, self._judge(exchange, example.verdict))
            self._causes |= causes
            if not causes and example.target == self._target:
                self._examples.drop(probe.spec, probe.operation, example)
        probe.session.target.reset()

    def keep(self, exchange: Exchange, verdicts: Sequence[Verdict]) -> None:
        """Keep the request of an exchange, if it shows a new finding."""
        probe = self._probe
        if self._examples is None or self._saved_count >= MOST:
            return
        new_causes = self._find_causes(exchange, verdicts) - self._causes
        request = remove_credentials(probe.spec, exchange.request)
        if not new_causes or self._is_secret(request):
            return
        self._causes |= new_causes
        self._saved_count += 1
        verdict = next(
            (candidate for candidate in verdicts if candidate.is_about_the_request), None
        )
        example = Example(request, verdict, self._target)
        self._examples.save(probe.spec, probe.operation, example)

    def _find_causes(self, exchange: Exchange, verdicts: Sequence[Verdict]) -> set[Cause]:
        flaws = response.find_flaws(self._probe.spec, exchange)
        causes = {(flaw.kind, flaw.pointer, flaw.where) for flaw in flaws}
        return causes | {(verdict.kind, verdict.pointer, verdict.where) for verdict in verdicts}

    def _restore_credentials(self, request: Outgoing) -> Outgoing:
        """Return the request with this run's credentials."""
        probe = self._probe
        credentials = build_outgoing(
            probe.spec,
            probe.operation,
            {},
            credentials=probe.session.choose_credentials(probe.operation),
        )
        query = "&".join(filter(None, (request.query, credentials.query)))
        return attrs.evolve(request, query=query, headers=(*request.headers, *credentials.headers))

    def _is_secret(self, request: Outgoing) -> bool:
        """Return whether the request contains a credential elsewhere, such as in its body."""
        headers = (string for pair in request.headers for string in pair)
        strings = (request.path, request.query, request.body.decode("latin-1"), *headers)
        scrub = self._probe.session.target.scrub
        return any(scrub(string) != string for string in strings)
