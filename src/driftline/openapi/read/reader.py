"""Reads a spec file, YAML 1.2 or JSON, to plain data with the line of every node.

The file is not interpreted: `openapi.read.upgrade` makes an OpenAPI 3.1 document of it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import attrs

from driftline.errors import Location, Problem, SpecError
from driftline.files import read_file
from driftline.openapi import pointer as json_pointer
from driftline.openapi.read.json_text import JsonLines, find_json_error, read_json
from driftline.openapi.read.yaml_text import YamlError, read_yaml

MAX_NODES: Final = 1_000_000
"""Nodes of a document; an alias counts as often as it is used, so no small file becomes huge."""
MAX_DEPTH: Final = 200
_PAIR: Final = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}")
_HINTS: Final = {
    "file.syntax": "Correct the syntax at or just before this line.",
    "file.too-large": "Split the document or drop the aliases.",
}


@attrs.frozen
class Source:
    """The data of a spec file with the 1-based line of each node, by JSON pointer.

    `files` has the file of each node that is in another file than `path`. `problems` are those of
    its text. `folder` is the base of relative references.
    """

    path: Path
    data: Any
    lines: Mapping[str, int]
    files: Mapping[str, Path] = attrs.field(factory=dict[str, Path])
    problems: tuple[Problem, ...] = ()
    folder: Path = attrs.field(
        default=attrs.Factory(lambda self: self.path.parent, takes_self=True)
    )

    def locate(self, pointer: str) -> Location:
        """Return file and line of the clause at `pointer`, or of its nearest ancestor."""
        nearest = json_pointer.find_nearest(pointer, self.lines)
        return Location(self.files.get(nearest, self.path), self.lines.get(nearest, 1), pointer)


def read(path: Path) -> Source:
    """Read the file at `path`.

    Raises:
        SpecError: the file is missing, is binary, or is neither YAML 1.2 nor JSON.
    """
    try:
        content = read_file(path)
    except OSError as error:
        message = f"could not be read: {error.strerror or error}"
        raise _build_error(
            "file.unreadable", path, 0, message, "Check the path and its permissions."
        ) from None
    text, problems = decode(path, content)
    source = parse(path, text)
    return attrs.evolve(source, problems=(*problems, *source.problems)) if problems else source


def decode(path: Path, content: bytes) -> tuple[str, tuple[Problem, ...]]:
    """Return the text of a file as UTF-8, or in another encoding with a problem.

    Raises:
        SpecError: the file is binary.
    """
    try:
        return content.decode("utf-8-sig"), ()
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
    encoding = "utf-16" if content[:2] in {b"\xff\xfe", b"\xfe\xff"} else "cp1252"
    text = content.decode(encoding, "replace")
    if "\0" in text:
        message = "could not be read: binary data"
        raise _build_error("file.unreadable", path, line, message, "Save it as UTF-8 text.")
    location = Location(path, line, "")
    message = f"not UTF-8; read as {encoding}"
    return text, (Problem("file.encoding", location, message, "Save it as UTF-8.", "warning"),)


def parse(path: Path, text: str) -> Source:
    """Parse `text`; `path` is the name of the file in messages; the text may come from elsewhere.

    Raises:
        SpecError: the text is neither YAML 1.2 nor JSON.
    """
    if text.lstrip("\ufeff \t\r\n")[:1] in {"{", "["}:
        data = read_json(text.lstrip("\ufeff"), max_nodes=MAX_NODES, max_depth=MAX_DEPTH)
        if data is not None:
            return Source(path, data, JsonLines(text.lstrip("\ufeff")))
        # JSON may be indented with tabs and write one character as two escapes; YAML allows
        # neither.
        text = _PAIR.sub(lambda pair: str(json.loads(f'"{pair[0]}"')), text.replace("\t", " "))
        error = find_json_error(text)
    else:
        error = None
    try:
        document = read_yaml(text, max_nodes=MAX_NODES, max_depth=MAX_DEPTH)
    except YamlError as wrong:
        line, message = error or (wrong.line, wrong.message)
        hint = _HINTS[wrong.name]
        raise _build_error(wrong.name, path, line, message, hint) from None
    if document.data is None:
        raise _build_error("file.empty", path, 1, "the file is empty", "Write an OpenAPI document.")
    problems = tuple(
        Problem(slip.id, Location(path, slip.line, ""), slip.message, slip.hint, "warning")
        for slip in document.slips
    )
    return Source(path, document.data, document.lines, problems=problems)


def _build_error(name: str, path: Path, line: int, message: str, hint: str) -> SpecError:
    return SpecError((Problem(name, Location(path, line, ""), message, hint),))
