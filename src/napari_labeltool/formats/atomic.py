"""Replacing a file so that at every moment either the old or the new one is there, whole."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import shutil
import tempfile
from collections import deque
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Final

from napari_labeltool.core.errors import FileChangedError, WriteError
from napari_labeltool.core.source import FileStamp
from napari_labeltool.formats.write_back import WriteBack

BACKUP_SUFFIX: Final = ".backup"
"""Appended to the whole name, so that nothing that looks for ``*.json`` takes the backup for a dataset."""

Bytes = bytes | memoryview
_STEP: Final = 1 << 22
_MOST_WAITING: Final = 64
"""Pieces that may be written before they are hashed."""


# with the processor's own instructions for it, twice as fast as BLAKE2
_new_digest: Final = hashlib.sha256


def digest_of(data: Bytes) -> str:
    """Return the hash by which contents are compared."""
    return _new_digest(data).hexdigest()


def stamp_of(path: str | os.PathLike[str]) -> FileStamp:
    """Return what tells whether a file is still the same.

    Raises
    ------
    OSError
        The file cannot be read.
    """
    digest = _new_digest()
    with open(path, "rb") as file:
        status = os.fstat(file.fileno())
        while block := file.read(_STEP):
            digest.update(block)
    return FileStamp(status.st_size, status.st_mtime_ns, digest.hexdigest())


def is_unchanged(path: str | os.PathLike[str], stamp: FileStamp) -> bool:
    """Tell whether a file still has the content that it had; the content is only read when its time moved.

    Raises
    ------
    OSError
        The file cannot be read.
    """
    status = os.stat(path)
    if status.st_size != stamp.size:
        return False
    return status.st_mtime_ns == stamp.mtime_ns or stamp_of(path).digest == stamp.digest


def backup_path(path: str | os.PathLike[str]) -> Path:
    """Return where the previous content of a file is kept."""
    target = Path(path)
    return target.with_name(target.name + BACKUP_SUFFIX)


def write_atomic(
    path: str | os.PathLike[str],
    chunks: Iterable[Bytes],
    *,
    backup: bool = True,
    expected: FileStamp | None = None,
    content: FileStamp | None = None,
) -> FileStamp:
    """Write a file through a temporary one beside it, which takes its place when it is complete.

    Parameters
    ----------
    path
        The file; of a symbolic link, what it points to is written and the link stays.
    chunks
        The content, in order.
    backup
        Whether to keep the file that was there as ``NAME.backup``.
    expected
        What the file is expected to be now; None writes whatever is there.
    content
        The stamp of another file with the same content, if one is known; its hash is not made again.

    Returns
    -------
    FileStamp
        Of the new file.

    Raises
    ------
    FileChangedError
        The file is not as expected; it was not touched.
    WriteError
        The file could not be written; what was there is untouched and no temporary file is left.
    """
    target = Path(os.path.realpath(path))
    if expected is not None:
        _check_expected(target, expected)
    if target.exists() and not os.access(target, os.W_OK):
        raise _failure(target, PermissionError(errno.EACCES, "read-only"))
    try:
        handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".tmp", dir=target.parent)
    except OSError as error:
        raise _failure(target, error) from error
    temporary = Path(name)
    try:
        stamp = _write_all(handle, temporary, target, chunks, content)
        if expected is not None:
            _check_expected(target, expected)
        if backup and target.exists():
            _keep_backup(target)
        os.replace(temporary, target)
    except OSError as error:
        raise _failure(target, error) from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
    _sync_folder(target.parent)
    return stamp


def _write_all(
    handle: int, temporary: Path, target: Path, chunks: Iterable[Bytes], content: FileStamp | None
) -> FileStamp:
    digest = _new_digest()
    size = 0
    hashing: deque[Future[None]] = deque()
    with (
        os.fdopen(handle, "wb") as file,
        WriteBack(file.fileno()) as disk,
        ThreadPoolExecutor(1, "labeltool-digest") as pool,
    ):
        for chunk in chunks:
            view = memoryview(chunk)
            for start in range(0, len(view), _STEP):
                part = view[start : start + _STEP]
                if content is None:
                    hashing.append(pool.submit(digest.update, part))
                    if len(hashing) > _MOST_WAITING:
                        hashing.popleft().result()
                file.write(part)
                size += len(part)
                disk.written(size)
        file.flush()
        _take_mode(temporary, target)
        disk.finish()
        for part_hashed in hashing:
            part_hashed.result()
    mtime_ns = temporary.stat().st_mtime_ns
    if content is None:
        return FileStamp(size, mtime_ns, digest.hexdigest())
    return content.moved_to(mtime_ns)


def _take_mode(temporary: Path, target: Path) -> None:
    """Give the temporary file the mode of the one it replaces, or what a new file would get."""
    if target.exists():
        shutil.copymode(target, temporary)
    elif os.name == "posix":
        mask = os.umask(0)
        os.umask(mask)
        temporary.chmod(0o666 & ~mask)


def _keep_backup(target: Path) -> None:
    """Keep the present file under its backup name without a moment in which there is none under its own."""
    kept = backup_path(target)
    fresh = kept.with_name(kept.name + ".tmp")
    fresh.unlink(missing_ok=True)
    try:
        try:
            os.link(target, fresh)
        except OSError:
            shutil.copy2(target, fresh)
        os.replace(fresh, kept)
    finally:
        with contextlib.suppress(OSError):
            fresh.unlink(missing_ok=True)


def _check_expected(target: Path, expected: FileStamp) -> None:
    """Refuse where another program wrote the file; writing one that is gone overwrites nothing."""
    try:
        if is_unchanged(target, expected):
            return
        status = target.stat()
    except FileNotFoundError:
        return
    except OSError as error:
        raise _failure(target, error) from error
    when = datetime.fromtimestamp(status.st_mtime).strftime("%Y-%m-%d %H:%M:%S")
    raise FileChangedError(
        f"{target}: another program changed the file at {when} ({expected.size:,} bytes when it was opened, "
        f"{status.st_size:,} bytes now). Nothing was written: save under another name, or open the file "
        "again."
    )


def _failure(target: Path, error: OSError) -> WriteError:
    folder = target.parent
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT:
            free = shutil.disk_usage(folder).free
            reason = f"the disk is full ({free:,} bytes are free). Free some space and save again"
        case errno.ENOENT | errno.ENOTDIR:
            reason = f"there is no folder {folder}. Make it, or save somewhere else"
        case errno.EACCES | errno.EPERM | errno.EROFS if not _is_open_elsewhere(error):
            reason = (
                f"the file or its folder {folder} is read-only. Change its permissions, or save elsewhere"
            )
        case errno.EISDIR:
            reason = "this is a folder, a file name was expected. Choose another name"
        case errno.ENAMETOOLONG:
            reason = "the name is too long. Choose a shorter one"
        case _:
            reason = f"{error.strerror or error}. Close other programs that have it open and save again"
    return WriteError(
        f"{target}: not saved: {reason}. What was there before is untouched, your work is still here."
    )


def _is_open_elsewhere(error: OSError) -> bool:
    """Tell whether Windows refuses because another program holds the file (sharing violation)."""
    return getattr(error, "winerror", None) == 32


def _sync_folder(folder: Path) -> None:
    """Make the new name last through a power cut; only POSIX lets a folder be synced."""
    if os.name != "posix":
        return
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
