"""The ids of everything the suite can find, each with its one-line meaning."""

from __future__ import annotations

from collections.abc import Mapping

from driftline.findings import Severity

__all__ = ["KINDS", "severity"]

KINDS: Mapping[str, str] = {
    # One answer against the spec.
    "response.status.undocumented": "the server answered with a status that the spec does not name",
    "response.server-error": "the server failed (5xx)",
    "response.content-type.missing": "a body came without a Content-Type",
    "response.content-type.undocumented": "the body's media type is not the documented one",
    "response.json.unreadable": "the body is not JSON, or only part of it",
    "response.required.missing": "a required field is missing",
    "response.type.wrong": "a value has another type than documented",
    "response.enum.undocumented": "a value is none of the documented ones",
    "response.format.wrong": "a text does not have the documented format",
    "response.bound.exceeded": "a value is outside the documented bounds",
    "response.schema.broken": "a value breaks another clause of its schema",
    "response.field.undocumented": "a field that the spec does not name",
    "response.header.missing": "a required header is missing",
    "response.header.wrong": "a header's value breaks its schema",
    # One request against the spec.
    "request.valid.refused": "a request that the spec allows is refused",
    "request.invalid.accepted": "a request that the spec forbids is accepted",
    "parameter.default.wrong": "leaving a parameter out is not the same as sending its default",
    "example.invalid": "the documents' own example breaks the spec",
    # Listings.
    "listing.items.missing": "the answer has no list of rows",
    "listing.page.repeats": "a row is on two pages, or twice on one",
    "listing.row.lost": "a row that exists is on no page",
    "listing.page.endless": "the pages never end",
    "listing.page.out-of-range": "a page after the last one has rows",
    "listing.next.missing": "more pages are announced, and no way to them",
    "listing.more.wrong": "the answer is wrong about whether a page follows",
    "listing.size.ignored": "a page has more rows than it may",
    "listing.size.short": "no page ever has as many rows as were asked for",
    "listing.total.wrong": "the total is not the number of rows",
    "listing.echo.wrong": "the answer repeats a fact about the page wrongly",
    "listing.order.wrong": "the rows are not in the documented order",
    "listing.filter.ignored": "a row is listed that the filter should have kept out",
    "listing.filter.lost": "a row is missing that the filter should have let through",
    "listing.search.ignored": "a row is listed that does not contain the text",
    "listing.search.lost": "a row is missing that contains the text",
    # Credentials.
    "security.not-enforced": "a missing or wrong credential is accepted",
    "security.right-refused": "the right credential is refused",
    "security.refused-otherwise": "a wrong credential is refused with neither 401 nor 403",
    # What operations do.
    "effect.not-listed": "what was created is not in the listing",
    "effect.item.missing": "the answer does not hold the row that it is about",
    "effect.field.changed": "a field comes back with another value than was sent",
    "effect.unique.accepted": "two rows share a value that must be unique",
    "effect.not-found": "what was created cannot be read by its id",
    "effect.not-deleted": "what was deleted is still there",
    # The generated client against the spec.
    "client.refused": "the client refuses an answer that the spec allows",
    "client.changed": "the client does not write back what it read",
    "client.drift": "the client reports drift where there is none",
    # What only schemathesis noticed.
    "schemathesis.server-error": "schemathesis: the server failed",
    "schemathesis.undefined-status-code": "schemathesis: undocumented status",
    "schemathesis.missing-headers": "schemathesis: a required response header is missing",
    "schemathesis.json-schema-error": "schemathesis: the answer breaks its schema",
    "schemathesis.missing-content-type": "schemathesis: no Content-Type",
    "schemathesis.malformed-media-type": "schemathesis: unreadable Content-Type",
    "schemathesis.malformed-json": "schemathesis: the body is not JSON",
    "schemathesis.content-deserialization-error": "schemathesis: the body cannot be read",
    "schemathesis.discriminator-mismatch": "schemathesis: an unknown discriminator",
    "schemathesis.undefined-content-type": "schemathesis: undocumented Content-Type",
    "schemathesis.use-after-free": "schemathesis: a deleted resource is still available",
    "schemathesis.ensure-resource-availability": "schemathesis: a created resource is not there",
    "schemathesis.missing-header-not-rejected": "schemathesis: a required header may be left out",
    "schemathesis.unsupported-method-response": "schemathesis: wrong answer to another method",
    "schemathesis.allow-header-mismatch": "schemathesis: Allow names other methods than the spec",
    "schemathesis.other": "schemathesis: another of its checks failed",
}

_ADDITIVE = frozenset({"response.field.undocumented"})


def severity(kind: str, assumed: str | None) -> Severity:
    """How much a finding of this kind matters; `assumed` says why its clause is ours, if it is."""
    if kind in _ADDITIVE:
        return "additive"
    return "assumed" if assumed else "breaking"
