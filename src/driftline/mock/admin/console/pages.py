"""The console's own files, which load nothing from other servers and run no other scripts."""

from __future__ import annotations

import gzip
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from importlib.util import find_spec
from pathlib import Path

import attrs
from werkzeug.datastructures import MIMEAccept
from werkzeug.http import generate_etag, parse_accept_header, parse_etags

from driftline.mock.http.http_semantics import accepts_gzip
from driftline.mock.http.messages import Headers, HttpRequest, HttpResponse, Rejection

_KINDS = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
    "txt": "text/plain; charset=utf-8",
}
_OWN = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
# Strings of specs and requests cannot become markup: the browser never parses them as HTML.
_STRICT = f"{_OWN}; require-trusted-types-for 'script'; trusted-types 'none'"
# Swagger UI has images in its style sheet, and sanitizes the HTML that it renders.
_DOCUMENTATION = _OWN.replace("img-src 'self'", "img-src 'self' data:")


_SWAGGER_UI = frozenset({"swagger-ui/swagger-ui-bundle.js", "swagger-ui/swagger-ui.css"})


@attrs.frozen
class _File:
    kind: str
    body: bytes
    packed_body: bytes
    tag: str


class Pages:
    """The files of the console; `index` is the page itself."""

    def index(self, request: HttpRequest) -> HttpResponse:
        return self.handle(attrs.evolve(request, path="/index.html"))

    def handle(self, request: HttpRequest) -> HttpResponse:
        """Return the file of this name.

        Raises:
            Rejection: 404 for an unknown file, 405 for a method other than GET and HEAD.
        """
        name = request.path.lstrip("/")
        if name not in _list_files():
            raise Rejection(404, "the console has no such file")
        if request.method not in {"GET", "HEAD"}:
            allow = (("Allow", "GET, HEAD"),)
            raise Rejection(405, f"{request.method} is not among the methods of this path", allow)
        return _respond(request, name, _read(name))


def accepts_html(request: HttpRequest) -> bool:
    """Return whether the client prefers HTML to JSON, as browsers do."""
    if request.method not in {"GET", "HEAD"}:
        return False
    try:
        accept = parse_accept_header(request.get_header("Accept") or "", MIMEAccept)
        return accept.quality("text/html") > accept.quality("application/json")
    except ValueError:
        return False


def _respond(request: HttpRequest, name: str, file: _File) -> HttpResponse:
    shared = (("ETag", f'"{file.tag}"'), ("Cache-Control", "no-cache"), *_build_guard_headers(name))
    if parse_etags(request.get_header("If-None-Match")).contains_weak(file.tag):
        return HttpResponse(304, shared)
    headers: Headers = (("Content-Type", file.kind), *shared, ("Vary", "Accept-Encoding"))
    if accepts_gzip(request):
        packed = HttpResponse(200, (*headers, ("Content-Encoding", "gzip")))
        return packed.replace_headers(body=file.packed_body)
    return HttpResponse(200, headers).replace_headers(body=file.body)


def _build_guard_headers(name: str) -> Headers:
    policy = _DOCUMENTATION if name.startswith("docs.") else _STRICT
    return (
        ("Content-Security-Policy", policy),
        ("X-Content-Type-Options", "nosniff"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
        ("Referrer-Policy", "no-referrer"),
    )


def _find_folder() -> Traversable:
    return files("driftline.mock.admin.console") / "static"


def _find_swagger_ui() -> Traversable | None:
    """Return Swagger UI's folder in its package, located without importing Flask."""
    package = find_spec("flask_swagger_ui")
    locations = package.submodule_search_locations if package else None
    return Path(locations[0], "dist") if locations else None


@cache
def _list_files() -> frozenset[str]:
    """Return the names that can be requested; no other file is read."""
    names = {
        file.name for file in _find_folder().iterdir() if file.name.rpartition(".")[2] in _KINDS
    }
    return frozenset(names | (_SWAGGER_UI if _find_swagger_ui() else frozenset()))


@cache
def _read(name: str) -> _File:
    folder = (_find_swagger_ui() if name in _SWAGGER_UI else None) or _find_folder()
    body = folder.joinpath(name.rpartition("/")[2]).read_bytes()
    kind = _KINDS[name.rpartition(".")[2]]
    return _File(kind, body, gzip.compress(body, mtime=0), generate_etag(body))
