"""What each person has viewed of the large pictures of a document, in a small file beside the journal.

That is a state of work, no fact of the data: it is not in the COCO file, has no undo, and losing it costs only a
second look.
"""

from __future__ import annotations

import contextlib
import json
import os
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from napari_labeltool.core.coverage import LEAST_TILE, TileGrid, Viewed
from napari_labeltool.core.errors import WriteError
from napari_labeltool.core.records import ExternalId
from napari_labeltool.formats.atomic import write_atomic
from napari_labeltool.journal import Places

if TYPE_CHECKING:
    from napari_labeltool.session.session import Session

WRITE_AFTER: Final = 3.0
"""Seconds after a change until it is written."""
_VERSION: Final = 1
_MOST_BYTES: Final = 256 * 2**20

_Key = tuple[str, str]
"""Id and file name of an image, as JSON and as text."""


class ViewedStore:
    """What was viewed of the pictures of an open document, by its author.

    What other authors have viewed is kept in the file as it is. In a session that may only look nothing is written.

    Parameters
    ----------
    session
        The open document.

    Attributes
    ----------
    problem
        Why what is viewed is not kept, a sentence; None when it is.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._images: dict[_Key, dict[str, Any]] = {}
        self._authors: dict[str, dict[str, Any]] = {}
        self._viewed: dict[int, Viewed] = {}
        self._changed: set[_Key] = set()
        self._dirty_since: float | None = None
        self._writing: threading.Thread | None = None
        self._failed: str | None = None
        self.problem: str | None = None
        if session.read_only:
            self.problem = f"What you view is not remembered. {session.read_only_reason}"
        self._read()

    # -- asking and noting
    def of(self, image: int, height: int, width: int) -> Viewed:
        """Return what was viewed of an image (by row) of a size in pixels; the same object each time."""
        kept = self._viewed.get(image)
        if kept is None or (kept.grid.height, kept.grid.width) != (height, width):
            kept = self._decoded(self._images.get(self._key(image)), height, width)
            self._viewed[image] = kept
        return kept

    def note(self, image: int, now: float | None = None) -> None:
        """Note that what was viewed of an image changed, at a time of `time.monotonic`."""
        viewed = self._viewed[image]
        key = self._key(image)
        grid = viewed.grid
        size = {"height": grid.height, "width": grid.width, "tile": grid.tile}
        entry = self._images.get(key)
        if entry is None or any(entry.get(name) != value for name, value in size.items()):
            record = self._session.dataset.images.at(image)
            entry = {"id": record.id, "file_name": record.file_name, **size, "viewed": {}}
            self._images[key] = entry
        entry["viewed"][self._session.author] = viewed
        self._changed.add(key)
        self._note_dirty(now)

    @property
    def working_zoom(self) -> float | None:
        """Screen pixels for each pixel of a picture that the author chose for the document; None for none."""
        value = self._own().get("working_zoom")
        return float(value) if isinstance(value, (int, float)) and value > 0 else None

    def set_working_zoom(self, zoom: float | None) -> None:
        """Choose a working zoom, or None for the one that is suggested."""
        self._set("working_zoom", zoom)

    @property
    def shaded(self) -> bool:
        """Whether the author wants to see on the picture what was not viewed."""
        return self._own().get("shaded") is True

    def set_shaded(self, shaded: bool) -> None:
        """Say whether what was not viewed is to be seen on the picture."""
        self._set("shaded", shaded)

    @property
    def skips_empty(self) -> bool:
        """Whether the author does not want to go over empty background."""
        return self._own().get("skips_empty") is True

    def set_skips_empty(self, skips: bool) -> None:
        """Say whether empty background needs not be gone over."""
        self._set("skips_empty", skips)

    def _own(self) -> Mapping[str, Any]:
        return self._authors.get(self._session.author, {})

    def _set(self, name: str, value: Any) -> None:
        self._authors.setdefault(self._session.author, {})[name] = value
        self._note_dirty(None)

    def _note_dirty(self, now: float | None) -> None:
        if self._dirty_since is None:
            self._dirty_since = time.monotonic() if now is None else now

    def _key(self, image: int) -> _Key:
        images = self._session.dataset.images
        name = images.value(image, "file_name")
        return json.dumps(images.id_of(image)), name if isinstance(name, str) else ""

    def _decoded(self, entry: Mapping[str, Any] | None, height: int, width: int) -> Viewed:
        grid = TileGrid.of(height, width)
        text = None if entry is None else entry["viewed"].get(self._session.author)
        if entry is None or (entry["height"], entry["width"]) != (height, width) or text is None:
            return Viewed(grid)
        if isinstance(text, Viewed):
            return text
        with contextlib.suppress(ValueError):
            return Viewed.from_text(TileGrid(height, width, max(entry["tile"], LEAST_TILE)), text)
        return Viewed(grid)

    # -- the file
    @property
    def path(self) -> Path:
        """The file: beside the journal."""
        journal = self._session.journal
        return Places.of(self._session.path).beside.viewed if journal is None else journal.place.viewed

    def _read(self) -> None:
        places = Places.of(self._session.path)
        for path in dict.fromkeys((self.path, places.beside.viewed, places.state.viewed)):
            if path.exists():
                self._images, self._authors = _content(path)
                return

    @property
    def waits(self) -> bool:
        """Whether there are changes that are to be written and were not yet."""
        return self._dirty_since is not None and not self._session.read_only

    def due(self, now: float | None = None) -> bool:
        """Tell whether there are changes that have waited long enough, at a time of `time.monotonic`."""
        since = self._dirty_since
        return since is not None and (time.monotonic() if now is None else now) - since >= WRITE_AFTER

    def write(self, *, wait: bool = False) -> None:
        """Write the changes, in a thread; the latest complete state stands in the file at every moment.

        Parameters
        ----------
        wait
            Return when it is done.
        """
        if self._writing is not None:
            if not wait and self._writing.is_alive():
                return
            self._writing.join()
            self._writing = None
        self.problem = self.problem or self._failed
        if self._session.read_only or (self._dirty_since is None and self._failed is None):
            return
        self._dirty_since = None
        for key in self._changed:
            held = self._images[key]["viewed"]
            held.update({who: v.to_text() for who, v in held.items() if isinstance(v, Viewed)})
        images = {key: dict(entry, viewed=dict(entry["viewed"])) for key, entry in self._images.items()}
        authors = {name: dict(values) for name, values in self._authors.items()}
        task = (self.path, images, authors, self._session.author)
        self._changed.clear()
        self._writing = threading.Thread(target=self._write, args=task, name="labeltool-viewed")
        self._writing.start()
        if wait:
            self._writing.join()
            self.problem = self._failed or self.problem

    def _write(
        self,
        path: Path,
        images: dict[_Key, dict[str, Any]],
        authors: dict[str, dict[str, Any]],
        author: str,
    ) -> None:
        """Write what is held, and what others wrote into the file meanwhile. Runs in a thread."""
        there, others = _content(path)
        for key, entry in there.items():
            held = images.setdefault(key, entry)
            if held is not entry and all(held[name] == entry[name] for name in ("height", "width", "tile")):
                own = held["viewed"].get(author)
                held["viewed"].update(entry["viewed"])
                if own is not None:
                    held["viewed"][author] = own
        authors.update({name: values for name, values in others.items() if name != author})
        content = {"labeltool_viewed": _VERSION, "authors": authors, "images": list(images.values())}
        failed = None
        try:
            write_atomic(path, [json.dumps(content, ensure_ascii=False).encode()], backup=False)
        except (WriteError, OSError) as error:
            failed = f"What you view is not remembered over the end of the program. {error}"
        self._failed = failed

    def close(self) -> None:
        """Write what was not written yet."""
        self.write(wait=True)


def _content(path: Path) -> tuple[dict[_Key, dict[str, Any]], dict[str, dict[str, Any]]]:
    """Return the entries of images and of authors of a file; none of a file that is damaged or not there."""
    try:
        if os.path.getsize(path) > _MOST_BYTES:
            return {}, {}
        value = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}, {}
    if not isinstance(value, dict) or value.get("labeltool_viewed") != _VERSION:
        return {}, {}
    images: dict[_Key, dict[str, Any]] = {}
    listed = value.get("images")
    for entry in listed if isinstance(listed, list) else ():
        if isinstance(entry, dict) and _is_whole(entry):
            identity: ExternalId = entry.get("id")
            images[json.dumps(identity), entry["file_name"]] = entry
    authors = value.get("authors")
    named = authors.items() if isinstance(authors, dict) else ()
    return images, {name: values for name, values in named if isinstance(values, dict)}


def _is_whole(entry: Mapping[str, Any]) -> bool:
    numbers = [entry.get(name) for name in ("height", "width", "tile")]
    viewed = entry.get("viewed")
    return (
        all(isinstance(number, int) and not isinstance(number, bool) and number > 0 for number in numbers)
        and isinstance(entry.get("file_name"), str)
        and isinstance(viewed, dict)
        and all(isinstance(text, str) for text in viewed.values())
    )
