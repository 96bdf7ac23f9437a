"""What driftline changes in other libraries is still there to be changed."""

from __future__ import annotations

import importlib

from driftline.suite.fuzzing import schemathesis_tuning
from driftline.suite.fuzzing.schemathesis_tuning import tune


def test_every_changed_name_exists() -> None:
    """A new version that renames one of them would silently be slow again."""
    for module, name, replacement in schemathesis_tuning._CHANGES:
        owner = importlib.import_module(module)
        assert callable(getattr(owner, name))
        tune()
        assert getattr(owner, name) is replacement
