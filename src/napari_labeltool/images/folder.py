"""The images of a folder, in the order that a person expects."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Final

from napari_labeltool.core.errors import ReadError
from napari_labeltool.images.ome_zarr import is_ome_zarr
from napari_labeltool.images.probe import IMAGE_SUFFIXES

#: Endings of the stem by which segmentation tools mark files that belong to an image of the same name.
_SIDE_ENDINGS: Final = re.compile(
    r"(?:[._-](?:cp_)?(?:masks?|seg|segmentation|labels?|labelids|instances?|panoptic|outlines|flows|gt))+$",
    re.IGNORECASE,
)
_DIGITS: Final = re.compile(r"(\d+)")

NaturalKey = tuple[tuple[tuple[int, int, str], ...], ...]


def scan_folder(folder: str | os.PathLike[str], recursive: bool = True, limit: int = 100_000) -> list[str]:
    """List the images of a folder as relative paths with ``/``, in natural order (``a2`` before ``a10``).

    Left out are hidden files and folders, links that lead outside of the folder, the side files of an image
    (``cell_masks.tif`` beside ``cell.tif``), and the PNG masks of COCO panoptic (a folder ``panoptic_val/``
    beside ``panoptic_val.json``). An OME-Zarr folder is one image and is not searched.

    Parameters
    ----------
    folder
        Where to look.
    recursive
        Whether to look in sub-folders too.
    limit
        Largest number of images.

    Raises
    ------
    ReadError
        The folder cannot be read, or holds more than `limit` images.
    """
    root = Path(folder)
    found: list[str] = []
    try:
        for name in _walk(root, root.resolve(), "", recursive):
            found.append(name)
            if len(found) > limit:
                raise ReadError(
                    f"{root}: more than {limit:,} images found. Open a sub-folder, or a COCO file that lists "
                    "the images to label."
                )
    except OSError as error:
        raise ReadError(
            f"{root}: the folder cannot be listed ({error.strerror or error}). Check its permissions."
        ) from error
    stems = {_stem(name) for name in found}
    return sorted((name for name in found if not _is_side_file(name, stems)), key=natural_key)


def natural_key(path: str) -> NaturalKey:
    """Give a sort key by which numbers in names count as numbers, folder by folder, letter case aside."""
    components = [
        tuple((0, int(part), part) if part.isdecimal() else (1, 0, part.casefold()) for part in parts if part)
        for parts in (_DIGITS.split(component) for component in PurePosixPath(path).parts)
    ]
    return (*components, ((1, 0, path),))


def _walk(root: Path, real_root: Path, prefix: str, recursive: bool) -> Iterator[str]:
    folders: list[str] = []
    with os.scandir(root / prefix) as entries:
        listed = list(entries)
    names = {entry.name for entry in listed}
    for entry in listed:
        if entry.name.startswith("."):
            continue
        relative = prefix + entry.name
        suffix = os.path.splitext(entry.name)[1].lower()
        if entry.is_dir(follow_symlinks=False):
            if is_zarr_folder(entry.path):
                if is_ome_zarr(Path(entry.path)):
                    yield relative
            elif not ("panoptic" in entry.name.lower() and f"{entry.name}.json" in names):
                folders.append(relative)
        elif suffix in IMAGE_SUFFIXES and _is_file_inside(entry, real_root):
            yield relative
    if recursive:
        for name in folders:
            try:
                yield from _walk(root, real_root, name + "/", recursive)
            except PermissionError:
                continue  # a sub-folder of somebody else does not keep the others from being listed


def is_zarr_folder(path: str) -> bool:
    """Whether a folder is a zarr store, which may hold millions of chunk files and is never searched."""
    if path.lower().endswith(".zarr"):
        return True
    return any(os.path.exists(os.path.join(path, name)) for name in (".zgroup", ".zarray", "zarr.json"))


def _is_file_inside(entry: os.DirEntry[str], real_root: Path) -> bool:
    try:
        if not stat.S_ISREG(entry.stat().st_mode):
            return False
        return not entry.is_symlink() or Path(entry.path).resolve().is_relative_to(real_root)
    except OSError:
        return False  # a link to nowhere


def _stem(name: str) -> str:
    stem = os.path.splitext(name)[0]
    return stem.removesuffix(".ome").casefold()


def _is_side_file(name: str, stems: set[str]) -> bool:
    stem = _stem(name)
    match = _SIDE_ENDINGS.search(stem)
    return match is not None and stem[: match.start()] in stems
