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
from driftline.generate.template_views import Entry
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
        self._bytecode: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._bytecode:
            bucket.bytecode_from_string(self._bytecode[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._bytecode[bucket.key] = bucket.bytecode_to_string()


_COMPILED = _Compiled()


def render(spec: Spec, folder: Path) -> tuple[Problem, ...]:
    """Write the client of `spec` into `folder`, which must not exist; return what was widened.

    Raises:
        GenerationError: the generator fails.
    """
    generator_input = prepare(spec)
    config = build_config(folder)
    parsed_input = parse(spec.name, generator_input.document, config)
    project, view = _build_project(spec, generator_input, parsed_input, config)
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
    return (
        *generator_input.problems,
        *report_widened(spec, generator_input, parsed_input.widened_parts),
    )


def _format_document(spec: Spec) -> str:
    return json.dumps(spec.document, ensure_ascii=False, indent=1) + "\n"


def _build_project(
    spec: Spec, generator_input: GeneratorInput, parsed_input: ParsedInput, config: Config
) -> tuple[Project, ClientViews]:
    data = parsed_input.data
    annotations = Annotations(data.models, generator_input)
    methods = Methods(annotations)
    entries = [
        Entry(prepared_operation.module, methods.build(prepared_operation))
        for prepared_operation in generator_input.operations.values()
    ]
    resources: dict[PythonIdentifier, EndpointCollection] = {}
    for entry, operation in zip(entries, generator_input.operations.values(), strict=True):
        tag = PythonIdentifier(operation.tag, "tag")
        endpoints: list[Any] = resources.setdefault(tag, EndpointCollection(tag)).endpoints
        endpoints.append(entry)
    data.endpoint_collections_by_tag = resources
    data.models = [
        model
        for model in data.models
        if model.class_info.name in generator_input.models and not annotations.is_free_form(model)
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
    process = subprocess.run(  # noqa: S603 (the pinned package's own program, fixed arguments)
        [*command, "--target-version", "py311", *arguments[1:]],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    if process.returncode:
        lines = (process.stderr or process.stdout).strip().splitlines()
        message = f"ruff {arguments[0]} failed: {lines[0] if lines else 'no reason given'}"
        raise GenerationError(spec.name, message, "Reinstall driftline[generate].")
