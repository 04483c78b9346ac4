"""Whether run lengths fill the size that stands beside them, for many masks at once, without decoding."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np

from napari_labeltool.core.values import FloatArray, IntArray

Fault = tuple[int, str, str]
"""Position in the sequence, code of the problem, what was found."""

_LONGEST_NUMBER: Final = 12


def run_faults(counts: Sequence[str | Sequence[Any]], sizes: FloatArray) -> list[Fault]:
    """Return what is wrong with the run lengths of masks (case 42).

    Parameters
    ----------
    counts
        Of each mask: the compressed string, or the list.
    sizes
        (n, 2) height and width of each.
    """
    faults: list[Fault] = []
    texts = [k for k, value in enumerate(counts) if isinstance(value, str)]
    lists = [k for k, value in enumerate(counts) if not isinstance(value, str)]
    with np.errstate(over="ignore", invalid="ignore"):
        wanted = sizes[:, 0] * sizes[:, 1]
    bad = ~np.isfinite(wanted) | (sizes < 0).any(axis=1) | (sizes != np.floor(sizes)).any(axis=1)
    for k in np.flatnonzero(bad).tolist():
        faults.append((k, "rle-size-odd", f"size {_size(sizes[k])} found, two whole numbers expected"))
    for k in lists:
        if bad[k]:
            continue
        runs: Sequence[Any] = counts[k]
        if min(runs) < 0:
            faults.append((k, "rle-damaged", "a negative run length found"))
        elif any(isinstance(run, float) and not run.is_integer() for run in runs):
            faults.append((k, "rle-damaged", "a run length that is not a whole number found"))
        else:
            faults.extend(_sum_fault(k, float(sum(runs)), wanted, sizes))
    faults.extend(
        _text_faults(
            [str(counts[k]) for k in texts if not bad[k]], [k for k in texts if not bad[k]], wanted, sizes
        )
    )
    return sorted(faults)


def _size(size: FloatArray) -> str:
    return f"[{size[0]:g}, {size[1]:g}]"


def _sum_fault(k: int, total: float, wanted: FloatArray, sizes: FloatArray) -> Iterator[Fault]:
    if total != wanted[k]:
        code = "rle-short" if total < wanted[k] else "rle-long"
        yield (
            k,
            code,
            f"runs of {total:.0f} pixels found, {wanted[k]:.0f} expected for size {_size(sizes[k])}",
        )


def _text_faults(
    texts: list[str], places: list[int], wanted: FloatArray, sizes: FloatArray
) -> Iterator[Fault]:
    """Sum the runs of all compressed strings in one array; see `core.rle_codec` for the code."""
    usable: list[int] = []
    raws: list[bytes] = []
    for k, text in zip(places, texts, strict=True):
        raw = text.encode("utf-8", "surrogatepass")
        if not raw:
            yield from _sum_fault(k, 0.0, wanted, sizes)
        elif raw[-1] - 48 & 0x20:
            yield k, "rle-damaged", "a compressed string that ends inside a number found"
        else:
            usable.append(k)
            raws.append(raw)
    if not raws:
        return
    groups = np.frombuffer(b"".join(raws), np.uint8).astype(np.int64) - 48
    ends = np.cumsum([len(raw) for raw in raws])
    begins = np.concatenate([[0], ends[:-1]])
    strange = np.add.reduceat((groups < 0) | (groups > 63), begins)
    groups &= 63
    last = np.flatnonzero((groups & 0x20) == 0)
    first = np.concatenate([[0], last[:-1] + 1])
    lengths = last - first + 1
    owner = np.searchsorted(ends, first, side="right")
    long = np.bincount(owner, lengths > _LONGEST_NUMBER, len(raws)) > 0
    shift = 5 * np.minimum(np.arange(len(groups)) - np.repeat(first, lengths), _LONGEST_NUMBER - 1)
    deltas = np.add.reduceat((groups & 0x1F) << shift, first)
    capped = np.minimum(lengths, _LONGEST_NUMBER)
    deltas -= np.where(groups[last] & 0x10, np.int64(1) << (5 * capped), 0)
    starts = np.searchsorted(owner, np.arange(len(raws)))
    runs = _runs(deltas, owner, starts)
    totals = np.add.reduceat(runs.astype(np.float64), starts)
    negative = np.add.reduceat(runs < 0, starts)
    for j, k in enumerate(usable):
        if strange[j] or long[j]:
            yield k, "rle-damaged", "characters that no compressed string has found"
        elif negative[j]:
            yield k, "rle-damaged", "a negative run length found"
        else:
            yield from _sum_fault(k, float(totals[j]), wanted, sizes)


def _runs(deltas: IntArray, owner: IntArray, starts: IntArray) -> IntArray:
    """Undo the differences: from the fourth on, each number is relative to the one two before it."""
    place = np.arange(len(deltas)) - starts[owner]
    runs = deltas.copy()
    for parity in (1, 0):
        chosen = np.flatnonzero((place % 2 == parity) & (place > 0))
        if not len(chosen):
            continue
        sums = np.cumsum(deltas[chosen])
        fresh = np.flatnonzero(place[chosen] <= 2)
        before = np.where(fresh > 0, sums[fresh - 1], 0)
        group = np.cumsum(place[chosen] <= 2) - 1
        runs[chosen] = sums - before[group]
    return runs
