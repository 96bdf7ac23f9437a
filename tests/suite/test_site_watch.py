"""A URL of a website, a login page or a gateway ends a run with one error instead of findings."""

from __future__ import annotations

from pathlib import Path

import pytest

from driftline.errors import TargetError
from driftline.mock import HttpRequest, HttpResponse, run_server
from driftline.openapi import Spec
from driftline.project import Project
from driftline.suite.run import run_suite

from .conftest import ROOT
from .documents import build_operation, load_document

HTML = (("Content-Type", "text/html; charset=utf-8"),)
SITES = {
    "a website": (HttpResponse(200, HTML, b"<html>Welcome</html>"), '200 "<html>Welcome</html>"'),
    "a log-in": (HttpResponse(302, (("Location", "/login"),), b""), "302, a redirect to /login"),
    "another path": (HttpResponse(404, HTML, b"<html>No</html>"), '404 "<html>No</html>"'),
    "a gateway": (HttpResponse(503, HTML, b""), "503"),
}


@pytest.fixture
def spec(tmp_path: Path) -> Spec:
    paths = {
        f"/{name}": {"get": build_operation(f"{name}.list", {})} for name in ("a", "b", "c", "d")
    }
    return load_document(tmp_path, paths)


def check(spec: Spec, handle: object, *names: str) -> str:
    """Return the ids of all findings of a live run, separated by spaces."""
    with run_server({spec.name: handle}) as url:  # type: ignore[dict-item]
        checks = run_suite(
            Project(ROOT),
            [spec],
            urls={spec.name: f"{url}/{spec.name}"},
            rate=100_000,
            rank=lambda _, name: 0 if name in {"documented requests", *names} else None,
        )
    return " ".join(finding.id for check in checks for finding in check.findings)


@pytest.mark.parametrize("site", SITES)
def test_a_server_that_is_not_the_api_ends_the_run(site: str, spec: Spec) -> None:
    """Three operations without a response of the API end the run, and the error names the first
    one.
    """
    response, received = SITES[site]
    with pytest.raises(TargetError) as raised:
        check(spec, lambda _: response)
    assert raised.value.message == f"the server does not respond like the API: {received} to GET /a"
    assert raised.value.hint.startswith("Check the URL")


@pytest.mark.parametrize("site", SITES)
def test_few_operations_need_four_responses(site: str, tmp_path: Path) -> None:
    """A document with one readable operation ends the run, too, if all responses are pages."""
    operations = {"get": build_operation("a.list", {}), "post": build_operation("a.create", {})}
    one = load_document(tmp_path, {"/a": operations})
    response, got = SITES[site]
    with pytest.raises(TargetError) as raised:
        check(one, lambda _: response, "fuzzing", "methods", "texts", "client and server")
    assert raised.value.message == f"the server does not respond like the API: {got} to GET /a"


def test_a_single_response_that_is_a_page_is_a_finding(tmp_path: Path) -> None:
    """A single response that is a page is a finding, since nothing else was sent."""
    one = load_document(tmp_path, {"/a": {"get": build_operation("a.list", {})}})
    page = HttpResponse(200, HTML, b"<html>Oops</html>")
    assert check(one, lambda _: page) == "response.content-type.undocumented"


def test_a_page_of_one_of_several_operations_is_a_finding(spec: Spec) -> None:
    """If one operation responds with a page and the others do not, the page is a finding."""

    def handle(request: HttpRequest) -> HttpResponse:
        if request.path == "/a":
            return HttpResponse(200, HTML, b"<html>Oops</html>")
        return HttpResponse(200, (("Content-Type", "application/json"),), b"{}")

    assert check(spec, handle) == "response.content-type.undocumented"
