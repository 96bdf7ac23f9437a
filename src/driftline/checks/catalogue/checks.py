"""All checks in running order, with what is known of each without running it."""

from __future__ import annotations

from driftline.checks.applicability import (
    creates_rows,
    deletes_rows,
    has_choices,
    has_json_response,
    has_links,
    has_parent,
    has_parts,
    has_response,
    has_stream,
    has_upload,
    is_listing,
    is_operation,
    is_read,
    needs_credential,
    needs_token,
    updates_rows,
)
from driftline.checks.catalogue.entry import RegisteredCheck

_FUZZED = ("request.valid.rejected", "request.invalid.accepted")

REGISTERED = (
    RegisteredCheck(
        name="client and server",
        examination="examinations.client:check_client_against_server",
        column="client",
        applies=has_response,
        findings=("client.rejected", "client.changed"),
        mutants=("response.*", "response.429.*"),
        docs="The server accepts what the client sends, and the client reads the response and "
        "writes it back unchanged.",
    ),
    RegisteredCheck(
        name="client and schema",
        examination="examinations.client:check_client_against_schema",
        column="client",
        applies=has_json_response,
        findings=("client.rejected", "client.changed", "client.drift"),
        unmutated="it reads responses made from the schema in this process; no server takes part",
        docs="The client reads whatever response the spec allows and writes it back unchanged.",
        asks_server=False,
    ),
    RegisteredCheck(
        name="creation",
        examination="examinations.rows.creation:check_creation",
        column="creation",
        applies=creates_rows,
        findings=(
            "effect.default.wrong",
            "effect.field.changed",
            "effect.item.missing",
            "effect.missing.accepted",
            "effect.not-found",
            "effect.not-listed",
            "effect.repeated",
            "effect.unique.accepted",
        ),
        mutants=("effect.*", "response.409.*"),
        docs="A created row is returned as it was sent, is listed, can be read, and is created "
        "only once.",
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
            "effect.not-created",
            "effect.not-found",
            "effect.version.wrong",
        ),
        mutants=("effect.update*",),
        docs="An update changes the fields that it names and no other, rejects what the spec "
        "rejects, and does not succeed for a row that does not exist, unless a PUT creates it.",
    ),
    RegisteredCheck(
        name="deletion",
        examination="examinations.rows.deletion:check_deletion",
        column="creation",
        applies=deletes_rows,
        findings=(
            "effect.not-deleted",
            "effect.not-found",
            "effect.missing.accepted",
            "effect.version.wrong",
        ),
        mutants=("effect.delete*",),
        docs="A deleted row can be neither read nor listed, other rows stay, and it is not deleted "
        "twice where a 404 is documented.",
    ),
    RegisteredCheck(
        name="parents",
        examination="examinations.rows.parents:check_parents",
        column="creation",
        applies=has_parent,
        findings=("effect.parent.ignored", "effect.missing.accepted"),
        mutants=("effect.parent*",),
        docs="A row can be read, updated and deleted below its parent only: an order of user 1 is "
        "not found at `/users/2/orders/7`. Nothing is listed below a parent that does not exist.",
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
    RegisteredCheck(
        name="credentials",
        examination="examinations.credentials:check_credentials",
        column="auth",
        applies=needs_credential,
        findings=(
            "security.elsewhere-accepted",
            "security.not-enforced",
            "security.rejection.status",
            "security.valid-rejected",
        ),
        mutants=("security.*", "response.401.*"),
        docs="The right credential is accepted; a missing, empty or wrong one, or half a pair, is "
        "rejected.",
    ),
    RegisteredCheck(
        name="tokens",
        examination="examinations.credentials:check_tokens",
        column="auth",
        applies=needs_token,
        findings=(
            "security.scope.not-enforced",
            "security.token.expired",
            "security.token.rejected",
        ),
        mutants=("security.token*", "security.scope*"),
        docs="A token from the token endpoint is accepted; one that has expired, or lacks a scope "
        "that the operation needs, is rejected.",
    ),
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
        docs="Valid requests are accepted, invalid ones are rejected, and none makes the server "
        "fail.",
    ),
    RegisteredCheck(
        name="sequences",
        examination="fuzzing.schemathesis_pass:check_sequences",
        column="fuzzing",
        applies=has_links,
        findings=(*_FUZZED, "effect.not-deleted", "effect.not-found"),
        unmutated="each step is a request of another check, whose mutants break the same clauses",
        docs="Requests with values from earlier responses work, such as the next page or a created "
        "row.",
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
    RegisteredCheck(
        name="pages",
        examination="examinations.listings.pages:check_pages",
        column="listing",
        applies=is_listing,
        findings=(
            "request.valid.rejected",
            "listing.items.missing",
            "listing.page.repeats",
            "listing.row.lost",
            "listing.page.endless",
            "listing.page.out-of-range",
            "listing.next.elsewhere",
            "listing.next.missing",
            "listing.more.wrong",
            "listing.size.ignored",
            "listing.size.short",
            "listing.total.wrong",
            "listing.echo.wrong",
        ),
        mutants=("listing.*", "later-pages"),
        docs="No row is repeated or lost, no page is too long, the total is right, and the "
        "pages end.",
    ),
    RegisteredCheck(
        name="order",
        examination="examinations.listings.ordering:order",
        column="listing",
        applies=is_listing,
        findings=("listing.row.lost", "listing.order.wrong", "listing.page.repeats"),
        mutants=("listing.order",),
        docs="Each documented order holds across all pages, up and down, and no row is lost or "
        "repeated.",
    ),
    RegisteredCheck(
        name="filters",
        examination="examinations.listings.combinations:check_all_filters",
        column="listing",
        applies=is_listing,
        findings=("listing.filter.ignored", "listing.filter.lost", "listing.total.wrong"),
        mutants=("listing.filter*", "listing.range*"),
        docs="Each filter and each range returns all rows that match, and only those: alone, "
        "with the others, and on later pages. The total counts these rows.",
    ),
    RegisteredCheck(
        name="searches",
        examination="examinations.listings.selection:check_searches",
        column="listing",
        applies=is_listing,
        findings=("listing.search.ignored", "listing.search.lost", "listing.total.wrong"),
        mutants=("listing.search*",),
        docs="Each search finds the rows that contain the string, and the total counts these.",
    ),
    RegisteredCheck(
        name="defaults",
        examination="examinations.defaults:check_defaults",
        column="listing",
        applies=is_read,
        findings=("parameter.default.wrong",),
        mutants=("parameter.default",),
        docs="Omitting a parameter has the effect of sending its documented default.",
    ),
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
