"""What a regenerated client changes, the version that it should have, and the changelog."""

from driftline.changes.python.rules import PYTHON_RULES as PYTHON_RULES
