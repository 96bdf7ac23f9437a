"""The token endpoint of a mock, and generated clients that obtain tokens from it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from generate.minimal import import_generated, make_spec
from hypothesis import given, strategies as st

from driftline import openapi as specs
from driftline.mock import HttpRequest, Mock, MockTransport
from driftline.openapi.lint.rules import lint
from driftline.runtime import ClientCredentials, PasswordGrant
from driftline.runtime.errors import ConfigurationError, Forbidden, TokenError

SPEC = specs.load(Path(__file__).parent / "tokens.yaml")


def ask(mock: Mock, path: str = "/v1/oauth/token", **form: str) -> tuple[int, Any]:
    """Return the token endpoint's response to a form."""
    kind = ("Content-Type", "application/x-www-form-urlencoded")
    request = HttpRequest("POST", path, "", (kind,), urlencode(form).encode())
    response = mock.handle(request)
    return response.status, json.loads(response.body)


def call(mock: Mock, token: str, path: str = "/reports") -> int:
    return mock.handle(HttpRequest("GET", path, "", (("Authorization", f"Bearer {token}"),))).status


def build_client_form(mock: Mock, **fields: str) -> dict[str, str]:
    client_credentials = mock.tokens.clients["oauth"]
    form = {"grant_type": "client_credentials", "client_id": client_credentials.client_id}
    return {**form, "client_secret": client_credentials.client_secret, **fields}


def test_the_document_is_sound() -> None:
    """The document with OAuth 2, OpenID Connect and optional security has no lint problem."""
    assert [str(problem) for problem in lint(SPEC)] == []


def test_a_client_obtains_its_token_from_the_mock(tmp_path: Path) -> None:
    """Clients obtain tokens from the documented URL
    and by OpenID discovery, also below a base path.
    """
    mock = Mock(SPEC, rows=3)
    client_credentials, login = mock.tokens.clients["oauth"], mock.tokens.clients["login"]
    app = ClientCredentials(client_credentials.client_id, client_credentials.client_secret)
    person = PasswordGrant(login.username, login.password)
    with import_generated(SPEC, tmp_path) as (package, problems):
        assert problems == ()
        for base in ("", "/v1"):
            transport = MockTransport(mock.handle, base)
            with package.Tokens(oauth=app, login=person, transport=transport) as client:
                assert len(client.report.list().data) == 3
                assert client.profile.get().name
        wrong_credentials = ClientCredentials(client_credentials.client_id, "wrong")
        with (
            package.Tokens(oauth=wrong_credentials, transport=MockTransport(mock.handle)) as client,
            pytest.raises(TokenError, match="401, invalid_client"),
        ):
            client.report.list()
        narrow = ClientCredentials(
            client_credentials.client_id, client_credentials.client_secret, scope="profile"
        )
        with (
            package.Tokens(oauth=narrow, transport=MockTransport(mock.handle)) as client,
            pytest.raises(Forbidden, match="reports:read"),
        ):
            client.report.list()


def test_a_client_renews_an_expired_token(tmp_path: Path) -> None:
    """After the token expires the client obtains another one and the call succeeds."""
    mock = Mock(SPEC, rows=1)
    client_credentials = mock.tokens.clients["oauth"]
    app = ClientCredentials(client_credentials.client_id, client_credentials.client_secret)
    with (
        import_generated(SPEC, tmp_path) as (package, _),
        package.Tokens(oauth=app, transport=MockTransport(mock.handle)) as client,
    ):
        client.report.list()
        mock.advance_clock(3601)
        assert client.report.list().data


def test_an_error_names_all_alternatives(tmp_path: Path) -> None:
    """The error names each alternative with its option
    and variable; an optional credential is omitted.
    """
    with (
        import_generated(SPEC, tmp_path) as (package, _),
        package.Tokens(transport=MockTransport(Mock(SPEC).handle)) as client,
    ):
        with pytest.raises(ConfigurationError) as caught:
            client.profile.get()
        assert client.status.get().ok in {True, False}
    assert "login=… (or set TOKENS_LOGIN_TOKEN)" in str(caught.value)
    assert "oauth=… (or set TOKENS_ACCESS_TOKEN)" in str(caught.value)


def test_a_token_is_valid_until_it_expires() -> None:
    """A token is valid until it expires by the mock's clock, in every mock of the document."""
    mock = Mock(SPEC)
    status, fields = ask(mock, **build_client_form(mock))
    assert (status, fields["expires_in"], fields["scope"]) == (200, 3600, "profile reports:read")
    token = fields["access_token"]
    assert [call(mock, token), call(Mock(SPEC), token)] == [200, 200]
    mock.advance_clock(3599)
    assert call(mock, token) == 200
    mock.advance_clock(1)
    assert call(mock, token) == 401


def test_a_missing_scope_is_a_403() -> None:
    """A missing scope is a 403, and refreshing a token does not widen its scope."""
    mock = Mock(SPEC)
    _, fields = ask(mock, **build_client_form(mock, scope="profile"))
    assert call(mock, fields["access_token"]) == 403
    assert call(mock, fields["access_token"], "/profile") == 200
    client_credentials = mock.tokens.clients["oauth"]
    person = {
        "username": client_credentials.username,
        "password": client_credentials.password,
        "scope": "profile",
    }
    _, fields = ask(mock, grant_type="password", **person)
    refresh_form = {"grant_type": "refresh_token", "refresh_token": fields["refresh_token"]}
    _, fields = ask(mock, **refresh_form, scope="reports:read profile")
    assert fields["scope"] == "profile"


@pytest.mark.parametrize(
    ("change", "status", "error"),
    [
        ({"grant_type": ""}, 400, "unsupported_grant_type"),
        ({"grant_type": "implicit"}, 400, "unsupported_grant_type"),
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_secret": ""}, 400, "invalid_grant"),
        ({"scope": "everything"}, 400, "invalid_scope"),
        ({"grant_type": "password"}, 400, "invalid_grant"),
        ({"grant_type": "refresh_token", "refresh_token": "x"}, 400, "invalid_grant"),
        ({"grant_type": "authorization_code", "code": "x"}, 400, "invalid_grant"),
    ],
)
def test_invalid_token_requests_get_the_codes_of_rfc_6749(
    change: dict[str, str], status: int, error: str
) -> None:
    """Invalid token requests get the error codes of RFC 6749."""
    mock = Mock(SPEC)
    form = {**build_client_form(mock), **change}
    actual_status, fields = ask(mock, **form)
    assert (actual_status, fields["error"]) == (status, error)


@given(st.data())
def test_a_changed_token_is_rejected(data: st.DataObject) -> None:
    """A token with any changed character is rejected."""
    mock = MOCK
    token = TOKEN
    position = data.draw(st.integers(0, len(token) - 1))
    replacement = data.draw(st.sampled_from("abz019~-"))
    changed_token = token[:position] + replacement + token[position + 1 :]
    if changed_token != token:
        assert call(mock, changed_token) == 401


MOCK = Mock(SPEC, rows=1)
TOKEN: str = ask(MOCK, **build_client_form(MOCK))[1]["access_token"]


def test_a_documented_token_operation_returns_a_valid_token() -> None:
    """A documented token operation returns a valid token in its documented shape."""
    document = json.loads(json.dumps(dict(SPEC.document)))
    schema = {
        "type": "object",
        "required": ["access_token", "token_type"],
        "additionalProperties": False,
        "properties": {"access_token": {"type": "string"}, "token_type": {"type": "string"}},
    }
    content = {"application/json": {"schema": schema}}
    form = {"application/x-www-form-urlencoded": {"schema": {"type": "object"}}}
    document["paths"]["/oauth/token"] = {
        "post": {
            "operationId": "token.create",
            "security": [],
            "requestBody": {"required": True, "content": form},
            "responses": {"200": {"description": "A token.", "content": content}},
        }
    }
    mock = Mock(make_spec(document), rows=1)
    status, fields = ask(mock, **build_client_form(mock))
    assert (status, sorted(fields)) == (200, ["access_token", "token_type"])
    assert call(mock, fields["access_token"]) == 200
    # What a program needs is given where only the grant of a browser is described.
    grants = {"grant_type": {"enum": ["authorization_code"]}}
    form["application/x-www-form-urlencoded"]["schema"] = {"type": "object", "properties": grants}
    mock = Mock(make_spec(document), rows=1)
    status, fields = ask(mock, **build_client_form(mock))
    assert (status, call(mock, fields["access_token"])) == (200, 200)


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_token_operation_with_few_details_returns_a_token(tmp_path: Path, method: str) -> None:
    """A token operation with only a GET or a response without required fields returns a token."""
    document = (Path(__file__).parent / "tokens.yaml").read_text()
    content = "{application/json: {schema: {type: object, properties: {note: {type: string}}}}}"
    ok = f"{{'200': {{description: Yes., content: {content}}}}}"
    item = f"{{{method}: {{operationId: token.give, security: [], responses: {ok}}}}}"
    file = tmp_path / "tokens.yaml"
    file.write_text(document.replace("paths:\n", f"paths:\n  /oauth/token: {item}\n", 1))
    mock = Mock(specs.load(file), rows=1)
    status, fields = ask(mock, **build_client_form(mock))
    assert (status, call(mock, fields["access_token"])) == (200, 200)
