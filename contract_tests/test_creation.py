"""What operations do to rows: `x-effect`."""

from driftline.contract.creation import creation
from driftline.contract.moving import moving


def test_creation(creating, examine):
    """What is created comes back as it was sent, is listed, and is not created twice."""
    examine(creating, creation)


def test_changing_rows(creating, examine):
    """A walk by cursor shows each row once, although another is created meanwhile."""
    examine(creating, moving)
