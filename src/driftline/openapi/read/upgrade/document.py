"""Reads a document of any version as OpenAPI 3.1: the order of all steps."""

from __future__ import annotations

import copy
import re
from typing import Any, Final

from driftline.errors import Problem, SpecError
from driftline.openapi.pointer import MISSING, follow, is_array, is_object, join
from driftline.openapi.read.bundle import ReadFile, bundle
from driftline.openapi.read.origins import NodeMoves, Notes
from driftline.openapi.read.reader import Source
from driftline.openapi.read.upgrade.closed_parts import open_closed_parts
from driftline.openapi.read.upgrade.context import KINDS, Context, read_extensions, split_fragment
from driftline.openapi.read.upgrade.objects import ObjectReader
from driftline.openapi.read.upgrade.operations import read_operations
from driftline.openapi.read.upgrade.parts import METHODS
from driftline.openapi.read.upgrade.references import Resolver
from driftline.openapi.read.upgrade.swagger import upgrade_swagger

_NAME: Final = re.compile(r"[A-Za-z0-9._-]+")
_VERSION: Final = re.compile(r"3(\.[0-9]+)*")
_STRINGS: Final = ("title", "summary", "description", "termsOfService", "version")


def read_document(source: Source, read_file: ReadFile | None = None) -> Source:
    """Return the document in the shape of OpenAPI 3.1; changes the data of `source`.

    `read_file` reads other files. The problems list what was read leniently; each `$ref` of the
    result names a component, and each schema is usable.

    Raises:
        SpecError: the file is not an OpenAPI or Swagger document.
    """
    version = _read_version(source)
    notes = Notes()
    bundled = original = bundle(source, read_file, notes)
    if version == "2":
        bundled = upgrade_swagger(original, notes)
    early = (*source.problems, *notes.list_problems(original))
    data: dict[str, Any] = bundled.data
    moves = NodeMoves(bundled)
    context = Context(
        data=data,
        notes=Notes(moves),
        moves=moves,
        is_old=version in {"2", "3.0"},
        is_swagger=version == "2",
    )
    data["openapi"] = "3.1.0"
    _Reading(context, source).run()
    result = context.moves.build_source(data, ())
    problems = (*early, *context.notes.list_problems(result))
    return context.moves.build_source(data, problems)


def _read_version(source: Source) -> str:
    """Return "2", "3.0" or "3.1", which includes all later versions."""
    data = source.data
    if is_object(data):
        if "openapi" in data:
            version = str(data["openapi"]).strip().removeprefix("v")
            if _VERSION.fullmatch(version.partition("-")[0]):
                return "3.0" if version in {"3", "3.0"} or version.startswith("3.0.") else "3.1"
        elif "swagger" in data and str(data["swagger"]).strip() in {"2", "2.0"}:
            return "2"
    raise _build_error(source)


def _build_error(source: Source) -> SpecError:
    data = source.data
    pointer, message = "", "not an OpenAPI document: it has no `openapi`"
    hint = "Pass a document of OpenAPI 3 or Swagger 2.0."
    if not is_object(data):
        message = "not an OpenAPI document: it is not an object"
    elif "openapi" in data or "swagger" in data:
        key = "openapi" if "openapi" in data else "swagger"
        pointer = f"/{key}"
        message = f"unsupported version: {key} {str(data[key])[:40]!r}"
    elif "asyncapi" in data:
        message = "an AsyncAPI document, which describes messages and not requests"
    return SpecError((Problem("openapi.version", source.locate(pointer), message, hint),))


class _Reading:
    """The steps for a document of OpenAPI 3."""

    def __init__(self, context: Context, source: Source) -> None:
        self.context, self.source = context, source
        self.objects = ObjectReader(context)
        self.warn = context.notes.warn

    def run(self) -> None:
        data, objects = self.context.data, self.objects
        read_extensions(data, "", self.context.notes)
        self.read_info()
        self.read_components()
        objects.read_servers(data, "")
        self.make_map("paths")
        self.inline_path_items(data["paths"], "/paths")
        self.make_map("webhooks")
        self.inline_path_items(data["webhooks"], "/webhooks")
        self.wrap_names("tags", "name")
        if "externalDocs" in data and not is_object(data["externalDocs"]):
            del data["externalDocs"]
        for kind in KINDS:
            objects.read_each(kind, data["components"], kind, "/components")
        objects.read_security(data, "")
        for section in ("paths", "webhooks"):
            objects.read_each("pathItems", data, section, "")
        Resolver(self.context, objects).run()
        open_closed_parts(self.context)
        if not data["webhooks"]:
            del data["webhooks"]
        read_operations(self.context)

    def read_info(self) -> None:
        data = self.context.data
        info = data.get("info")
        if not is_object(info):
            info = data["info"] = {}
        if "version" in info and not isinstance(info["version"], str):
            info["version"] = self.read_as_written("/info/version", info["version"])
            hint = "Put the version in quotes."
            self.warn("info.version-not-string", "/info/version", "version is not a string", hint)
        self.objects.read_strings(info, _STRINGS)
        for key, value in (("title", self.source.path.stem), ("version", "0")):
            if key not in info:
                self.warn(f"info.{key}-missing", "/info", f"info has no {key}", "Write one.")
                info[key] = value
        for key in ("contact", "license"):
            if key in info and not is_object(info[key]):
                del info[key]
        if "license" in info and not isinstance(info["license"].get("name"), str):
            message = "a license without a name"
            self.warn(
                "info.license-unnamed",
                "/info/license",
                message,
                "Add a name, or remove the license.",
            )
            del info["license"]

    def read_as_written(self, pointer: str, value: Any) -> str:
        """Return a scalar as written in the file: 1.10 is not 1.1."""
        location = self.source.locate(pointer)
        try:
            line = location.file.read_text("utf-8").splitlines()[location.line - 1]
        except (OSError, ValueError, IndexError):
            line = ""
        match = re.search(r"version\"?\s*:\s*([0-9][0-9.]*)", line)
        return match[1] if match and match[1].rstrip("0.") in str(value) else str(value)

    def make_map(self, key: str) -> None:
        """Make a member of the document a map."""
        data = self.context.data
        if not is_object(data.get(key)):
            if data.get(key) is not None:
                message = f"{key} is not an object"
                self.warn("openapi.invalid", f"/{key}", message, "Write an object.")
            data[key] = {}

    def wrap_names(self, section: str, key: str) -> None:
        entries = self.context.data.get(section)
        if section not in self.context.data:
            return
        objects = [
            {key: entry} if isinstance(entry, str) else entry for entry in _list_items(entries)
        ]
        self.context.data[section] = [
            entry for entry in objects if is_object(entry) and isinstance(entry.get(key), str)
        ]

    def read_components(self) -> None:
        """Make all sections of components maps with valid names."""
        data = self.context.data
        value = data.get("components")
        components: dict[str, Any] = value if is_object(value) else {}
        data["components"] = components
        for kind in list(components):
            if kind not in KINDS:
                continue
            if not is_object(components[kind]):
                del components[kind]
            elif not all(map(_NAME.fullmatch, components[kind])):
                self.rename(components, kind)

    def rename(self, components: dict[str, Any], kind: str) -> None:
        taken_names = {name.lower() for name in components[kind]}
        nodes: dict[str, Any] = {}
        for name, node in components[kind].items():
            new = name
            if not _NAME.fullmatch(name):
                base = re.sub(r"[^A-Za-z0-9._-]+", "_", name).strip("_") or "Unnamed"
                new, number = base, 2
                while new.lower() in taken_names:
                    new, number = f"{base}_{number}", number + 1
                taken_names.add(new.lower())
                self.context.new_names[kind, name] = new
                origin = join("components", kind, name)
                self.context.moves.note(join("components", kind, new), origin)
                message = f"invalid component name {name!r}; it is read as {new!r}"
                hint = "Use letters, digits, dots, hyphens and underscores."
                self.warn("component.name-illegal", join("components", kind, new), message, hint)
            nodes[new] = node
        components[kind] = nodes

    def inline_path_items(self, items: dict[str, Any], pointer: str) -> None:
        """Replace references of paths, so that each operation is below its path."""
        for path, item in items.items():
            if is_object(item) and "$ref" in item:
                items[path] = self.read_path_item(item, pointer + join(path))

    def read_path_item(self, item: dict[str, Any], pointer: str) -> dict[str, Any]:
        seen: set[str] = set()
        merged = {key: value for key, value in item.items() if key != "$ref"}
        reference: Any = item["$ref"]
        while isinstance(reference, str) and reference not in seen:
            seen.add(reference)
            tokens = split_fragment(reference)
            if tokens[:2] == ["components", "pathItems"] and len(tokens) == 3:
                tokens[2] = self.context.new_names.get(("pathItems", tokens[2]), tokens[2])
            target = follow(self.context.data, join(*tokens)) if reference[:1] == "#" else MISSING
            if not is_object(target):
                message = f"$ref {reference[:120]!r} does not lead to a path item"
                self.warn("ref.dangling", pointer + "/$ref", message, "Correct the name.")
                return merged
            for key, value in target.items():
                own_value = merged.get(key)
                if key in METHODS and is_object(own_value) and is_object(value):
                    # An overlay action for one path of several that share their operations.
                    merged[key] = {**copy.deepcopy(value), **own_value}
                elif key != "$ref" and key not in merged:
                    merged[key] = copy.deepcopy(value)
                    self.context.moves.note(pointer + join(key), join(*tokens, key))
            reference = target.get("$ref")
        return merged


def _list_items(value: Any) -> list[Any]:
    return value if is_array(value) else []
