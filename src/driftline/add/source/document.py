"""Parses a fetched document: its data, its other files, and its spec."""

from __future__ import annotations

import copy
import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import attrs

from driftline.add.source.fetch import RawDocument
from driftline.errors import Location, Problem, SpecError
from driftline.openapi import (
    Source,
    Spec,
    build_spec,
    decode,
    digest_parts,
    drop_env_names,
    is_object,
    join_files,
    parse,
    read_base,
    read_files_below,
)

# Possessive: else a row of comments would be divided in every way before it fails.
_PAGE: Final = re.compile(
    rb"\s*+(<!--.*?-->\s*+)*+<(!doctype\s+html|html|head|body)\b", re.I | re.S
)
_FILE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


@attrs.frozen
class FetchedDocument:
    """A fetched OpenAPI document, and its parsed form.

    `source` is what an overlay is applied to: the data of all files in one, of whatever version.
    `other_files` are the files beside the first, by their paths relative to its folder.
    """

    fetched: RawDocument
    source: Source
    spec: Spec
    suffix: str
    other_files: Mapping[str, bytes]
    dropped_variables: tuple[str, ...]
    """Names of environment variables that the document chose; they are not used."""

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.fetched.content).hexdigest()

    @property
    def origin(self) -> dict[str, str]:
        """The source, and the digests by which edits of the stored files are detected."""
        parts = {"parts": digest_parts(self.other_files)} if self.other_files else {}
        return {"from": self.fetched.origin, "sha256": self.sha256, **parts}

    def build_path(self, name: str) -> str:
        """Return the path of the document below sources/, for the API `name`."""
        if not self.other_files:
            return name + self.suffix
        return f"{name}/{_name_file(self.fetched, self.suffix)}"

    def list_files(self, name: str) -> dict[str, bytes]:
        """Return all files by their paths below sources/."""
        other_files = {f"{name}/{path}": content for path, content in self.other_files.items()}
        return {**other_files, self.build_path(name): self.fetched.content}


def read_document(fetched: RawDocument) -> FetchedDocument:
    """Parse a fetched document, and the other files that it refers to.

    Raises:
        SpecError: it is not an OpenAPI or Swagger document.
    """
    document_path = Path(re.sub(r"^\w+://|^package:", "", fetched.origin))
    if _PAGE.match(fetched.content[:10_000]):
        hint = "Pass the document that the page shows, often openapi.json."
        raise _build_error(
            document_path, "document.html", "a web page (HTML), not an OpenAPI document", hint
        )
    text, problems = decode(document_path, fetched.content)
    suffix = ".json" if text.lstrip()[:1] in {"{", "["} else ".yaml"
    source = _parse(document_path, suffix, text)
    if is_object(source.data) and "overlay" in source.data:
        hint = "Pass the document that it extends."
        raise _build_error(
            document_path, "document.overlay", "an overlay, not an OpenAPI document", hint
        )
    source = attrs.evolve(source, problems=(*problems, *source.problems))
    other_files: dict[str, bytes] = {}

    def read_beside(path: str) -> bytes:
        if fetched.read_beside is None:
            raise OSError("nothing is beside it")
        content = fetched.read_beside(path)
        other_files[path] = content
        return content

    named_source = attrs.evolve(source, path=document_path.with_name(_name_file(fetched, suffix)))
    joined_source = attrs.evolve(join_files(named_source, read_beside), path=document_path)
    dropped_variables = tuple(drop_env_names(joined_source.data))
    spec = build_spec(copy_source(joined_source))
    return FetchedDocument(fetched, joined_source, spec, suffix, other_files, dropped_variables)


def read_kept(overlay: Source, url: str | None) -> FetchedDocument:
    """Read the stored document of an overlay as if it had been fetched from `url`.

    Raises:
        SpecError: the stored document is missing or was edited.
    """
    folder = overlay.path.parent
    source = read_base(overlay, read_files_below(folder))
    fetched = RawDocument(b"", source.path.name, url, source.path.name)
    spec = build_spec(copy_source(source))
    return FetchedDocument(fetched, source, spec, source.path.suffix, {}, ())


def copy_source(source: Source) -> Source:
    """Return a copy of the source that may be changed."""
    return attrs.evolve(source, data=copy.deepcopy(source.data))


def _name_file(fetched: RawDocument, suffix: str) -> str:
    return fetched.file if _FILE.fullmatch(fetched.file) else f"document{suffix}"


def _parse(document_path: Path, suffix: str, text: str) -> Source:
    try:
        return attrs.evolve(parse(Path(f"document{suffix}"), text), path=document_path)
    except SpecError as error:
        problems = [
            attrs.evolve(problem, location=attrs.evolve(problem.location, file=document_path))
            for problem in error.problems
        ]
        raise SpecError(tuple(problems)) from None


def _build_error(path: Path, name: str, message: str, hint: str) -> SpecError:
    return SpecError((Problem(name, Location(path, 0, ""), message, hint),))
