"""Names of statuses, independent of the Python version."""

from __future__ import annotations

import pytest

from driftline.generate import describe_status
from driftline.generate.statuses import build_error_views


@pytest.mark.parametrize(
    ("status", "phrase", "name"),
    [
        (404, "Not Found", "NotFound"),
        (413, "Content Too Large", "ContentTooLarge"),
        (414, "URI Too Long", "URITooLong"),
        (416, "Range Not Satisfiable", "RangeNotSatisfiable"),
        (418, "I'm a Teapot", "IMATeapot"),
        (422, "Unprocessable Content", "UnprocessableContent"),
        (599, "Status 599", "Status599"),
    ],
)
def test_a_status_has_the_name_of_rfc_9110(status: int, phrase: str, name: str) -> None:
    """Status names are those of RFC 9110, although Python 3.11 and 3.12 have older phrases."""
    (view,) = build_error_views([(str(status), "models.Problem")])
    assert (describe_status(status), view.name) == (phrase, name)
