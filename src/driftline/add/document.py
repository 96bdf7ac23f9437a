"""Is what was fetched an OpenAPI document at all? If not, what is it, and what can be done?"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import attrs

from driftline.add.fetch import Fetched
from driftline.errors import Location, Problem, SpecError
from driftline.spec.pointer import is_object
from driftline.spec.reader import Source, parse

__all__ = ["Document", "read_document"]

_PAGE = re.compile(rb"\s*(<!--.*?-->\s*)*<(!doctype\s+html|html|head|body)\b", re.I | re.S)


@attrs.frozen
class Document:
    """An OpenAPI 3 document: its bytes, its digest, what kind of file it is, and what is in it."""

    fetched: Fetched
    source: Source
    suffix: str

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.fetched.content).hexdigest()


def read_document(fetched: Fetched) -> Document:
    """The document in what was fetched.

    Raises:
        SpecError: it is none, or not one that driftline reads.
    """
    shown = Path(re.sub(r"^\w+://|^package:", "", fetched.origin))
    if _PAGE.match(fetched.content[:10_000]):
        what = "this is a web page (HTML), not the document"
        raise _error(
            "file.web-page",
            shown,
            1,
            what,
            "Name the document that the page shows, often openapi.json.",
        )
    try:
        text = fetched.content.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = fetched.content[: error.start].count(b"\n") + 1
        raise _error(
            "file.unreadable", shown, line, "this is no UTF-8", "Save the document as UTF-8."
        ) from None
    suffix = ".json" if text.lstrip()[:1] in {"{", "["} else ".yaml"
    source = _parsed(shown, suffix, text)
    _openapi(source)
    return Document(fetched, source, suffix)


def _parsed(shown: Path, suffix: str, text: str) -> Source:
    try:
        return attrs.evolve(parse(Path(f"document{suffix}"), text), path=shown)
    except SpecError as error:
        (problem,) = error.problems
        location = Location(shown, problem.location.line, "")
        raise SpecError((attrs.evolve(problem, location=location),)) from None


def _openapi(source: Source) -> None:
    data = source.data if is_object(source.data) else {}
    version = data.get("openapi")
    known = isinstance(version, str) and re.match(r"3\.[01](\.|$)", version)
    if known and is_object(data.get("paths")) and data["paths"]:
        return
    what, remedy = "this is no OpenAPI document: it has no `openapi`", "Name one of OpenAPI 3."
    word = "/openapi"
    if "swagger" in data:
        what = f"this is Swagger {str(data['swagger'])[:10]}, and driftline reads OpenAPI 3"
        remedy, word = "Convert it, for example by: npx swagger2openapi", "/swagger"
    elif "overlay" in data:
        what, remedy = "this is an overlay", "Name the document that it extends."
    elif "asyncapi" in data:
        what = "this is an AsyncAPI document, which describes messages and no requests"
    elif known:
        what = "the document describes no path"
        word, remedy = "/paths", "Name a document with operations in it."
    elif version is not None:
        what = f"this is OpenAPI {str(version)[:10]}, and driftline reads 3.0 and 3.1"
        remedy = "Ask the vendor for OpenAPI 3.1, or convert it."
    raise SpecError((Problem("openapi.version", source.location(word), what, remedy),))


def _error(name: str, path: Path, line: int, message: str, hint: str) -> SpecError:
    return SpecError((Problem(name, Location(path, line, ""), message, hint),))
