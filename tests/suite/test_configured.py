"""Live runs that driftline.toml configures, and live runs with a wrong credential."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from driftline.openapi import Spec
from driftline.suite.http.target import list_needed

from .bad_server import check, read_report
from .plain_server import SERVERS, PlainRequest, PlainResponse, run_plain_server
from .test_false_alarms import lend_credentials

ROOT = Path(__file__).parents[2]


class Listener:
    """A correct server that records its requests; `distort` changes its responses."""

    def __init__(self, credentials: dict[str, str]) -> None:
        self.server = SERVERS["zudu"](0, credentials)
        self.asked: list[PlainRequest] = []
        self.distort: Callable[[PlainResponse], PlainResponse] = lambda response: response
        self._right = self.server.handle
        self.server.handle = self.handle

    def handle(self, request: PlainRequest) -> PlainResponse:
        self.asked.append(request)
        return self.distort(self._right(request))


@pytest.fixture
def listener(
    specs: dict[str, Spec], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[tuple[Listener, str]]:
    """Return a server and its URL, and make a project of its own the current directory."""
    recording_server = Listener(lend_credentials(specs["zudu"], monkeypatch))
    monkeypatch.chdir(tmp_path)
    for part in ("specs/zudu.yaml", "generated/zudu_client"):
        target = tmp_path / part
        target.parent.mkdir(parents=True, exist_ok=True)
        copy: Any = shutil.copytree if (ROOT / part).is_dir() else shutil.copy
        copy(ROOT / part, target)
    with run_plain_server({"zudu": recording_server.server}) as url:
        yield recording_server, f"{url}/zudu"


def configure(content: str) -> None:
    Path("driftline.toml").write_text(content)


def test_url_headers_and_limits_come_from_the_file(
    listener: tuple[Listener, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Every request has the configured headers, and no output has a value from a variable."""
    server, url = listener
    monkeypatch.setenv("TENANT_KEY", "tenant-secret-4711")
    configure(
        f'[api.zudu]\nurl = "{url}"\nmax-requests = 40\n'
        'headers = { X-Tenant = "${TENANT_KEY}", X-Plain = "yes" }\n'
    )
    result = check("zudu", "--url", "zudu", "--report", str(tmp_path / "out"))
    assert "(limits: 40 requests, " in result.output
    assert {request.headers["x-tenant"] for request in server.asked} == {"tenant-secret-4711"}
    assert {request.headers["x-plain"] for request in server.asked} == {"yes"}
    report_text = "".join(p.read_text() for p in (tmp_path / "out").iterdir() if p.is_file())
    assert "tenant-secret-4711" not in result.output + report_text


def test_an_option_takes_precedence(listener: tuple[Listener, str]) -> None:
    """An option overrides the file, and `--show-config` names the source of each setting."""
    _, url = listener
    configure(f'[api.zudu]\nurl = "{url}"\nmax-requests = 40\ntimeout = 3\n')
    result = check("zudu", "--url", "zudu", "--max-requests", "12")
    assert "(limits: 12 requests, " in result.output
    config_lines = check("zudu", "--max-requests", "12", "--show-config").output.splitlines()
    rows = {line.split()[0]: line.split()[1:] for line in config_lines}
    assert rows["zudu.max-requests"] == ["12", "--max-requests"]
    assert rows["zudu.timeout"] == ["3", "driftline.toml:4"]
    assert rows["zudu.own"] == ["false", "default"]


def test_a_severity_decides_which_findings_fail(
    listener: tuple[Listener, str], tmp_path: Path
) -> None:
    """The severity of an id decides whether its findings fail the run; `off` removes them."""
    server, url = listener

    def add_field(response: PlainResponse) -> PlainResponse:
        if response.status == 200 and isinstance(response.value, dict):
            response.value = {**response.value, "surprise": 1}
        return response

    server.distort = add_field
    options = ("zudu", "--url", f"zudu={url}", "--report", str(tmp_path / "out"))
    assert check(*options).exit_code == 1
    for severity, code in (("off", 0), ("assumed", 0), ("breaking", 1)):
        configure(f'[severity]\n"response.field.undocumented" = "{severity}"\n')
        assert check(*options).exit_code == code
        findings = read_report(tmp_path / "out")["findings"]
        severities = {f["severity"] for f in findings if f["id"] == "response.field.undocumented"}
        assert severities == {severity} - {"off"}


@pytest.mark.parametrize(
    ("content", "expected_message"),
    [
        ('[severity]\n"response.nothing" = "off"', "driftline.toml:2: unknown finding"),
        ('[api.zudu]\nallow-writes = ["x.*"]', "driftline.toml:2: no operation matches 'x.*'"),
        (
            '[api.zudu]\ncredentials = { no = "A" }',
            "driftline.toml:2: unknown security scheme 'no'",
        ),
        ('[api.zudu]\ntags = ["x"]', "driftline.toml:2: no operation has the tag 'x'"),
        ("[api.zud]\nrate = 3", "driftline.toml:1: unknown API 'zud'"),
        ("[api.zudu.values]\npag = 1", "driftline.toml:2: unknown parameter or field 'pag'"),
        (
            '[api.zudu.values]\n"call.lst.page" = 1',
            "driftline.toml:2: unknown parameter or field 'call.lst.page'",
        ),
        ("[api.zudu]\nrat = 3", "driftline.toml:2: unknown setting api.zudu.rat"),
        ("[notify.slack]\nurl = 3", "\n  Choose one of: url-env.\n"),
        ("[api.zudu]\nrate = 0", "\n  Correct the value. Maximum requests per second to the live"),
    ],
)
def test_an_unknown_name_in_the_file_stops_the_run(
    listener: tuple[Listener, str], content: str, expected_message: str
) -> None:
    """An unknown name in the file stops the run with exit code 2 and its line; nothing is sent."""
    server, url = listener
    configure(content)
    result = check("zudu", "--url", f"zudu={url}")
    assert (result.exit_code, server.asked) == (2, [])
    assert expected_message in result.output


def test_a_credential_comes_from_another_variable(
    listener: tuple[Listener, str], specs: dict[str, Spec], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file can name another environment variable for the credential of a security scheme."""
    _, url = listener
    name = list_needed(specs["zudu"])[0]
    scheme = specs["zudu"].security_schemes[name]
    value = os.environ[str(scheme.env)]
    monkeypatch.delenv(str(scheme.env))
    monkeypatch.setenv("STAGING_KEY", value)
    assert "is not set" in check("zudu", "--url", f"zudu={url}").output
    configure(f'[api.zudu.credentials]\n"{name}" = "STAGING_KEY"\n')
    result = check("zudu", "--url", f"zudu={url}")
    assert result.exit_code == 0, result.output


def test_a_wrong_credential_is_one_error(
    listener: tuple[Listener, str], specs: dict[str, Spec], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wrong credential is one error that names the variable and the first response, not drift."""
    server, url = listener
    scheme = specs["zudu"].security_schemes[list_needed(specs["zudu"])[0]]
    monkeypatch.setenv(str(scheme.env), "wrong-credential-4711")
    result = check("zudu", "--url", f"zudu={url}")
    errors = [line for line in result.output.splitlines() if line.startswith("error: ")]
    assert result.exit_code == 2
    assert len(errors) == 1
    assert f"the server rejects the credential in {scheme.env}" in errors[0]
    assert ": 401 " in errors[0]
    assert "drift" not in result.output.lower().replace("driftline", "")
    assert "wrong-credential-4711" not in result.output
    assert all(request.method in {"GET", "HEAD", "OPTIONS"} for request in server.asked)


def test_a_live_run_leaves_no_files(listener: tuple[Listener, str], tmp_path: Path) -> None:
    """A live run leaves no files in the current directory."""
    _, url = listener
    before = {path.name for path in tmp_path.iterdir()}
    assert check("zudu", "--url", f"zudu={url}").exit_code == 0
    assert {path.name for path in tmp_path.iterdir()} == before
