"""Values and bodies made from schemas: deterministic, plausible, and valid."""

from driftline.mock.fake.files import sample_file
from driftline.mock.fake.maker import Maker
from driftline.mock.fake.merged import ROOM, Spot, Unfakeable
from driftline.mock.fake.merging import Merger
