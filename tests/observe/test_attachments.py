"""Bodies in separate files, next to a HAR file or with it in a zip archive."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from driftline.errors import RecordingError
from driftline.mock import Mock
from driftline.observe import Observation, observe
from driftline.openapi import load
from driftline.project import Project

from .recordings import ROOT, build_entry, build_har, request_page

MOCK = Mock(load(ROOT / "specs" / "roark.yaml"), rows=4)
NAME = "2f6e2c1b.json"


def attach(name: str = NAME) -> tuple[bytes, bytes]:
    """Return a HAR file whose only body has an invalid row, and that body."""
    entry: Any = build_entry(*request_page(MOCK, limit=2))
    body = json.loads(entry["response"]["content"].pop("text"))
    del body["data"][0]["projectId"]
    entry["response"]["content"]["_file"] = name
    return build_har([entry]), json.dumps(body).encode()


def observe_file(path: Path) -> Observation:
    return observe(Project(ROOT), [str(path)])


def write_archive(path: Path, files: dict[str, bytes]) -> Path:
    with ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


@pytest.mark.parametrize("is_archive", [False, True])
def test_an_attached_body_is_judged(tmp_path: Path, *, is_archive: bool) -> None:
    """An attached body is judged as if it were in the HAR file."""
    recording, body = attach()
    path = tmp_path / "session.har"
    path.write_bytes(recording)
    (tmp_path / NAME).write_bytes(body)
    if is_archive:
        path = write_archive(tmp_path / "s.zip", {"har.har": recording, NAME: body})
        (tmp_path / NAME).unlink()
    (finding,) = observe_file(path).report.findings
    assert finding.id == "response.required.missing"


@pytest.mark.parametrize("name", ["../secret", "gone", "..", "a\0b", "/etc/hostname", "link"])
def test_a_file_elsewhere_is_not_read(name: str, tmp_path: Path) -> None:
    """A file outside the recording's directory is not read, and its body counts as not recorded."""
    recording, body = attach(name)
    folder = tmp_path / "folder"
    folder.mkdir()
    (tmp_path / "secret").write_bytes(body)
    (folder / "link").symlink_to(tmp_path / "secret")
    (folder / "session.har").write_bytes(recording)
    archive = write_archive(folder / "s.zip", {"har.har": recording})
    for path in (folder / "session.har", archive):
        observation = observe_file(path)
        assert observation.report.findings == []
        assert observation.files[0].bodiless == 1


def test_another_archive_is_rejected_with_a_reason(tmp_path: Path) -> None:
    """An archive with no HAR file, with several, or with damage is rejected with the reason."""
    recording, _ = attach()
    none = write_archive(tmp_path / "none.zip", {"a.txt": b""})
    archive_of_several = write_archive(
        tmp_path / "several.zip", {"a.har": recording, "b.har": recording}
    )
    damaged_archive = tmp_path / "damaged.zip"
    damaged_archive.write_bytes(archive_of_several.read_bytes()[:200])
    for path, reason in {
        none: "0 HAR files",
        archive_of_several: "2 HAR files",
        damaged_archive: "damaged",
    }.items():
        with pytest.raises(RecordingError, match=reason):
            observe_file(path)
