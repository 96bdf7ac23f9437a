"""Servers: variables, per-operation servers, and which hosts get requests."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from driftline.runtime import BaseUrl, Credential, Endpoint, UrlVariable
from driftline.runtime.errors import ConfigurationError
from runtime.apis import build_api, build_client
from runtime.transports import Recorder

OWN_SERVER_OPERATION = Endpoint(
    "x.own", "GET", "/x", servers=(BaseUrl("https://files.example.com/v2"),)
)
VARIABLES = {
    "region": UrlVariable("us", ("us", "eu")),
    "version": UrlVariable("v1"),
}
TEMPLATE = "https://{region}.example.com/{version}"
KEY = Credential("key", "key", "header", "X-Key")


def find_url(*operations: Endpoint, api: Any = None, **options: Any) -> str:
    """Return the URL to which the first operation is sent."""
    recorder = Recorder(httpx.Response(204))
    described_api = build_api(*operations, credentials=(KEY,), **(api or {}))
    with build_client(described_api, recorder, {"key": "secret"}, **options) as client:
        client.request(operations[0].id)
    return str(recorder.last.url)


PLAIN_OPERATION = Endpoint("x.get", "GET", "/x")


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, "https://us.example.com/v1/x"),
        ({"region": "eu"}, "https://eu.example.com/v1/x"),
        ({"version": "v2/beta"}, "https://us.example.com/v2/beta/x"),
        ({"version": "/v2"}, "https://us.example.com/v2/x"),
    ],
)
def test_server_variables_have_defaults(variables: dict[str, str], expected: str) -> None:
    """Server variables have defaults, which the client's values override."""
    api = {"base_url": TEMPLATE, "server_variables": VARIABLES}
    assert find_url(PLAIN_OPERATION, api=api, server_variables=variables) == expected


@pytest.mark.parametrize("variables", [{"region": "mars"}, {"regoin": "eu"}])
def test_an_invalid_server_variable_is_rejected(variables: dict[str, str]) -> None:
    """An unknown variable or value raises an error that lists the valid ones."""
    api = {"base_url": TEMPLATE, "server_variables": VARIABLES}
    with pytest.raises(ConfigurationError, match="region"):
        find_url(PLAIN_OPERATION, api=api, server_variables=variables)


def test_an_unresolved_variable_is_an_error_without_base_url() -> None:
    """A URL with an unresolved variable raises an error unless `base_url` is given."""
    with pytest.raises(ConfigurationError, match="base_url="):
        find_url(PLAIN_OPERATION, api={"base_url": "https://{shop}.example.com"})
    url = find_url(
        PLAIN_OPERATION, api={"base_url": "https://{shop}.example.com"}, base_url="https://a.b"
    )
    assert url == "https://a.b/x"


def test_another_host_gets_nothing_unless_it_is_trusted() -> None:
    """The error names the host and `trusted_hosts`, and nothing is sent."""
    recorder = Recorder()
    with (
        build_client(
            build_api(OWN_SERVER_OPERATION, credentials=(KEY,)), recorder, {"key": "secret"}
        ) as client,
        pytest.raises(ConfigurationError, match=r"trusted_hosts=\['files.example.com'\]"),
    ):
        client.request("x.own")
    assert recorder.requests == []
    assert (
        find_url(OWN_SERVER_OPERATION, trusted_hosts=["Files.example.com"])
        == "https://files.example.com/v2/x"
    )


@pytest.mark.parametrize(
    "server",
    [
        "https://api.example.com.evil.example/v2",
        "https://api.example.com@evil.example/v2",
        "//evil.example/v2",
        "http://api.example.com/v2",
        "https://api.example.com:8443/v2",
        "file:///etc/passwd",
    ],
)
def test_a_lookalike_host_is_rejected(server: str) -> None:
    """A host suffix, user information, missing scheme,
    missing TLS, another port or no host is rejected.
    """
    operation = Endpoint("x.own", "GET", "/x", servers=(BaseUrl(server),))
    with pytest.raises(ConfigurationError):
        find_url(operation)


@pytest.mark.parametrize(
    ("server", "expected"),
    [
        ("https://api.example.com/v2", "https://api.example.com/v2/x"),
        ("/v2", "https://api.example.com/v2/x"),
        ("/", "https://api.example.com/x"),
    ],
)
def test_a_server_on_the_same_host_needs_no_trust(server: str, expected: str) -> None:
    """An operation server on the API's host is used, whether absolute or relative."""
    assert find_url(Endpoint("x.own", "GET", "/x", servers=(BaseUrl(server),))) == expected


def test_base_url_applies_to_all_operations() -> None:
    """With `base_url` every request goes there, except to explicitly trusted hosts."""
    mock = "http://127.0.0.1:8000/shop"
    assert find_url(OWN_SERVER_OPERATION, base_url=mock) == f"{mock}/x"
    url = find_url(OWN_SERVER_OPERATION, base_url=mock, trusted_hosts=["files.example.com"])
    assert url == "https://files.example.com/v2/x"


def test_variables_of_an_operation_server_are_replaced() -> None:
    """Variables of an operation server are filled from the option or their defaults."""
    server = BaseUrl("https://{region}.files.example.com", {"region": UrlVariable("eu")})
    operation = Endpoint("x.own", "GET", "/x", servers=(server,))
    url = find_url(operation, trusted_hosts=["eu.files.example.com"])
    assert url == "https://eu.files.example.com/x"


def test_a_string_as_trusted_hosts_is_rejected() -> None:
    """A string as `trusted_hosts` is rejected, as its characters would be the hosts."""
    with pytest.raises(ConfigurationError, match="trusted_hosts"):
        find_url(PLAIN_OPERATION, trusted_hosts="files.example.com")
