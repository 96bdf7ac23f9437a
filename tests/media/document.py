"""A document with each kind of body: streams, files, forms, text, and several for one operation."""

from __future__ import annotations

from typing import Any

from generate.minimal import document_of, spec_of

from driftline.openapi import Spec

__all__ = ["LINES", "SSE", "build_document", "build_spec"]

SSE, LINES = "text/event-stream", "application/jsonl"
_TEXT = {"type": "string"}
_WORD = {
    "type": "object",
    "properties": {"word": _TEXT, "at": {"type": "number"}},
    "required": ["word"],
    "additionalProperties": False,
}
_DONE = {
    "type": "object",
    "properties": {"words": {"type": "integer"}},
    "required": ["words"],
    "additionalProperties": False,
}


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def _event(name: str, data: Any) -> dict[str, Any]:
    fields = {"event": {"const": name}, "data": data, "id": _TEXT}
    return {"type": "object", "properties": fields, "required": ["data"]}


def _operation(operation_id: str, responses: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "operationId": operation_id,
        "responses": {"200": {"description": "ok", "content": responses}},
        **more,
    }


def _body(**content: Any) -> dict[str, Any]:
    return {"required": True, "content": {name: {"schema": s} for name, s in content.items()}}


def build_document() -> dict[str, Any]:
    """The document; the paths are named by what they are about."""
    streams = {
        # OpenAPI 3.2, with events by name.
        "/words": _operation(
            "words.watch",
            {
                SSE: {
                    "itemSchema": {
                        "oneOf": [
                            _event(
                                "word",
                                {
                                    "type": "string",
                                    "contentMediaType": "application/json",
                                    "contentSchema": _ref("Word"),
                                },
                            ),
                            _event("done", _ref("Done")),
                        ]
                    }
                }
            },
        ),
        # The habits before it: the data of one event, all lines, text.
        "/data": _operation("data.watch", {SSE: {"schema": _ref("Word")}}),
        "/lines": _operation(
            "lines.export", {LINES: {"schema": {"type": "array", "items": _ref("Word")}}}
        ),
        "/text": _operation("text.watch", {SSE: {"schema": _TEXT}}),
        "/anything": _operation("anything.watch", {SSE: {}}),
    }
    chat = _operation(
        "chat.create",
        {"application/json": {"schema": _ref("Word")}, SSE: {"schema": _ref("Word")}},
        requestBody=_body(
            **{
                "application/json": {
                    "type": "object",
                    "properties": {"text": _TEXT, "stream": {"type": "boolean"}},
                    "required": ["text"],
                }
            }
        ),
    )
    return document_of(
        {**{path: {"get": each} for path, each in streams.items()}, "/chat": {"post": chat}},
        {"Word": _WORD, "Done": _DONE},
    )


def build_spec(**more: Any) -> Spec:
    """The spec of the document."""
    return spec_of({**build_document(), **more})
