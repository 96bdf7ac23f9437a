"""Runs schemathesis on each operation: examples, coverage and fuzzing phases.

schemathesis makes the requests and judges the responses; the `Session` sends each request. What
`responses` reports already is not reported twice.
"""

# schemathesis is only partly typed; its objects are Any here.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportUnknownLambdaType=false
from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

import hypothesis
import hypothesis.errors
from schemathesis.checks import CHECKS
from schemathesis.core.errors import SchemathesisError
from schemathesis.core.failures import FailureGroup
from schemathesis.generation.feedback import FeedbackSources
from schemathesis.generation.hypothesis.builder import (
    HypothesisTestConfig,
    HypothesisTestMode,
    create_test,
)
from schemathesis.generation.stateful.state_machine import release_state_machines

from driftline.checks import (
    Exchange,
    Outgoing,
    format_response,
    response as responses,
)
from driftline.media import find_body_kind
from driftline.openapi import (
    find_request_path,
)
from driftline.suite.examinations.rows.described_states import keeps_rows
from driftline.suite.fuzzing import failures
from driftline.suite.fuzzing.allowance import compute_allowance
from driftline.suite.fuzzing.costly_choices import find_costly_choice
from driftline.suite.fuzzing.learning import REQUESTS, LearnedRules, build_case
from driftline.suite.fuzzing.novelty import Novelty
from driftline.suite.fuzzing.references import refer_to_rows
from driftline.suite.fuzzing.replay import ExampleRecorder
from driftline.suite.fuzzing.schema import build_state_machine, load_schema
from driftline.suite.fuzzing.schemathesis_cases import build_case_request, build_case_response
from driftline.suite.fuzzing.unique import AcceptedValues
from driftline.suite.fuzzing.verdict import Verdict
from driftline.suite.http.sender import Unsendable
from driftline.suite.http.session import NotChecked
from driftline.suite.new_rows import retry_if_taken
from driftline.suite.probe import Probe
from driftline.suite.samples import make_sample
from driftline.suite.shrink.request_parts import Part, remove_part

EXAMPLES = 5
"""Examples of each operation; the coverage phase has sent documented bounds and values before."""
SCENARIOS = 3
STEPS = 4
# The other checks send requests of their own, or judge responses, which `responses` does by the
# document's own version of JSON Schema, direction and discriminators.
_INCLUDED = frozenset(
    {
        "ensure_resource_availability",
        "missing_required_header",
        "negative_data_rejection",
        "positive_data_acceptance",
        "use_after_free",
    }
)
# Independent of other loaded profiles; the seed is that of the run.
_SETTINGS = hypothesis.settings(
    max_examples=EXAMPLES,
    derandomize=False,
    database=None,
    deadline=None,
    phases=(hypothesis.Phase.explicit, hypothesis.Phase.generate),
    suppress_health_check=(
        hypothesis.HealthCheck.too_slow,
        hypothesis.HealthCheck.filter_too_much,
        hypothesis.HealthCheck.data_too_large,
        hypothesis.HealthCheck.large_base_example,
    ),
    verbosity=hypothesis.Verbosity.quiet,
    print_blob=False,
)


def check_fuzzing(probe: Probe) -> None:
    """Send the requests that schemathesis makes for the operation, and report its failures."""
    keeper = ExampleRecorder(probe, partial(_judge_again, probe))
    keeper.replay()

    novelty = Novelty(probe.spec, probe.operation)
    _reject_costly(probe)
    fuzzed = probe.session.fuzzed
    allowance = compute_allowance(probe.spec, probe.operation, fuzzed)
    unique = AcceptedValues(probe.spec, probe.operation, probe.session.run)
    lessons, is_live = LearnedRules(), not probe.session.target.is_mock

    def send_and_judge(case: Any) -> None:
        if fuzzed[probe.operation.id] >= allowance:
            return
        try:
            request = build_case_request(probe, probe.operation, case)
            request = refer_to_rows(probe.session, probe.operation, request)
            if not novelty.is_new(request) or _is_undecodable(request):
                return
            fuzzed[probe.operation.id] += 1
            exchange = probe.session.send_raw(probe.operation, unique.renew(request))
            exchange = retry_if_taken(probe.session, probe.operation, exchange)
        except Unsendable:
            return
        unique.note(exchange)
        novelty.note(exchange)
        if is_live:
            lessons.note(case, build_case_response(exchange))
        verdicts = _judge(probe, case, exchange)
        keeper.keep(exchange, verdicts)
        if exchange.ok:
            _read_linked_row(probe)
        if not verdicts:
            _retry_without_cursor(probe, case, exchange)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _run(probe, _build_test(probe, send_and_judge))
        pupil = _LearnedRuleSender(probe, lessons)
        for feedback in lessons.iterate_rounds() if is_live else ():
            _run(probe, _build_test(probe, pupil, feedback))


class _LearnedRuleSender:
    """Sends a few requests that follow the learned rules; only their responses are judged."""

    def __init__(self, probe: Probe, lessons: LearnedRules) -> None:
        self._probe, self._lessons = probe, lessons
        self._sent_requests: set[Outgoing] = set()

    def __call__(self, case: Any) -> None:
        is_wrong = case.meta is not None and case.meta.generation.mode.is_negative
        if is_wrong or len(self._sent_requests) >= REQUESTS:
            return
        try:
            request = build_case_request(self._probe, self._probe.operation, case)
            request = refer_to_rows(self._probe.session, self._probe.operation, request)
            if request not in self._sent_requests:
                self._sent_requests.add(request)
                exchange = self._probe.session.send_raw(self._probe.operation, request)
                self._lessons.note(case, build_case_response(exchange))
        except Unsendable:
            return


def _build_test(
    probe: Probe, send: Callable[[Any], None], feedback: FeedbackSources | None = None
) -> Callable[[], None]:
    """Return the test that passes every case of the operation to `send`.

    With `feedback`, the cases are random ones that follow the learned rules.
    """
    schema = load_schema(probe.spec)
    # Half of the random requests are wrong.
    examples = 4 * REQUESTS if feedback else EXAMPLES
    test: Callable[[], None] = create_test(
        operation=schema[find_request_path(probe.operation)][probe.operation.method],
        test_func=send,
        config=HypothesisTestConfig(
            project=schema.config,
            modes=[HypothesisTestMode.FUZZING] if feedback else list(HypothesisTestMode),
            feedback=feedback or FeedbackSources(),
            explicit_settings=hypothesis.settings(_SETTINGS, max_examples=examples),
            seed=probe.session.seed,
        ),
    )
    return test


def _is_undecodable(request: Outgoing) -> bool:
    """Return whether a JSON body is not UTF-8, on which frameworks fail before the service."""
    content_type = next((v for n, v in request.headers if n.lower() == "content-type"), "")
    if find_body_kind(content_type) != "json":
        return False
    try:
        request.body.decode()
    except UnicodeDecodeError:
        return True
    return False


def _read_linked_row(probe: Probe) -> None:
    """Read a row without a listing after each update, which may break reads."""
    operation = probe.operation
    if operation.method not in {"PATCH", "PUT"} or not probe.session.linked_rows.find(operation):
        return
    for reader in probe.spec.operations:
        if reader.method == "GET" and reader.path == operation.path:
            probe.session.send(reader, make_sample(probe.session, reader).arguments)


def _reject_costly(probe: Probe) -> None:
    """Raise `NotChecked` for a request that would take schemathesis too much memory."""
    costly = find_costly_choice(probe.spec, probe.operation)
    if costly is not None:
        reason = "its alternatives or fields combine to too many"
        hint = f"simplify it, or pass --operation '!{probe.operation.id}'"
        raise NotChecked(f"{reason} ({probe.spec.locate(costly)}); {hint}")


def _retry_without_cursor(probe: Probe, case: Any, exchange: Exchange) -> None:
    """Send a rejected request again without its cursor, which may be the cause.

    A server may reject a cursor that it never issued.
    """
    listing = probe.operation.listing
    cursor = listing.page.opaque_parameter if listing else None
    if cursor is None or not 400 <= exchange.status < 500:
        return
    request = remove_part(exchange.request, Part("query", cursor))
    request = remove_part(request, Part("header", cursor))
    if request != exchange.request and failures.is_right(probe.spec, request):
        _judge(probe, case, probe.session.send_raw(probe.operation, request))


def _run(probe: Probe, test: Callable[[], None]) -> None:
    """Run a test of schemathesis.

    Raises:
        NotChecked: it cannot make requests for this spec, or responses are not reproducible.
    """
    try:
        test()
    except hypothesis.errors.Flaky:
        message = "the server responds differently to the same request"
        hint = f"make it repeatable, or pass --operation '!{probe.operation.id}'"
        raise NotChecked(f"{message}; {hint}") from None
    except (hypothesis.errors.HypothesisException, SchemathesisError):
        message = "no requests could be generated from the spec"
        raise NotChecked(f"{message}; add examples of the body and parameters") from None


def _judge(
    probe: Probe,
    case: Any,
    exchange: Exchange,
    holds: Callable[[Verdict], bool] = lambda _: True,
    recorder: Any = None,
) -> list[Verdict]:
    """Return the failures of schemathesis' checks, except those that other checks report."""
    verdicts: list[Verdict] = []
    excluded = [check for check in CHECKS.get_all() if _name(check) not in _INCLUDED]
    accepted_verdict = failures.judge_accepted(probe.spec, exchange, case)
    if accepted_verdict is not None:
        verdicts.append(accepted_verdict)
    try:
        case.validate_response(
            build_case_response(exchange), excluded_checks=excluded, recorder=recorder
        )
    except FailureGroup as group:
        is_flawed = any(True for _ in responses.find_flaws(probe.spec, exchange))
        for failure in group.exceptions:
            verdict = failures.translate_failure(probe.spec, exchange, case, failure)
            if (
                verdict is not None
                and holds(verdict)
                and not _is_known(verdict, accepted_verdict, is_flawed)
            ):
                verdicts.append(verdict)
    for verdict in verdicts:
        _report_verdict(probe, verdict, exchange)
    return verdicts


def _judge_again(
    probe: Probe, exchange: Exchange, earlier_verdict: Verdict | None
) -> list[Verdict]:
    """Judge a request of an earlier run, of which only the verdict `earlier_verdict` is known."""
    verdicts = _judge(probe, build_case(probe.spec, exchange), exchange)
    if earlier_verdict is not None and failures.is_true_of(probe.spec, exchange, earlier_verdict):
        _report_verdict(probe, earlier_verdict, exchange)
        verdicts.append(earlier_verdict)
    return verdicts


def _is_known(verdict: Verdict, accepted_verdict: Verdict | None, flawed: bool) -> bool:
    """Return whether the checks of requests and responses already report it."""
    is_accepted = accepted_verdict is not None and verdict.kind == accepted_verdict.kind
    return is_accepted or (flawed and verdict.is_about_the_response)


def _report_verdict(probe: Probe, verdict: Verdict, exchange: Exchange) -> None:
    probe.report(
        verdict.kind,
        verdict.pointer,
        message=verdict.message,
        expected=verdict.expected,
        got=format_response(exchange),
        where=verdict.where,
        exchange=exchange,
    )


def _name(check: Any) -> str:
    return str(getattr(check, "__name__", ""))


def check_sequences(probe: Probe) -> None:
    """Run the stateful phase of schemathesis: calls that use values of earlier responses.

    The calls are those of the operation and of all that links connect with it.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _run(probe, partial(_follow_links, probe))


def _follow_links(probe: Probe) -> None:
    operations = {(op.method, find_request_path(op)): op for op in probe.spec.operations}

    class Machine(build_state_machine(probe.spec, probe.operation)):  # type: ignore[misc]
        deleted_paths: frozenset[str] = frozenset()

        def call(self, case: Any, **_: Any) -> Any:
            operation = operations[case.method.upper(), case.path]
            try:
                case_request = build_case_request(probe, operation, case)
                request = refer_to_rows(probe.session, operation, case_request)
                self.is_as_made = request.path == case_request.path
                self.exchange = probe.session.send_raw(operation, request)
            except Unsendable:
                hypothesis.reject()
            is_deleted = request.method == "DELETE" and not keeps_rows(operation)
            if is_deleted and self.exchange.ok:
                self.deleted_paths |= {request.path.rstrip("/")}
            return build_case_response(self.exchange)

        def validate_response(self, response: Any, case: Any, *_: Any, **__: Any) -> None:
            _judge(probe, case, self.exchange, self.is_about_sent_rows, recorder=self.recorder)

        def is_about_sent_rows(self, verdict: Verdict) -> bool:
            """Return whether a verdict applies to the rows that the sent requests name."""
            if verdict.kind == "effect.not-found":
                return self.is_as_made
            steps = self.exchange.request.path.rstrip("/").split("/")
            paths = {"/".join(steps[:count]) for count in range(len(steps) + 1)}
            return verdict.kind != "effect.not-deleted" or bool(paths & self.deleted_paths)

    settings = hypothesis.settings(_SETTINGS, max_examples=SCENARIOS, stateful_step_count=STEPS)
    hypothesis.seed(probe.session.seed)(Machine)
    try:
        Machine.run(settings=settings)
    finally:
        release_state_machines(Machine)
