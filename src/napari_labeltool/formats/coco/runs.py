"""What run lengths say, for many masks at once: whether they fill their size, and where the pixels lie."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from napari_labeltool.core.values import BoolArray, FloatArray, IntArray

Fault = tuple[int, str, str]
"""Position in the sequence, code of the problem, what was found."""

_LONGEST_NUMBER: Final = 12
_MOST_PIXELS: Final = 2.0**53


@dataclass(frozen=True, slots=True)
class Runs:
    """The run lengths of m masks behind each other.

    Parameters
    ----------
    lengths
        (sum of counts,) int64.
    counts
        (m,) how many runs each mask has, at least one.
    """

    lengths: IntArray
    counts: IntArray

    @property
    def starts(self) -> IntArray:
        """(m,) where each mask begins."""
        return np.cumsum(self.counts) - self.counts

    def totals(self) -> FloatArray:
        """Return (m,) the sums, exact to 2**53."""
        return np.add.reduceat(self.lengths.astype(np.float64), self.starts)

    def chosen(self, masks: BoolArray) -> Runs:
        """Return the runs of some masks."""
        return Runs(self.lengths[np.repeat(masks, self.counts)], self.counts[masks])


def look_at_runs(
    counts: Sequence[str | Sequence[Any]], sizes: FloatArray, unboxed: BoolArray
) -> tuple[list[Fault], FloatArray]:
    """Return what is wrong with the run lengths of masks (case 42), and boxes of some.

    Parameters
    ----------
    counts
        Of each mask: the compressed string, or the list.
    sizes
        (n, 2) height and width of each.
    unboxed
        (n,) whose box is wanted.

    Returns
    -------
    faults
        One for each mask that is damaged.
    boxes_xywh
        (n, 4) tight boxes in pixels; NaN where not wanted or damaged.
    """
    boxes = np.full((len(counts), 4), np.nan)
    with np.errstate(over="ignore", invalid="ignore"):
        wanted = sizes[:, 0] * sizes[:, 1]
        usable = (wanted <= _MOST_PIXELS) & (sizes >= 0).all(axis=1) & (sizes == np.floor(sizes)).all(axis=1)
    faults: list[Fault] = [
        (k, "rle-size-odd", f"size {_size(sizes[k])} found, two whole numbers expected")
        for k in np.flatnonzero(~usable).tolist()
    ]
    is_text = np.fromiter((type(value) is str for value in counts), bool, len(counts))
    for places, decode in (
        (np.flatnonzero(usable & is_text), _runs_of_texts),
        (np.flatnonzero(usable & ~is_text), _runs_of_lists),
    ):
        if not len(places):
            continue
        chosen = [counts[k] for k in places.tolist()]
        runs, damaged = decode(chosen)
        faults.extend((int(places[j]), "rle-damaged", found) for j, found in damaged.items())
        totals = runs.totals()
        fits = totals == wanted[places]
        fits[list(damaged)] = False
        for j in np.flatnonzero(~fits).tolist():
            if j not in damaged:
                faults.append(_sum_fault(int(places[j]), float(totals[j]), wanted, sizes))
        boxed = fits & unboxed[places]
        if boxed.any():
            boxes[places[boxed]] = _boxes(runs.chosen(boxed), sizes[places[boxed], 0].astype(np.int64))
    return sorted(faults), boxes


def _size(size: FloatArray) -> str:
    return f"[{size[0]:g}, {size[1]:g}]"


def _sum_fault(k: int, total: float, wanted: FloatArray, sizes: FloatArray) -> Fault:
    code = "rle-short" if total < wanted[k] else "rle-long"
    return k, code, f"runs of {total:.0f} pixels found, {wanted[k]:.0f} expected for size {_size(sizes[k])}"


def _runs_of_lists(lists: Sequence[Any]) -> tuple[Runs, dict[int, str]]:
    damaged: dict[int, str] = {}
    sound: list[Sequence[int]] = []
    for j, runs in enumerate(lists):
        if min(runs) < 0:
            damaged[j] = "a negative run length found"
        elif not max(runs) <= _MOST_PIXELS or any(isinstance(r, float) and not r.is_integer() for r in runs):
            damaged[j] = "a run length that is not a whole number, or beyond all pictures, found"
        sound.append([0] if j in damaged else runs)
    lengths = np.fromiter(chain.from_iterable(sound), np.int64)
    return Runs(lengths, np.fromiter(map(len, sound), np.int64, len(sound))), damaged


def _runs_of_texts(texts: Sequence[Any]) -> tuple[Runs, dict[int, str]]:
    """Decode compressed strings; see `core.rle_codec` for the code."""
    damaged: dict[int, str] = {}
    raws = [text.encode("utf-8", "surrogatepass") or b"0" for text in texts]
    groups: NDArray[np.uint8] = np.frombuffer(b"".join(raws), np.uint8) - np.uint8(48)
    ends = np.cumsum(np.fromiter(map(len, raws), np.int64, len(raws)))
    begins = np.concatenate([[0], ends[:-1]])
    for j in np.flatnonzero(groups[ends - 1] & 0x20).tolist():
        damaged[j] = "a compressed string that ends inside a number found"
    if (groups > 63).any():
        for j in np.flatnonzero(np.add.reduceat(groups > 63, begins, dtype=np.int64)).tolist():
            damaged[j] = "characters that no compressed string has found"
    if damaged:
        # what follows takes each string to end with a number
        groups = groups & np.uint8(63)
        groups[ends[list(damaged)] - 1] &= 0x1F
    last = np.flatnonzero((groups & 0x20) == 0)
    widths = np.diff(last, prepend=-1)
    deltas = _numbers(groups, last, widths)
    stops = np.searchsorted(last, ends - 1) + 1
    counts = np.diff(stops, prepend=0)
    if int(widths.max()) > _LONGEST_NUMBER:
        for j in np.flatnonzero(np.maximum.reduceat(widths, stops - counts) > _LONGEST_NUMBER).tolist():
            damaged.setdefault(j, "a run length beyond 64 bits found")
    runs = Runs(_undone(deltas, counts), counts)
    if (runs.lengths < 0).any():
        for j in np.flatnonzero(np.minimum.reduceat(runs.lengths, runs.starts) < 0).tolist():
            damaged.setdefault(j, "a negative run length found")
    return runs, damaged


def _numbers(groups: NDArray[np.uint8], last: IntArray, widths: IntArray) -> IntArray:
    """Return the signed numbers that the groups of five bits make, lowest first."""
    low = groups & 0x1F
    final = low[last].astype(np.int64)
    numbers = final - ((final & 0x10) << 1)
    longer = np.flatnonzero(widths > 1)
    for width in range(2, _LONGEST_NUMBER + 1):
        if not len(longer):
            break
        exact = longer[widths[longer] == width]
        value = numbers[exact] << (5 * (width - 1))
        for k in range(width - 1):
            value += low[last[exact] - (width - 1) + k].astype(np.int64) << (5 * k)
        numbers[exact] = value
        longer = longer[widths[longer] > width]
    return numbers


def _undone(deltas: IntArray, counts: IntArray) -> IntArray:
    """Undo the differences: from the fourth on, each number is relative to the one two before it."""
    place = np.arange(len(deltas)) - np.repeat(np.cumsum(counts) - counts, counts)
    runs = deltas.copy()
    for parity in (1, 0):
        chosen = np.flatnonzero(((place & 1) == parity) & (place > 0))
        if not len(chosen):
            continue
        sums = np.cumsum(deltas[chosen])
        fresh = np.flatnonzero(place[chosen] <= 2)
        before = np.where(fresh > 0, sums[fresh - 1], 0)
        runs[chosen] = sums - np.repeat(before, np.diff(fresh, append=len(chosen)))
    return runs


def _boxes(runs: Runs, heights: IntArray) -> FloatArray:
    """Return the (m, 4) tight boxes of masks whose runs fill them; zeros for an empty mask."""
    starts = runs.starts
    ends = np.cumsum(runs.lengths)
    ends -= np.repeat(ends[starts] - runs.lengths[starts], runs.counts)
    place = np.arange(len(ends)) - np.repeat(starts, runs.counts)
    inside = np.flatnonzero((place & 1 == 1) & (runs.lengths > 0))
    owner = np.repeat(np.arange(len(starts)), runs.counts)[inside]
    first, last, height = ends[inside] - runs.lengths[inside], ends[inside] - 1, heights[owner]
    left, right = first // height, last // height
    is_one = left == right
    top = np.where(is_one, first - left * height, 0)
    bottom = np.where(is_one, last - right * height, height - 1)
    boxes = np.zeros((len(starts), 4))
    filled = np.unique(owner)
    if len(filled):
        at = np.searchsorted(owner, filled)
        x, y = np.minimum.reduceat(left, at), np.minimum.reduceat(top, at)
        boxes[filled, 0], boxes[filled, 1] = x, y
        boxes[filled, 2] = np.maximum.reduceat(right, at) + 1 - x
        boxes[filled, 3] = np.maximum.reduceat(bottom, at) + 1 - y
    return boxes
