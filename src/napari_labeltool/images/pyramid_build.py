"""Making all levels of one plane in a background thread, without getting in the way of the thread that draws."""

from __future__ import annotations

import dataclasses
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

import numpy as np
from filelock import FileLock, Timeout

from napari_labeltool.core.errors import ReadError
from napari_labeltool.images.halving import halve
from napari_labeltool.images.lazy import LazyArray, Pixels
from napari_labeltool.images.pyramid_layout import Place, PyramidLayout
from napari_labeltool.images.pyramid_overview import Overview
from napari_labeltool.images.pyramid_store import PlaneStore
from napari_labeltool.images.pyramid_tiles import read_in_tiles, with_own_seams

Plane: TypeAlias = tuple[int, ...]
BuildState: TypeAlias = Literal["building", "waiting", "done", "cancelled", "failed"]

#: Seconds until the first report, and between two.
_REPORT_SECONDS: Final = 0.5
#: Seconds between two looks at what another process has made.
_FOLLOW_SECONDS: Final = 0.5
_PAUSE_SECONDS: Final = 0.001
#: A look at more units than this is one at the entire picture: nothing of it is made first.
_MOST_WANTED: Final = 24


@dataclass(frozen=True, slots=True)
class PyramidProgress:
    """How far the background work on one picture is.

    Parameters
    ----------
    state
        ``"building"``; ``"waiting"`` for another process that makes the same levels; ``"done"``; ``"cancelled"``;
        ``"failed"``.
    done, total
        Parts that are made, and all of them.
    path
        The picture, or None.
    text
        What went wrong, for ``"failed"``.
    """

    state: BuildState
    done: int
    total: int
    path: Path | None = None
    text: str = ""

    @property
    def is_over(self) -> bool:
        """Whether no more reports come."""
        return self.state in ("done", "cancelled", "failed")


class _Cancelled(Exception):
    """The work is to end."""


class PyramidBuild(threading.Thread):
    """Makes the levels of one plane. Each tile of the picture is decoded once; memory is bounded by few blocks.

    Parameters
    ----------
    layout
        Geometry of the pyramid.
    base
        The picture.
    plane
        Indices along the plane axes.
    store
        Where blocks go.
    path
        The picture's file, for reports.
    report
        Called in this thread with a `PyramidProgress`.
    """

    def __init__(
        self,
        layout: PyramidLayout,
        base: LazyArray,
        plane: Plane,
        store: PlaneStore,
        path: Path | None,
        report: Callable[[PyramidProgress], Any],
    ) -> None:
        super().__init__(name="labeltool-pyramid", daemon=True)
        self.layout = layout
        self.plane = plane
        self.path = path
        self._store = store
        self._report = report
        self._base = with_own_seams(base, layout)
        self._overview = Overview(layout, base, plane)
        self._ending = threading.Event()
        self._wanted: dict[Place, None] = {}
        self._wanted_lock = threading.Lock()
        self._done = 0
        self._reported = time.monotonic()  # the first report comes when the picture has been drawn
        self._total = len(layout.places(layout.unit_level))
        #: Whether blocks that are not made look like the overview; exact ones are computed when it is over.
        self.stands_in = True

    # -- asked from other threads
    def cancel(self) -> None:
        """End as soon as the piece in hand is made."""
        self._ending.set()

    def want(self, place: Place) -> None:
        """Make a block before the others; the one asked for last comes first."""
        units = self.layout.units_of(place)
        if len(units) <= _MOST_WANTED:
            with self._wanted_lock:
                for unit in units:
                    self._wanted.pop(unit, None)
                    self._wanted[unit] = None

    def stand_in(self, place: Place, lead: tuple[int, ...]) -> Pixels:
        """Give a coarse or empty block for one that is not made yet."""
        self._overview.wait()
        return self._overview.block(place, lead)

    # -- the work
    def run(self) -> None:
        """Make everything that is missing, and say how it ended."""
        state: BuildState = "done"
        text = ""
        try:
            self._overview.fill()
            if self._store.key is None:
                self._make_all()
            else:
                self._with_lock(FileLock(self._store.key.lock))
            self.stands_in = False
        except _Cancelled:
            state, self.stands_in = "cancelled", False
        except ReadError as error:
            state, text = "failed", str(error)  # what is made, and the overview, stay in view
        except OSError as error:
            state, text = (
                "failed",
                (
                    f"The coarse levels of {self.path} could not be kept ({error.strerror or error}). The picture is"
                    " shown, but zoomed out it stays coarse. Make room on the disk and open it again."
                ),
            )
        self._report(PyramidProgress(state, self._done, self._total, self.path, text))

    def _with_lock(self, lock: FileLock) -> None:
        """Make the levels while no other process does; when one does, show what it makes."""
        try:
            lock_path = Path(lock.lock_file)
            lock_path.parent.mkdir(parents=True, exist_ok=True)
        except OSError:
            self._make_all()
            return
        while True:
            try:
                lock.acquire(timeout=0)
                break
            except Timeout:
                self._store.follow()
                self._tell("waiting")
                if self._ending.wait(_FOLLOW_SECONDS):
                    self._store.leave()
                    raise _Cancelled from None
        try:
            self._store.leave()
            self._make_all()
        finally:
            lock.release()

    def _make_all(self) -> None:
        store = self._store
        store.prepare()
        if store.is_complete:
            self._done = self._total
            return
        # Where there is no room for the finest levels, larger units are made, whose finer blocks are not kept.
        self.layout = dataclasses.replace(
            self.layout, unit_level=max(self.layout.unit_level, store.first_level)
        )
        pending = dict.fromkeys(_in_order(self.layout))
        self._total = len(pending)
        groups = _channel_groups(self.layout, self._base)
        while pending:
            unit = self._next(pending)
            del pending[unit]
            for channels in groups:
                self._unit(unit, channels)
            self._done += 1
            self._tell("building")
        store.finish()

    def _next(self, pending: dict[Place, None]) -> Place:
        with self._wanted_lock:
            while self._wanted:
                unit, _ = self._wanted.popitem()
                if unit in pending:
                    return unit
        return next(iter(pending))

    def _unit(self, unit: Place, channels: range) -> None:
        """Make a unit, and what lies above it as far as everything that it is made of is there."""
        self._overview.put(unit, channels, self._block(unit, channels))
        place = unit
        while place.level < self.layout.coarsest:
            place = self.layout.ancestor(place, place.level + 1)
            children = [child for row in self.layout.children(place) for child in row]
            if self._has(place, channels) or not all(self._has(child, channels) for child in children):
                return
            self._keep(place, channels, self._joined(place, channels))
            time.sleep(_PAUSE_SECONDS)

    def _has(self, place: Place, channels: range) -> bool:
        return all(self._store.has(place, channel) for channel in channels)

    def _block(self, place: Place, channels: range) -> Pixels:
        """Give a block from the store, or else make it and keep it; those below it are kept before it."""
        if self._has(place, channels):
            parts = [self._store.get(place, channel) for channel in channels]
            good = [part for part in parts if part is not None]
            if len(good) == len(parts):
                return good[0] if len(good) == 1 else np.concatenate(good, axis=self.layout.channel_axis)
        if self._ending.is_set():
            raise _Cancelled
        if place.level == 1:
            lead = self.layout.lead_key(self.plane, slice(channels.start, channels.stop))
            region = self.layout.finer_region(place)
            block = halve(read_in_tiles(self._base, lead, region), self.layout.y_axis)
            time.sleep(_PAUSE_SECONDS)
        else:
            block = self._joined(place, channels)
        self._keep(place, channels, block)
        return block

    def _joined(self, place: Place, channels: range) -> Pixels:
        """Compute a block from the blocks of the level below."""
        y_axis = self.layout.y_axis
        rows = [
            np.concatenate([self._block(child, channels) for child in row], axis=y_axis + 1)
            for row in self.layout.children(place)
        ]
        return halve(np.concatenate(rows, axis=y_axis), y_axis)

    def _keep(self, place: Place, channels: range, block: Pixels) -> None:
        axis = self.layout.channel_axis
        for number, channel in enumerate(channels):
            part = block
            if axis is not None:
                part = block[(*(slice(None),) * axis, slice(number, number + 1))]
            self._store.put(place, channel, part)

    def _tell(self, state: BuildState) -> None:
        now = time.monotonic()
        if now - self._reported >= _REPORT_SECONDS:
            self._reported = now
            self._report(PyramidProgress(state, self._done, self._total, self.path))


def _channel_groups(layout: PyramidLayout, base: LazyArray) -> list[range]:
    """Give the channels that are read together: all of them where a tile holds all."""
    axis, count = layout.channel_axis, layout.channels
    if axis is None or base.chunks[axis] > 1:
        return [range(count)]
    return [range(channel, channel + 1) for channel in range(count)]


def _in_order(layout: PyramidLayout) -> list[Place]:
    """Give the units from the middle outwards; those of a picture in strips from the top, as they are stored."""
    places = layout.places(layout.unit_level)
    rows, columns = layout.grid(layout.unit_level)
    if columns == 1:
        return places
    middle = (rows - 1) / 2, (columns - 1) / 2
    return sorted(places, key=lambda place: (place.row - middle[0]) ** 2 + (place.column - middle[1]) ** 2)
