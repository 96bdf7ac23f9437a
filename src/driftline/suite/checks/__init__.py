"""The checks that come with driftline, one module a group; importing it registers them in order."""

from driftline.suite.checks import (
    client,
    creation,
    credentials,
    examples,
    fuzzing,
    listing,
    streams,
    uploads,
)

__all__ = [
    "client",
    "creation",
    "credentials",
    "examples",
    "fuzzing",
    "listing",
    "streams",
    "uploads",
]
