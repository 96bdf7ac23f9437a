"""The files of a report: all or none are written."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from driftline.report import FORMATS, Report, write
from driftline.report.files import name_file
from driftline.report.formats import html

NAMES = sorted(map(name_file, FORMATS))


def list_names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_the_folder_is_created_with_all_files(agreeing_report: Report, tmp_path: Path) -> None:
    """The directory is created with all files and no temporary one; a second run replaces them."""
    folder = tmp_path / "a" / "b"
    for _ in range(2):
        written_paths = write(agreeing_report, folder)
        assert sorted(path.name for path in written_paths) == list_names(folder)
    assert list_names(folder) == NAMES


def fail_with_full_disk_at(call: int) -> Callable[[int], None]:
    """Return an `os.fsync` that fails with a full disk on the given call."""
    calls = 0

    def sync(_: int) -> None:
        nonlocal calls
        calls += 1
        if calls == call:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    return sync


@pytest.mark.parametrize("call", range(1, len(NAMES) + 1))
def test_a_full_disk_keeps_the_previous_report(
    call: int, agreeing_report: Report, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the disk fills up at any file, the previous files are kept and no other remains."""
    for name in NAMES:
        (tmp_path / name).write_text("old")
    monkeypatch.setattr(os, "fsync", fail_with_full_disk_at(call))
    with pytest.raises(OSError, match="No space left"):
        write(agreeing_report, tmp_path)
    assert list_names(tmp_path) == NAMES
    assert {path.read_text() for path in tmp_path.iterdir()} == {"old"}


def test_a_rendering_that_fails_writes_nothing(
    agreeing_report: Report, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If a rendering fails, no file is written."""

    def fail(_: Any) -> str:
        raise RuntimeError("no page")

    monkeypatch.setattr(html, "render", fail)
    with pytest.raises(RuntimeError):
        write(agreeing_report, tmp_path / "report")
    assert not (tmp_path / "report").exists()
