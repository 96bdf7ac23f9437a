"""The listing rules: what `x-listing` promises about rows and pages."""

from driftline.contract import defaults, ordering, selection
from driftline.contract import listing as rules


def test_pages(listing, examine):
    """No row twice, none lost, no page too long, the right total, and an end."""
    examine(listing, rules.pages)


def test_order(listing, examine):
    """Each documented order holds across all pages, up and down, and loses no row."""
    examine(listing, ordering.order)


def test_filters(listing, examine):
    """Each filter lets through all rows that match, and only those."""
    examine(listing, selection.filters)


def test_searches(listing, examine):
    """Each search finds the rows that contain the text."""
    examine(listing, selection.searches)


def test_defaults(reading, examine):
    """Leaving a parameter out means its documented default."""
    examine(reading, defaults.defaults)
