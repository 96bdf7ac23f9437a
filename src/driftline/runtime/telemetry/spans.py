"""Log records of a client, and spans if OpenTelemetry is installed.

Records go to the loggers `driftline.http` (requests, retries) and `driftline` (drift). The
environment variable DRIFTLINE_LOG (debug, info, warning) writes them to standard error. Records and
spans contain no headers, bodies or query values, and so no credentials.
"""

from __future__ import annotations

import importlib
import logging
import os
import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import cache, lru_cache
from typing import Any

import httpx

from driftline import __version__
from driftline.runtime.call_loop import CallLoop, Outcome, ReceivedResponse, Send
from driftline.runtime.endpoint import Endpoint
from driftline.runtime.errors import ConfigurationError

_logger = logging.getLogger("driftline.http")
_LEVELS = ("debug", "info", "warning")


@cache
def configure_logging() -> None:
    """Write the log to standard error, if DRIFTLINE_LOG is set.

    Raises:
        ConfigurationError: the log level does not exist.
    """
    level = os.environ.get("DRIFTLINE_LOG", "").strip().lower()
    if not level:
        return
    if level not in _LEVELS:
        raise ConfigurationError(f"DRIFTLINE_LOG={level!r}: expected one of {', '.join(_LEVELS)}")
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logger = logging.getLogger("driftline")
    logger.addHandler(handler)
    logger.setLevel(level.upper())


@contextmanager
def observe_send(
    exchange: CallLoop, step: Send
) -> Generator[Callable[[Outcome], None], None, None]:
    """Record the sending of one request; the block reports the outcome."""
    operation, outcomes = exchange.operation, list[Outcome]()
    began = time.perf_counter()
    tracer = _get_tracer()
    if tracer is None:
        yield outcomes.append
    else:
        with _start_span(tracer, operation, step) as span:
            yield outcomes.append
            _record_outcomes(span, outcomes)
    if _logger.isEnabledFor(logging.DEBUG):
        _log(exchange, step.request, outcomes, time.perf_counter() - began)


def _log(
    exchange: CallLoop, request: httpx.Request, outcomes: list[Outcome], seconds: float
) -> None:
    outcome = outcomes[0] if outcomes else None
    if isinstance(outcome, ReceivedResponse):
        identity = outcome.request_id and exchange.redact(outcome.request_id)
        identified = f" (request {identity})" if identity else ""
        result = f"{outcome.status}{identified}, {len(outcome.content)} bytes"
    else:
        result = type(outcome.error).__name__ if outcome else "nothing"
    line = "%s: %s %s: %s in %.0f ms"
    url = request.url.copy_with(query=None, userinfo=b"")
    _logger.debug(line, exchange.operation.id, request.method, url, result, seconds * 1000)


@cache
def _get_api() -> Any:
    try:
        return importlib.import_module("opentelemetry.trace")
    except ImportError:
        return None


def _get_tracer() -> Any:
    """Return the tracer that the application configured, or None.

    Without an exporter, spans would only slow calls down.
    """
    trace = _get_api()
    provider = trace.get_tracer_provider() if trace else None
    if provider is None or isinstance(provider, trace.ProxyTracerProvider):
        return None
    return _find_tracer(provider)


@lru_cache(maxsize=8)
def _find_tracer(provider: Any) -> Any:
    return provider.get_tracer("driftline", __version__)


def _start_span(tracer: Any, operation: Endpoint, step: Send) -> Any:
    """Return a span by the semantic conventions for HTTP clients; one per attempt."""
    trace: Any = importlib.import_module("opentelemetry.trace")
    request = step.request
    default_port = {"http": 80, "https": 443}.get(request.url.scheme)
    attributes: dict[str, Any] = {
        "http.request.method": request.method,
        "server.address": request.url.host,
        "server.port": request.url.port or default_port,
        "url.full": str(request.url.copy_with(query=None, userinfo=b"")),
        "url.template": operation.path,
    }
    if step.attempt > 1:
        attributes["http.request.resend_count"] = step.attempt - 1
    name = f"{request.method} {operation.path}"
    return tracer.start_as_current_span(name, kind=trace.SpanKind.CLIENT, attributes=attributes)


def _record_outcomes(span: Any, outcomes: list[Outcome]) -> None:
    trace: Any = importlib.import_module("opentelemetry.trace")
    outcome = outcomes[0] if outcomes else None
    if isinstance(outcome, ReceivedResponse):
        span.set_attribute("http.response.status_code", outcome.status)
        wrong = str(outcome.status) if outcome.status >= 400 else None
    else:
        wrong = type(outcome.error).__name__ if outcome else "unknown"
    if wrong:
        span.set_attribute("error.type", wrong)
        span.set_status(trace.Status(trace.StatusCode.ERROR))
