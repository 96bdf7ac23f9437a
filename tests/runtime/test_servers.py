"""Servers: variables, servers of single operations, and who decides which host gets a request."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from driftline.runtime import BaseUrl, Credential, Endpoint, UrlVariable
from driftline.runtime.errors import ConfigurationError
from runtime.apis import api_of, client_of
from runtime.transports import Recorder

OWN = Endpoint("x.own", "GET", "/x", servers=(BaseUrl("https://files.example.com/v2"),))
VARIABLES = {
    "region": UrlVariable("us", ("us", "eu")),
    "version": UrlVariable("v1"),
}
TEMPLATE = "https://{region}.example.com/{version}"
KEY = Credential("key", "key", "header", "X-Key")


def url_of(*operations: Endpoint, api: Any = None, **options: Any) -> str:
    """Where the first operation is sent to."""
    sent = Recorder(httpx.Response(204))
    described = api_of(*operations, credentials=(KEY,), **(api or {}))
    with client_of(described, sent, {"key": "secret"}, **options) as client:
        client.request(operations[0].id)
    return str(sent.last.url)


PLAIN = Endpoint("x.get", "GET", "/x")


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        ({}, "https://us.example.com/v1/x"),
        ({"region": "eu"}, "https://eu.example.com/v1/x"),
        ({"version": "v2/beta"}, "https://us.example.com/v2/beta/x"),
        ({"version": "/v2"}, "https://us.example.com/v2/x"),
    ],
)
def test_server_variables_have_defaults(chosen: dict[str, str], expected: str) -> None:
    """And take the values that the client is given."""
    api = {"base_url": TEMPLATE, "server_variables": VARIABLES}
    assert url_of(PLAIN, api=api, server_variables=chosen) == expected


@pytest.mark.parametrize("chosen", [{"region": "mars"}, {"regoin": "eu"}])
def test_a_variable_that_cannot_be_is_rejected(chosen: dict[str, str]) -> None:
    """With what it may be."""
    api = {"base_url": TEMPLATE, "server_variables": VARIABLES}
    with pytest.raises(ConfigurationError, match="region"):
        url_of(PLAIN, api=api, server_variables=chosen)


def test_a_variable_without_a_value_is_an_error_unless_the_base_url_is_given() -> None:
    """Nothing is sent to a host with braces in it."""
    with pytest.raises(ConfigurationError, match="base_url="):
        url_of(PLAIN, api={"base_url": "https://{shop}.example.com"})
    found = url_of(PLAIN, api={"base_url": "https://{shop}.example.com"}, base_url="https://a.b")
    assert found == "https://a.b/x"


def test_another_host_gets_nothing_unless_it_is_trusted() -> None:
    """The error names the host and the option, and nothing is sent."""
    sent = Recorder()
    with (
        client_of(api_of(OWN, credentials=(KEY,)), sent, {"key": "secret"}) as client,
        pytest.raises(ConfigurationError, match=r"trusted_hosts=\['files.example.com'\]"),
    ):
        client.request("x.own")
    assert sent.requests == []
    assert url_of(OWN, trusted_hosts=["Files.example.com"]) == "https://files.example.com/v2/x"


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
def test_what_only_looks_like_the_same_host_is_another(server: str) -> None:
    """A suffix, user information, no scheme, no TLS, another port, no host at all."""
    operation = Endpoint("x.own", "GET", "/x", servers=(BaseUrl(server),))
    with pytest.raises(ConfigurationError):
        url_of(operation)


@pytest.mark.parametrize(
    ("server", "expected"),
    [
        ("https://api.example.com/v2", "https://api.example.com/v2/x"),
        ("/v2", "https://api.example.com/v2/x"),
        ("/", "https://api.example.com/x"),
    ],
)
def test_a_server_on_the_same_host_needs_no_trust(server: str, expected: str) -> None:
    """Absolute, or relative to the base URL."""
    assert url_of(Endpoint("x.own", "GET", "/x", servers=(BaseUrl(server),))) == expected


def test_a_base_url_of_your_own_is_where_all_operations_go() -> None:
    """A mock gets every request, but for hosts that are trusted in so many words."""
    mock = "http://127.0.0.1:8000/shop"
    assert url_of(OWN, base_url=mock) == f"{mock}/x"
    found = url_of(OWN, base_url=mock, trusted_hosts=["files.example.com"])
    assert found == "https://files.example.com/v2/x"


def test_variables_of_an_operations_server_are_filled_in() -> None:
    """From the same option, or their own defaults."""
    server = BaseUrl("https://{region}.files.example.com", {"region": UrlVariable("eu")})
    operation = Endpoint("x.own", "GET", "/x", servers=(server,))
    found = url_of(operation, trusted_hosts=["eu.files.example.com"])
    assert found == "https://eu.files.example.com/x"


def test_a_text_is_no_list_of_hosts() -> None:
    """Its characters would be the hosts."""
    with pytest.raises(ConfigurationError, match="trusted_hosts"):
        url_of(PLAIN, trusted_hosts="files.example.com")
