"""What of a spec the generator cannot take, all at once: `render` stops at the first."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
from openapi_python_client import schema as oai
from openapi_python_client.config import Config
from openapi_python_client.parser.errors import GeneratorError
from openapi_python_client.parser.openapi import GeneratorData
from openapi_python_client.parser.properties import Schemas, build_schemas
from openapi_python_client.strings import PythonIdentifier
from pydantic import ValidationError

from driftline.errors import GenerationError
from driftline.generate.annotations import Annotations
from driftline.generate.prepare import prepare
from driftline.generate.render import config_of, said
from driftline.generate.views import Views
from driftline.spec import Spec

__all__ = ["Unfit", "trial"]

_PARSING = re.compile(r"WARNING parsing (\S+) (.*?) within (?:[^ ]*?)\.(?: Endpoint will not .*)?")
_PARTS = 3  # paths, /pets, get; or components, schemas, Pet


@attrs.frozen
class Unfit:
    """What cannot be taken, by its place in the document, and what the generator says of it."""

    place: tuple[str, ...]
    reason: str


def trial(spec: Spec) -> list[Unfit]:
    """Everything that would keep the client from being made; nothing is written."""
    document = prepare(spec)
    config = config_of(Path())
    try:
        parsed = oai.OpenAPI.model_validate(document)
    except ValidationError as error:
        return list(_invalid(error))
    found = list(_components(parsed, config))
    data = GeneratorData.from_dict(document, config=config)
    if isinstance(data, GeneratorError):
        return [Unfit((), said(data))]
    return [*found, *_endpoints(spec, data)]


def _invalid(error: ValidationError) -> Iterator[Unfit]:
    told: dict[tuple[str, ...], str] = {}
    for each in error.errors(include_url=False, include_context=False):
        place = tuple(map(str, each["loc"]))
        told.setdefault(place[:_PARTS], f"{'.'.join(place[_PARTS:])}: {each['msg']}")
    yield from (Unfit(place, reason) for place, reason in told.items())


def _components(parsed: oai.OpenAPI, config: Config) -> Iterator[Unfit]:
    """The schemas of which no class can be made, and those that need one of them."""
    named = (parsed.components and parsed.components.schemas) or {}
    made = build_schemas(components=named, schemas=Schemas(), config=config)
    reasons = [said(error) for error in made.errors]
    for key, schema in named.items():
        name = key.get_untrusted_value()
        known: Any = made.classes_by_reference
        if f"/components/schemas/{name}" in known:
            continue
        own = [said(error) for error in made.errors if error.data is schema]
        own += [r for r in reasons if re.search(rf"schema {re.escape(name)}:", r)]
        yield Unfit(("components", "schemas", name), own[0] if own else "")


def _endpoints(spec: Spec, data: GeneratorData) -> Iterator[Unfit]:
    collections = data.endpoint_collections_by_tag.values()
    for collection in collections:
        for error in collection.parse_errors:
            found = _PARSING.match(error.header)
            if found:
                method, path = found.groups()
                yield Unfit(("paths", path, method.lower()), _detail(error))
            else:
                yield Unfit((), said(error))
    endpoints = {each.name: each for collection in collections for each in collection.endpoints}
    annotations = Annotations(spec.name, data.models)
    for operation in spec.operations:
        place = ("paths", operation.path, operation.method.lower())
        endpoint = endpoints.get(PythonIdentifier(operation.id, "field_"))
        if endpoint is None:
            continue
        try:
            Views(spec, annotations, [endpoint]).method(endpoint)
        except GenerationError as error:
            yield Unfit(place, error.message)


def _detail(error: GeneratorError) -> str:
    return " ".join((error.detail or error.header).split()).rstrip(".")
