"""From the axes that a file has to the one order in which they are given out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

#: Letters for a sequence of pictures with no stated meaning; they are given out as Z, or T where Z is taken.
_UNKNOWN: Final = "IQ"


@dataclass(frozen=True, slots=True)
class Layout:
    """How the axes of a file become those of an image.

    Parameters
    ----------
    axes
        Letters given out: planes and channels in the file's order, then Y and X. No samples axis.
    order
        For each axis given out (and the samples axis, last, when `samples`) the axis in the file.
    samples
        Whether the last entry of `order` is a samples axis (red, green, blue, alpha).
    """

    axes: str
    order: tuple[int, ...]
    samples: bool


def lay_out(file_axes: str, shape: Sequence[int], samples_axis: int | None) -> Layout:
    """Bring axes in order; axes of length 1 (except Y, X and the samples) are dropped.

    Parameters
    ----------
    file_axes
        One letter for each axis of the file, Y and X among them.
    shape
        Lengths of the axes.
    samples_axis
        The axis that holds colour samples, or None.

    Raises
    ------
    ValueError
        There is not exactly one Y and one X axis.
    """
    if file_axes.count("Y") != 1 or file_axes.count("X") != 1 or len(file_axes) != len(shape):
        raise ValueError(f"axes {file_axes} of shape {tuple(shape)} found, one Y and one X axis expected")
    y_axis, x_axis = file_axes.index("Y"), file_axes.index("X")
    kept = [
        axis for axis, length in enumerate(shape) if axis not in (y_axis, x_axis, samples_axis) and length > 1
    ]
    order = [*kept, y_axis, x_axis]
    letters = _distinct("".join(file_axes[axis] for axis in kept))
    samples = samples_axis is not None
    return Layout(
        letters + "YX", tuple([*order, samples_axis] if samples_axis is not None else order), samples
    )


def _distinct(letters: str) -> str:
    given = ""
    for position, letter in enumerate(letters):
        taken = given + "".join(other for other in letters[position + 1 :] if other not in _UNKNOWN)
        if letter in _UNKNOWN or letter in given:
            letter = next(free for free in "ZTPMABDEFGHJKLNOQRUVW" if free not in taken)
        given += letter
    return given
