"""A document with streams, files, forms, text, and operations with several media types."""

from __future__ import annotations

from typing import Any

from generate.minimal import make_document, make_spec

from driftline.openapi import Spec

__all__ = ["LINES", "SSE", "build_document", "build_spec"]

SSE, LINES = "text/event-stream", "application/jsonl"
_STRING = {"type": "string"}
_WORD_SCHEMA = {
    "type": "object",
    "properties": {"word": _STRING, "at": {"type": "number"}},
    "required": ["word"],
    "additionalProperties": False,
}
_DONE_SCHEMA = {
    "type": "object",
    "properties": {"words": {"type": "integer"}},
    "required": ["words"],
    "additionalProperties": False,
}
_SOUND = {
    "type": "object",
    "properties": {"id": _STRING, "title": _STRING},
    "required": ["id", "title"],
    "additionalProperties": False,
}


def _build_reference(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def _build_event(name: str, data: Any) -> dict[str, Any]:
    fields = {"event": {"const": name}, "data": data, "id": _STRING}
    return {"type": "object", "properties": fields, "required": ["data"]}


def _build_operation(
    operation_id: str, responses: dict[str, Any], **members: Any
) -> dict[str, Any]:
    return {
        "operationId": operation_id,
        "responses": {"200": {"description": "ok", "content": responses}},
        **members,
    }


def _build_body(**content: Any) -> dict[str, Any]:
    return {"required": True, "content": {name: {"schema": s} for name, s in content.items()}}


def build_document() -> dict[str, Any]:
    """Return the document, with paths named after their kind of body."""
    streams = {
        # OpenAPI 3.2, with events by name.
        "/words": _build_operation(
            "words.watch",
            {
                SSE: {
                    "itemSchema": {
                        "oneOf": [
                            _build_event(
                                "word",
                                {
                                    "type": "string",
                                    "contentMediaType": "application/json",
                                    "contentSchema": _build_reference("Word"),
                                },
                            ),
                            _build_event("done", _build_reference("Done")),
                        ]
                    }
                }
            },
        ),
        # The habits before it: the data of one event, all lines, text.
        "/data": _build_operation("data.watch", {SSE: {"schema": _build_reference("Word")}}),
        "/lines": _build_operation(
            "lines.export",
            {LINES: {"schema": {"type": "array", "items": _build_reference("Word")}}},
        ),
        "/text": _build_operation("text.watch", {SSE: {"schema": _STRING}}),
        "/anything": _build_operation("anything.watch", {SSE: {}}),
    }
    chat = _build_operation(
        "chat.create",
        {
            "application/json": {"schema": _build_reference("Word")},
            SSE: {"schema": _build_reference("Word")},
        },
        requestBody=_build_body(
            **{
                "application/json": {
                    "type": "object",
                    "properties": {"text": _STRING, "stream": {"type": "boolean"}},
                    "required": ["text"],
                }
            }
        ),
    )
    paths: dict[str, Any] = {path: {"get": operation} for path, operation in streams.items()}
    paths["/lines"]["post"] = _accept(
        "lines.send", **{LINES: {"itemSchema": _build_reference("Word")}}
    )
    paths["/chat"] = {"post": chat}
    return make_document(
        {**paths, **_build_files()},
        {"Word": _WORD_SCHEMA, "Done": _DONE_SCHEMA, "Sound": _SOUND},
        tags=[{"name": name} for name in ("words", "data", "lines", "text", "chat", "sound")],
    )


def _build_files() -> dict[str, Any]:
    """Return paths with uploads, downloads, and bodies of several media types."""
    identity = {"name": "id", "in": "path", "required": True, "schema": _STRING}
    parts = {
        "title": {"type": "string", "minLength": 1},
        "file": {"type": "string", "format": "binary"},
        "others": {"type": "array", "maxItems": 2, "items": {"type": "string", "format": "binary"}},
        "tags": {"type": "array", "items": _STRING},
        "about": _build_reference("Word"),
    }
    form: dict[str, Any] = {
        "schema": {
            "type": "object",
            "properties": parts,
            "required": ["title", "file"],
            "additionalProperties": False,
        },
        "encoding": {"about": {"contentType": "application/json"}},
    }
    created_response = {
        "description": "kept",
        "content": {"application/json": {"schema": _build_reference("Sound")}},
    }
    create = _accept("sound.create", **{"multipart/form-data": form})
    create["responses"] = {"201": created_response, "400": {"description": "wrong"}}
    sound = {
        "parameters": [identity],
        "get": _build_operation("sound.get", {"audio/wav": {}}),
        "put": _accept("sound.replace", **{"audio/*": {}, "application/octet-stream": {}}),
    }
    csv = {"text/csv": {"example": "id,name\n1,a\n"}}
    report = {
        "get": _build_operation(
            "report.get", {"application/json": {"schema": _build_reference("Word")}, **csv}
        ),
        "post": _accept(
            "report.send",
            **{"application/json": {"schema": _build_reference("Word")}, "text/csv": {}},
        ),
    }
    page = {
        "get": _build_operation(
            "page.get", {"application/xml": {"schema": _build_reference("Word")}}
        )
    }
    return {"/sound": {"post": create}, "/sound/{id}": sound, "/report": report, "/page": page}


def _accept(operation_id: str, **content: Any) -> dict[str, Any]:
    """Return an operation that accepts these media types and responds without a body."""
    return {
        "operationId": operation_id,
        "requestBody": {"required": True, "content": content},
        "responses": {"204": {"description": "kept"}, "400": {"description": "wrong"}},
    }


def build_spec(name: str | None = None, **members: Any) -> Spec:
    """Return the spec of the document."""
    return make_spec({**build_document(), **members}, name)
