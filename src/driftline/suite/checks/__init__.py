"""The checks that come with driftline, one module a group; importing it registers them in order."""

from driftline.suite.checks import (
    client as client,
    creation as creation,
    credentials as credentials,
    examples as examples,
    fuzzing as fuzzing,
    listing as listing,
    streams as streams,
    uploads as uploads,
)
