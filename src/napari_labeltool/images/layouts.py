"""Where images lie beside a COCO JSON in the data sets that people have."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

#: Names of folders that hold the JSON while the images lie beside that folder.
_ANNOTATION_FOLDERS: Final = frozenset(("annotations", "annotation", "labels", "json", "jsons", "ann", "gt"))
_IMAGE_FOLDERS: Final = ("images", "imgs", "img", "JPEGImages", "data")
_SPLITS: Final = tuple(
    split + year for year in ("", "2017", "2014") for split in ("train", "val", "test", "valid", "default")
)


@dataclass(frozen=True, slots=True)
class CocoLayout:
    """Existing folders around one JSON that hold images in a usual layout.

    Parameters
    ----------
    own
        Folders named like the split in the JSON's name (``instances_train.json``), the likelier ones first.
    others
        The other folders of images.
    outer
        Folders outside of the JSON's own folder from which images may be read.
    """

    own: tuple[Path, ...]
    others: tuple[Path, ...]
    outer: tuple[Path, ...]


def find_layout(document_dir: Path, document_name: str = "") -> CocoLayout:
    """Look which of the usual folders exist.

    Parameters
    ----------
    document_dir
        Folder of the JSON.
    document_name
        Name of the JSON, or ``""``.
    """
    base = document_dir.parent
    words = [word for word in re.split(r"[_.\-]", document_name.rpartition(".")[0] or document_name) if word]
    own_words = dict.fromkeys([*words[-1:], *(word for word in words if word in _SPLITS)])
    own = [
        folder for word in own_words for start in (base, document_dir) for folder in _of_split(start, word)
    ]
    others = [folder for start in (document_dir, base) for folder in _plain(start)]
    in_annotations = document_dir.name.lower() in _ANNOTATION_FOLDERS
    if in_annotations:
        others.append(base)
        outer = [base]
    else:
        outer = [base / name for name in dict.fromkeys((*_IMAGE_FOLDERS, *_SPLITS, *own_words))]
    existing_own = _existing(own)
    return CocoLayout(
        own=existing_own,
        others=tuple(folder for folder in _existing(others) if folder not in existing_own),
        outer=_existing(outer),
    )


def _of_split(start: Path, split: str) -> list[Path]:
    return [*(start / name / split for name in _IMAGE_FOLDERS), start / split / "images", start / split]


def _plain(start: Path) -> list[Path]:
    splits = [folder for split in _SPLITS for folder in _of_split(start, split)]
    return [*(start / name for name in _IMAGE_FOLDERS), *splits]


def _existing(folders: list[Path]) -> tuple[Path, ...]:
    return tuple(dict.fromkeys(folder for folder in folders if folder.is_dir()))
