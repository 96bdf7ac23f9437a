"""The three APIs once more, written by hand from the vendors' pages.

It shares nothing with the mock and reads no spec: the standard library is all it imports. Where
the pages are silent it does as it likes, and another thing for each seed.
"""

from .revox import Revox
from .roark import Roark
from .web import PlainRequest, PlainResponse, run_plain_server
from .zudu import Zudu

__all__ = ["SERVERS", "PlainRequest", "PlainResponse", "Revox", "Roark", "Zudu", "run_plain_server"]

SERVERS = {"revox": Revox, "roark": Roark, "zudu": Zudu}
