"""Forms, lines and files: their parts, and whether what is uploaded can be downloaded."""

# A check imports what it works with when it runs: listing the checks must stay cheap.
# ruff: noqa: PLC0415
from __future__ import annotations

from typing import TYPE_CHECKING

from driftline.suite.applicability import has_parts, has_upload
from driftline.suite.registry import check

if TYPE_CHECKING:
    from driftline.suite.probe import Probe


@check(
    name="body parts",
    column="fuzzing",
    applies=has_parts,
    findings=("request.invalid.accepted",),
    mutants=("form.*", "lines.*"),
    docs="A form or multipart body without a required part, with a part that a closed schema does "
    "not know, or with more files than `maxItems` is rejected. JSON lines with a line that is not "
    "JSON, lacks a required field, or is of another type are rejected, too.",
)
def body_parts(probe: Probe) -> None:
    """Send forms and lines that the spec rejects."""
    from driftline.suite.examinations.rows import uploads

    uploads.check_body_parts(probe)


@check(
    name="upload",
    column="creation",
    applies=has_upload,
    findings=("effect.upload.lost",),
    mutants=("upload.*",),
    docs="A file that was uploaded is downloaded again, byte for byte, where the paths of two "
    "operations belong together: `PUT /sounds/{id}` and `GET /sounds/{id}`, or `POST /sounds` and "
    "`GET /sounds/{id}/content`.",
)
def upload(probe: Probe) -> None:
    """Upload a small file and compare what is downloaded."""
    from driftline.suite.examinations.rows import uploads

    uploads.check_upload(probe)
