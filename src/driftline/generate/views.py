"""The views for the templates: the generator's models and endpoints joined with the spec.

The templates only place text; every decision is made here, where it is type-checked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any, cast

import attrs
from openapi_python_client.parser.openapi import EndpointCollection
from openapi_python_client.parser.properties import LiteralEnumProperty, ModelProperty
from openapi_python_client.parser.properties.list_property import ListProperty

from driftline.generate.annotations import Annotations, format_text, is_nullable, read_text
from driftline.generate.prepare import (
    PreparedField,
)
from driftline.generate.statuses import ErrorView, build_error_views, list_error_names
from driftline.generate.template_views import (
    DictView,
    Entry,
    FieldView,
    MethodView,
    ModelView,
    StreamView,
    format_server,
)
from driftline.openapi import Listing, SecurityScheme, Spec, is_array, split
from driftline.runtime import AsyncClient, Client, Paging

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
_RUNTIME_TYPES = frozenset(
    {
        *("AsyncBinaryResponse", "AsyncStream", "BinaryResponse", "BinaryTypes", "Content"),
        *("FileTypes", "JsonLinesTypes", "ListPage", "Stream", "StreamEvent"),
    }
)


class ClientViews:
    """The views of one API; the templates call these."""

    def __init__(
        self,
        spec: Spec,
        annotations: Annotations,
        methods: Sequence[MethodView] = (),
    ) -> None:
        self.spec = spec
        self.generator_input = annotations.generator_input
        self.annotations = annotations
        self.class_name = spec.client_class
        self._methods = methods
        self.listings = dict(self._list_pages(methods))
        self.errors: Sequence[ErrorView] = build_error_views(
            (status, annotation)
            for method in methods
            for status, annotation in method.responses
            if annotation and annotation.removeprefix("models.") in self.generator_input.models
        )
        self.error_names: Sequence[str] = list_error_names(self.errors)

    def _list_pages(self, methods: Iterable[MethodView]) -> Iterator[tuple[str, str]]:
        """Yield the class of each page of a listing, and the pointer to its rows."""
        for method in methods:
            listing = method.operation.listing
            for status, annotation in method.responses if listing else ():
                if listing and annotation and status.startswith("2"):
                    yield annotation.removeprefix("models."), listing.items

    def view_model(self, model: ModelProperty) -> ModelView:
        properties = self.annotations.list_fields(model)
        prepared_model = self.generator_input.models[str(model.class_info.name)]
        more = model.additional_properties if prepared_model.has_more else None
        all_properties = [prop for prop, _ in properties] + ([more] if more else [])
        imports = {name for prop in all_properties for name in self.annotations.list_models(prop)}
        own_import = (str(model.class_info.module_name), str(model.class_info.name))
        return ModelView(
            name=model.class_info.name,
            description=read_text(model.description),
            fields=[self._view_field(prop, field) for prop, field in properties],
            imports=sorted((imports | self._list_row_models(model)) - {own_import}),
            row=self._view_row(model),
            more=self.annotations.annotate(more) if more else None,
        )

    def _find_items(self, model: ModelProperty) -> Any:
        """Return the property with the rows, if the model is a page of a listing."""
        pointer = self.listings.get(str(model.class_info.name))
        prop: Any = model
        for token in split(pointer) if pointer else ():
            fields = self.annotations.list_fields(prop)
            candidates = (candidate for candidate, field in fields if field.wire == token)
            prop = next(candidates, None)
            if not isinstance(prop, ModelProperty):
                break
        return prop if isinstance(prop, ListProperty) else None

    def _view_row(self, model: ModelProperty) -> str | None:
        items = self._find_items(model)
        return self.annotations.annotate(items.inner_property) if items else None

    def _list_row_models(self, model: ModelProperty) -> set[tuple[str, str]]:
        items = self._find_items(model)
        return set(self.annotations.list_models(items.inner_property)) if items else set()

    def name_paging_class(self, listing: Listing) -> str:
        """Return the runtime class for a page style: `CursorPaging` for `cursor`."""
        return "".join(map(str.capitalize, listing.page.name.split("-"))) + "Paging"

    def list_paging_arguments(self, listing: Listing) -> Sequence[tuple[str, str]]:
        """Return the arguments of a paging class for x-listing, as keyword and literal."""
        paging_fields = attrs.fields_dict(Paging)
        arguments = attrs.asdict(
            listing.page,
            recurse=False,
            filter=lambda field, value: field.name in paging_fields and value != field.default,
        )
        arguments |= {"total": listing.total, "size": listing.size.parameter}
        arguments["total_header"] = listing.total_header
        return [(name, ascii(value)) for name, value in arguments.items() if value is not None]

    def _view_field(self, prop: Any, field: PreparedField) -> FieldView:
        annotation = self.annotations.annotate(prop)
        nullable = is_nullable(prop)
        if not prop.required and not nullable:
            annotation += " | None"
        return FieldView(
            name=field.name,
            wire=field.wire,
            annotation=annotation,
            required=prop.required,
            nullable=nullable,
            description=field.description,
            read_only=field.read_only,
            write_only=field.write_only,
        )

    @cached_property
    def dicts(self) -> Sequence[DictView]:
        """The TypedDicts in the arguments of methods, and those nested in them."""
        views: dict[str, DictView] = {}
        pending = {name for method in self._methods for name in method.dicts}
        while pending:
            name = pending.pop()
            fields = self.annotations.list_fields(self.annotations.models[name])
            sent_fields = [(prop, field) for prop, field in fields if not field.read_only]
            items = [(field.wire, self._annotate_item(prop, field)) for prop, field in sent_fields]
            views[name] = DictView(f"{name}Dict", items)
            model_names = {
                model_name
                for prop, _ in sent_fields
                for _, model_name in self.annotations.list_models(prop)
            }
            pending |= (model_names & self.generator_input.models.keys()) - views.keys()
        return [views[name] for name in sorted(views)]

    def has_dicts(self, methods: Sequence[MethodView]) -> bool:
        """Return whether an argument of the methods may be a TypedDict."""
        return any(method.dicts for method in methods)

    def has_content(self, methods: Sequence[MethodView]) -> bool:
        """Return whether a method takes fields, or content of another media type."""
        return any(method.takes_content for method in methods)

    def _annotate_item(self, prop: Any, field: PreparedField) -> str:
        presence = "_Required" if field.required else "_NotRequired"
        annotation = self.annotations.annotate(prop, "models.", "")
        if field.file:  # a file only in a form; a string as part of JSON
            annotation = "str | FileTypes" if field.file == "one" else "Sequence[str | FileTypes]"
            annotation += " | None" if is_nullable(prop) else ""
        return f"{presence}[{annotation}]"

    def list_dict_imports(self) -> Sequence[str]:
        """Return the imports of the TypedDicts."""
        annotations = [annotation for view in self.dicts for _, annotation in view.items]
        files = any("FileTypes" in annotation for annotation in annotations)
        return [*_list_imports(annotations), *["from driftline.runtime import FileTypes"][:files]]

    def list_enum_values(self, enum: LiteralEnumProperty) -> Sequence[str]:
        """Return the values as literals, in the order of the spec."""
        return [ascii(value) for value in self.generator_input.enums[str(enum.class_info.name)]]

    def list_imports(self, methods: Sequence[MethodView]) -> Sequence[str]:
        """Return the standard library imports for the annotations of `methods`."""
        methods = _add_streams(methods)
        annotations = [argument.annotation for method in methods for argument in method.arguments]
        annotations += [
            annotation for method in methods for annotation in (method.returns, method.body or "")
        ]
        return _list_imports(annotations)

    def list_response_imports(self, method: MethodView) -> Sequence[str]:
        """Return the standard library imports for the response types."""
        annotations = [annotation for _, annotation in method.responses]
        annotations += [data for stream in method.streams for data in _list_data(stream)]
        return _list_imports(filter(None, annotations))

    def format_stream_items(self, stream: StreamView) -> str:
        """Return the arguments of `StreamItems`."""
        parts = [f"lambda: {stream.data}" if stream.data else "None"]
        events = [f"{format_text(name)}: lambda: {data or 'Any'}" for name, data in stream.events]
        return ", ".join([*parts, *(["{" + ", ".join(events) + "}"] if events else [])])

    def list_runtime_names(self, methods: Sequence[MethodView]) -> Sequence[str]:
        """Return the runtime names that the methods need."""
        methods = _add_streams(methods)
        arguments = [argument for method in methods for argument in method.arguments]
        absent = any(not argument.required for argument in arguments)
        absent |= any(method.body and not method.body_required for method in methods)
        absent |= any(method.takes_content for method in methods)
        fields = any(argument.location == "body" for argument in arguments)
        annotations = " ".join(argument.annotation for argument in arguments)
        for method in methods:
            annotations += f" {method.body} {method.returns} {method.returns_async}"
            annotations += " Content" if method.takes_content else ""
        used_names = set(re.findall(r"\w+", annotations))
        names = {"AsyncClient", "CallOptions", "Client"}
        names |= {*["ABSENT"][:absent], *["Fields"][:fields]}
        used_names |= {name for method in methods for name in re.findall(r"\w+", method.returns)}
        return sorted(names | (_RUNTIME_TYPES & used_names))

    def list_operation_names(self, method: MethodView) -> Sequence[str]:
        """Return the runtime names that the module of an operation needs."""
        variables = any(variables for _, variables in method.servers)
        listing = method.operation.listing
        paging = self.name_paging_class(listing) if listing else ""
        candidates = {
            "Encoding": bool(method.encodings),
            paging: bool(paging),
            "StreamItems": bool(method.streams),
            "Endpoint": True,
            "WireParameter": bool(method.parameters),
            "BaseUrl": bool(method.servers),
            "UrlVariable": variables,
        }
        return [name for name, is_needed in candidates.items() if is_needed]

    @property
    def credentials(self) -> Sequence[SecurityScheme]:
        """The security schemes that are arguments; a certificate is part of the connection."""
        schemes = self.spec.security_schemes.values()
        return [scheme for scheme in schemes if str(scheme.kind) != "mutualTLS"]

    def annotate_secret(self, scheme: SecurityScheme, prefix: str) -> str:
        """Return the type of a credential, in the client with this prefix."""
        is_whole_header = str(scheme.kind) == "http"
        name = self.choose_import_name("Authorization" if is_whole_header else f"{prefix}Secret")
        return f"{name} | {self.choose_import_name('TokenGrant')}" if scheme.token_urls else name

    def annotate_secrets(self, prefix: str) -> str:
        """Return the type of any credential."""
        secrets = (self.annotate_secret(scheme, prefix) for scheme in self.credentials)
        kinds = dict.fromkeys(kind for secret in secrets for kind in secret.split(" | "))
        return " | ".join(kinds) or self.choose_import_name(f"{prefix}Secret")

    @property
    def base_url(self) -> str:
        """The URL of the first server, its variables in braces."""
        servers = self.spec.document.get("servers")
        url = servers[0].get("url") if is_array(servers) and servers else None
        return url if isinstance(url, str) else ""

    def list_client_imports(self) -> Sequence[str]:
        """Return the runtime names that the module of the client needs."""
        names = ["Api", "AsyncClient", "AsyncClientOptions", "AsyncSecret", "Client"]
        names += ["ClientOptions", "Credential", "Endpoints", "Secret"]
        names += ["UrlVariable"][: len(self.server_variables)]
        is_any_whole = any(str(scheme.kind) == "http" for scheme in self.credentials)
        names += ["Authorization"][:is_any_whole]
        names += ["TokenGrant"][: any(scheme.token_urls for scheme in self.credentials)]
        return list(map(self.format_import, names))

    @property
    def base_url_env(self) -> str | None:
        return self.spec.base_url_env

    @property
    def server_variables(self) -> Sequence[tuple[str, str]]:
        """The variables of the base URL."""
        servers = self.spec.document.get("servers")
        return format_server(servers[0])[1] if is_array(servers) and servers else []

    def choose_import_name(self, name: str) -> str:
        """Return the name of a runtime class in the client's module, renamed in a clash."""
        return f"_{name}" if name in {self.class_name, f"Async{self.class_name}"} else name

    def format_import(self, name: str) -> str:
        """Return the import of a runtime class, renamed if necessary."""
        import_name = self.choose_import_name(name)
        return name if import_name == name else f"{name} as {import_name}"

    def name_attribute(self, tag: str) -> str:
        """Return the client's attribute for a resource."""
        return tag + "_" if tag in _CLIENT_NAMES else tag

    def name_resource(self, collection: EndpointCollection) -> str:
        """Return the class of a resource: `CallResource`."""
        return "".join(part.capitalize() for part in collection.tag.split("_")) + "Resource"

    def describe_client(self) -> Sequence[str]:
        """Return the docstring of the client's class."""
        spec = self.spec
        lines = [f"A client for {spec.title}."]
        for scheme in self.credentials:
            default = f"; default: the environment variable {scheme.env}" if scheme.env else ""
            lines.append(f"{scheme.argument}: sent as {scheme.wire_name}{default}.")
        if self.base_url_env:
            lines.append(f"base_url: default: the environment variable {self.base_url_env}.")
        return lines

    def list_methods(self, collection: EndpointCollection) -> Sequence[MethodView]:
        # They replace the generator's own (see `render`).
        entries = cast("Sequence[Entry]", collection.endpoints)
        return [entry.method for entry in entries]


def _add_streams(methods: Iterable[MethodView]) -> list[MethodView]:
    return [view for method in methods for view in (method, method.stream) if view]


def _list_data(stream: StreamView) -> Iterator[str]:
    yield from (data or "Any" for _, data in stream.events)
    yield stream.data or ""


def _list_imports(annotations: Iterable[str]) -> list[str]:
    used_names = set(re.findall(r"(?<![.\w])\w+", " ".join(annotations)))
    return [line for name, line in _IMPORTS.items() if name in used_names]
