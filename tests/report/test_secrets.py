"""No credential appears in a report, however a server echoes it."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import attrs
import pytest

from driftline.check import check
from driftline.checks.finding import Check
from driftline.mock import HttpRequest, HttpResponse, Mock, run_server
from driftline.openapi import load
from driftline.project import Project
from driftline.report import Report, terminal
from driftline.report.files import render_files
from driftline.report.redact import build_cleaner, redact_url

ROOT = Path(__file__).parents[2]
API = "zudu"
SECRET = 'tök"en/+ /=& <sécret>\\'
FORMS = {
    "itself": SECRET,
    "in a URL": quote(SECRET, safe=""),
    "in JSON": json.dumps(SECRET)[1:-1],
    "in Basic": base64.b64encode(SECRET.encode()).decode(),
}


def render_all(report: Report) -> dict[str, str]:
    """Return every rendering of a report."""
    return {
        **render_files(report),
        "terminal": terminal.render(report, width=140),
        "color": terminal.render(report, color=True),
        "repr": repr(report),
    }


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS.keys())
def test_every_form_of_a_secret_is_replaced(form: str) -> None:
    """Every encoding of a secret is replaced by the name of its variable."""
    assert build_cleaner({"SHOP_KEY": SECRET, "OTHER": ""})(f"a {form} b") == "a $SHOP_KEY b"


def test_the_longer_of_two_secrets_is_replaced_first() -> None:
    """If one secret contains another, the longer one is replaced first."""
    assert (
        build_cleaner({"SHORT": "abcdefgh", "LONG": "abcdefghij"})("abcdefghij, abcdefgh.")
        == "$LONG, $SHORT."
    )


@pytest.mark.parametrize(
    ("url", "expected_url"),
    [
        ("https://user:pass@shop.example/v1?key=secret#part", "https://shop.example/v1"),
        ("http://127.0.0.1:8080/shop", "http://127.0.0.1:8080/shop"),
    ],
)
def test_a_redacted_url_has_no_user_password_or_query(url: str, expected_url: str) -> None:
    """A redacted URL has no user, password, query or fragment."""
    assert redact_url(url) == expected_url


def test_secrets_are_removed_from_every_field_of_a_finding(
    finding: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Secrets are removed from every field of a finding, in every encoding."""
    spec = load(ROOT / "specs" / f"{API}.yaml")
    schemes = [scheme.env for scheme in spec.security_schemes.values() if scheme.env]
    secrets = {name: f"{SECRET}{number}" for number, name in enumerate(schemes)}
    for name, value in secrets.items():
        monkeypatch.setenv(name, value)
    leak = " ".join(form for value in secrets.values() for form in list_spellings(value))
    fields = dict.fromkeys(("message", "expected", "got", "where", "curl", "client"), leak)
    leaking_check = Check(
        api=API,
        operation="call.list",
        name="pages",
        outcome="drift",
        detail=leak,
        findings=(finding(api=API, operation="call.list", **fields),),
    )
    monkeypatch.setattr("driftline.check.run.run_suite", lambda *_, **__: [leaking_check])
    report = check(Project(ROOT), [API], urls={API: "http://user:pw@127.0.0.1:9/?k=v"})
    assert schemes
    for name, rendering in render_all(report).items():
        for value in secrets.values():
            assert not [form for form in list_spellings(value) if form in rendering], name


def list_spellings(value: str) -> list[str]:
    encoded_value = base64.b64encode(value.encode()).decode()
    return [value, quote(value, safe=""), json.dumps(value)[1:-1], encoded_value]


class Echo:
    """A mock that echoes the request headers in its responses."""

    def __init__(self, mock: Mock, secrets: Mapping[str, str]) -> None:
        self.mock = mock
        self.right = {secrets[name]: mock.credentials[name] for name in secrets}

    def __call__(self, request: HttpRequest) -> HttpResponse:
        headers = tuple((name, self.right.get(value, value)) for name, value in request.headers)
        response = self.mock.handle(attrs.evolve(request, headers=headers))
        header_values = [value for _, value in request.headers]
        try:
            body = response.parse_json()
        except ValueError:
            return response
        content = json.dumps({**body, "echo": header_values, " ".join(self.right): 1}).encode()
        kept_headers = [(k, v) for k, v in response.headers if k.lower() != "content-length"]
        echo_header = ("X-Echo", " ".join(self.right))
        return HttpResponse(response.status, (*kept_headers, echo_header), content)


def test_a_live_server_that_echoes_credentials_cannot_leak_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A run against a live server that echoes credentials reports no secret."""
    spec = load(ROOT / "specs" / f"{API}.yaml")
    schemes = spec.security_schemes
    secrets = {name: f"s3cret-of-{name}-0123456789" for name in schemes}
    for name, value in secrets.items():
        monkeypatch.setenv(str(schemes[name].env), value)
    with run_server({API: Echo(Mock(spec, rows=30), secrets)}) as url:
        report = check(Project(ROOT), [API], urls={API: f"{url}/{API}"}, rate=10_000)
    assert [error.detail for error in report.errors] == []
    assert report.exit_code == 1
    assert "response.field.undocumented" in {finding.id for finding in report.findings}
    assert any(str(schemes[name].env) in f.curl for f in report.findings for name in schemes)
    for name, rendering in render_all(report).items():
        for value in secrets.values():
            assert not [form for form in list_spellings(value) if form in rendering], name
