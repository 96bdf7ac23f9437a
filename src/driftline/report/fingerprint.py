"""A short name of a finding that stays the same from run to run."""

from __future__ import annotations

import hashlib
import json

from driftline.checks.finding import Finding

__all__ = ["compute_fingerprint"]


def compute_fingerprint(finding: Finding) -> str:
    """16 hexadecimal digits of what makes two sightings one finding: no line, no value."""
    return hashlib.sha256(json.dumps(finding.key).encode()).hexdigest()[:16]
