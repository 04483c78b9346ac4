"""What a ``file_name`` of unknown origin may mean as a path."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Final
from urllib.parse import unquote, urlsplit

_URL: Final = re.compile(r"^[a-zA-Z][a-zA-Z0-9+.-]+://")
_DRIVE: Final = re.compile(r"^[a-zA-Z]:[\\/]")


def spellings(name: str) -> tuple[str, ...]:
    """Give the paths that a name may spell, the most literal first; none for a URL.

    The text itself, then with backslashes as separators, then with ``%20`` and the like decoded.
    """
    if _URL.match(name):
        return ()
    found = [name]
    if "\\" in name and not _DRIVE.match(name):
        found.append(name.replace("\\", "/"))
    found += [unquote(spelling) for spelling in found if "%" in spelling]
    return tuple(spelling for spelling in dict.fromkeys(found) if "\0" not in spelling)


def components(name: str) -> tuple[str, ...]:
    """Give the folders and the base name in a name of any kind; empty when it names no file.

    Of a URL only the last component counts. ``.``, ``..``, a drive letter and the root are left out.
    """
    if _URL.match(name):
        try:
            path = urlsplit(name).path
        except ValueError:
            path = name
        last = unquote(path).replace("\\", "/").rpartition("/")[2]
        return (last,) if last not in ("", ".", "..") and "\0" not in last else ()
    text = (name[2:] if _DRIVE.match(name) else name).replace("\\", "/")
    if text.endswith(("/", "/.", "/..")):
        return ()
    return tuple(part for part in PurePosixPath(text).parts if part not in ("/", "//", "..", "."))


def shared_tail(path: Path, parts: Sequence[str]) -> tuple[int, int]:
    """Tell how many last components of `path` are those of `parts`, letter case aside, and exactly."""
    folded = [part.casefold() for part in path.parts], [part.casefold() for part in parts]
    return _agreeing(*folded), _agreeing(path.parts, parts)


def _agreeing(mine: Sequence[str], theirs: Sequence[str]) -> int:
    number = 0
    for one, other in zip(reversed(mine), reversed(theirs), strict=False):
        if one != other:
            break
        number += 1
    return number
