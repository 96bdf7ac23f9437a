"""The listing rules: what `x-listing` promises about rows and pages."""

# A check imports what it works with when it runs: listing the checks must stay cheap.
# ruff: noqa: PLC0415
from __future__ import annotations

from typing import TYPE_CHECKING

from driftline.suite.applicability import is_listing, is_read
from driftline.suite.registry import check

if TYPE_CHECKING:
    from driftline.suite.probe import Probe


@check(
    name="pages",
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
)
def pages(probe: Probe) -> None:
    """Walk all pages by several sizes."""
    from driftline.suite.examinations.listings import pages as implementation

    implementation.check_pages(probe)


@check(
    name="order",
    column="listing",
    applies=is_listing,
    findings=("listing.row.lost", "listing.order.wrong"),
    mutants=("listing.order",),
    docs="Each documented order holds across all pages, up and down, and loses no row.",
)
def order(probe: Probe) -> None:
    """Walk the pages in each documented order."""
    from driftline.suite.examinations.listings import ordering

    ordering.order(probe)


@check(
    name="filters",
    column="listing",
    applies=is_listing,
    findings=("listing.filter.ignored", "listing.filter.lost", "listing.total.wrong"),
    mutants=("listing.filter*", "listing.range*"),
    docs="Each filter and each range lets through all rows that match, and only those: alone, "
    "with the others, and on later pages. The total counts these rows.",
)
def filters(probe: Probe) -> None:
    """Walk the pages under each documented filter, and under all together."""
    from driftline.suite.examinations.listings import combinations, ranges, selection

    selection.check_filters(probe)
    ranges.check_ranges(probe)
    combinations.check_combinations(probe)


@check(
    name="searches",
    column="listing",
    applies=is_listing,
    findings=("listing.search.ignored", "listing.search.lost", "listing.total.wrong"),
    mutants=("listing.search*",),
    docs="Each search finds the rows that contain the string, and the total counts these.",
)
def searches(probe: Probe) -> None:
    """Search for strings that rows are known to contain."""
    from driftline.suite.examinations.listings import selection

    selection.check_searches(probe)


@check(
    name="defaults",
    column="listing",
    applies=is_read,
    findings=("parameter.default.wrong",),
    mutants=("parameter.default",),
    docs="Leaving a parameter out means its documented default.",
)
def defaults(probe: Probe) -> None:
    """Compare the response without a parameter with the one to its default."""
    from driftline.suite.examinations import defaults as implementation

    implementation.check_defaults(probe)
