"""Loads a spec into schemathesis."""

# schemathesis is only partly typed; its objects are Any here.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
from __future__ import annotations

from functools import lru_cache
from itertools import islice
from typing import Any, Final

import schemathesis
from schemathesis.checks import load_all_checks
from schemathesis.config import SchemathesisConfig

from driftline.openapi import (
    Operation,
    Spec,
    build_linked_document,
    find_request_path,
    is_array,
    is_object,
    iterate_references,
    list_connected_operations,
    select_clauses,
)
from driftline.suite.fuzzing.costly_patterns import drop_costly_patterns, drop_long_lengths
from driftline.suite.fuzzing.schemathesis_tuning import share_document, tune

ANY_BASE: Final = "http://driftline.invalid"
"""The base URL of the requests, which is replaced by the server's."""
_MOST_EXAMPLES: Final = 20
"""How many examples of one schema are used: each takes as long to prepare as a random request."""


@lru_cache(maxsize=16)
def load_schema(spec: Spec) -> Any:
    """Return the spec as schemathesis reads it.

    No files or environment variables are read.
    """
    load_all_checks()
    tune()
    config = SchemathesisConfig.from_dict(
        {
            "generation": {"with-security-parameters": False, "database": "none"},
            "phases": {"coverage": {"unexpected-methods": []}},
        }
    )
    document = {**build_linked_document(spec), "servers": [{"url": ANY_BASE}]}
    drop_costly_patterns(document)
    drop_long_lengths(document)
    _drop_examples(document)
    schema: Any = schemathesis.openapi.from_dict(document, config=config)
    schema.config.update(base_url=ANY_BASE)
    return schema


def build_state_machine(spec: Spec, operation: Operation) -> Any:
    """Return the machine of schemathesis that calls the operations connected with `operation`.

    schemathesis infers links among them. Among all operations of a document with hundreds, it
    infers thousands, which take seconds and a gigabyte, and a few calls follow a few of them.
    """
    operations = list_connected_operations(spec, operation)
    return _build_machine(
        spec, frozenset(f"{op.method} {find_request_path(op)}" for op in operations)
    )


@lru_cache(maxsize=4)
def _build_machine(spec: Spec, labels: frozenset[str]) -> Any:
    def is_connected(context: Any) -> bool:
        return context.operation.label in labels

    whole = load_schema(spec)
    schema = whole.include(is_connected)
    share_document(whole, schema)
    return schema.as_state_machine()


def _drop_examples(document: Any) -> None:
    """Remove examples with a `$ref` in them, and all after the first `_MOST_EXAMPLES`.

    A `$ref` in an example is data, and schemathesis follows it.
    """
    for pointer, node in list(select_clauses(document)):
        examples = node.get("examples")
        if is_array(examples):
            node["examples"] = examples[:_MOST_EXAMPLES]
        elif is_object(examples) and pointer != "/components":
            node["examples"] = dict(islice(examples.items(), _MOST_EXAMPLES))
        for keyword in ("example", "examples", "value"):
            is_named = keyword == "examples" and is_object(node.get(keyword))
            if (
                keyword in node
                and not is_named
                and any(True for _ in iterate_references(node[keyword]))
            ):
                del node[keyword]
