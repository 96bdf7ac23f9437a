"""Correct documents of every kind have no findings on their own mock, and every check can run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from driftline.checks import CHECKS
from driftline.checks.finding import Check
from driftline.mock import HttpRequest, Mock
from driftline.openapi import Spec
from driftline.project import Project
from driftline.suite.run import run_suite

from .conftest import ROOT
from .documents import build_operation, build_responses, load_document
from .test_false_alarms import format_alarms

OBJECT: dict[str, Any] = {
    "type": "object",
    "required": ["id"],
    "properties": {"id": {"type": "string"}},
}
NAMED_OBJECT: dict[str, Any] = {"type": "object", "properties": {"name": {"type": "string"}}}
NAMED_ROW: dict[str, Any] = {
    "type": "object",
    "properties": {"id": {"type": "string"}, "name": {"type": "string"}},
}
ID = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
USER = {"$ref": "#/components/schemas/User"}
CHOSEN_ROW: dict[str, Any] = {**NAMED_ROW, "required": ["id"]}
DATED_FIELDS = {**OBJECT["properties"], "at": {"type": "integer"}}
STATED_ROW: dict[str, Any] = {
    **OBJECT,
    "properties": {
        **OBJECT["properties"],
        "signers": {
            "type": "array",
            "items": {"type": "object", "properties": {"state": {"type": "string"}}},
        },
    },
}
OAUTH = {
    "type": "oauth2",
    "flows": {"implicit": {"authorizationUrl": "https://a.example", "scopes": {}}},
}
LOGIN: dict[str, Any] = {
    "type": "object",
    "required": ["username", "password"],
    "properties": {
        "grant_type": {"type": "string", "pattern": "^password$"},
        "username": {"type": "string"},
        "password": {"type": "string"},
    },
}
PETS: dict[str, Any] = {
    name: {
        "type": "object",
        "required": ["kind"],
        "properties": {"kind": {"type": "string"}, field: {"type": "integer"}},
    }
    for name, field in (("Cat", "lives"), ("Dog", "age"))
}
PETS["Pet"] = {
    "oneOf": [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}],
    "discriminator": {"propertyName": "kind"},
}
EVENTS: dict[str, Any] = {
    name: {
        "allOf": [
            {"$ref": "#/components/schemas/Event"},
            {"type": "object", "required": [name], "properties": {name: {"type": "string"}}},
        ]
    }
    for name in ("begin", "word", "end")
}
EVENTS["Event"] = {
    "type": "object",
    "required": ["type"],
    "properties": {"type": {"type": "string", "enum": ["begin", "end"]}},
}
EVENTS["Any"] = {
    "oneOf": [{"$ref": f"#/components/schemas/{name}"} for name in ("begin", "word", "end")],
    "discriminator": {"propertyName": "type", "mapping": {"word": "word"}},
}
DOCUMENTS: dict[str, dict[str, Any]] = {
    "no rejection is documented": {
        "paths": {
            "/rows": {
                "get": build_operation(
                    "rows.list",
                    NAMED_OBJECT,
                    parameters=[{"name": "limit", "in": "query", "schema": {"type": "integer"}}],
                )
            },
            "/rows/{id}": {"get": build_operation("rows.get", NAMED_OBJECT, parameters=[ID])},
        }
    },
    "a password is write-only, an id is read-only": {
        "paths": {
            "/users": {
                "post": build_operation(
                    "users.create",
                    {"$ref": "#/components/schemas/User"},
                    requestBody={
                        "required": True,
                        "content": {
                            "application/json": {"schema": {"$ref": "#/components/schemas/User"}}
                        },
                    },
                )
            }
        },
        "schemas": {
            "User": {
                "type": "object",
                "required": ["id", "password"],
                "properties": {
                    "id": {"type": "string", "readOnly": True},
                    "password": {"type": "string", "writeOnly": True},
                },
            }
        },
    },
    "a new row is a row with other fields required": {
        "paths": {
            "/users": {
                "get": {
                    "x-listing": {"items": "", "id": "/id", "page": {"style": "single"}},
                    **build_operation("users.list", {"type": "array", "items": USER}),
                },
                "post": {
                    "x-effect": {"kind": "create", "of": "users.list", "item": ""},
                    **build_operation(
                        "users.create",
                        USER,
                        requestBody={
                            "required": True,
                            "content": {
                                "application/json": {
                                    "schema": {"allOf": [USER], "required": ["label"]}
                                }
                            },
                        },
                    ),
                },
            }
        },
        "schemas": {
            "User": {
                "type": "object",
                "required": ["id"],
                "properties": {
                    "id": {"type": "string", "readOnly": True},
                    "owner": {"type": "string", "readOnly": True},
                    "kind": {"type": "string", "enum": ["new"], "readOnly": True},
                    "label": {"type": "string"},
                },
            }
        },
    },
    "a part of a body makes a required field read-only": {
        "paths": {
            "/users": {
                "get": {
                    "x-listing": {"items": "", "id": "/id", "page": {"style": "single"}},
                    **build_operation("users.list", {"type": "array", "items": USER}),
                }
            },
            "/users/{id}": {
                "patch": {
                    "x-effect": {"kind": "update", "of": "users.list", "id": "id"},
                    "parameters": [ID],
                    **build_operation(
                        "users.update",
                        USER,
                        requestBody={
                            "content": {
                                "application/json": {
                                    "schema": {
                                        "allOf": [
                                            USER,
                                            {"properties": {"group": {"readOnly": True}}},
                                        ]
                                    }
                                }
                            }
                        },
                    ),
                }
            },
        },
        "schemas": {
            "User": {
                "type": "object",
                "required": ["id", "group"],
                "properties": {
                    "id": {"type": "string", "readOnly": True},
                    "group": {"type": "string", "format": "uuid"},
                    "label": {"type": "string"},
                },
            }
        },
    },
    "an update may send the ID of its row": {
        "paths": {
            "/rows": {
                "get": {
                    "x-listing": {"items": "", "id": "/id", "page": {"style": "single"}},
                    **build_operation("rows.list", {"type": "array", "items": NAMED_ROW}),
                }
            },
            "/rows/{id}": {
                "parameters": [ID],
                "get": {
                    "x-effect": {"kind": "read", "of": "rows.list", "id": "id", "item": ""},
                    **build_operation("rows.get", NAMED_ROW),
                },
                "patch": {
                    "x-effect": {"kind": "update", "of": "rows.list", "id": "id", "item": ""},
                    **build_operation(
                        "rows.update",
                        NAMED_ROW,
                        requestBody={"content": {"application/json": {"schema": NAMED_ROW}}},
                    ),
                },
            },
        }
    },
    "a page has to have a cursor": {
        "paths": {
            "/rows": {
                "get": {
                    "x-listing": {
                        "items": "/rows",
                        "id": "/id",
                        "page": {"style": "cursor", "parameter": "cursor", "next": "/next"},
                    },
                    **build_operation(
                        "rows.list",
                        {
                            "type": "object",
                            "required": ["rows", "next"],
                            "properties": {
                                "rows": {"type": "array", "items": OBJECT},
                                "next": {"type": "string"},
                            },
                        },
                        parameters=[
                            {"name": "cursor", "in": "query", "schema": {"type": "string"}}
                        ],
                    ),
                }
            }
        }
    },
    "a path has HEAD of its own": {
        "paths": {
            "/b": {
                "get": {"operationId": "b.get", "responses": {"204": {"description": "Yes."}}},
                "head": {"operationId": "b.head", "responses": {"200": {"description": "Yes."}}},
            }
        }
    },
    "a link leads to an operation that is not there": {
        "paths": {
            "/rows/{id}": {
                "get": {
                    "operationId": "rows.get",
                    "parameters": [ID],
                    "responses": {
                        "200": {
                            "description": "Yes.",
                            "content": {"application/json": {"schema": OBJECT}},
                            "links": {"again": {"operationId": "getRowOfOld"}},
                        }
                    },
                }
            }
        }
    },
    "two schemes use one header": {
        "paths": {
            "/b": {
                "get": build_operation("b.get", NAMED_OBJECT, security=[{"oauth": [], "token": []}])
            }
        },
        "securitySchemes": {"oauth": OAUTH, "token": {"type": "http", "scheme": "bearer"}},
    },
    "scopes are needed that no flow describes, and one of them is enough": {
        "paths": {
            "/b": {
                "get": build_operation(
                    "b.get", NAMED_OBJECT, security=[{"login": ["r"]}, {"login": ["w"]}]
                )
            },
            "/c": {"get": build_operation("c.get", NAMED_OBJECT, security=[{"login": ["read"]}])},
        },
        "securitySchemes": {
            "login": {
                "type": "oauth2",
                "flows": {"password": {"tokenUrl": "https://shop.example/token", "scopes": {}}},
            }
        },
    },
    "the token endpoint is an operation of its own": {
        "paths": {
            "/b": {"get": build_operation("b.get", NAMED_OBJECT, security=[{"login": []}])},
            "/token": {
                "post": build_operation(
                    "token.login",
                    {},
                    requestBody={
                        "required": True,
                        "content": {"application/x-www-form-urlencoded": {"schema": LOGIN}},
                    },
                )
            },
        },
        "securitySchemes": {
            "login": {"type": "oauth2", "flows": {"password": {"tokenUrl": "token", "scopes": {}}}}
        },
    },
    "a path holds a list": {
        "paths": {
            "/peers/{ids}": {
                "get": build_operation(
                    "peers.get",
                    NAMED_OBJECT,
                    parameters=[
                        {
                            "name": "ids",
                            "in": "path",
                            "required": True,
                            "schema": {"type": "array", "items": {"type": "string"}},
                        }
                    ],
                )
            }
        }
    },
    "alternatives are distinguished by a discriminator": {
        "paths": {
            "/pet": {"get": build_operation("pet.get", {"$ref": "#/components/schemas/Pet"})}
        },
        "schemas": PETS,
    },
    "a discriminator has a tag that its property does not allow": {
        "paths": {
            "/event": {"get": build_operation("event.get", {"$ref": "#/components/schemas/Any"})}
        },
        "schemas": EVENTS,
    },
    "alternatives overlap": {
        "paths": {
            "/it": {
                "get": build_operation(
                    "it.get",
                    {"anyOf": [NAMED_OBJECT, {"type": "object", "additionalProperties": True}]},
                )
            }
        }
    },
    "a map has typed values": {
        "paths": {
            "/health": {
                "get": build_operation(
                    "health.get",
                    {
                        "type": "object",
                        "properties": {"status": {"type": "string"}},
                        "additionalProperties": OBJECT,
                    },
                )
            }
        }
    },
    "a format is that of a whole object": {
        "paths": {
            "/lookup": {
                "get": build_operation(
                    "lookup.get",
                    NAMED_OBJECT,
                    parameters=[
                        {
                            "name": "data",
                            "in": "query",
                            "schema": {"type": "object", "format": "map-of-add-ons"},
                        }
                    ],
                )
            }
        }
    },
    "a form of one part may be left out": {
        "paths": {
            "/form": {
                "post": build_operation(
                    "form.send",
                    NAMED_OBJECT,
                    requestBody={
                        "content": {"application/x-www-form-urlencoded": {"schema": OBJECT}}
                    },
                )
            }
        }
    },
    "a file is sent, and another one comes back": {
        "paths": {
            "/conversions": {
                "post": {
                    "operationId": "conversions.create",
                    "requestBody": {
                        "required": True,
                        "content": {
                            "multipart/form-data": {
                                "schema": {
                                    "type": "object",
                                    "required": ["file"],
                                    "properties": {"file": {"type": "string", "format": "binary"}},
                                }
                            }
                        },
                    },
                    "responses": {
                        "200": {"description": "Converted.", "content": {"audio/mpeg": {}}}
                    },
                }
            }
        }
    },
    "paths with names that no template of Python has": {
        "paths": {
            "/books/{book.name}/{}": {
                "get": {
                    "operationId": "book.get",
                    "parameters": [{**ID, "name": "book.name"}],
                    "responses": build_responses(OBJECT),
                }
            }
        }
    },
    "a request chooses the id of a row, which may be empty": {
        "paths": {
            "/notes": {
                "get": {
                    **build_operation("notes.list", {"type": "array", "items": CHOSEN_ROW}),
                    "x-listing": {"items": "", "id": "/id", "page": {"style": "single"}},
                },
                "post": {
                    **build_operation("notes.create", CHOSEN_ROW),
                    "requestBody": {"content": {"application/json": {"schema": CHOSEN_ROW}}},
                    "x-effect": {"kind": "create", "of": "notes.list", "item": ""},
                },
            },
            "/notes/{id}": {
                "get": {
                    **build_operation("notes.get", CHOSEN_ROW, parameters=[ID]),
                    "x-effect": {"kind": "read", "of": "notes.list", "id": "id", "item": ""},
                }
            },
        }
    },
    "a request names the row that it creates, and a second one creates it again": {
        "paths": {
            "/notes": {
                "get": {
                    **build_operation(
                        "notes.list",
                        {"type": "array", "items": CHOSEN_ROW},
                        parameters=[
                            {"name": name, "in": "query", "schema": {"type": "integer"}}
                            for name in ("offset", "limit")
                        ],
                    ),
                    "x-listing": {
                        "items": "",
                        "id": "/id",
                        "page": {"style": "offset", "parameter": "offset"},
                        "size": {"parameter": "limit"},
                    },
                },
                "post": {
                    **build_operation("notes.create", CHOSEN_ROW),
                    "requestBody": {
                        "required": True,
                        "content": {"application/json": {"schema": CHOSEN_ROW}},
                    },
                    "x-effect": {"kind": "create", "of": "notes.list", "item": ""},
                },
            },
            "/notes/{id}": {
                "delete": {
                    "operationId": "notes.delete",
                    "parameters": [ID],
                    "responses": {"204": {"description": "Gone."}, "404": {"description": "No."}},
                    "x-effect": {"kind": "delete", "of": "notes.list", "id": "id"},
                }
            },
        }
    },
    "a range has another schema than the exact media type": {
        "paths": {
            "/report": {
                "get": {
                    "operationId": "report.get",
                    "responses": {
                        "200": {
                            "description": "Yes.",
                            "content": {
                                "*/*": {"schema": {"type": "array", "items": OBJECT}},
                                "application/json": {"schema": OBJECT},
                            },
                        }
                    },
                }
            }
        }
    },
    "the last page has fewer rows than any list": {
        "paths": {
            "/messages": {
                "get": {
                    **build_operation(
                        "messages.list",
                        {
                            "type": "object",
                            "required": ["messages"],
                            "properties": {
                                "messages": {"type": "array", "items": OBJECT, "minItems": 1}
                            },
                        },
                    ),
                    "parameters": [
                        {"name": "offset", "in": "query", "schema": {"type": "integer"}}
                    ],
                    "x-listing": {
                        "items": "/messages",
                        "id": "/id",
                        "page": {"style": "offset", "parameter": "offset"},
                    },
                }
            }
        }
    },
    "a discriminator names a property that is not a string": {
        "paths": {
            "/books": {
                "get": build_operation(
                    "books.list",
                    {"allOf": [{"$ref": "#/components/schemas/Page"}, {"type": "object"}]},
                )
            }
        },
        "schemas": {
            "Page": {
                "type": "object",
                "discriminator": {"propertyName": "content"},
                "required": ["content"],
                "properties": {"content": {"type": "array", "items": {}}},
            },
            "Books": {"allOf": [{"$ref": "#/components/schemas/Page"}, {"type": "object"}]},
        },
    },
    "a body is a form, a response is text": {
        "paths": {
            "/form": {
                "post": {
                    "operationId": "form.send",
                    "requestBody": {
                        "content": {
                            "application/x-www-form-urlencoded": {"schema": NAMED_OBJECT},
                            "multipart/form-data": {"schema": {"type": "string"}},
                        }
                    },
                    "responses": {
                        "200": {
                            "description": "Yes.",
                            "content": {"text/plain": {"schema": {"type": "string"}}},
                        }
                    },
                }
            }
        }
    },
    "the only order is descending by default": {
        "paths": {
            "/rows": {
                "get": build_operation(
                    "rows.list",
                    {"type": "array", "items": {**OBJECT, "properties": DATED_FIELDS}},
                    parameters=[
                        {
                            "name": "order",
                            "in": "query",
                            "schema": {"enum": ["asc", "desc"], "default": "desc"},
                        }
                    ],
                    **{
                        "x-listing": {
                            "items": "",
                            "id": "/id",
                            "page": {"style": "single"},
                            "order": {"direction": "order", "fields": {"at": "/at"}},
                        }
                    },
                )
            }
        }
    },
    "rows have no field of the objects in a created list": {
        "paths": {
            "/forms": {
                "get": build_operation(
                    "forms.list",
                    {"type": "array", "items": STATED_ROW},
                    **{"x-listing": {"items": "", "id": "/id", "page": {"style": "single"}}},
                ),
                "post": {
                    "operationId": "forms.create",
                    "x-effect": {"kind": "create", "of": "forms.list", "item": ""},
                    "requestBody": {
                        "required": True,
                        "content": {
                            "application/json": {
                                "schema": {
                                    "type": "object",
                                    "required": ["signers"],
                                    "properties": {
                                        "signers": {"type": "array", "items": NAMED_OBJECT}
                                    },
                                }
                            }
                        },
                    },
                    "responses": build_responses(STATED_ROW),
                },
            }
        }
    },
}


def check_alone(spec: Spec) -> list[Check]:
    """Run all checks except those of the client, since these documents have no generated client."""
    columns = {check.name: check.column for check in CHECKS}
    rank = {name: None if column == "client" else 0 for name, column in columns.items()}
    return run_suite(Project(ROOT), [spec], rank=lambda _, name: rank[name])


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_mock_of_a_valid_document_has_no_finding(name: str, tmp_path: Path) -> None:
    """The mock of each document has no finding or error, and at least one check sends requests."""
    checks = check_alone(load_document(tmp_path, **DOCUMENTS[name]))
    assert format_alarms(checks) == ""
    assert any(check.requests for check in checks)


def test_an_update_that_matches_several_alternatives_passes(tmp_path: Path) -> None:
    """An update whose value matches several alternatives of a `oneOf` passes, since servers accept
    it.
    """
    schemas = {name: {**NAMED_OBJECT, "required": ["name"], "title": name} for name in "AB"}
    alternatives = [{"$ref": f"#/components/schemas/{name}"} for name in schemas]
    row = {**OBJECT, "properties": {**OBJECT["properties"], "source": {"oneOf": alternatives}}}
    row["required"] = ["id", "source"]
    update = build_operation("keys.update", row, parameters=[ID])
    update["requestBody"] = {"content": {"application/json": {"schema": row}}}
    update["x-effect"] = {"kind": "update", "of": "keys.list", "id": "id", "item": ""}
    listing = build_operation("keys.list", {"type": "array", "items": row})
    listing["x-listing"] = {"items": "", "id": "/id", "page": {"style": "single"}}
    paths = {"/keys": {"get": listing}, "/keys/{id}": {"put": update}}
    spec = load_document(tmp_path, paths, schemas=schemas)
    rank = {"updates": 0}
    checks = run_suite(Project(ROOT), [spec], rank=lambda _, name: rank.get(name))
    (check,) = (check for check in checks if check.name == "updates")
    assert (check.outcome, check.findings) == ("passed", ())


def test_the_paths_below_a_deleted_row_are_404(tmp_path: Path) -> None:
    """After a deletion, the mock returns 404 for the row and everything below its path."""
    listing = {"x-listing": {"items": "", "id": "/id", "page": {"style": "single"}}}
    effect = {"x-effect": {"kind": "delete", "of": "rows.list", "id": "id"}}
    missing = {"404": {"description": "No."}}
    row_operation = {"parameters": [ID], "responses": build_responses(NAMED_OBJECT, **missing)}
    paths = {
        "/rows": {
            "get": {**build_operation("rows.list", {"type": "array", "items": OBJECT}), **listing}
        },
        "/rows/{id}": {
            "get": {"operationId": "rows.get", **row_operation},
            "delete": {"operationId": "rows.delete", **row_operation, **effect},
        },
        "/rows/{id}/log": {"get": {"operationId": "rows.log", **row_operation}},
    }
    mock = Mock(load_document(tmp_path, paths))
    path = f"/rows/{mock.list_rows('rows.list')[0]['id']}"
    requests = [HttpRequest("DELETE", path), HttpRequest("GET", path)]
    requests += [HttpRequest("GET", f"{path}/log"), HttpRequest("GET", "/rows/other/log")]
    assert [mock.handle(request).status for request in requests] == [200, 404, 404, 200]


def test_an_unsatisfiable_schema_costs_only_its_operation(tmp_path: Path) -> None:
    """If a schema has no finite value, only its operation is not checked, and nothing is found."""
    chain = {"$ref": "#/components/schemas/Chain"}
    body = {"required": True, "content": {"application/json": {"schema": chain}}}
    paths = {
        "/row": {"get": build_operation("row.get", NAMED_OBJECT)},
        "/chain": {"post": build_operation("chain.create", chain, requestBody=body)},
    }
    schema = {"type": "object", "required": ["next"], "properties": {"next": chain}}
    checks = check_alone(load_document(tmp_path, paths, schemas={"Chain": schema}))
    assert [check.findings for check in checks if check.findings] == []
    assert format_alarms([check for check in checks if check.operation == "row.get"]) == ""
    assert any(check.requests for check in checks if check.operation == "row.get")


def test_indistinguishable_operations_are_not_checked(tmp_path: Path) -> None:
    """If two paths differ only in a fragment, each check of the second one names the first."""
    paths = {
        "/shared": {"get": build_operation("shared.files", NAMED_OBJECT)},
        "/shared#folders": {"get": build_operation("shared.folders", OBJECT)},
    }
    checks = check_alone(load_document(tmp_path, paths))
    assert [check.findings for check in checks if check.findings] == []
    assert format_alarms([check for check in checks if check.operation == "shared.files"]) == ""
    second = [check for check in checks if check.operation == "shared.folders"]
    assert any("are routed to shared.files, too" in check.detail for check in second)


def test_the_suite_writes_no_files_into_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither Hypothesis nor schemathesis writes files in the current directory."""
    current_folder = tmp_path / "here"
    current_folder.mkdir()
    monkeypatch.chdir(current_folder)
    check_alone(load_document(tmp_path, **DOCUMENTS["no rejection is documented"]))
    assert list(current_folder.iterdir()) == []
