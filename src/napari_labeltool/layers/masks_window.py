"""Which part of the picture the masks layer covers."""

from __future__ import annotations

from functools import reduce

from napari_labeltool.core.pixels import Window
from napari_labeltool.core.tiles import WHOLE_SIDE

WINDOW_SIDE = 2048
"""Side of the window over a larger picture, in pixels."""

MOST_WINDOWS = 3
"""A view that is more windows wide or high than this moves the window no more."""

STEP = 256
"""The window moves by multiples of this many pixels."""


def is_whole(shape_yx: tuple[int, int]) -> bool:
    """Tell whether a picture (height, width) is covered whole."""
    return max(shape_yx) <= WHOLE_SIDE


def window_at(shape_yx: tuple[int, int], center_yx: tuple[float, float], side: int = WINDOW_SIDE) -> Window:
    """Return the window around a place: inside the picture, on multiples of `STEP`, or the whole picture.

    Parameters
    ----------
    shape_yx
        Height and width of the picture in pixels.
    center_yx
        Row and column of the place in pixels.
    side
        Height and width of the window in pixels.

    Returns
    -------
    (y0, x0, y1, x1)
    """
    if is_whole(shape_yx) and side >= WINDOW_SIDE:
        return 0, 0, shape_yx[0], shape_yx[1]
    y0, y1 = _span(shape_yx[0], center_yx[0], side)
    x0, x1 = _span(shape_yx[1], center_yx[1], side)
    return y0, x0, y1, x1


def _span(length: int, center: float, side: int) -> tuple[int, int]:
    last = max(length - side, 0)
    start = min(max(round((center - side / 2) / STEP) * STEP, 0), last)
    return start, min(start + side, length)


def needs_move(window: Window, view: tuple[float, float, float, float], shape_yx: tuple[int, int]) -> bool:
    """Tell whether the view left the inner part of the window.

    A view that fits into the window must lie in it; of a larger one only the middle must be in the window's
    inner half. A view of many windows moves nothing: no pixel of a mask could be told from the next one there, and the
    window follows where a stroke begins.

    Parameters
    ----------
    window
        (y0, x0, y1, x1) in pixels.
    view
        What the canvas shows, (y0, x0, y1, x1) in pixels.
    shape_yx
        Height and width of the picture in pixels.
    """
    return any(
        _left(window[axis], window[axis + 2], view[axis], view[axis + 2], shape_yx[axis]) for axis in (0, 1)
    )


def _left(start: int, stop: int, view_start: float, view_stop: float, length: int) -> bool:
    low, high = max(view_start, 0.0), min(view_stop, float(length))
    if high <= low or (start == 0 and stop == length):
        return False
    if high - low > MOST_WINDOWS * (stop - start):
        return False
    if high - low <= stop - start:
        return low < start or high > stop
    middle, quarter = (low + high) / 2, (stop - start) / 4
    return (middle < start + quarter and start > 0) or (middle > stop - quarter and stop < length)


def has_room(window: Window, place_yx: tuple[float, float], shape_yx: tuple[int, int]) -> bool:
    """Tell whether a place lies so far inside a window that a brush does not reach over its border.

    The border of the picture is no border; of a place beyond it, the nearest one in the picture counts.

    Parameters
    ----------
    window
        (y0, x0, y1, x1) in pixels.
    place_yx
        Row and column in pixels.
    shape_yx
        Height and width of the picture in pixels.
    """
    for axis in (0, 1):
        start, stop = window[axis], window[axis + 2]
        place = min(max(place_yx[axis], 0.0), float(shape_yx[axis]))
        if (place < start + STEP and start > 0) or (place > stop - STEP and stop < shape_yx[axis]):
            return False
    return True


def meets_inner_border(window: Window, part: Window, shape_yx: tuple[int, int]) -> bool:
    """Tell whether a part of a window reaches a border of it behind which the picture goes on."""
    return any(
        (part[axis] <= window[axis] and window[axis] > 0)
        or (part[axis + 2] >= window[axis + 2] and window[axis + 2] < shape_yx[axis])
        for axis in (0, 1)
    )


def overlap(a: Window, b: Window) -> Window | None:
    """Return the common part of two windows, None when there is none."""
    y0, x0 = max(a[0], b[0]), max(a[1], b[1])
    y1, x1 = min(a[2], b[2]), min(a[3], b[3])
    return (y0, x0, y1, x1) if y0 < y1 and x0 < x1 else None


def around(a: Window | None, b: Window | None) -> Window | None:
    """Return the smallest window that holds both; either may be nothing."""
    if a is None or b is None:
        return a if b is None else b
    return min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3])


def area(window: Window) -> int:
    """Return the number of pixels of a window."""
    return (window[2] - window[0]) * (window[3] - window[1])


def joined(parts: list[Window]) -> list[Window]:
    """Return one window that holds all of some, where it is not much larger than they are together; else them."""
    whole = reduce(around, parts, None)
    return [whole] if whole is not None and area(whole) <= 2 * sum(map(area, parts)) else parts


def widened(view: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    """Return a view (y0, x0, y1, x1) with half of its height and width added on every side."""
    down, across = (view[2] - view[0]) / 2, (view[3] - view[1]) / 2
    return view[0] - down, view[1] - across, view[2] + down, view[3] + across


def is_near(view: tuple[float, float, float, float], before: tuple[float, float, float, float]) -> bool:
    """Tell whether a view (y0, x0, y1, x1) lies in what an earlier one widened holds, and is of a like size."""
    low, high = widened(before)[:2], widened(before)[2:]
    inside = low[0] <= view[0] and low[1] <= view[1] and view[2] <= high[0] and view[3] <= high[1]
    return inside and 0.5 < (view[3] - view[1]) / max(before[3] - before[1], 1e-9) < 2
