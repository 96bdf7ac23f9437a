"""A mock server that behaves exactly as a spec says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftline.faces import load_later, name_extra

with name_extra("mock"):
    from driftline.mock.admin.control import PREFIX
    from driftline.mock.admin.request_log import HIDDEN, LoggedRequest, is_secret
    from driftline.mock.admin.site import Site
    from driftline.mock.core import Mock
    from driftline.mock.faults import DriftSource, FaultRule, Faults, parse_rule
    from driftline.mock.http.arguments import read_argument
    from driftline.mock.http.messages import Delivery, Handle, HttpRequest, HttpResponse
    from driftline.mock.server.serve import is_loopback, run_server, serve

if TYPE_CHECKING:
    from driftline.mock.admin.control import parse_whole_number
    from driftline.mock.fake.data import Data
    from driftline.mock.fake.files import sample_file
    from driftline.mock.http.arguments import read_arguments
    from driftline.mock.http.body_decoding import find_media_type, parse_body
    from driftline.mock.http.messages import Headers, Rejection, build_json_response
    from driftline.mock.http.streams import WRONG, corrupt_stream
    from driftline.mock.rows.paging import build_page_url
    from driftline.mock.rows.seed_rows import find_most_rows
    from driftline.mock.server.transport import MockTransport

__all__ = [
    "HIDDEN",
    "PREFIX",
    "WRONG",
    "Data",
    "Delivery",
    "DriftSource",
    "FaultRule",
    "Faults",
    "Handle",
    "Headers",
    "HttpRequest",
    "HttpResponse",
    "LoggedRequest",
    "Mock",
    "MockTransport",
    "Rejection",
    "Site",
    "build_json_response",
    "build_page_url",
    "corrupt_stream",
    "find_media_type",
    "find_most_rows",
    "is_loopback",
    "is_secret",
    "parse_body",
    "parse_rule",
    "parse_whole_number",
    "read_argument",
    "read_arguments",
    "run_server",
    "sample_file",
    "serve",
]

if not TYPE_CHECKING:  # without this, a type checker takes any name for an export
    __getattr__ = load_later(__name__)
