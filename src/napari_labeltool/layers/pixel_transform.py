"""From the pixels of the shown picture to napari's world, and back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from napari_labeltool.core.values import FloatArray
from napari_labeltool.layers.coordinates import expanded, placement_matrix

_EXACT = 1e-12
"""Below this, a matrix that was worked out is taken for the identity."""


@dataclass(frozen=True, slots=True, eq=False)
class PixelTransform:
    """From pixels (row, column; napari's, pixel centres are whole) to world units.

    Parameters
    ----------
    scale, translate
        (2,) each, along y and x, as a layer has them.
    affine
        (3, 3) what turns, shears or moves the picture after that, along y and x; the identity for a picture that
        nobody turned.
    """

    scale: FloatArray
    translate: FloatArray
    affine: FloatArray = field(default_factory=lambda: np.eye(3))
    is_upright: bool = field(init=False)
    """Whether rows and columns of pixels run along the axes of the world, nothing being turned or sheared."""
    _back: FloatArray = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "is_upright", np.array_equal(self.affine, np.eye(3)))
        object.__setattr__(self, "_back", np.linalg.inv(self.affine))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PixelTransform) and all(
            np.array_equal(getattr(self, name), getattr(other, name))
            for name in ("scale", "translate", "affine")
        )

    def to_world(self, places_yx: FloatArray) -> FloatArray:
        """Return where pixels, (..., 2) y, x, lie in the world."""
        world = np.asarray(places_yx, np.float64) * self.scale + self.translate
        return world if self.is_upright else _applied(self.affine, world)

    def to_pixels(self, places_yx: FloatArray) -> FloatArray:
        """Return which pixels lie at places of the world, (..., 2) y, x."""
        places = np.asarray(places_yx, np.float64)
        if not self.is_upright:
            places = _applied(self._back, places)
        return np.asarray((places - self.translate) / self.scale, np.float64)

    @property
    def is_finite(self) -> bool:
        """Whether it says anything: napari lets somebody set NaN."""
        return bool(all(np.isfinite(part).all() for part in (self.scale, self.translate, self.affine)))

    @property
    def linear(self) -> FloatArray:
        """(2, 2) what one pixel down and one pixel to the right are in the world, as columns."""
        return np.asarray(self.affine[:2, :2] * self.scale, np.float64)

    @property
    def pixel(self) -> float:
        """The smaller side of a pixel, in world units."""
        return float(np.linalg.norm(self.linear, axis=0).min())

    def seen_whole(self, half_yx: FloatArray) -> FloatArray:
        """Return half the height and width, in pixels, of an upright rectangle in the middle of a part of the world.

        Parameters
        ----------
        half_yx
            (2,) half the height and width of the part of the world, all of which holds the rectangle.
        """
        if self.is_upright:
            return np.asarray(half_yx / np.abs(self.scale), np.float64)
        around = np.abs(np.linalg.inv(self.linear)) @ half_yx
        return np.asarray(around * (half_yx / (np.abs(self.linear) @ around)).min(), np.float64)

    def place(self, layer: Any) -> None:
        """Give a layer of two axes this transform."""
        for name in ("scale", "translate"):
            if not np.array_equal(getattr(layer, name), getattr(self, name)):
                setattr(layer, name, getattr(self, name))
        self.turn(layer)

    def turn(self, layer: Any) -> None:
        """Turn, shear and move a layer of two axes that has its scale and place already."""
        if not np.array_equal(layer.rotate, np.eye(2)):
            layer.rotate = np.eye(2)
        if np.any(layer.shear):
            layer.shear = np.zeros(1)
        if not np.array_equal(layer.affine.affine_matrix, self.affine):
            layer.affine = self.affine


IDENTITY = PixelTransform(np.ones(2), np.zeros(2))


def _applied(matrix: FloatArray, places_yx: FloatArray) -> FloatArray:
    return np.asarray(places_yx @ matrix[:2, :2].T + matrix[:2, 2], np.float64)


def transform_of(
    layer: Any, scale: FloatArray | None = None, translate: FloatArray | None = None
) -> PixelTransform:
    """Return the transform of the last two axes of a picture's layer.

    Parameters
    ----------
    layer
        A layer of the picture, however somebody scaled, moved, turned or sheared it.
    scale, translate
        (2,) of a layer whose data are not the pixels of the picture: how its data lie in pixels. Without them the
        data are the pixels.

    Returns
    -------
    PixelTransform
        With the layer's own scale and translation where its data are the pixels.
    """
    placed = {name: getattr(layer, name) for name in ("scale", "translate", "rotate", "shear", "affine")}
    own = placement_matrix(placed, layer.ndim)
    whole = expanded(own, 2)
    if scale is None or translate is None:
        plain = PixelTransform(np.array(layer.scale[-2:], float), np.array(layer.translate[-2:], float))
        upright = _matrix(plain.scale, plain.translate)
    else:
        plain, upright = IDENTITY, _matrix(scale, translate)
    rest = whole @ np.linalg.inv(upright)
    if np.allclose(rest, np.eye(3), rtol=0, atol=_EXACT * max(1.0, float(np.abs(whole).max()))):
        return plain
    return PixelTransform(plain.scale, plain.translate, rest)


def _matrix(scale: FloatArray, translate: FloatArray) -> FloatArray:
    matrix = np.eye(3)
    matrix[[0, 1], [0, 1]], matrix[:2, 2] = scale, translate
    return matrix
