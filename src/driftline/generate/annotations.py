"""Type annotations for parsed properties, and safe Python literals."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any

from openapi_python_client.parser.properties import LiteralEnumProperty, ModelProperty
from openapi_python_client.parser.properties.any import AnyProperty
from openapi_python_client.parser.properties.boolean import BooleanProperty
from openapi_python_client.parser.properties.const import ConstProperty
from openapi_python_client.parser.properties.date import DateProperty
from openapi_python_client.parser.properties.datetime import DateTimeProperty
from openapi_python_client.parser.properties.float import FloatProperty
from openapi_python_client.parser.properties.int import IntProperty
from openapi_python_client.parser.properties.list_property import ListProperty
from openapi_python_client.parser.properties.none import NoneProperty
from openapi_python_client.parser.properties.string import StringProperty
from openapi_python_client.parser.properties.union import UnionProperty
from openapi_python_client.parser.properties.uuid import UuidProperty

from driftline.generate.prepare import GeneratorInput, PreparedField

_PLAIN: dict[type[Any], str] = {
    AnyProperty: "Any",
    BooleanProperty: "bool",
    DateProperty: "datetime.date",
    DateTimeProperty: "datetime.datetime",
    FloatProperty: "float",
    IntProperty: "int",
    NoneProperty: "None",
    StringProperty: "str",
    UuidProperty: "UUID",
}


class Annotations:
    """The types of one API's properties.

    A property that refers to a model has only its name; `models` has the class for the name.
    """

    def __init__(self, models: Iterable[ModelProperty], generator_input: GeneratorInput) -> None:
        self.models = {str(model.class_info.name): model for model in models}
        self.generator_input = generator_input

    def list_properties(self, component: str) -> dict[str, Any]:
        """Return the properties of a class by input name, required ones first."""
        model = self.models[component]
        listing = [*(model.required_properties or []), *(model.optional_properties or [])]
        return {read_text(prop.name): prop for prop in listing}

    def list_fields(self, model: ModelProperty) -> list[tuple[Any, PreparedField]]:
        """Return the properties of a model with their parts of the spec; none for a mapping."""
        name = str(model.class_info.name)
        if name not in self.generator_input.models:
            return []
        fields = self.generator_input.models[name].fields
        return [(prop, fields[key]) for key, prop in self.list_properties(name).items()]

    def is_free_form(self, model: ModelProperty) -> bool:
        """Return whether an object has no documented field.

        It is typed as a mapping, since a class would say less.
        """
        parsed_model = self.models.get(str(model.class_info.name), model)
        return not parsed_model.required_properties and not parsed_model.optional_properties

    def annotate(self, prop: Any, prefix: str = "", dicts: str | None = None) -> str:
        """Return the type of `prop` as Python source; `prefix` precedes the names of models.

        Requests may also contain dicts: `dicts` is the prefix of their TypedDicts, which are named
        after the models with the suffix `Dict`.
        """
        members = self._list_members(prop, prefix, dicts)
        return " | ".join(dict.fromkeys(sorted(members, key=lambda name: name == "None")))

    def _list_members(self, prop: Any, prefix: str, dicts: str | None) -> Iterator[str]:
        if type(prop) in _PLAIN:
            yield _PLAIN[type(prop)]
        elif isinstance(prop, UnionProperty):
            for member in prop.inner_properties:
                yield from self._list_members(member, prefix, dicts)
        elif isinstance(prop, ListProperty):
            yield f"Sequence[{self.annotate(prop.inner_property, prefix, dicts)}]"
        elif isinstance(prop, LiteralEnumProperty):
            yield prefix + prop.class_info.name
        elif isinstance(prop, ConstProperty):
            yield f"Literal[{_format_literal(prop.value.raw_value)}]"
        elif isinstance(prop, ModelProperty):
            yield from self._list_model(prop, prefix, dicts)
        else:
            yield "Any"

    def _list_model(self, prop: ModelProperty, prefix: str, dicts: str | None) -> Iterator[str]:
        name = str(prop.class_info.name)
        if self.is_free_form(prop):
            values = self.models.get(name, prop).additional_properties
            yield f"Mapping[str, {self.annotate(values, prefix, dicts) if values else 'Any'}]"
            return
        yield prefix + name
        if dicts is not None:
            yield f"{dicts}{name}Dict"
            if self.generator_input.models[name].has_more:
                yield "Mapping[str, Any]"

    def list_models(self, prop: Any) -> Iterator[tuple[str, str]]:
        """Return module and name of every model and enum in the annotation of `prop`."""
        if isinstance(prop, ListProperty):
            yield from self.list_models(prop.inner_property)
        elif isinstance(prop, UnionProperty):
            for member in prop.inner_properties:
                yield from self.list_models(member)
        elif isinstance(prop, ModelProperty) and self.is_free_form(prop):
            parsed_model = self.models.get(str(prop.class_info.name), prop)
            yield from self.list_models(parsed_model.additional_properties)
        elif isinstance(prop, (ModelProperty, LiteralEnumProperty)):
            yield str(prop.class_info.module_name), str(prop.class_info.name)


def is_nullable(prop: Any) -> bool:
    """Return whether null is a value of the property."""
    if isinstance(prop, UnionProperty):
        return any(is_nullable(member) for member in prop.inner_properties)
    return isinstance(prop, (NoneProperty, AnyProperty))


def read_text(value: Any) -> str:
    """Return the text of a plain string or of a wrapped string of the generator."""
    raw = getattr(value, "get_untrusted_value", None)
    return str(raw() if raw else value or "")


def _format_literal(value: Any) -> str:
    return ascii(value) if isinstance(value, (bool, int, float)) else format_text(value)


def format_text(value: Any) -> str:
    """Return a Python string literal for any string."""
    return ascii(read_text(value))


def format_docstring(*paragraphs: str, indent: int = 4, width: int = 96) -> str:
    """Return a docstring literal that no text can end or escape from."""
    cleaned = [_clean(paragraph) for paragraph in paragraphs if paragraph.strip()]
    margin = " " * indent
    lines: list[str] = []
    for paragraph in cleaned:
        lines += (
            ["", *_wrap_paragraph(paragraph, width - indent)]
            if lines
            else _wrap_paragraph(paragraph, width - indent)
        )
    if len(lines) <= 1:
        return f'"""{"".join(lines)}"""'
    body = "\n".join(margin + line if line else "" for line in lines[1:])
    return f'"""{lines[0]}\n{body}\n{margin}"""'


def _clean(paragraph: str) -> str:
    printable = "".join(c for c in paragraph if c in "\n\t" or unicodedata.category(c)[0] != "C")
    return printable.replace("\\", "\\\\").replace('"', "'").strip()


def _wrap_paragraph(paragraph: str, width: int) -> list[str]:
    """Return lines of at most `width`; a line that begins with a space keeps its indentation."""
    lines: list[str] = []
    for line in paragraph.splitlines():
        margin = line[: len(line) - len(line.lstrip())]
        current = margin
        for word in line.split():
            if len(current) + len(word) + 1 > width and current.strip():
                lines.append(current)
                current = margin + ("    " if margin else "")
            current = current + " " + word if current.strip() else current + word
        lines.append(current)
    return lines
