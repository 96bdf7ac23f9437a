"""The findings about one response, compared with the spec, and the check of streams."""

from __future__ import annotations

from driftline.checks.applicability import has_stream
from driftline.checks.catalogue.entry import (
    FIX_OR_ACCEPT,
    LOST,
    UNKNOWN_CLAUSE,
    CatalogueEntry,
    NoEdit,
    RegisteredCheck,
)

_EITHER = "If the server is right, run driftline accept; otherwise report it to the server's owner."

RESPONSES = (
    CatalogueEntry(
        id="operation.missing",
        settled_by="operation",
        summary="the server does not have an operation of the spec",
        meaning="Every response is that to an unknown path or method: 404, 405, 410 or 501, and "
        "none of these is documented. The other findings about the operation follow from that.",
        message="the server does not have the operation",
        expected="a response of the operation",
        got='404 "Not Found", as to each of 12 requests',
        remedy="Check the URL of the server. If the operation is gone, remove it from the spec "
        "with driftline accept.",
        checks=("coverage",),
    ),
    CatalogueEntry(
        id="response.status.undocumented",
        settled_by="status",
        summary="the server responded with an undocumented status",
        meaning="Neither the status itself, nor its class (4XX), nor default is documented for "
        "this operation. Clients have no type for the body and no error class for the status.",
        message="undocumented status: 418",
        expected="200, 400, 401",
        got='418 "{\\"message\\":\\"I am a teapot\\"}"',
        remedy="Add the status under responses if it is meant to be sent, or report it "
        "to the owner of the server.",
    ),
    CatalogueEntry(
        id="response.server-error",
        settled_by=NoEdit("the server failed; clients cannot work with that", FIX_OR_ACCEPT),
        summary="the server failed (5xx)",
        meaning="The server failed on a request, and no 5xx is documented. Even if the request "
        "is invalid, the server has to reject it with a 4xx.",
        message="the server failed: 500",
        expected="200, 400, 401",
        got='500 "Internal Server Error"',
        remedy="Send the request again with the curl command, and fix the server. A 5xx that "
        "clients must expect can be documented under responses; a 500 of a live server is "
        "reported all the same.",
    ),
    CatalogueEntry(
        id="response.content-type.missing",
        settled_by=NoEdit("clients cannot tell what the body is", FIX_OR_ACCEPT),
        summary="a response has a body but no Content-Type",
        meaning="The spec documents a body for this response, but the response does not say what "
        "kind of body it has. Clients have to guess.",
        message="the 200 response has no Content-Type",
        expected="application/json",
        got="none",
        remedy="Have the server send the header; a response without a body needs no content in "
        "the spec.",
    ),
    CatalogueEntry(
        id="response.content-type.undocumented",
        settled_by="media type",
        summary="the body's media type is not the documented one",
        meaning="The response has another media type than the spec says, often because it is the "
        "error page of a proxy in front of the server.",
        message="the 200 response is not application/json",
        expected="application/json",
        got='text/html: "<html><body>Bad gateway"',
        remedy="Look at the body: if it is not the API's, check the URL. " + _EITHER,
    ),
    CatalogueEntry(
        id="response.json.unreadable",
        settled_by=NoEdit("the body is lost; no spec makes that right", FIX_OR_ACCEPT),
        summary="the body is not JSON, or only part of it",
        meaning="The response says that it is JSON, and cannot be read as JSON: it was cut off, "
        "or it is something else.",
        message="the 200 response is not JSON: Expecting value: line 1 column 2 (char 1)",
        expected="a JSON document",
        got='"{"',
        remedy="Fix the server, or the proxy that cuts its responses.",
    ),
    CatalogueEntry(
        id="response.body.unreadable",
        settled_by=LOST,
        summary="the body is not what its media type says",
        meaning="A file does not have the signature of its media type, CSV has rows of "
        "different lengths, XML is not well-formed, or text is not in its charset. Often the "
        "body is an error page.",
        message="the body of the 200 response has the wrong signature",
        expected="a file of audio/wav",
        got='"<html><body>Bad gateway"',
        remedy="Look at the body. If the server sends another kind, correct the media type in the "
        "spec. " + _EITHER,
    ),
    CatalogueEntry(
        id="response.columns.wrong",
        settled_by=UNKNOWN_CLAUSE,
        summary="the columns of a CSV body are not those of its example",
        meaning="The first row of the documented example names other columns than the response.",
        message="the columns are not those of the documented example",
        expected="id, name",
        got='"id, name, email"',
        remedy="Correct the example if the columns may differ. " + _EITHER,
    ),
    CatalogueEntry(
        id="response.event.undocumented",
        settled_by=UNKNOWN_CLAUSE,
        summary="a stream has an event whose name is not documented",
        meaning="The spec describes server-sent events by name, and the server sent an event "
        "with another name. Clients return its data untyped.",
        message="the event `progress` is not documented",
        expected="word, done",
        got='"progress"',
        remedy="Describe the event under itemSchema if it is meant to be sent. " + _EITHER,
    ),
    CatalogueEntry(
        id="response.item.unreadable",
        settled_by=LOST,
        summary="an item of a stream is not JSON",
        meaning="The data of a server-sent event, or a line of a JSON lines body, is not valid "
        "JSON. Clients raise an error there and do not see the rest.",
        message="an item of the stream is not JSON",
        expected="JSON",
        got='"{"',
        remedy="Fix the server. If items are text, document them as a string. " + _EITHER,
    ),
    CatalogueEntry(
        id="response.stream.incomplete",
        settled_by=LOST,
        summary="a stream ends within an item, or its connection broke",
        meaning="The last event or line is not complete. Clients raise an error at the end.",
        message="the stream ends within an item",
        expected="a whole item",
        got='"data: {"',
        remedy="Fix the server, or the proxy that ends its responses early.",
    ),
    CatalogueEntry(
        id="response.stream.missing",
        settled_by=UNKNOWN_CLAUSE,
        summary="the server did not send a stream where one was requested",
        meaning="The spec documents a stream beside other forms of the response. A request whose "
        "Accept names the stream, and that sets the documented flag, got another form.",
        message="the server did not send a stream where one was requested",
        expected="text/event-stream",
        got="application/json",
        remedy="If clients request a stream in another way, document that. " + _EITHER,
    ),
    CatalogueEntry(
        id="response.required.missing",
        settled_by="keyword",
        summary="a required field is missing",
        meaning="The schema lists the field as required, but the response does not have it. "
        "Clients that rely on the field fail.",
        message="field `data[].projectId` is required but missing",
        expected="the field projectId",
        got="only id, status, startedAt",
        remedy="Remove the field from required if it may be missing. " + _EITHER,
    ),
    CatalogueEntry(
        id="response.type.wrong",
        settled_by="keyword",
        summary="a value has another type than documented",
        meaning="A field has a string where a number is documented, or null where null is not "
        "allowed. Typed clients fail on it.",
        message="data[].title violates type",
        expected='type: "string"',
        got="null",
        remedy='Add "null" or the other type to the schema if it may be returned. ' + _EITHER,
    ),
    CatalogueEntry(
        id="response.enum.undocumented",
        settled_by="keyword",
        summary="a value is not documented",
        meaning="The schema lists the values that a field may have, by enum or const, and the "
        "server returned another one. Clients keep it unchanged; code that handles each value "
        "does not know it.",
        message="data[].status violates enum",
        expected='enum: ["ACTIVE", "ENDED"]',
        got='"PAUSED"',
        remedy="Add the value to the enum once you know what it means. " + _EITHER,
    ),
    CatalogueEntry(
        id="response.format.wrong",
        settled_by="keyword",
        summary="a string does not have the documented format",
        meaning="The schema says that a string is, for example, a uuid, a date-time or a uri, "
        "but it is not. Clients keep the string unchanged where code expects a typed value.",
        message="data[].id violates format",
        expected='format: "uuid"',
        got='"call-17"',
        remedy="Remove the format from the schema if other strings may be returned. " + _EITHER,
    ),
    CatalogueEntry(
        id="response.bound.exceeded",
        settled_by="keyword",
        summary="a value is outside the documented bounds",
        meaning="A number is too small or too large, a string or list is too short or too "
        "long, or a string does not match its pattern.",
        message="data[].score violates maximum",
        expected="maximum: 1",
        got="1.5",
        remedy="Widen the bound in the schema if such values may be returned. " + _EITHER,
    ),
    CatalogueEntry(
        id="response.schema.broken",
        settled_by="keyword",
        summary="a value violates another clause of its schema",
        meaning="A clause without an id of its own is violated, such as oneOf, not or "
        "dependentRequired. The message names it.",
        message="data[].endpoint violates oneOf",
        expected='oneOf: [{"$ref": "#/components/schemas/Phone"}]',
        got='{"kind": "fax"}',
        remedy=_EITHER,
    ),
    CatalogueEntry(
        id="response.field.undocumented",
        settled_by="field",
        summary="a field is not documented",
        meaning="The response has a field that is not in the schema. Client code does not "
        "fail, but the field has no type and no description: the API has a new field, or the "
        "spec misspells the name.",
        message="field `data[].sentiment` is not documented",
        expected="only documented fields",
        got='"good"',
        remedy="Add the field to properties, or let the object be open with additionalProperties: "
        "true, and run driftline generate.",
        severity="additive",
    ),
    CatalogueEntry(
        id="response.header.missing",
        settled_by="optional header",
        summary="a required header is missing",
        meaning="The spec requires this header, but the response does not have it.",
        message="the 429 response has no header Retry-After",
        expected="Retry-After",
        got="none",
        remedy="Remove required from the header if it may be missing. " + _EITHER,
    ),
    CatalogueEntry(
        id="response.header.wrong",
        settled_by="header",
        summary="a header's value violates its schema",
        meaning="However the value is read (as a string, number, boolean or list), the schema "
        "of the header rejects it.",
        message="the header Retry-After violates type",
        expected='type: "integer"',
        got='"soon"',
        remedy=_EITHER,
    ),
)


RESPONSE_CHECKS = (
    RegisteredCheck(
        name="streams",
        examination="examinations.streams:request_stream",
        column="examples",
        applies=has_stream,
        findings=("response.stream.missing",),
        mutants=("response.stream.*",),
        docs="The server sends a stream where one is requested, by Accept and by the documented "
        "flag, and each item is as documented. At most 100 items are read, for at most 10 seconds.",
    ),
)
