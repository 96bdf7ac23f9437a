"""Observability of clients: log records, standard error and spans."""

from __future__ import annotations

import asyncio
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from roark_client import errors

from driftline.runtime.telemetry import spans as seeing
from runtime.transports import PAGE, TOKEN, Recorder, async_roark, build_roark, respond_with_page

SCRIPT = f"""
import httpx
from roark_client import Roark

def answer(request):
    headers = {{"X-Request-ID": "req_1", "X-Answer": "hidden-answer"}}
    return httpx.Response(200, json={PAGE!r}, headers=headers)

with Roark(transport=httpx.MockTransport(answer), base_url="https://u:hidden-user@h.example") as c:
    c.call.list(search_text="hidden-query", extra_headers={{"X-Mine": "hidden-header"}})
    c.with_options(timeout=5).call.list()
"""


def run(**environment: str) -> subprocess.CompletedProcess[str]:
    """Run the script with additional environment variables."""
    return subprocess.run(
        [sys.executable, "-c", SCRIPT],
        env={**os.environ, "ROARK_API_BEARER_TOKEN": TOKEN, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_log_variable_prints_requests_to_stderr() -> None:
    """`DRIFTLINE_LOG=debug` prints one line per request with
    operation, URL, status and request ID, and no secrets.
    """
    process = run(DRIFTLINE_LOG="debug")
    assert process.returncode == 0, process.stderr
    lines = process.stderr.splitlines()
    assert len(lines) == 2
    for line in lines:
        assert "DEBUG driftline.http: call.list: GET https://h.example/v1/call: 200" in line
        assert "(request req_1)" in line
    assert "hidden" not in process.stderr
    assert TOKEN not in process.stderr


@pytest.mark.parametrize("level", ["", "info", "WARNING"])
def test_other_log_levels_print_no_successful_request(level: str) -> None:
    """Without `debug`, in any case of letters, a successful request prints nothing."""
    process = run(DRIFTLINE_LOG=level)
    assert (process.returncode, process.stderr) == (0, "")


def test_an_invalid_log_level_is_rejected() -> None:
    """An invalid level raises an error that names the variable and its valid values."""
    process = run(DRIFTLINE_LOG="loud")
    assert process.returncode == 1
    last = process.stderr.splitlines()[-1]
    assert "ConfigurationError" in last
    assert "DRIFTLINE_LOG='loud': expected one of debug, info, warning" in last


def test_requests_and_retries_are_logged_at_their_levels(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Requests log at DEBUG, retries after a response at INFO, and after a lost one at WARNING."""
    recorder = Recorder(httpx.ReadError("lost"), httpx.Response(503), respond_with_page)
    with caplog.at_level(logging.DEBUG, logger="driftline.http"):
        build_roark(recorder).call.list(search_text="hidden-query")
    own_records = [record for record in caplog.records if record.name == "driftline.http"]
    assert [(r.levelname, r.getMessage().rpartition(" in ")[0]) for r in own_records] == [
        ("DEBUG", "call.list: GET https://api.roark.ai/v1/call: ReadError"),
        ("WARNING", "call.list: attempt 1 of 3: ReadError; again"),
        ("DEBUG", "call.list: GET https://api.roark.ai/v1/call: 503, 0 bytes"),
        ("INFO", "call.list: attempt 2 of 3: 503; again"),
        (
            "DEBUG",
            "call.list: GET https://api.roark.ai/v1/call: 200 (request req_1), "
            f"{len(respond_with_page(recorder.last).content)} bytes",
        ),
    ]


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:
    """Collect the spans of a test."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(trace, "get_tracer", provider.get_tracer)
    monkeypatch.setattr(trace, "get_tracer_provider", lambda: provider)
    yield exporter
    provider.shutdown()


def list_attributes(span: ReadableSpan) -> dict[str, Any]:
    return dict(span.attributes or {})


SENT_ATTRIBUTES = {
    "http.request.method": "GET",
    "server.address": "api.roark.ai",
    "server.port": 443,
    "url.full": "https://api.roark.ai/v1/call",
    "url.template": "/v1/call",
}


def test_a_span_follows_the_http_client_conventions(spans: InMemorySpanExporter) -> None:
    """A span follows the HTTP client conventions and omits query values."""
    build_roark(Recorder()).call.list(search_text="hidden-query")
    (span,) = spans.get_finished_spans()
    assert span.name == "GET /v1/call"
    assert span.kind is trace.SpanKind.CLIENT
    assert list_attributes(span) == {**SENT_ATTRIBUTES, "http.response.status_code": 200}
    assert span.status.status_code is trace.StatusCode.UNSET


def test_each_attempt_has_its_own_span(spans: InMemorySpanExporter) -> None:
    """Each attempt has a span with its error and resend count; the last one succeeds."""
    build_roark(
        Recorder(httpx.ReadError("lost"), httpx.Response(503), respond_with_page)
    ).call.list()
    lost_span, failed_span, finished_span = spans.get_finished_spans()
    assert list_attributes(lost_span) == {**SENT_ATTRIBUTES, "error.type": "ReadError"}
    assert list_attributes(failed_span) == {
        **SENT_ATTRIBUTES,
        "http.request.resend_count": 1,
        "http.response.status_code": 503,
        "error.type": "503",
    }
    assert list_attributes(finished_span) == {
        **SENT_ATTRIBUTES,
        "http.request.resend_count": 2,
        "http.response.status_code": 200,
    }
    codes = [span.status.status_code for span in (lost_span, failed_span, finished_span)]
    assert codes == [trace.StatusCode.ERROR, trace.StatusCode.ERROR, trace.StatusCode.UNSET]


def test_a_span_shows_neither_password_nor_default_port(spans: InMemorySpanExporter) -> None:
    """The span omits the user of the base URL and includes an explicit port."""
    recorder = Recorder(httpx.Response(404))
    with pytest.raises(errors.NotFound):
        build_roark(recorder, base_url=f"http://u:{TOKEN}@127.0.0.1:8080/base").call.list()
    (span,) = spans.get_finished_spans()
    attributes = list_attributes(span)
    assert attributes["url.full"] == "http://127.0.0.1:8080/base/v1/call"
    assert (attributes["server.port"], attributes["error.type"]) == (8080, "404")
    assert TOKEN not in span.to_json()


def test_async_spans_are_children_of_the_current_span(
    spans: InMemorySpanExporter,
) -> None:
    """The spans of concurrent calls are children of the current span of your code."""
    tracer = trace.get_tracer("mine")

    async def call() -> None:
        with tracer.start_as_current_span("mine"):
            async with async_roark(Recorder()) as client:
                await asyncio.gather(*(client.call.list() for _ in range(3)))

    asyncio.run(call())
    *client_spans, own_span = spans.get_finished_spans()
    assert len(client_spans) == 3
    parents = {span.parent.span_id if span.parent else None for span in client_spans}
    assert parents == {own_span.context.span_id if own_span.context else 0}


def test_a_call_that_raises_ends_its_span(spans: InMemorySpanExporter) -> None:
    """A call that fails before a request is sent ends its span with an error."""
    client = build_roark(proxy="nonsense://h")
    with pytest.raises(errors.ConfigurationError):
        client.call.list()
    (span,) = spans.get_finished_spans()
    assert span.status.status_code is trace.StatusCode.ERROR


def test_the_client_works_without_opentelemetry(monkeypatch: pytest.MonkeyPatch) -> None:
    """The client works if OpenTelemetry is not installed."""
    monkeypatch.setitem(sys.modules, "opentelemetry.trace", None)
    seeing._get_api.cache_clear()
    try:
        assert build_roark(Recorder()).call.list().to_dict() == PAGE
    finally:
        seeing._get_api.cache_clear()
