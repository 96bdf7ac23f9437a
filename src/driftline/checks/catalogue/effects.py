"""The findings about what operations do to rows (`x-effect`), and the checks."""

from __future__ import annotations

from driftline.checks.applicability import creates_rows, deletes_rows, has_upload, updates_rows
from driftline.checks.catalogue.entry import BY_HAND, LOST, CatalogueEntry, NoEdit, RegisteredCheck

_OTHER_EFFECT = NoEdit("what the operation does to rows is not what the spec says", BY_HAND)

EFFECTS = (
    CatalogueEntry(
        id="effect.repeated",
        settled_by=_OTHER_EFFECT,
        summary="a request is executed twice with the same idempotency key",
        meaning="The request was sent twice with one value of the header marked "
        "x-idempotency-key, and the second response has another row than the first. A client "
        "that sends a lost request again creates a second row.",
        message="a request sent again with the same idempotency key creates another row",
        expected='the same row: {"id": "0b51…"}',
        got='{"id": "7fd2…"}',
        remedy="Remove x-idempotency-key until the server honors it: without it the client sends "
        "no such request twice.",
    ),
    CatalogueEntry(
        id="effect.not-listed",
        settled_by=LOST,
        summary="a created row is not in the listing",
        meaning="A row was created, but it is on no page of the listing that x-effect names.",
        message="what was created is not in call.list",
        expected='a row "0b51…"',
        got="250 rows without it",
        remedy="Check that of in x-effect names the right listing. A live server may list a "
        "row with a delay.",
    ),
    CatalogueEntry(
        id="effect.upload.lost",
        settled_by=LOST,
        summary="a download is not what was uploaded",
        meaning="A file was uploaded, and the operation with the matching path returns other "
        "bytes of the same media type. That the two operations belong together is an "
        "assumption, since OpenAPI cannot express it.",
        message="sound.get does not give back what was uploaded",
        expected="1653 bytes that were uploaded",
        got="1644 other bytes",
        remedy="If the server converts files, nothing is wrong. Otherwise fix the server.",
        severity="assumed",
    ),
    CatalogueEntry(
        id="effect.item.missing",
        settled_by=LOST,
        summary="the response does not have the row",
        meaning="x-effect says where the response has the created row, but that is not an object.",
        message="the response does not hold the row that was created",
        expected="an object at /data",
        got="null",
        remedy="Fix item in x-effect if the row is elsewhere.",
    ),
    CatalogueEntry(
        id="effect.field.changed",
        settled_by=LOST,
        summary="a field is returned with another value than was sent",
        meaning="Both the request and the row have the field, and the values differ: the "
        "server changed or dropped the value of a creation or an update. The row is compared "
        "in the response and when it is read again.",
        message="the field title comes back with another value than was sent",
        expected='"Booking a table"',
        got='"booking a table"',
        remedy="If the server is meant to change the field, say so in its description and give "
        "the row's field another name or no place in the request.",
    ),
    CatalogueEntry(
        id="effect.default.wrong",
        settled_by=LOST,
        summary="a field that was not sent does not have its default",
        meaning="The body's schema has a default for the field, the request omitted the field, "
        "and the row has another value. A PUT replaces the row, so omitted fields get their "
        "defaults; a partial update leaves them unchanged.",
        message="the field doors, which was not sent, does not have its default",
        expected="4",
        got="2",
        remedy="Have the server use the default, or remove it from the schema.",
    ),
    CatalogueEntry(
        id="effect.field.reset",
        settled_by=LOST,
        summary="an update changes a field that was not sent",
        meaning="A row was read, one field was updated, and the row was read again: another "
        "field, which was not in the request, has another value or is gone.",
        message="the field phone changes when only name is updated",
        expected='"+14155550100"',
        got="null",
        remedy="Have the server keep the fields that a partial update omits, or document the "
        "operation as PUT, which replaces the row.",
    ),
    CatalogueEntry(
        id="effect.missing.accepted",
        settled_by=_OTHER_EFFECT,
        summary="a row that does not exist is updated or deleted",
        meaning="The id of a deleted or unknown row was sent to an operation that x-effect "
        "declares as an update or a deletion, and the response was a success. PUT may create a "
        "row, and a deletion may be repeated, unless the document has a 404 for it.",
        message="the update of a row that does not exist succeeds",
        expected="404, or another rejection (4xx)",
        got="200",
        remedy="Have the server respond with 404, or remove the 404 from the document.",
    ),
    CatalogueEntry(
        id="effect.unique.accepted",
        settled_by="rule",
        summary="two rows share a value that must be unique",
        meaning="x-effect lists the field under unique, and the server accepted the same value "
        "twice.",
        message="the same externalId is accepted twice",
        expected="a rejection (4xx)",
        got="200",
        remedy="Remove the field from unique, or have the server reject the second one.",
    ),
    CatalogueEntry(
        id="effect.not-found",
        settled_by=_OTHER_EFFECT,
        summary="a created row cannot be read by its id",
        meaning="The operation that reads a row did not respond with 2xx for the row that was "
        "just created.",
        message="what was created cannot be read by its id",
        expected="2xx",
        got="404",
        remedy="Check id in x-effect of the reading operation: it names the parameter that "
        "identifies the row.",
    ),
    CatalogueEntry(
        id="effect.not-deleted",
        settled_by=_OTHER_EFFECT,
        summary="a deleted row still exists",
        meaning="A row was created and deleted; the deletion got a 2xx response, but the row "
        "can still be read or is still listed.",
        message="a deleted row still exists",
        expected="404, or no such row",
        got="200",
        remedy="If rows are only marked as deleted, the spec should not call the operation a "
        "deletion (kind in x-effect).",
    ),
)


EFFECT_CHECKS = (
    RegisteredCheck(
        name="creation",
        examination="examinations.rows.creation:check_creation",
        column="creation",
        applies=creates_rows,
        findings=(
            "effect.default.wrong",
            "effect.field.changed",
            "effect.item.missing",
            "effect.not-found",
            "effect.not-listed",
            "effect.repeated",
            "effect.unique.accepted",
        ),
        mutants=("effect.*", "response.409.*"),
        docs="A created row comes back as it was sent, is listed, can be read, and is not created "
        "twice.",
    ),
    RegisteredCheck(
        name="changing rows",
        examination="examinations.listings.moving_rows:check_moving_rows",
        column="creation",
        applies=creates_rows,
        findings=("listing.page.repeats", "listing.row.lost"),
        mutants=("listing.page.moving",),
        docs="A walk by cursor shows each row once, although another row is created meanwhile.",
    ),
    RegisteredCheck(
        name="updates",
        examination="examinations.rows.updates:check_updates",
        column="creation",
        applies=updates_rows,
        findings=(
            "effect.default.wrong",
            "effect.field.changed",
            "effect.field.reset",
            "effect.missing.accepted",
        ),
        mutants=("effect.update*",),
        docs="An update changes the fields that it names and no other, rejects what the spec "
        "rejects, and does not succeed for a row that does not exist.",
    ),
    RegisteredCheck(
        name="deletion",
        examination="examinations.rows.deletion:check_deletion",
        column="creation",
        applies=deletes_rows,
        findings=("effect.not-deleted", "effect.missing.accepted"),
        mutants=("effect.delete*",),
        docs="A deleted row can be neither read nor listed, and is not deleted twice where a 404 "
        "is documented.",
    ),
    RegisteredCheck(
        name="upload",
        examination="examinations.rows.uploads:check_upload",
        column="creation",
        applies=has_upload,
        findings=("effect.upload.lost",),
        mutants=("upload.*",),
        docs="A file that was uploaded is downloaded again, byte for byte, where the paths of two "
        "operations belong together: `PUT /sounds/{id}` and `GET /sounds/{id}`, or `POST /sounds` "
        "and `GET /sounds/{id}/content`.",
    ),
)
