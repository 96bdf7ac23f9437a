"""The changes of a regenerated client, its next version, and its changelog."""

from driftline.changes.python.rules import PYTHON_RULES as PYTHON_RULES
