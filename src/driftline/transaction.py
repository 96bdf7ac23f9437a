"""Moves files and folders into a directory: all of them or none, whenever the process dies.

The new content is built in a directory of its own, the stage. A journal in it then says what moves
where; from then on, the next run finishes what this one began. Without a journal, everything is as
it was, and the next run removes the stage.

A checkout may hold a stage with a journal that puts a program into `.git/hooks`. So a journal names
the time at which the system made the lock beside it, which no checkout or archive can set.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import Any, Final

import attrs

from driftline.errors import UsageError

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

PREFIX: Final = ".driftline-stage-"
_JOURNAL: Final = "journal.json"
_LOCK: Final = "lock"


@attrs.frozen
class Move:
    """A move of `new` in the stage to `target` in the project; "" removes `target`."""

    new: str
    target: str


def lock(file: int) -> None:
    """Wait until no other process has locked an open file, and lock it until it is closed."""
    if fcntl is not None:
        fcntl.flock(file, fcntl.LOCK_EX)


@contextmanager
def open_stage(root: Path) -> Generator[Path]:
    """Create a stage in `root`, on the same file system, and remove it afterwards."""
    stage, file = _create_locked_stage(root)
    try:
        yield stage
    finally:
        if not (stage / _JOURNAL).exists():
            shutil.rmtree(stage, ignore_errors=True)
        os.close(file)


def _create_locked_stage(root: Path) -> tuple[Path, int]:
    """Return a new stage and its open lock.

    Another process may take the stage for that of a killed run until it is locked.
    """
    while True:
        stage = Path(tempfile.mkdtemp(prefix=PREFIX, dir=root))
        with suppress(FileNotFoundError):
            file = os.open(stage / _LOCK, os.O_CREAT | os.O_RDWR, 0o600)
            lock(file)
            if os.fstat(file).st_nlink:
                return stage, file
            os.close(file)


def choose_temporary_directory() -> None:
    """Keep `tempfile` from testing its directory with a file, which a kill would leave behind."""
    configured = filter(None, map(os.environ.get, ("TMPDIR", "TEMP", "TMP")))
    for folder in (*configured, "/tmp"):  # noqa: S108 - the names in it are chosen by `tempfile`
        if tempfile.tempdir is None and os.access(folder, os.W_OK | os.X_OK):
            tempfile.tempdir = os.path.abspath(folder)  # noqa: PTH100 - links are kept


@contextmanager
def open_scratch() -> Generator[Path]:
    """Create a temporary directory; those of killed runs are removed."""
    with open_stage(_clean_temporary_directory()) as stage:
        yield stage


def _clean_temporary_directory() -> Path:
    """Remove the stages of killed runs in the temporary directory."""
    temporary = Path(tempfile.gettempdir())
    for stage in _list_abandoned(temporary):
        shutil.rmtree(stage, ignore_errors=True)
    return temporary


def commit(stage: Path, moves: Sequence[Move]) -> None:
    """Move everything into place, or leave everything unchanged.

    Raises:
        OSError: a move failed; the moves before it were undone.
        UsageError: a folder on the way is a symbolic link.
    """
    for move in moves:
        _reject_links(stage.parent, move.target)
    journal = stage / _JOURNAL
    _write_journal(stage, moves)
    try:
        _finish(stage, moves)
    except BaseException:
        _undo(stage, moves)
        journal.unlink()
        raise
    _discard(stage)


def recover(root: Path) -> None:
    """Complete or remove the stages of earlier runs in `root`, except those of running ones.

    Their files in the temporary directory are removed, too.
    """
    _clean_temporary_directory()
    for stage in _list_abandoned(root):
        moves = _read_journal(stage)
        if moves is None:
            shutil.rmtree(stage, ignore_errors=True)
            continue
        for move in moves:
            _reject_links(root, move.target)
        _finish(stage, moves)
        _discard(stage)


def _list_abandoned(root: Path) -> Iterator[Path]:
    """Yield the stages in `root` whose run has ended, each locked until the next is requested.

    Another user's are not touched.
    """
    for stage in sorted(root.glob(PREFIX + "*")):
        if stage.is_dir() and not stage.is_symlink() and _is_own(stage):
            with _take_over(stage) as is_abandoned:
                if is_abandoned:
                    yield stage


def _is_own(stage: Path) -> bool:
    try:
        return not hasattr(os, "geteuid") or stage.lstat().st_uid == os.geteuid()
    except OSError:
        return False


def _finish(stage: Path, moves: Sequence[Move]) -> None:
    """Make the remaining moves in order. Idempotent."""
    for index, move in enumerate(moves):
        target, old = stage.parent / move.target, _locate_backup(stage, index)
        new = stage / move.new if move.new else None
        if new is not None and not os.path.lexists(new):
            continue
        if os.path.lexists(target) and not os.path.lexists(old):
            old.parent.mkdir(exist_ok=True)
            _set_aside(target, old, keep=new is not None)
        if new is not None:
            target.parent.mkdir(parents=True, exist_ok=True)
            new.replace(target)


def _set_aside(target: Path, old: Path, *, keep: bool) -> None:
    """Move `target` to `old`; with `keep`, a file stays where it is until it is replaced."""
    if keep and target.is_file() and not target.is_symlink():
        with suppress(OSError):  # a file system without hard links
            old.hardlink_to(target)
            return
    target.rename(old)


def _undo(stage: Path, moves: Sequence[Move]) -> None:
    for index, move in reversed(list(enumerate(moves))):
        target, old = stage.parent / move.target, _locate_backup(stage, index)
        new = stage / move.new if move.new else None
        if new is not None and not os.path.lexists(new) and os.path.lexists(target):
            target.rename(new)
        if os.path.lexists(old):
            old.replace(target)
    for move in moves:
        _remove_empty(stage.parent, (stage.parent / move.target).parent)


def _remove_empty(root: Path, folder: Path) -> None:
    """Remove empty folders that were created for undone moves."""
    with suppress(OSError):
        while folder != root and folder.is_relative_to(root):
            folder.rmdir()
            folder = folder.parent


def _discard(stage: Path) -> None:
    """Remove the stage, its journal first: a stage without a journal is removed, not resumed."""
    (stage / _JOURNAL).unlink()
    shutil.rmtree(stage, ignore_errors=True)


def _locate_backup(stage: Path, index: int) -> Path:
    return stage / "old" / str(index)


def _write_journal(stage: Path, moves: Sequence[Move]) -> None:
    temporary = (stage / _JOURNAL).with_suffix(".tmp")
    rows = [[move.new, move.target] for move in moves]
    with temporary.open("w", encoding="utf-8") as file:
        json.dump({"lock": _read_lock_time(stage), "moves": rows}, file)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(stage / _JOURNAL)


def _read_journal(stage: Path) -> list[Move] | None:
    """Return the moves in the journal of a stage, or None without a journal."""
    try:
        data: Any = json.loads((stage / _JOURNAL).read_text(encoding="utf-8"))
        moves = [Move(str(new), str(target)) for new, target in data["moves"]]
        return moves if data["lock"] == _read_lock_time(stage) else None
    except (OSError, ValueError, TypeError, LookupError, RecursionError):
        return None


def _read_lock_time(stage: Path) -> int:
    """Return the time at which the inode of the lock last changed; driftline never changes it."""
    return (stage / _LOCK).lstat().st_ctime_ns


def _reject_links(root: Path, target: str) -> None:
    """Reject a `target` behind a symbolic link, which may lead out of the project."""
    folder = root
    for part in PurePosixPath(target).parts[:-1]:
        folder /= part
        if folder.is_symlink():
            name = folder.relative_to(root).as_posix()
            raise UsageError(
                f"{name} is a symbolic link", "Replace it with a directory of the project."
            )


@contextmanager
def _take_over(stage: Path) -> Generator[bool]:
    """Lock a stage unless its run is alive; return whether it has ended.

    A stage without a lock may be one that another process is creating. That process then waits for
    this lock.
    """
    if fcntl is None:
        yield (stage / _JOURNAL).exists()
        return
    flags = os.O_CREAT | os.O_RDWR | getattr(os, "O_NOFOLLOW", 0)
    try:
        file = os.open(stage / _LOCK, flags, 0o600)
    except OSError:
        yield True
        return
    try:
        yield _can_lock(file)
    finally:
        os.close(file)


def _can_lock(file: int) -> bool:
    assert fcntl is not None  # noqa: S101 (Windows has no locks)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
