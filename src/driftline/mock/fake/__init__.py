"""Values and bodies made from schemas: deterministic, plausible, and valid."""

from driftline.mock.fake.files import sample_file
from driftline.mock.fake.maker import Maker
from driftline.mock.fake.merging import Merger
from driftline.mock.fake.spot import Spot, Unfakeable

__all__ = ["Maker", "Merger", "Spot", "Unfakeable", "sample_file"]
