"""Telling COCO from other JSON by the first kilobytes of a file."""

from __future__ import annotations

import os
import re
from typing import Final

from napari_labeltool.formats.coco.tokens import STRING_PATTERN

_HEAD: Final = 1 << 16
_TOKEN: Final = re.compile(
    rb"(" + STRING_PATTERN + rb")[ \t\r\n]*(:)?|([\[\]{}])|[^\s\[\]{}\",:]+|[,:]|\s+", re.DOTALL
)
_RECORD_KEYS: Final = {
    b"images": ({b"id", b"image_id"}, {b"file_name", b"width", b"height", b"coco_url"}),
    b"annotations": (
        {b"image_id", b"segmentation", b"bbox", b"segments_info"},
        {b"image_id", b"category_id", b"segmentation", b"bbox", b"keypoints", b"segments_info"},
    ),
    b"categories": ({b"id"}, {b"name"}),
}
_RESULT: Final = {b"bbox", b"segmentation", b"keypoints", b"caption", b"category_id"}


def looks_like_coco(path: str | os.PathLike[str]) -> bool:
    """Tell whether a file is COCO JSON, from its first 64 KB; anything else is declined without a word.

    Parameters
    ----------
    path
        A file; one that cannot be read is none.
    """
    try:
        with open(path, "rb") as file:
            head = file.read(_HEAD)
    except OSError:
        return False
    return head_looks_like_coco(head)


def head_looks_like_coco(head: bytes) -> bool:
    """Tell whether the beginning of a file is that of COCO JSON; see `looks_like_coco`."""
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text.startswith(b"["):
        keys = _first_record(text, 0)
        return keys is not None and b"image_id" in keys and not _RESULT.isdisjoint(keys)
    if not text.startswith(b"{"):
        return False
    empty: set[bytes] = set()
    for key, start in _top_level(text):
        if key not in _RECORD_KEYS:
            continue
        opening = text[start : start + 1]
        if opening not in (b"[", b"{"):
            continue
        record = _first_record(text, start)
        if record is None:
            if opening == b"[" and text[start + 1 :].lstrip().startswith(b"]"):
                empty.add(key)
            continue
        needed, usual = _RECORD_KEYS[key]
        if not needed.isdisjoint(record) and not usual.isdisjoint(record):
            return True
    return len(empty) > 1


def _top_level(text: bytes) -> list[tuple[bytes, int]]:
    """Return the keys of the object that the text begins with, and where their values begin."""
    keys: list[tuple[bytes, int]] = []
    depth = 0
    for match in _TOKEN.finditer(text):
        string, colon, bracket = match.groups()
        if bracket is not None:
            depth += 1 if bracket in b"[{" else -1
            if depth == 0:
                break
        elif colon is not None and depth == 1:
            start = match.end()
            while text[start : start + 1].isspace():
                start += 1
            keys.append((string[1:-1], start))
    return keys


def _first_record(text: bytes, start: int) -> set[bytes] | None:
    """Return the keys of the first object in the list (or object) at an offset, as far as the text goes."""
    keys: set[bytes] = set()
    depth = 0
    for match in _TOKEN.finditer(text, start):
        string, colon, bracket = match.groups()
        if bracket is not None:
            depth += 1 if bracket in b"[{" else -1
            if depth == 2 and bracket == b"[":
                return None
            if depth == 0 or (depth == 1 and bracket == b"}"):
                break
        elif depth == 1 and text[start : start + 1] == b"[" and match.group().strip():
            return None
        elif colon is not None and depth == 2:
            keys.add(string[1:-1])
    return keys or None
