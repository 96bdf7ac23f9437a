"""The findings about listings: rows, pages, order, filters and searches (`x-listing`)."""

from __future__ import annotations

from driftline.checks.applicability import is_listing, is_read
from driftline.checks.catalogue.entry import (
    FIX_OR_ACCEPT,
    LOST,
    CatalogueEntry,
    NoEdit,
    RegisteredCheck,
)

LISTINGS = (
    CatalogueEntry(
        id="listing.items.missing",
        settled_by=LOST,
        summary="the response has no list of rows",
        meaning="x-listing says where the response has the rows, but that is not a list. No "
        "other rule of the listing can be checked.",
        message="the response has no list of rows",
        expected="a list at /data",
        got='200 "{\\"rows\\":[]}"',
        remedy="Fix items in x-listing, or report it to the owner of the server.",
    ),
    CatalogueEntry(
        id="listing.page.repeats",
        settled_by=LOST,
        summary="a row is on two pages, or twice on one",
        meaning="A row occurs twice in the pages of a listing. Clients count or process it twice.",
        message="a row is listed twice in one walk over the pages",
        expected="each row once",
        got='"0b51…" on page 1 and page 2',
        remedy="Make the server's order total (for example by id, if the sort field is equal), "
        "and begin each page where the previous one ended.",
    ),
    CatalogueEntry(
        id="listing.row.lost",
        settled_by=LOST,
        summary="a row is missing from the pages",
        meaning="A row is missing from the pages, although it appears with another page size "
        "or order. Clients that read all pages miss it.",
        message="a row is missing from the pages, although it appears with another page size",
        expected="250 rows",
        got='249 rows, without "0b51…"',
        remedy="Check where the server's pages begin and end: a page must not skip a row.",
    ),
    CatalogueEntry(
        id="listing.page.endless",
        settled_by=LOST,
        summary="pagination never ends",
        meaning="The next page is one that was returned before: a client that follows the "
        "pages never stops.",
        message="pagination loops",
        expected="a last page",
        got="12 pages, 50 different rows",
        remedy="The last page must say that it is the last; see next and more in x-listing.",
    ),
    CatalogueEntry(
        id="listing.page.out-of-range",
        settled_by=LOST,
        summary="a page after the last one has rows",
        meaning="A page number or offset far beyond the end returned rows. Clients that stop "
        "at the first empty page never stop.",
        message="a page far after the last one has rows",
        expected="no rows, or a rejection",
        got="20 rows",
        remedy="Have the server return no rows, or reject the page.",
    ),
    CatalogueEntry(
        id="listing.next.missing",
        settled_by=LOST,
        summary="another page is announced without a cursor",
        meaning="The response says that another page follows, but contains no cursor for it.",
        message="another page is announced, but the response has no cursor for it",
        expected="a cursor",
        got="null",
        remedy="Fix next or more in x-listing if they point to the wrong fields.",
    ),
    CatalogueEntry(
        id="listing.next.elsewhere",
        settled_by=NoEdit("credentials would be sent to another server", FIX_OR_ACCEPT),
        summary="the URL of the next page leads to another server",
        meaning="The response has a URL for the next page that is not under the URL of the "
        "API: another host, another scheme, or another path. Clients do not follow it, because "
        "they would send credentials along.",
        message="the URL of the next page leads to another server",
        expected="a URL under https://api.example.com",
        got='"http://internal:8080/orders?page=2"',
        remedy="If a proxy hides the public host and scheme, configure the server to use "
        "X-Forwarded-Host and X-Forwarded-Proto.",
    ),
    CatalogueEntry(
        id="listing.more.wrong",
        settled_by="rule",
        summary="the response is wrong about whether a page follows",
        meaning="The field that announces another page is true on the last page, or false on "
        "an earlier one. Clients stop too early or send one request too many.",
        message="the response is wrong about whether a page follows",
        expected="true",
        got="false",
        remedy="Fix more in x-listing if it points to the wrong field.",
    ),
    CatalogueEntry(
        id="listing.size.ignored",
        settled_by="rule",
        summary="a page has too many rows",
        meaning="A page has more rows than the requested page size, or than the documented "
        "maximum.",
        message="a page has more rows than were asked for",
        expected="at most 7 rows",
        got="20 rows",
        remedy="Check the name of the size parameter in x-listing; the server may not know it.",
    ),
    CatalogueEntry(
        id="listing.size.short",
        settled_by="rule",
        summary="no page ever has as many rows as were asked for",
        meaning="Every page is shorter than requested, although another one follows: the "
        "server has a smaller limit than the spec says.",
        message="no page has as many rows as were asked for, and yet another page follows",
        expected="100 rows",
        got="50 rows",
        remedy="Write the server's limit as maximum of the size parameter.",
    ),
    CatalogueEntry(
        id="listing.total.wrong",
        settled_by="rule",
        summary="the total is not the number of rows",
        meaning="The total number of rows in the response differs from the number of rows on "
        "all pages, or it changed between pages.",
        message="the total is not the number of rows",
        expected="250 (rows seen on all pages)",
        got="251",
        remedy="Fix total in x-listing if it points to another count, such as that of the page.",
    ),
    CatalogueEntry(
        id="listing.echo.wrong",
        settled_by="rule",
        summary="the response repeats page metadata wrongly",
        meaning="The response repeats the page number, the size or another argument of the "
        "request with another value.",
        message="the response repeats page metadata wrongly: size",
        expected="7",
        got="20",
        remedy="Check whether the server used the requested value: if it did, only the "
        "repeated value is wrong.",
    ),
    CatalogueEntry(
        id="listing.order.wrong",
        settled_by="rule",
        summary="the rows are not in the documented order",
        meaning="Two adjacent rows, on one page or across two, are not in the requested or "
        "default order.",
        message="the rows are not in descending order of createdAt",
        expected="descending createdAt",
        got='"2024-01-01T00:00:00Z" before "2024-01-02T00:00:00Z"',
        remedy="Fix order in x-listing if the server sorts by another field or in another "
        "direction.",
    ),
    CatalogueEntry(
        id="listing.filter.ignored",
        settled_by="rule",
        summary="a filter returns a row that does not match",
        meaning="A returned row does not have the filtered value: the server does not know the "
        "parameter, or interprets it differently.",
        message="the filter status lets a row through that it should not",
        expected="status=ENDED",
        got='"ACTIVE"',
        remedy="Check the parameter's name and, in x-listing, the field that it filters by.",
    ),
    CatalogueEntry(
        id="listing.filter.lost",
        settled_by=LOST,
        summary="a filter omits a row that matches",
        meaning="The listing without the filter has a row with the value, and the filtered "
        "listing does not.",
        message="rows are missing from the response to status=ENDED",
        expected="83 rows",
        got='82 rows, without "0b51…"',
        remedy="Check in x-listing which values of the field the filter's value stands for.",
    ),
    CatalogueEntry(
        id="listing.search.ignored",
        settled_by="rule",
        summary="a search returns a row that does not match",
        meaning="A returned row has the search string in none of the documented fields, or "
        "every row was returned for a string that no row contains.",
        message="the search searchText lets a row through without the string",
        expected="searchText=refund",
        got='["Booking a table"]',
        remedy="Add the other fields that the server searches to x-listing, or list under "
        "hidden what it searches and rows do not show.",
    ),
    CatalogueEntry(
        id="listing.search.lost",
        settled_by=LOST,
        summary="a search omits a row that matches",
        meaning="The listing without the search has a row that contains the string, and the "
        "search does not return it.",
        message="rows are missing from the response to searchText=refund",
        expected="12 rows",
        got='11 rows, without "0b51…"',
        remedy="Remove the fields that the server does not search from x-listing.",
    ),
)


LISTING_CHECKS = (
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
        docs="No row comes twice, none is lost, no page is too long, the total is right, and the "
        "pages end.",
    ),
    RegisteredCheck(
        name="order",
        examination="examinations.listings.ordering:order",
        column="listing",
        applies=is_listing,
        findings=("listing.row.lost", "listing.order.wrong"),
        mutants=("listing.order",),
        docs="Each documented order holds across all pages, up and down, and loses no row.",
    ),
    RegisteredCheck(
        name="filters",
        examination="examinations.listings.combinations:check_all_filters",
        column="listing",
        applies=is_listing,
        findings=("listing.filter.ignored", "listing.filter.lost", "listing.total.wrong"),
        mutants=("listing.filter*", "listing.range*"),
        docs="Each filter and each range lets through all rows that match, and only those: alone, "
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
        docs="Leaving a parameter out means its documented default.",
    ),
)
