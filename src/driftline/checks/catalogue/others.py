"""The findings about the generated client, and those that only schemathesis noticed."""

from __future__ import annotations

from driftline.checks.catalogue.entry import CatalogueEntry

__all__ = ["OTHERS"]

_SAYS = "what the spec says"

CLIENT = (
    CatalogueEntry(
        id="client.refused",
        summary="the client refuses an answer that the spec allows",
        meaning="The answer keeps the spec, and the generated client raises an error on it "
        "instead of giving back a typed value.",
        message="the async client refuses an answer that the spec allows",
        expected="a typed answer",
        got="TypeError: fromisoformat: argument must be str",
        remedy="This is a fault of driftline, or a file in generated/ was changed: run driftline "
        "generate, and report it if it stays.",
    ),
    CatalogueEntry(
        id="client.changed",
        summary="the client does not write back what it read",
        meaning="An answer was read by the generated client and written back as JSON, and a field "
        "is lost, added or another.",
        message="the client does not write back what it read at /data/0/startedAt",
        expected='"2024-01-15T10:00:00.000Z"',
        got='"2024-01-15T10:00:00Z"',
        remedy="Run driftline generate; report it if it stays: code that stores what it read "
        "would change it.",
    ),
    CatalogueEntry(
        id="client.drift",
        summary="the client reports drift where there is none",
        meaning="The answer keeps the spec, and the generated client told on_drift that it does "
        "not.",
        message="the client reports drift in an answer that the spec allows",
        expected="no drift",
        got="call.list: /data/0/status is no CallStatus",
        remedy="Run driftline generate: the client may be made from an older spec. Report it if "
        "it stays.",
    ),
)


def _build_entry(name: str, what: str, meaning: str, got: str, remedy: str) -> CatalogueEntry:
    return CatalogueEntry(
        id=f"schemathesis.{name}",
        summary=f"schemathesis: {what}",
        meaning=meaning,
        message=what[:1].upper() + what[1:],
        expected=_SAYS,
        got=got,
        remedy=remedy,
    )


_OWN = "driftline's own checks find most of these; this one only schemathesis saw."
_LOOK = "Send the request again with the curl command and hold the answer against the spec."

SCHEMATHESIS = (
    _build_entry(
        "server-error",
        "the server failed",
        f"The server answered 5xx to a made request. {_OWN}",
        "500",
        "Send the request again with the curl command, and mend the server.",
    ),
    _build_entry(
        "undefined-status-code",
        "undocumented status",
        f"The status is not among the documented ones. {_OWN}",
        "418",
        "Add the status under responses if it is meant to be sent.",
    ),
    _build_entry(
        "missing-headers",
        "a required response header is missing",
        f"The spec requires a header of this answer. {_OWN}",
        "200",
        "Drop required from the header if it may be missing, or have the server send it.",
    ),
    _build_entry(
        "json-schema-error",
        "the answer breaks its schema",
        f"The body does not keep the documented schema. {_OWN}",
        "200",
        _LOOK,
    ),
    _build_entry(
        "missing-content-type",
        "no Content-Type",
        f"The answer has a body and does not say of what kind. {_OWN}",
        "200",
        "Have the server send the header Content-Type.",
    ),
    _build_entry(
        "malformed-media-type",
        "unreadable Content-Type",
        "The header is there and is no media type.",
        "200",
        "Have the server send a media type, such as application/json.",
    ),
    _build_entry(
        "malformed-json",
        "the body is not JSON",
        f"The answer says that it is JSON, and is not. {_OWN}",
        "200",
        "Mend the server, or the proxy that cuts its answers.",
    ),
    _build_entry(
        "content-deserialization-error",
        "the body cannot be read",
        "The body is not what its Content-Type says, so that it could not be read at all.",
        "200",
        _LOOK,
    ),
    _build_entry(
        "discriminator-mismatch",
        "an unknown discriminator",
        "The schema picks one of several forms by a field, and the field names none of them.",
        "200",
        "Add the value to the mapping of the discriminator, or tell whoever runs the server.",
    ),
    _build_entry(
        "undefined-content-type",
        "undocumented Content-Type",
        f"The answer is of another kind than the documented ones. {_OWN}",
        "200",
        "Add the media type under content if it is meant to be sent.",
    ),
    _build_entry(
        "use-after-free",
        "a deleted resource is still available",
        "In a sequence of calls a row was deleted, and a later call still got it.",
        "200",
        "Have the server answer 404 once a row is deleted.",
    ),
    _build_entry(
        "ensure-resource-availability",
        "a created resource is not there",
        "In a sequence of calls a row was created, and a later call did not get it.",
        "404",
        "Check the links of the spec and x-effect: they say which value leads to the row.",
    ),
    _build_entry(
        "missing-header-not-rejected",
        "a required header may be left out",
        "The spec requires a header of the request, and the server takes requests without it.",
        "200",
        "Drop required from the parameter if the header may be left out.",
    ),
    _build_entry(
        "unsupported-method-response",
        "wrong answer to another method",
        "A method that the spec does not document for this path was not answered with 405.",
        "200",
        "Have the server answer 405, or document the method.",
    ),
    _build_entry(
        "allow-header-mismatch",
        "Allow names other methods than the spec",
        "The header Allow of an answer lists other methods than the spec has for this path.",
        "405",
        "Document the methods that are missing, or mend the header.",
    ),
    _build_entry(
        "other",
        "another of its checks failed",
        "A check of schemathesis failed that driftline has no id for; the message is its own.",
        "200",
        _LOOK,
    ),
)

OTHERS = (*CLIENT, *SCHEMATHESIS)
