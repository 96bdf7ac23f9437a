"""Credentials."""

from driftline.contract.credentials import credentials


def test_credentials(secured, examine):
    """The right credential is accepted; a missing, empty or wrong one, or half a pair, is not."""
    examine(secured, credentials)
