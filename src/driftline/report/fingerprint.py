"""A short name of a finding that stays the same from run to run."""

from __future__ import annotations

import hashlib
import json

from driftline.checks import Finding

_ALWAYS = 5
"""So many parts of a key a finding always had; the others count where they are not empty."""


def compute_fingerprint(finding: Finding) -> str:
    """16 hexadecimal digits of what makes two sightings one finding: no line of the spec."""
    parts = [part for number, part in enumerate(finding.key) if part or number < _ALWAYS]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]
