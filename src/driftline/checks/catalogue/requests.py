"""The findings about requests, and the checks that make them: what a server accepts and rejects."""

from __future__ import annotations

from driftline.checks.applicability import (
    has_choices,
    has_links,
    has_parts,
    is_operation,
    is_read,
)
from driftline.checks.catalogue.entry import (
    BY_HAND,
    CatalogueEntry,
    NoEdit,
    RegisteredCheck,
)

_OBSERVED = ("driftline observe",)

REQUESTS = (
    CatalogueEntry(
        id="request.valid.rejected",
        settled_by="request",
        summary="the server rejected a request that the spec allows",
        meaning="The request satisfies the spec, and the response is not 2xx. The server "
        "accepts less than the spec says, or the spec lacks a requirement.",
        message="the server rejected a request that the spec allows: the example web",
        expected="2xx",
        got="400",
        remedy="Read the server's message with the curl command: it often names the clause "
        "that is missing from the spec, such as a bound or a required field.",
    ),
    CatalogueEntry(
        id="request.invalid.accepted",
        settled_by=NoEdit("a server may accept more than it promises", BY_HAND),
        summary="the server accepted a request that the spec rejects",
        meaning="A parameter or a body violates the spec, but the server responds with 2xx. "
        "Mistakes in client code go unnoticed, or the spec is stricter than the server.",
        message="the server accepted a request that the spec rejects: "
        "Invalid type in query parameter limit",
        expected="a rejection (4xx)",
        got="200",
        remedy="Loosen the clause if such requests should be accepted; otherwise have the server "
        "reject them.",
    ),
    CatalogueEntry(
        id="request.parameter.undocumented",
        settled_by="parameter",
        summary="a client sends an undocumented query parameter",
        meaning="A recorded request has a parameter in its query that the operation does not "
        "document. Either the client code misspells it and the server ignores it, or the spec "
        "lacks it.",
        message="query parameter `pageSize` is not documented",
        expected="only limit, after, status",
        got="pageSize, responded with 200",
        remedy="Fix the client code, or add the parameter to the spec and run driftline generate.",
        checks=_OBSERVED,
        severity="additive",
    ),
    CatalogueEntry(
        id="request.field.undocumented",
        settled_by="field",
        summary="a client sends an undocumented body field",
        meaning="The body of a recorded request has a field that is not in the schema. Either "
        "the client code misspells it and the server ignores it, or the spec lacks it.",
        message="request body field `callDirections` is not documented",
        expected="only documented fields",
        got='"INBOUND"',
        remedy="Fix the client code, or add the field to the schema and run driftline generate.",
        checks=_OBSERVED,
        severity="additive",
    ),
    CatalogueEntry(
        id="parameter.default.wrong",
        settled_by="default",
        summary="leaving a parameter out is not the same as sending its default",
        meaning="The spec documents a default. The response to a request without the parameter "
        "was compared with the response to one that sends the default, and they differ.",
        message="leaving limit out is not the same as sending its default",
        expected='the response to limit=20: 200, 20 rows, first "0b51…"',
        got='200, 50 rows, first "0b51…"',
        remedy="Change the default in the schema of the parameter to the one that the server "
        "uses, or remove it.",
    ),
    CatalogueEntry(
        id="example.invalid",
        settled_by=NoEdit("the example or the schema is wrong", BY_HAND),
        summary="an example in the document violates the spec",
        meaning="An example of a body, a response or a parameter does not match its schema. "
        "One of the two is wrong, and readers copy examples.",
        message="the example 'web' violates enum at /status",
        expected='enum: ["ACTIVE", "ENDED"]',
        got='"COMPLETED"',
        remedy="Find out which of the two matches the server, and fix the other.",
    ),
)


_FUZZED = ("request.valid.rejected", "request.invalid.accepted")

REQUEST_CHECKS = (
    RegisteredCheck(
        name="documented examples",
        examination="examinations.examples:check_response_examples",
        column="examples",
        applies=is_operation,
        findings=("example.invalid",),
        unmutated="it compares the document with itself; no server takes part",
        docs="Every example in the spec satisfies the schema that it stands beside.",
        asks_server=False,
    ),
    RegisteredCheck(
        name="documented requests",
        examination="examinations.examples:request_examples",
        column="examples",
        applies=is_operation,
        findings=("request.valid.rejected",),
        mutants=("body.rejected",),
        docs="The server accepts every request that the documents show and responds as the spec "
        "says.",
    ),
    RegisteredCheck(
        name="fuzzing",
        examination="fuzzing.schemathesis_pass:check_fuzzing",
        column="fuzzing",
        applies=is_operation,
        findings=_FUZZED,
        mutants=("parameter.*", "body.*", "response.400.*", "response.404.*", "response.415.*"),
        docs="Right requests are accepted, wrong ones are rejected, and none makes the server "
        "fail.",
    ),
    RegisteredCheck(
        name="sequences",
        examination="fuzzing.schemathesis_pass:check_sequences",
        column="fuzzing",
        applies=has_links,
        findings=(*_FUZZED, "effect.not-deleted", "effect.not-found"),
        unmutated="each step is a request of another check, whose mutants break the same clauses",
        docs="Calls that use what an earlier response held work: the next page, the row just "
        "created.",
    ),
    RegisteredCheck(
        name="texts",
        examination="examinations.hostile_strings:check_hostile_strings",
        column="fuzzing",
        applies=is_operation,
        findings=("request.invalid.accepted",),
        mutants=("parameter.odd-string", "body.json.accepted"),
        docs="Quotes, NUL, emoji and ten thousand characters break nothing where free strings are "
        "accepted, and a body that is not JSON is rejected.",
    ),
    RegisteredCheck(
        name="choices",
        examination="examinations.choices:check_choices",
        column="fuzzing",
        applies=has_choices,
        findings=("request.invalid.accepted",),
        mutants=("parameter.enum.case", "body.enum.case"),
        docs="A documented value in another case is rejected, and so is a value of a wrong format.",
    ),
    RegisteredCheck(
        name="methods",
        examination="examinations.methods:check_methods",
        column="fuzzing",
        applies=is_read,
        mutants=("method.failure",),
        docs="HEAD and OPTIONS do not make the server fail.",
    ),
    RegisteredCheck(
        name="body parts",
        examination="examinations.rows.uploads:check_body_parts",
        column="fuzzing",
        applies=has_parts,
        findings=("request.invalid.accepted",),
        mutants=("form.*", "lines.*"),
        docs="A form or multipart body without a required part, with a part that a closed schema "
        "does not know, or with more files than `maxItems` is rejected. So are JSON lines with a "
        "line that is not JSON, lacks a required field, or has another type.",
    ),
)
