"""Bodies before encoding: keyword arguments, a model or mapping, or content with its type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from driftline.runtime.encode.values import ABSENT
from driftline.runtime.endpoint import Endpoint
from driftline.runtime.errors import ArgumentError
from driftline.runtime.json_types import is_mapping


class Content:
    """A body of another documented media type than that of the keywords.

    For example `body=Content(b"id,name ", "text/csv")`.
    """

    __slots__ = ("media_type", "value")

    value: Any
    media_type: str

    def __init__(self, value: Any, media_type: str) -> None:
        self.value, self.media_type = value, media_type

    def __repr__(self) -> str:
        return f"Content({type(self.value).__name__}, {self.media_type!r})"


class Fields(dict[str, Any]):
    """A body given as keyword arguments, by wire name; used by generated code."""

    if TYPE_CHECKING:
        # For the overloads of dict, mypy joins the types of all fields, which takes minutes for
        # bodies with large unions of TypedDicts.

        def __init__(self, fields: dict[str, Any]) -> None: ...

    def choose_body(self, content: Content | None) -> Content | Fields:
        """Return the content of another media type, or these fields without one.

        Raises:
            ArgumentError: both were passed.
        """
        if content is ABSENT or content is None:
            return self
        fields = [name for name, value in self.items() if value is not ABSENT]
        if fields:
            raise ArgumentError(f"pass either body= or its fields, not both ({', '.join(fields)})")
        return content


def select_fields(operation: Endpoint, body: Any, kind: str) -> Mapping[str, Any]:
    """Return the fields of a body to send, by wire name, not yet encoded.

    Raises:
        ArgumentError: a required field is missing, or the body has no fields.
    """
    if isinstance(body, Fields):
        missing = [name for name in operation.required_fields if body[name] is ABSENT]
        if missing:
            raise ArgumentError(f"{operation.id}: the body needs {', '.join(missing)}")
        return {
            name: value
            for name, value in body.items()
            if value is not ABSENT and (value is not None or name in operation.nullable)
        }
    write_fields = getattr(body, "_list_fields_to_send", None)
    if write_fields is not None:
        fields: Mapping[str, Any] = write_fields()
        return fields
    if is_mapping(body):
        return {str(name): value for name, value in body.items() if value is not ABSENT}
    message = f"{operation.id}: a {kind} body is a mapping of its fields, not {type(body).__name__}"
    raise ArgumentError(message)
