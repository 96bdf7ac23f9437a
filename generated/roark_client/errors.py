# Made by `driftline generate roark`. Do not edit: change specs/ and run it again.
"""What the clients raise; driftline.runtime.errors draws the tree."""

from driftline.runtime.errors import *  # noqa: F403
from driftline.runtime.errors import __all__ as __all__
