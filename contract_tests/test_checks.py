"""Every registered check on each operation that it is for; add tests of your own beside it."""


def test_check(planned, examine):
    """The spec, the client and the server agree."""
    examine(planned.subject, planned.examination)
