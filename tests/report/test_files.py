"""A report's files: all of them or none."""

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


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_the_folder_is_made_and_written(agreed: Report, tmp_path: Path) -> None:
    """All files, and no temporary one beside them; a second run replaces them."""
    folder = tmp_path / "a" / "b"
    for _ in range(2):
        written = write(agreed, folder)
        assert sorted(path.name for path in written) == names(folder)
    assert names(folder) == NAMES


def full_disk_at(call: int) -> Callable[[int], None]:
    """An `os.fsync` for which the disk is full at the given call."""
    calls = 0

    def fsync(_: int) -> None:
        nonlocal calls
        calls += 1
        if calls == call:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    return fsync


@pytest.mark.parametrize("call", range(1, len(NAMES) + 1))
def test_a_full_disk_leaves_the_report_that_was_there(
    call: int, agreed: Report, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever file it happens at: the old ones are whole, and nothing else is left."""
    for name in NAMES:
        (tmp_path / name).write_text("old")
    monkeypatch.setattr(os, "fsync", full_disk_at(call))
    with pytest.raises(OSError, match="No space left"):
        write(agreed, tmp_path)
    assert names(tmp_path) == NAMES
    assert {path.read_text() for path in tmp_path.iterdir()} == {"old"}


def test_a_rendering_that_fails_writes_nothing(
    agreed: Report, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All texts are made before the first file is."""

    def fail(_: Any) -> str:
        raise RuntimeError("no page")

    monkeypatch.setattr(html, "render", fail)
    with pytest.raises(RuntimeError):
        write(agreed, tmp_path / "report")
    assert not (tmp_path / "report").exists()
