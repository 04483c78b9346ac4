"""Objects of the demo that scikit-image finds: coins, nuclei and galaxies."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from scipy import ndimage
from skimage import color, feature, filters, measure, segmentation
from skimage.morphology import disk, opening

from napari_labeltool.demo.records import ImageAnnotations
from napari_labeltool.demo.schema import COIN, GALAXY, NUCLEUS

Pixels = np.ndarray[Any, Any]

_FIGURES: Final = frozenset({1, 3, 4, 20, 23})
_UNREADABLE: Final = frozenset({2, 5, 8, 11, 12, 17, 24})
_CHIPPED: Final = frozenset({4, 6, 8, 10, 15})
"""What a person read on the coins, by their number in reading order of their topmost pixel."""


def coins(grey: Pixels, into: ImageAnnotations) -> None:
    """Add a mask for every coin of a (rows, columns) picture, by a watershed from dark and bright markers."""
    markers = np.zeros(grey.shape, np.int32)
    markers[grey < 30] = 1
    markers[grey > 150] = 2
    coin = segmentation.watershed(filters.sobel(grey), markers) == 2
    labels = measure.label(ndimage.binary_fill_holes(coin))
    regions = [region for region in measure.regionprops(labels) if region.area > 200]
    for number, region in enumerate(regions, start=1):
        motif = "figure" if number in _FIGURES else "unreadable" if number in _UNREADABLE else "head"
        diameter = round(float(region.equivalent_diameter_area), 1)
        attributes = {"motif": motif, "chipped": number in _CHIPPED, "diameter_px": diameter}
        into.mask(COIN, labels == region.label, attributes)


def nuclei(rgb: Pixels, into: ImageAnnotations) -> None:
    """Add polygons for the clear nuclei in the left half of a (rows, columns, 3) picture of tissue."""
    stains = color.rgb2hed(rgb)
    blue = filters.gaussian(stains[..., 0], 1.5)
    brown = filters.gaussian(stains[..., 2], 3)
    locally_dark = blue > filters.threshold_local(blue, 101, offset=-0.006)
    nuclear = locally_dark & (blue > filters.threshold_otsu(blue) * 0.9)
    nuclear = ndimage.binary_fill_holes(opening(nuclear, disk(2)))
    depth = filters.gaussian(ndimage.distance_transform_edt(nuclear), 1.5)
    peaks_yx = feature.peak_local_max(depth, min_distance=5, labels=measure.label(nuclear))
    markers = np.zeros(nuclear.shape, np.int32)
    markers[tuple(peaks_yx.T)] = np.arange(1, len(peaks_yx) + 1)
    labels = segmentation.watershed(-depth, markers, mask=nuclear)
    brown_limit = filters.threshold_otsu(brown)
    for region in measure.regionprops(labels):
        left_half = region.bbox[3] <= rgb.shape[1] // 2
        if not (left_half and 60 <= region.area <= 600 and region.solidity > 0.9):
            continue
        stained = brown[labels == region.label].mean() > brown_limit
        attributes = {"surroundings": "positive" if stained else "negative"}
        into.polygon(NUCLEUS, outline_xy(region.image, region.bbox[:2]), attributes)


def outline_xy(mask: Pixels, top_left_yx: tuple[int, int], tolerance: float = 0.6) -> Pixels:
    """Return the simplified outline of one blob.

    Parameters
    ----------
    mask
        (rows, columns) bool array cut around the blob.
    top_left_yx
        Row and column of the cut in its image.
    tolerance
        How far, in pixels, the simplified outline may lie from the exact one.

    Returns
    -------
    (n, 2) array
        Vertices in (x, y) with the corner origin, not closed.
    """
    contours_yx = measure.find_contours(np.pad(mask, 1).astype(np.float64), 0.5)
    longest_yx = max(contours_yx, key=len)
    vertices_yx = measure.approximate_polygon(longest_yx, tolerance)[:-1] - 0.5 + np.asarray(top_left_yx)
    return np.asarray(vertices_yx[:, ::-1])


def galaxies(grey: Pixels, into: ImageAnnotations) -> None:
    """Add boxes, rotated where elongated, for the largest galaxies of a 16-bit (rows, columns) picture."""
    smooth = filters.gaussian(grey.astype(np.float64), 1.5)
    labels = measure.label(smooth > 10_000)
    for region in measure.regionprops(labels):
        if region.area < 200 or region.solidity <= 0.85:
            continue
        if region.eccentricity < 0.8:
            top, left, bottom, right = region.bbox
            into.box(GALAXY, (left, top, right - left, bottom - top), {"note": ""})
            continue
        center_xy, size_wh, rotation_deg = upright_turned(region.coords, float(region.orientation))
        into.rotated_box(GALAXY, center_xy, size_wh, rotation_deg, {"note": ""})


def upright_turned(
    pixels_yx: Pixels, orientation: float
) -> tuple[tuple[float, float], tuple[float, float], float]:
    """Return the box along a blob's long axis that encloses its pixels.

    Parameters
    ----------
    pixels_yx
        (n, 2) pixel indices.
    orientation
        Angle between the row axis and the long axis, in radians, as `skimage.measure.regionprops` gives it.

    Returns
    -------
    center_xy, size_wh, rotation_deg
        For `ImageAnnotations.rotated_box`; the height lies along the long axis.
    """
    long_xy = np.array([np.sin(orientation), np.cos(orientation)])
    across_xy = np.array([long_xy[1], -long_xy[0]])
    centers_xy = pixels_yx[:, ::-1] + 0.5
    along, across = centers_xy @ long_xy, centers_xy @ across_xy
    half_pixel = np.abs(long_xy).sum() / 2
    low = np.array([across.min(), along.min()]) - half_pixel
    high = np.array([across.max(), along.max()]) + half_pixel
    middle = (low + high) / 2
    center_xy = middle[0] * across_xy + middle[1] * long_xy
    size = high - low
    rotation = float(np.rad2deg(-orientation))
    return (float(center_xy[0]), float(center_xy[1])), (float(size[0]), float(size[1])), rotation
