"""Values and bodies made from schemas: deterministic, plausible, and valid."""

from driftline.mock.fake.files import sample_file as sample_file
from driftline.mock.fake.maker import Maker as Maker
from driftline.mock.fake.merged import (
    ROOM as ROOM,
    Unfakeable as Unfakeable,
    ValueContext as ValueContext,
)
from driftline.mock.fake.merging import Merger as Merger
