"""Runs openapi-python-client with our templates for one spec, into a new folder."""

from __future__ import annotations

import contextlib
import io
import json
import subprocess
from pathlib import Path
from typing import Any

from jinja2.bccache import Bucket, BytecodeCache
from openapi_python_client import Project
from openapi_python_client.config import Config
from openapi_python_client.parser.openapi import EndpointCollection
from openapi_python_client.strings import PythonIdentifier
from ruff import find_ruff_bin  # pyright: ignore[reportMissingTypeStubs]  # it ships no types

from driftline.errors import GenerationError, Problem
from driftline.generate.annotations import Annotations, format_docstring, format_text, read_text
from driftline.generate.methods import Methods
from driftline.generate.parsing import ParsedInput, build_config, parse
from driftline.generate.prepare import GeneratorInput, prepare, report_widened
from driftline.generate.shown import Entry
from driftline.generate.views import ClientViews
from driftline.openapi import CLIENT_DOCUMENT, Spec

TEMPLATES = Path(__file__).parent / "templates"
# ruff must see the base class in this string as a use of the name.
_GENERICS = 'lint.pyflakes.extend-generics = ["driftline.runtime.ListingModel"]'
_RUFF = (
    ("check", "--config", _GENERICS, "--select", "F401,I", "--fix-only", "."),
    ("format", "--line-length", "100", "."),
)


class _Compiled(BytecodeCache):
    """The templates, compiled once for all specs."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key] = bucket.bytecode_to_string()


_COMPILED = _Compiled()


def render(spec: Spec, folder: Path) -> tuple[Problem, ...]:
    """Write the client of `spec` into `folder`, which must not exist; return what was widened.

    Raises:
        GenerationError: the generator fails.
    """
    prepared = prepare(spec)
    config = build_config(folder)
    parsed = parse(spec.name, prepared.document, config)
    project, view = _build_project(spec, prepared, parsed, config)
    # The generator writes to standard output, which belongs to the command.
    with contextlib.redirect_stdout(io.StringIO()):
        project.build()
    if view.dicts:
        content = project.env.get_template("params.py.jinja").render()
        (folder / "params.py").write_text(content, encoding="utf-8")
    (folder / "py.typed").touch()
    (folder / CLIENT_DOCUMENT).write_text(_format_document(spec), encoding="utf-8")
    for command in _RUFF:
        _run_ruff(spec, folder, *command)
    return (*prepared.problems, *report_widened(spec, prepared, parsed.widened))


def _format_document(spec: Spec) -> str:
    return json.dumps(spec.document, ensure_ascii=False, indent=1) + "\n"


def _build_project(
    spec: Spec, prepared: GeneratorInput, parsed: ParsedInput, config: Config
) -> tuple[Project, ClientViews]:
    data = parsed.data
    annotations = Annotations(data.models, prepared)
    methods = Methods(annotations)
    entries = [Entry(each.module, methods.build(each)) for each in prepared.operations.values()]
    resources: dict[PythonIdentifier, EndpointCollection] = {}
    for entry, operation in zip(entries, prepared.operations.values(), strict=True):
        tag = PythonIdentifier(operation.tag, "tag")
        endpoints: list[Any] = resources.setdefault(tag, EndpointCollection(tag)).endpoints
        endpoints.append(entry)
    data.endpoint_collections_by_tag = resources
    data.models = [
        model
        for model in data.models
        if model.class_info.name in prepared.models and not annotations.is_free_form(model)
    ]
    project = Project(openapi=data, config=config, custom_template_path=TEMPLATES)
    filters: dict[str, Any] = {"text": format_text, "string_of": read_text}
    view = ClientViews(spec, annotations, [entry.method for entry in entries])
    names: dict[str, Any] = {"view": view, "format_docstring": format_docstring}
    project.env.bytecode_cache = _COMPILED
    project.env.auto_reload = False  # or each of thousands of files looks for changed templates
    project.env.filters.update(filters)
    project.env.globals.update(names)
    return project, view


def _run_ruff(spec: Spec, folder: Path, *arguments: str) -> None:
    """Format a folder, isolated from configuration and caches."""
    command = [find_ruff_bin(), *arguments[:1], "--isolated", "--no-cache", "--quiet"]
    done = subprocess.run(  # noqa: S603 (the pinned package's own program, fixed arguments)
        [*command, "--target-version", "py311", *arguments[1:]],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        lines = (done.stderr or done.stdout).strip().splitlines()
        what = f"ruff {arguments[0]} failed: {lines[0] if lines else 'no reason given'}"
        raise GenerationError(spec.name, what, "Reinstall driftline[generate].")
