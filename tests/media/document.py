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
_SOUND = {
    "type": "object",
    "properties": {"id": _TEXT, "title": _TEXT},
    "required": ["id", "title"],
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
    paths: dict[str, Any] = {path: {"get": each} for path, each in streams.items()}
    paths["/lines"]["post"] = _accept("lines.send", **{LINES: {"itemSchema": _ref("Word")}})
    paths["/chat"] = {"post": chat}
    return document_of(
        {**paths, **_build_files()},
        {"Word": _WORD, "Done": _DONE, "Sound": _SOUND},
        tags=[{"name": name} for name in ("words", "data", "lines", "text", "chat", "sound")],
    )


def _build_files() -> dict[str, Any]:
    """Uploads and downloads, and bodies of several media types."""
    identity = {"name": "id", "in": "path", "required": True, "schema": _TEXT}
    parts = {
        "title": {"type": "string", "minLength": 1},
        "file": {"type": "string", "format": "binary"},
        "others": {"type": "array", "maxItems": 2, "items": {"type": "string", "format": "binary"}},
        "tags": {"type": "array", "items": _TEXT},
        "about": _ref("Word"),
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
    created = {"description": "kept", "content": {"application/json": {"schema": _ref("Sound")}}}
    create = _accept("sound.create", **{"multipart/form-data": form})
    create["responses"] = {"201": created, "400": {"description": "wrong"}}
    sound = {
        "parameters": [identity],
        "get": _operation("sound.get", {"audio/wav": {}}),
        "put": _accept("sound.replace", **{"audio/*": {}, "application/octet-stream": {}}),
    }
    csv = {"text/csv": {"example": "id,name\n1,a\n"}}
    report = {
        "get": _operation("report.get", {"application/json": {"schema": _ref("Word")}, **csv}),
        "post": _accept(
            "report.send", **{"application/json": {"schema": _ref("Word")}, "text/csv": {}}
        ),
    }
    page = {"get": _operation("page.get", {"application/xml": {"schema": _ref("Word")}})}
    return {"/sound": {"post": create}, "/sound/{id}": sound, "/report": report, "/page": page}


def _accept(operation_id: str, **content: Any) -> dict[str, Any]:
    """An operation that takes a body of these media types, and responds with none."""
    return {
        "operationId": operation_id,
        "requestBody": {"required": True, "content": content},
        "responses": {"204": {"description": "kept"}, "400": {"description": "wrong"}},
    }


def build_spec(name: str | None = None, **more: Any) -> Spec:
    """The spec of the document."""
    return spec_of({**build_document(), **more}, name)
