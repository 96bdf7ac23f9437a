"""What operations do to rows: `x-effect`."""

from driftline.contract.creation import creation


def test_creation(creating, examine):
    """What is created comes back as it was sent, is listed, and is not created twice."""
    examine(creating, creation)
