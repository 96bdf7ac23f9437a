"""OpenAPI Overlays 1.0 and 1.1: an unchanged document, and a file of changes to it.

`specs/<api>.yaml` may be an overlay. It extends a file below its own folder, which is never edited;
each of its actions is applied to the data of that file. Every node keeps its file and line: in the
document, or in the action that set it.
"""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from importlib.resources import files
from pathlib import Path, PurePosixPath
from typing import Any

import attrs
import jsonschema_rs

from driftline.errors import Problem, SpecError
from driftline.files import read_below
from driftline.openapi import pointer as json_pointer
from driftline.openapi.environment import drop_env_names
from driftline.openapi.lint.metaschema import list_mistakes
from driftline.openapi.pointer import is_array, is_object
from driftline.openapi.read.bundle import ReadFile, bundle
from driftline.openapi.read.jsonpath import Keys, QueryError, follow, select
from driftline.openapi.read.origins import LayeredLines, Notes, OriginFiles, Origins
from driftline.openapi.read.reader import MAX_NODES, Source, decode, parse, read

Beside = Callable[[str], bytes]
"""Reads a file by its path relative to the overlay's folder."""


@attrs.frozen
class AppliedOverlay:
    """A document with its overlay applied, and the indexes of actions that matched nothing."""

    source: Source
    idle: tuple[int, ...]


def is_overlay(source: Source) -> bool:
    """Return whether the file is an overlay."""
    return is_object(source.data) and "overlay" in source.data


def read_layered(path: Path) -> Source:
    """Return the document in the file at `path`, or the result of the overlay there.

    Raises:
        SpecError: a file cannot be read, or an action cannot be applied.
    """
    return apply_layers(read(path), partial(read_below, path.parent))


def apply_layers(source: Source, beside: Beside) -> Source:
    """Return a document; for an overlay, the extended document with all actions applied.

    Raises:
        SpecError: the extended document cannot be read, or an action cannot be applied.
    """
    if not is_overlay(source):
        return source
    return apply_overlay(read_base(source, beside), source).source


def read_base(overlay: Source, beside: Beside) -> Source:
    """Return the unchanged document that an overlay extends.

    Raises:
        SpecError: the overlay is invalid, or the document is missing or was edited.
    """
    _require_valid(overlay)
    name = _find_base(overlay)
    path = overlay.path.parent / name
    try:
        content = beside(name)
        text, slips = decode(path, content)
    except (OSError, SpecError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        message = f"extends {name!r}, which could not be read: {reason}"
        hint = "Use a UTF-8 file below this folder."
        raise _build_error(overlay, "overlay.base-unreadable", "/extends", message, hint) from None
    _require_unedited(overlay, name, content)
    source = parse(path, text)
    source = attrs.evolve(source, problems=(*slips, *source.problems))
    whole = _join_parts(overlay, name, source, beside)
    # Only the overlay, which belongs to the project, may say where a secret is sent.
    drop_env_names(whole.data)
    return whole


def _require_valid(overlay: Source) -> None:
    """Raise `SpecError` with every violation of the overlay schema."""
    hint = "See docs/add.md."
    problems = [
        _build_problem(
            overlay, "overlay.invalid", each.path, f"not an OpenAPI Overlay: {each.message}", hint
        )
        for each in list_mistakes(_load_schema(), overlay.data)
    ]
    if problems:
        raise SpecError(tuple(problems))


def _find_base(overlay: Source) -> str:
    """Return the path of the file that an overlay extends, below the overlay's folder."""
    name = str(overlay.data["extends"])
    parts = PurePosixPath(name).parts
    if not parts or name.startswith("/") or ".." in parts or ":" in name or "\\" in name:
        message = f"extends {name!r} leaves the overlay's directory"
        hint = "Keep the document in a folder below."
        raise _build_error(overlay, "overlay.base-outside", "/extends", message, hint)
    return name


def _join_parts(overlay: Source, name: str, source: Source, beside: Beside) -> Source:
    """Return the document with its other files, none of which was edited."""
    folder = PurePosixPath(name).parent
    parts: dict[str, bytes] = {}

    def read_part(inner: str) -> bytes:
        parts[inner] = beside((folder / inner).as_posix())
        return parts[inner]

    whole = join_files(source, read_part)
    known = overlay.data.get("x-source", {}).get("parts")
    if known and known != digest_parts(parts):
        raise _build_edited_error(overlay, "/x-source/parts", f"a file beside {name}")
    return whole


def join_files(source: Source, read_file: ReadFile) -> Source:
    """Return a document with its other files included; changes its data."""
    notes = Notes()
    whole = bundle(source, read_file, notes)
    return attrs.evolve(whole, problems=(*whole.problems, *notes.list_problems(whole)))


@cache
def _load_schema() -> jsonschema_rs.Draft202012Validator:
    text = files("driftline.openapi.read").joinpath("overlay.schema.json").read_text("utf-8")
    return jsonschema_rs.Draft202012Validator(json.loads(text))


def _require_unedited(overlay: Source, name: str, content: bytes) -> None:
    known = overlay.data.get("x-source", {}).get("sha256")
    # git may have converted the line endings.
    forms = (content, content.replace(b"\r\n", b"\n"))
    if known and known not in {hashlib.sha256(form).hexdigest() for form in forms}:
        raise _build_edited_error(overlay, "/x-source/sha256", name)


def _build_edited_error(overlay: Source, pointer: str, name: str) -> SpecError:
    message = f"{name} was edited: its SHA-256 does not match"
    hint = "Restore it and change it by actions here, or run: driftline add … --update."
    return _build_error(overlay, "overlay.base-edited", pointer, message, hint)


def digest_parts(parts: Mapping[str, bytes]) -> str:
    """Return the SHA-256 of the files that a document refers to, independent of line endings."""
    digest = hashlib.sha256()
    for path in sorted(parts):
        content = hashlib.sha256(parts[path].replace(b"\r\n", b"\n")).hexdigest()
        digest.update(f"{path}\0{content}\n".encode())
    return digest.hexdigest()


def apply_overlay(base: Source, overlay: Source) -> AppliedOverlay:
    """Apply every action of the overlay to `base` in place, and return it.

    Raises:
        SpecError: an action cannot be applied.
    """
    applier = OverlayApplier(base, overlay)
    idle = tuple(
        index
        for index, action in enumerate(overlay.data["actions"])
        if not applier.act(action, json_pointer.join("actions", index))
    )
    find = applier.origins.find_origin
    lines, paths = LayeredLines(base.data, find), OriginFiles(base.data, find)
    problems = (*base.problems, *overlay.problems)
    # Origins are recorded by identity, so each use gets a copy.
    data = _copy(base.data)
    source = Source(overlay.path, data, lines, paths, problems, folder=base.path.parent)
    return AppliedOverlay(source, idle)


def _copy(node: Any) -> Any:
    if is_object(node):
        return {key: _copy(value) for key, value in node.items()}
    return [_copy(value) for value in node] if is_array(node) else node


class OverlayApplier:
    """Applies actions to a document, and records the file of each node."""

    def __init__(self, base: Source, overlay: Source) -> None:
        self.data, self.overlay = base.data, overlay
        self.origins = Origins(base)
        self.grown = 0

    def act(self, action: dict[str, Any], place: str) -> bool:
        """Apply one action; return whether it matched anything."""
        found = self.select(action["target"], place + "/target")
        if action.get("remove"):
            self.remove(found, place)
        elif "update" in action:
            for keys in found:
                self.update(keys, action["update"], place + "/update")
        elif "copy" in action:
            self.copy(found, action["copy"], place + "/copy")
        return bool(found)

    def select(self, text: str, place: str) -> list[Keys]:
        try:
            return select(self.data, text)
        except QueryError as error:
            raise self.build_error(place, f"invalid JSONPath (RFC 9535): {error}") from None

    def build_error(self, place: str, what: str) -> SpecError:
        return _build_error(
            self.overlay, "overlay.action-failed", place, what, "Correct the action."
        )

    def remove(self, found: Sequence[Keys], place: str) -> None:
        if () in found:
            raise self.build_error(place, "the whole document cannot be removed")
        # In reverse order, so that the remaining indexes stay valid.
        order = sorted(
            found,
            key=lambda keys: [(str(k), 0) if isinstance(k, str) else ("", k) for k in keys],
            reverse=True,
        )
        for owner, key in [(follow(self.data, keys[:-1]), keys[-1]) for keys in order]:
            del owner[key]
            if is_array(owner):
                self.origins.mark_edited(owner)

    def copy(self, found: Sequence[Keys], text: str, place: str) -> None:
        selected = self.select(text, place)
        if found and len(selected) != 1:
            raise self.build_error(place, f"copy selects {len(selected)} nodes, expected one")
        for keys in found:
            self.update(keys, follow(self.data, selected[0]), place)

    def update(self, keys: Keys, value: Any, place: str) -> None:
        target = follow(self.data, keys)
        if is_object(target) and is_object(value):
            self.merge(target, value, place)
        elif is_array(target):
            self.extend(target, value, place)
        elif keys and not is_object(target) and not is_object(value) and not is_array(value):
            self.put(follow(self.data, keys[:-1]), keys[-1], value, place)
        else:
            raise self.build_mismatch(target, value, place)

    def merge(self, target: dict[str, Any], value: dict[str, Any], place: str) -> None:
        for key, new in value.items():
            old, below = target.get(key), place + json_pointer.join(key)
            if key not in target:
                self.put(target, key, new, below)
            elif is_object(old) and is_object(new):
                self.merge(old, new, below)
            elif is_array(old) and is_array(new):
                self.extend(old, new, below)
            elif is_object(old) or is_array(old) or is_object(new) or is_array(new):
                raise self.build_mismatch(old, new, below)
            else:
                self.put(target, key, new, below)

    def extend(self, target: list[Any], value: Any, place: str) -> None:
        entries = value if is_array(value) else [value]
        for index, entry in enumerate(entries):
            below = f"{place}/{index}" if is_array(value) else place
            target.append(self.copy_value(entry, below))
            self.origins.set(target, str(len(target) - 1), self.overlay, below)

    def put(self, owner: Any, key: str | int, value: Any, place: str) -> None:
        owner[key] = self.copy_value(value, place)
        if is_object(owner):
            self.origins.set(owner, str(key), self.overlay, place)

    def copy_value(self, value: Any, place: str) -> Any:
        made = copy.deepcopy(value)
        self.grown += self.origins.note(made, self.overlay, place)
        if self.grown > MAX_NODES:
            raise self.build_error(place, "the document grows too large")
        return made

    def build_mismatch(self, old: Any, new: Any, place: str) -> SpecError:
        kinds = f"an update by {_name_kind(new)} of what is {_name_kind(old)}"
        what = f"{kinds}; add a remove before it"
        return self.build_error(place, what)


def _name_kind(value: Any) -> str:
    return "an object" if is_object(value) else "an array" if is_array(value) else "a plain value"


def _build_problem(overlay: Source, name: str, pointer: str, message: str, hint: str) -> Problem:
    return Problem(name, overlay.locate(pointer), message, hint)


def _build_error(overlay: Source, name: str, pointer: str, message: str, hint: str) -> SpecError:
    return SpecError((_build_problem(overlay, name, pointer, message, hint),))
