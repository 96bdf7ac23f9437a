"""No output contains a secret in any encoding.

Recordings are in tests/observe/test_secrets.py; runs against hostile servers are in
`scripts/attack`.
"""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from examples import count_examples
from hypothesis import HealthCheck, given, settings, strategies as st

from attack.exceptions import describe_exception
from attack.spellings import SECRETS, SPELLINGS, find_remains
from driftline import journal
from driftline.checks.coverage.evidence import Coverage, Evidence
from driftline.checks.finding import Check, Finding
from driftline.checks.outgoing import Outgoing
from driftline.errors import Location
from driftline.mock import HttpRequest, HttpResponse, LoggedRequest
from driftline.openapi import load
from driftline.report import Report, terminal
from driftline.report.files import render_files
from driftline.report.redact import build_cleaner, redact_check
from driftline.report.report import ReportedApi
from driftline.runtime import Api, ApiError, AsyncClient, Client, Credential, Endpoint, Retries
from driftline.suite.http.target import Target

ROOT = Path(__file__).parents[2]
SPEC = load(ROOT / "specs" / "zudu.yaml")
spellings = st.sampled_from(sorted(SPELLINGS))
few_examples = settings(
    max_examples=count_examples(40),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
# What a header can carry: the client refuses other credentials before it sends anything.
SENDABLE = SECRETS.filter(lambda secret: secret.isascii() and secret.strip() == secret)


def check_with(string: str) -> Check:
    """Return a check that has the string in every place."""
    location = Location(ROOT / "specs" / "zudu.yaml", 3, "/paths")
    finding = Finding(
        id="response.type.wrong",
        severity="breaking",
        api="zudu",
        operation="call.list",
        location=location,
        **dict.fromkeys(("message", "expected", "got", "where", "curl", "client"), string),
    )
    evidence = Evidence(
        kind="value", location=location, part="200", where=string, value=string, reason=string
    )
    return Check(
        api="zudu",
        operation="call.list",
        name="pages",
        outcome="drift",
        detail=string,
        findings=(finding,),
        coverage=Coverage((evidence,)),
    )


@few_examples
@given(secret=SECRETS, spelling=spellings)
def test_no_report_or_journal_contains_the_secret(
    tmp_path: Path, secret: str, spelling: str
) -> None:
    """No format of a report, representation or journal contains the secret."""
    spelled_text = f"the server said {SPELLINGS[spelling](secret)} to it"
    clean = build_cleaner({"ZUDU_KEY": secret})
    redacted_check = redact_check(check_with(spelled_text), clean, ROOT)
    start_time = datetime(2026, 1, 1, tzinfo=UTC)
    report = Report(
        apis=(ReportedApi.build(SPEC),),
        checks=(redacted_check,),
        started=start_time,
        seconds=1.0,
        version="1",
    )
    with journal.open_append(tmp_path / "checks.jsonl", fresh=True) as keep:
        keep(redacted_check.to_dict())
    outputs = {
        **render_files(report),
        "terminal": terminal.render(report, width=300, with_uncovered=True),
        "repr": repr(report),
        "journal": (tmp_path / "checks.jsonl").read_text(),
    }
    for name, output in outputs.items():
        assert find_remains(output, secret) == [], name
        assert "the server said" in output, name


class _Listener(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        arguments = record.args if isinstance(record.args, tuple) else (record.args,)
        printed = [value for value in arguments if not isinstance(value, float)]  # durations
        self.texts.append(f"{record.getMessage()} {printed!r}")


@few_examples
@given(
    secret=SENDABLE,
    spelling=spellings,
    kind=st.sampled_from(["bearer", "header", "query", "cookie", "basic"]),
    status=st.sampled_from([200, 400, 401, 500]),
)
def test_no_error_or_log_of_a_client_contains_the_secret(
    secret: str, spelling: str, kind: Any, status: int
) -> None:
    """No error, log or representation of a client contains the secret that a server repeats."""
    spelled_secret = SPELLINGS[spelling](secret)
    header = "".join(c if c.isprintable() and c.isascii() else "?" for c in spelled_secret)

    def respond(_: httpx.Request) -> httpx.Response:
        headers = {"X-Request-ID": header, "Content-Type": "application/json"}
        return httpx.Response(status, headers=headers, content=f"[{spelled_secret}".encode())

    api = Api("x", "1", "https://x.example", None, (Credential("k", "k", kind, "X-Key"),), {})
    operation = Endpoint("x.list", "GET", "/x", security=(("k",),), responses={"200": lambda: int})
    listener, logger = _Listener(), logging.getLogger("driftline")
    level, logger.propagate = logger.level, False
    logger.addHandler(listener)
    logger.setLevel(logging.DEBUG)
    transport, single_attempt = httpx.MockTransport(respond), Retries(attempts=1)
    outputs = list[str]()

    def call() -> None:
        http = httpx.Client(transport=transport)
        with http, Client(api, {"k": secret}, http_client=http, retries=single_attempt) as client:
            outputs.append(repr(client))
            client.request(operation)

    async def call_async() -> None:
        http = httpx.AsyncClient(transport=transport)
        async with (
            http,
            AsyncClient(api, {"k": secret}, http_client=http, retries=single_attempt) as client,
        ):
            await client.request(operation)

    try:
        for attempt in (call, lambda: anyio.run(call_async)):
            with pytest.raises(ApiError) as raised:
                attempt()
            outputs.append(describe_exception(raised.value))
    finally:
        logger.removeHandler(listener)
        logger.setLevel(level)
        logger.propagate = True
    assert find_remains("\n".join([*outputs, *listener.texts]).replace("\\x00", ""), secret) == []


@few_examples
@given(secret=SENDABLE, spelling=spellings)
def test_the_log_of_the_mock_contains_no_secret(secret: str, spelling: str) -> None:
    """The log of the mock contains no secret of a request or of a response that repeats it."""
    body = f'{{"echo": "{SPELLINGS[spelling](secret)}"}}'.encode()
    headers = (("Authorization", f"Bearer {secret}"),)
    logged_request = LoggedRequest(
        number=1,
        time="",
        api="zudu",
        operation="",
        request=HttpRequest("POST", "/x", "", headers, body),
        response=HttpResponse(400, (), body),
        size=1,
        seconds=0.0,
    )
    serialized_request = json.dumps(logged_request.to_dict(), ensure_ascii=False)
    assert find_remains(serialized_request.replace("\\u0000", ""), secret) == []


@few_examples
@given(secret=SENDABLE, spelling=spellings)
def test_no_example_or_command_contains_the_secret(secret: str, spelling: str) -> None:
    """Strings that the suite stores and shows are scrubbed of the secret."""
    credentials = dict.fromkeys(SPEC.security_schemes, secret)
    target = Target(spec=SPEC, base_url="https://x.example", credentials=credentials)
    spelled_secret = SPELLINGS[spelling](secret)
    request = Outgoing("GET", "/x", "", (("X-Echo", spelled_secret),), spelled_secret.encode())
    for part in (spelled_secret, f"a {spelled_secret} b", repr(target), str(request.body.decode())):
        clean = target.scrub(part)
        assert find_remains(clean.replace("\0", "").replace("\\x00", ""), secret) == []
    assert target.scrub(spelled_secret) != spelled_secret


@pytest.mark.parametrize("password", ["hunter2-and-more", "p%w"])
def test_the_password_of_basic_credentials_is_redacted_alone(password: str) -> None:
    """The password of basic credentials is redacted without the user, too."""
    from driftline.runtime.auth.credentials import Credentials

    api = Api("x", "1", "https://x", None, (Credential("k", "k", "basic", "Authorization"),), {})
    redact = Credentials(api, {"k": f"user:{password}"}).redact
    assert redact(f"wrong password: {password}") == "wrong password: ***"
