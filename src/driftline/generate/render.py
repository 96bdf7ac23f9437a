"""Runs openapi-python-client with our templates on one spec, into a folder of its own."""

from __future__ import annotations

import contextlib
import io
import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jinja2.bccache import Bucket, BytecodeCache
from openapi_python_client import Project
from openapi_python_client.config import ClassOverride, Config, ConfigFile, MetaType
from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.errors import GeneratorError
from openapi_python_client.strings import PythonIdentifier
from ruff import find_ruff_bin  # pyright: ignore[reportMissingTypeStubs]  # it ships no types

from driftline.errors import GenerationError
from driftline.generate.annotations import Annotations, docstring, text, text_of
from driftline.generate.prepare import prepare
from driftline.generate.views import Views
from driftline.spec import Spec

__all__ = ["RECORD", "config_of", "render", "said"]

RECORD = "spec.json"
"""What a client was made from: so it can be told what another spec changes, without git as well."""

TEMPLATES = Path(__file__).parent / "templates"
# Names that model modules import: a schema of that name gets another class.
_TAKEN = ("Any", "Literal", "Mapping", "Model", "Sequence", "UUID")
# A base class written as text is a use of the name, for this generic too.
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


def render(spec: Spec, folder: Path) -> None:
    """Writes the client of `spec` into `folder`, which must not exist.

    Raises:
        GenerationError: the generator warned, failed, or left an operation or response out.
    """
    project = _project(spec, folder)
    # The generator reports to standard output, which is not ours to fill.
    with contextlib.redirect_stdout(io.StringIO()):
        _refuse(spec, project.build())
    (folder / "py.typed").touch()
    (folder / RECORD).write_text(_record(spec), encoding="utf-8")
    for command in _RUFF:
        _run_ruff(spec, folder, *command)


def _record(spec: Spec) -> str:
    return json.dumps(spec.document, ensure_ascii=False, indent=1) + "\n"


def config_of(folder: Path) -> Config:
    """The generator's settings, which do not depend on the surroundings."""
    overrides = {
        name: ClassOverride.model_validate(
            {"class_name": f"{name}Schema", "module_name": f"{name.lower()}_schema"}
        )
        for name in _TAKEN
    }
    settings = ConfigFile(class_overrides=overrides, literal_enums=True, post_hooks=[])
    return Config.from_sources(settings, MetaType.NONE, folder, "utf-8", False, folder)


def _project(spec: Spec, folder: Path) -> Project:
    config = config_of(folder)
    data = GeneratorData.from_dict(prepare(spec), config=config)
    if isinstance(data, GeneratorError):
        raise GenerationError(spec.name, said(data), "Mend the spec; `driftline lint` may help.")
    _complete(spec, data)
    annotations = Annotations(spec.name, data.models)
    collections = data.endpoint_collections_by_tag.values()
    endpoints = [endpoint for collection in collections for endpoint in collection.endpoints]
    data.models = [model for model in data.models if not annotations.is_free_form(model)]
    project = Project(openapi=data, config=config, custom_template_path=TEMPLATES)
    filters: dict[str, Any] = {"text": text, "string_of": text_of}
    names: dict[str, Any] = {
        "view": Views(spec, annotations, endpoints),
        "docstring": docstring,
    }
    project.env.bytecode_cache = _COMPILED
    project.env.filters.update(filters)
    project.env.globals.update(names)
    return project


def _complete(spec: Spec, data: GeneratorData) -> None:
    """Refuses what the generator left out, whether it said so or not."""
    endpoints = {
        endpoint.name: endpoint
        for collection in data.endpoint_collections_by_tag.values()
        for endpoint in collection.endpoints
    }
    warnings = [
        error
        for collection in data.endpoint_collections_by_tag.values()
        for error in collection.parse_errors
    ]
    _refuse(spec, [*warnings, *data.errors])
    for operation in spec.operations:
        endpoint = endpoints.get(PythonIdentifier(operation.id, "field_"))
        if endpoint is None:
            what = f"the generator left out {operation.id} ({operation.method} {operation.path})"
            raise GenerationError(spec.name, what, "Give it an operationId unlike any other.")
        made = {pattern.status_code.pattern for pattern in endpoint.responses.patterns}
        made |= {"default"} if endpoint.responses.default else set()
        for response in operation.responses:
            if response.status not in made:
                what = f"the generator dropped the response {response.status} of {operation.id}"
                raise GenerationError(spec.name, what, "Describe its JSON form.")


def _refuse(spec: Spec, errors: Sequence[GeneratorError]) -> None:
    for error in errors:
        raise GenerationError(spec.name, said(error), "Mend the spec; see `driftline lint`.")


def said(error: GeneratorError) -> str:
    """What the generator says of an error, on one line."""
    text = " ".join(filter(None, [error.header, error.detail]))
    return " ".join(text.split()).rstrip(".")


def _run_ruff(spec: Spec, folder: Path, *arguments: str) -> None:
    """Isolated and without a cache: no configuration of the surroundings changes the output."""
    command = [find_ruff_bin(), *arguments[:1], "--isolated", "--no-cache", "--quiet"]
    done = subprocess.run(  # noqa: S603 (the pinned package's own program, fixed arguments)
        [*command, "--target-version", "py311", *arguments[1:]],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        told = (done.stderr or done.stdout).strip().splitlines()
        what = f"ruff {arguments[0]} failed: {told[0] if told else 'no reason given'}"
        raise GenerationError(spec.name, what, "Install driftline[generate] anew.")
