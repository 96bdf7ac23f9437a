"""What the templates show: the generator's models and endpoints, joined with the spec's own words.

The templates only place text; every decision is made here, where it is type-checked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from keyword import iskeyword
from typing import Any

from openapi_python_client.parser.openapi import Endpoint, EndpointCollection
from openapi_python_client.parser.properties import LiteralEnumProperty, ModelProperty
from openapi_python_client.parser.properties.list_property import ListProperty
from openapi_python_client.strings import PythonIdentifier

from driftline.errors import GenerationError
from driftline.generate.annotations import Annotations, is_nullable, text_of
from driftline.generate.shown import ArgumentView, FieldView, MethodView, ModelView
from driftline.generate.statuses import ErrorView, error_names, error_views
from driftline.runtime import CallOptions
from driftline.spec import Operation, Spec
from driftline.spec.pointer import is_array, split
from driftline.spec.vocabulary import Listing
from driftline.spec.walk import nodes

__all__ = ["Views"]

# What `driftline.runtime.Model` and its fields need for themselves.
_MODEL_NAMES = frozenset(
    {"accepts", "async_pages", "extra", "from_dict", "is_set", "pages"}
    | {"read_from", "to_dict", "to_json"}
)
_METHOD_NAMES = frozenset({"body", "options", "self", *CallOptions.__annotations__})
_CLIENT_NAMES = frozenset({"aclose", "close", "raw", "request", "stream", "with_options"})
_IMPORTS = {
    "Any": "from typing import Any",
    "Literal": "from typing import Literal",
    "Mapping": "from collections.abc import Mapping",
    "Sequence": "from collections.abc import Sequence",
    "UUID": "from uuid import UUID",
    "datetime": "import datetime",
}


class Views:
    """The views of one API; the templates call these."""

    def __init__(
        self, spec: Spec, annotations: Annotations, endpoints: Iterable[Endpoint] = ()
    ) -> None:
        self.spec = spec
        self.annotations = annotations
        self.class_name = spec.client_class
        self.operations: Mapping[str, Operation] = {
            PythonIdentifier(operation.id, "field_"): operation for operation in spec.operations
        }
        endpoints = list(endpoints)
        self.listings = dict(self._listings(endpoints))
        answers = (answer for endpoint in endpoints for answer in self._all(endpoint))
        self.errors: Sequence[ErrorView] = error_views(map(self._response, answers))
        self.error_names: Sequence[str] = error_names(self.errors)

    def _listings(self, endpoints: Iterable[Endpoint]) -> Iterator[tuple[str, str]]:
        """The class of each page of a listing, and the pointer to the rows in it."""
        for endpoint in endpoints:
            listing = self.operations[endpoint.name].listing
            for response in endpoint.responses.patterns:
                success = str(response.status_code.pattern).startswith("2")
                if listing and success and isinstance(response.prop, ModelProperty):
                    yield str(response.prop.class_info.name), listing.items

    def model(self, model: ModelProperty) -> ModelView:
        required = [self._field(prop, True) for prop in model.required_properties or []]
        optional = [self._field(prop, False) for prop in model.optional_properties or []]
        props = [*(model.required_properties or []), *(model.optional_properties or [])]
        named = {name for prop in props for name in self.annotations.models_in(prop)}
        own = (str(model.class_info.module_name), str(model.class_info.name))
        return ModelView(
            name=model.class_info.name,
            description=text_of(model.description) or text_of(model.data.title),
            fields=[*required, *optional],
            imports=sorted((named | self._row_models(model)) - {own}),
            row=self._row(model),
        )

    def _items(self, model: ModelProperty) -> Any:
        """The rows' property, if the model is a page of a listing and they are in it by name."""
        pointer = self.listings.get(str(model.class_info.name))
        prop: Any = model
        for token in split(pointer) if pointer else ():
            known = self.annotations.models.get(str(prop.class_info.name))
            props = (
                [*(known.required_properties or []), *(known.optional_properties or [])]
                if (known)
                else []
            )
            prop = next((each for each in props if text_of(each.name) == token), None)
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

    def _field(self, prop: Any, required: bool) -> FieldView:
        shown = self.annotations.of(prop)
        nullable = is_nullable(prop)
        if not required and not nullable:
            shown += " | None"
        name = str(prop.python_name)
        return FieldView(
            name=name + "_" if name in _MODEL_NAMES else name,
            wire=text_of(prop.name),
            annotation=shown,
            required=required,
            nullable=nullable,
            description=text_of(prop.description),
        )

    def enum_values(self, enum: LiteralEnumProperty) -> Sequence[str]:
        """The values as literals, in the order of the spec where one enum of it has just these."""
        for _, node in nodes(self.spec.document):
            listed = [ascii(value) for value in _list(node.get("enum"))]
            if set(listed) == set(map(ascii, enum.values)):
                return listed
        return sorted(map(ascii, enum.values))

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
        fields = any(argument.in_body for argument in arguments)
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
        operation = self.operations[endpoint.name]
        wire_names = [parameter.name for parameter in operation.parameters]
        if len(set(wire_names)) < len(wire_names):
            what = f"two parameters of {operation.id} have one name in different places"
            raise GenerationError(self.spec.name, what, "Arguments are told apart by name only.")
        positional = [self._parameter(operation, prop) for prop in endpoint.path_parameters]
        others = (endpoint.query_parameters, endpoint.header_parameters, endpoint.cookie_parameters)
        parameters = [self._parameter(operation, prop) for props in others for prop in props]
        fields, body, whole = self._body(endpoint, {a.name for a in (*positional, *parameters)})
        keywords = sorted([*parameters, *fields], key=lambda argument: not argument.required)
        name = operation.name
        return MethodView(
            operation=operation,
            name=name + "_" if iskeyword(name) or not name.isidentifier() else name,
            module=str(endpoint.name),
            positional=positional,
            keywords=keywords,
            body=body,
            whole=whole,
            body_required=bool(operation.body and operation.body.required),
            returns=self._returns(endpoint),
            responses=[self._response(response) for response in self._all(endpoint)],
            doc=_doc(operation, [*positional, *keywords]),
        )

    def _parameter(self, operation: Operation, prop: Any) -> ArgumentView:
        wire = text_of(prop.name)
        found = next(p for p in operation.parameters if p.name == wire)
        return self._argument(prop, False, _facts(found.description, found.schema))

    def _argument(self, prop: Any, in_body: bool, description: str) -> ArgumentView:
        name = str(prop.python_name)
        return ArgumentView(
            name=name + "_" if name in _METHOD_NAMES else name,
            wire=text_of(prop.name),
            annotation=self.annotations.of(prop, "models."),
            required=prop.required,
            in_body=in_body,
            nullable=is_nullable(prop),
            description=description,
        )

    def _body(
        self, endpoint: Endpoint, taken: set[str]
    ) -> tuple[list[ArgumentView], str | None, str | None]:
        """The body's fields as arguments, and its type as a whole; or, where it has no fields or
        their names clash, only its type."""
        if not endpoint.bodies:
            return [], None, None
        body = endpoint.bodies[0]
        if len(endpoint.bodies) > 1 or body.body_type != "json":
            what = f"{endpoint.name} takes a body that is not JSON ({text_of(body.content_type)})"
            raise GenerationError(self.spec.name, what, "Describe its JSON form only.")
        prop = body.prop
        if isinstance(prop, ModelProperty) and not self.annotations.is_free_form(prop):
            known = self.annotations.models[str(prop.class_info.name)]
            props = [*(known.required_properties or []), *(known.optional_properties or [])]
            fields = [self._argument(field, True, text_of(field.description)) for field in props]
            if not taken & {field.name for field in fields} and prop.required:
                return fields, None, self.annotations.of(prop, "models.")
        return [], self.annotations.of(prop, "models."), None

    def _all(self, endpoint: Endpoint) -> list[Any]:
        default = endpoint.responses.default
        return [*endpoint.responses.patterns, *([default] if default else [])]

    def _response(self, response: Any) -> tuple[str, str | None]:
        status = str(response.status_code.pattern)
        shown = self.annotations.of(response.prop, "models.")
        return status, None if shown == "Any" else shown

    def _returns(self, endpoint: Endpoint) -> str:
        responses = map(self._response, self._all(endpoint))
        names = [name or "Any" for status, name in responses if status.startswith("2")]
        if not names:
            return "None"
        documented = self.operations[endpoint.name].responses
        empty = [r for r in documented if r.status.startswith("2") and not r.content]
        if empty and set(names) <= {"Any"}:
            return "None"
        return " | ".join(dict.fromkeys(names))


def _list(value: Any) -> list[Any]:
    return value if is_array(value) else []


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
