"""What the templates show: the generator's models and endpoints, joined with the spec's own words.

The templates only place text; every decision is made here, where it is type-checked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from keyword import iskeyword
from typing import Any

from openapi_python_client.parser.openapi import Endpoint, EndpointCollection
from openapi_python_client.parser.properties import LiteralEnumProperty, ModelProperty
from openapi_python_client.parser.properties.list_property import ListProperty

from driftline.generate.annotations import Annotations, is_nullable, text_of
from driftline.generate.prepare import (
    METHOD_NAMES,
    Prepared,
    PreparedField,
    PreparedParameter,
)
from driftline.generate.shown import ArgumentView, FieldView, MethodView, ModelView
from driftline.generate.statuses import ErrorView, error_names, error_views
from driftline.runtime import AsyncClient, Client
from driftline.spec import Operation, Spec
from driftline.spec.media import BodyKind
from driftline.spec.pointer import split
from driftline.spec.vocabulary import Listing

__all__ = ["Views"]

_CLIENT_NAMES = frozenset(
    name for name in {*dir(Client), *dir(AsyncClient)} if not name.startswith("_")
)
_IMPORTS = {
    "Any": "from typing import Any",
    "Literal": "from typing import Literal",
    "Mapping": "from collections.abc import Mapping",
    "Sequence": "from collections.abc import Sequence",
    "UUID": "from uuid import UUID",
    "datetime": "import datetime",
}
_TEXTS = frozenset({"text", "xml", "event_stream", "json_lines"})


class Views:
    """The views of one API; the templates call these."""

    def __init__(
        self,
        spec: Spec,
        prepared: Prepared,
        annotations: Annotations,
        endpoints: Iterable[Endpoint] = (),
    ) -> None:
        self.spec = spec
        self.prepared = prepared
        self.annotations = annotations
        self.class_name = client_class(spec)
        endpoints = list(endpoints)
        self.listings = dict(self._listings(endpoints))
        self.errors: Sequence[ErrorView] = error_views(
            (self._response(endpoint, each)[0], self.annotations.of(each.prop, "models."))
            for endpoint in endpoints
            for each in endpoint.responses.patterns
            if isinstance(each.prop, ModelProperty)
        )
        self.error_names: Sequence[str] = error_names(self.errors)

    def _listings(self, endpoints: Iterable[Endpoint]) -> Iterator[tuple[str, str]]:
        """The class of each page of a listing, and the pointer to the rows in it."""
        for endpoint in endpoints:
            listing = self._operation(endpoint).listing
            for response in endpoint.responses.patterns:
                success = self._response(endpoint, response)[0].startswith("2")
                if listing and success and isinstance(response.prop, ModelProperty):
                    yield str(response.prop.class_info.name), listing.items

    def _operation(self, endpoint: Endpoint) -> Operation:
        return self.prepared.operations[endpoint.name].operation

    def _properties(self, model: ModelProperty) -> list[tuple[Any, PreparedField]]:
        """The properties of a model, the required ones first, with their names."""
        known = self.annotations.models.get(str(model.class_info.name), model)
        properties = [*(known.required_properties or []), *(known.optional_properties or [])]
        prepared = self.prepared.models.get(str(model.class_info.name))
        fields = prepared.fields if prepared else {}
        return [(prop, fields[text_of(prop.name)]) for prop in properties]

    def model(self, model: ModelProperty) -> ModelView:
        properties = self._properties(model)
        prepared = self.prepared.models[str(model.class_info.name)]
        more = model.additional_properties if prepared.has_more else None
        shown = [prop for prop, _ in properties] + ([more] if more else [])
        needed = {name for prop in shown for name in self.annotations.models_in(prop)}
        own = (str(model.class_info.module_name), str(model.class_info.name))
        return ModelView(
            name=model.class_info.name,
            description=text_of(model.description),
            fields=[self._field(prop, field) for prop, field in properties],
            imports=sorted((needed | self._row_models(model)) - {own}),
            row=self._row(model),
            more=self.annotations.of(more) if more else None,
        )

    def _items(self, model: ModelProperty) -> Any:
        """The rows' property, if the model is a page of a listing and they are in it by name."""
        pointer = self.listings.get(str(model.class_info.name))
        prop: Any = model
        for token in split(pointer) if pointer else ():
            found = (each for each, field in self._properties(prop) if field.wire == token)
            prop = next(found, None)
            if not isinstance(prop, ModelProperty):
                break
        return prop if isinstance(prop, ListProperty) else None

    def _row(self, model: ModelProperty) -> str | None:
        items = self._items(model)
        return self.annotations.of(items.inner_property) if items else None

    def _row_models(self, model: ModelProperty) -> set[tuple[str, str]]:
        items = self._items(model)
        return set(self.annotations.models_in(items.inner_property)) if items else set()

    def listing_words(self, listing: Listing) -> Sequence[tuple[str, str]]:
        """What the runtime has to know of x-listing, as keyword and literal."""
        page = listing.page
        words = {
            "parameter": page.parameter,
            "first": page.first if page.first != 1 else None,
            "next": page.next,
            "more": page.more,
            "total": listing.total,
            "size": listing.size.parameter,
        }
        return [(name, ascii(value)) for name, value in words.items() if value is not None]

    def _field(self, prop: Any, field: PreparedField) -> FieldView:
        shown = self.annotations.of(prop)
        nullable = is_nullable(prop)
        if not prop.required and not nullable:
            shown += " | None"
        return FieldView(
            name=field.name,
            wire=field.wire,
            annotation=shown,
            required=prop.required,
            nullable=nullable,
            description=field.description,
            read_only=field.read_only,
            write_only=field.write_only,
        )

    def enum_values(self, enum: LiteralEnumProperty) -> Sequence[str]:
        """The values as literals, in the order of the spec."""
        return [ascii(value) for value in self.prepared.enums[str(enum.class_info.name)]]

    def imports(self, methods: Sequence[MethodView]) -> Sequence[str]:
        """What the annotations of `methods` need from the standard library."""
        shown = [argument.annotation for method in methods for argument in method.arguments]
        shown += [text for method in methods for text in (method.returns, method.body or "")]
        words = set(re.findall(r"(?<![.\w])\w+", " ".join(shown)))
        return [line for word, line in _IMPORTS.items() if word in words]

    def runtime_names(self, methods: Sequence[MethodView]) -> Sequence[str]:
        """What the methods need from the runtime."""
        arguments = [argument for method in methods for argument in method.arguments]
        absent = any(not argument.required for argument in arguments)
        absent |= any(method.body and not method.body_required for method in methods)
        absent |= any(method.whole for method in methods)
        fields = any(argument.location == "body" for argument in arguments)
        return [*["ABSENT"][:absent], "AsyncClient", "CallOptions", "Client", *["Fields"][:fields]]

    @property
    def base_url_env(self) -> str | None:
        return self.spec.base_url_env

    def attribute(self, tag: str) -> str:
        """The client's attribute for a resource."""
        return tag + "_" if tag in _CLIENT_NAMES else tag

    def resource_name(self, collection: EndpointCollection) -> str:
        """The class of a resource: `CallResource`."""
        return "".join(part.capitalize() for part in collection.tag.split("_")) + "Resource"

    def client_doc(self) -> Sequence[str]:
        """What the client's class says of itself."""
        spec = self.spec
        lines = [f"A client for {spec.title}."]
        for scheme in spec.security_schemes.values():
            how = f"; default: the environment variable {scheme.env}" if scheme.env else ""
            lines.append(f"{scheme.argument}: sent as {scheme.wire_name}{how}.")
        if self.base_url_env:
            lines.append(f"base_url: default: the environment variable {self.base_url_env}.")
        return lines

    def methods(self, collection: EndpointCollection) -> Sequence[MethodView]:
        return [self.method(endpoint) for endpoint in collection.endpoints]

    def method(self, endpoint: Endpoint) -> MethodView:
        prepared = self.prepared.operations[endpoint.name]
        operation = prepared.operation
        arguments = [
            self._parameter(prop, prepared.parameters[text_of(prop.name)])
            for prop in endpoint.query_parameters
        ]
        positional = [argument for argument in arguments if argument.location == "path"]
        parameters = [argument for argument in arguments if argument.location != "path"]
        fields, body, whole = self._body(endpoint, {argument.name for argument in arguments})
        keywords = sorted([*parameters, *fields], key=lambda argument: not argument.required)
        return MethodView(
            operation=operation,
            name=prepared.method,
            module=prepared.module,
            parameters=list(prepared.parameters.values()),
            positional=positional,
            keywords=keywords,
            body=body,
            body_type=prepared.body.media_type if prepared.body else None,
            whole=whole,
            body_required=bool(operation.body and operation.body.required),
            returns=self._returns(endpoint),
            responses=[self._response(endpoint, response) for response in _all(endpoint)],
            media_types=list(prepared.media_types.items()),
            doc=_doc(operation, [*positional, *keywords]),
        )

    def _parameter(self, prop: Any, prepared: PreparedParameter) -> ArgumentView:
        parameter = prepared.parameter
        return ArgumentView(
            name=prepared.name,
            wire=prepared.key,
            annotation=self.annotations.of(prop, "models."),
            required=prop.required,
            location=parameter.place,
            nullable=is_nullable(prop),
            description=_facts(parameter.description, parameter.schema),
        )

    def _body_field(self, prop: Any, field: PreparedField, taken: Set[str]) -> ArgumentView:
        return ArgumentView(
            name=field.name + "_" if field.name in taken else field.name,
            wire=field.wire,
            annotation=self.annotations.of(prop, "models."),
            required=field.required,
            location="body",
            nullable=is_nullable(prop),
            description=field.description,
        )

    def _body(
        self, endpoint: Endpoint, taken: set[str]
    ) -> tuple[list[ArgumentView], str | None, str | None]:
        """The body's fields as arguments, and its type as a whole; or, where it has no fields or
        their names clash, only its type."""
        prepared = self.prepared.operations[endpoint.name]
        if prepared.body is None or not endpoint.bodies:
            return [], None, None
        kind, prop = prepared.body.kind, endpoint.bodies[0].prop
        shown = self._body_annotation(kind, prop)
        if isinstance(prop, ModelProperty) and not self.annotations.is_free_form(prop):
            fields = [
                self._body_field(inner, field, METHOD_NAMES)
                for inner, field in self._properties(prop)
                if not field.read_only
            ]
            if not taken & {field.name for field in fields} and prop.required:
                return fields, None, shown
        return [], shown, None

    def _body_annotation(self, kind: BodyKind, prop: Any) -> str:
        if kind in _TEXTS:
            return "str | bytes"
        if kind == "binary":
            return "bytes"
        shown = self.annotations.of(prop, "models.")
        return "Mapping[str, Any]" if kind != "json" and shown == "Any" else shown

    def _response(self, endpoint: Endpoint, response: Any) -> tuple[str, str | None]:
        """Status and type of the JSON form of a response."""
        prepared = self.prepared.operations[endpoint.name]
        status = prepared.responses[str(response.status_code.pattern)].status
        shown = self.annotations.of(response.prop, "models.")
        return status, None if shown == "Any" else shown

    def _returns(self, endpoint: Endpoint) -> str:
        """What a method returns: a type for each kind of body that a success can have."""
        prepared = self.prepared.operations[endpoint.name]
        found = [(prepared.responses[str(r.status_code.pattern)], r) for r in _all(endpoint)]
        success = [each for each in found if each[0].status.startswith("2")]
        success = success or [each for each in found if each[0].status == "default"]
        names: list[str] = []
        for documented, response in success:
            shown = self.annotations.of(response.prop, "models.")
            names += [_returned(kind, shown) for kind in documented.kinds]
            names += [] if documented.kinds else ["None"]
        if "Any" in names or not names:
            return "Any"
        return " | ".join(sorted(dict.fromkeys(names), key=lambda name: name == "None"))


def client_class(spec: Spec) -> str:
    """The class of the client; a keyword such as `None` is no class."""
    name = spec.client_class
    return name + "_" if iskeyword(name) else name


def _all(endpoint: Endpoint) -> list[Any]:
    return list(endpoint.responses.patterns)


def _returned(kind: BodyKind | None, shown: str) -> str:
    if kind == "json":
        return shown
    if kind is None:
        return "Any"
    return "str" if kind in _TEXTS else "bytes"


def _doc(operation: Operation, arguments: Sequence[ArgumentView]) -> list[str]:
    """Paragraphs: what the operation does, and a line for every argument."""
    lines = [operation.summary or f"{operation.method} {operation.path}"]
    if operation.description and operation.description.strip() != lines[0]:
        lines.append(operation.description)
    described = [a for a in arguments if a.description]
    if described:
        rows = [f"    {a.name}: {' '.join(a.description.split())}" for a in described]
        lines.append("Args:\n" + "\n".join(rows))
    if operation.docs_url:
        lines.append(f"Documented at {operation.docs_url}")
    return lines


def _facts(description: str, schema: Mapping[str, Any]) -> str:
    """A description with the bounds and the default that stand beside it in the spec."""
    said = [description.strip().rstrip(".")] if description.strip() else []
    if "minimum" in schema:
        said.append(f"at least {schema['minimum']}")
    if "maximum" in schema:
        said.append(f"at most {schema['maximum']}")
    if "default" in schema:
        said.append(f"by default {schema['default']}")
    return "; ".join(said) + "." if said else ""
