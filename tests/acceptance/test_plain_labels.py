"""A label image of touching cells, as segmentation programs make it: saved as COCO and read again pixel by pixel."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path
from typing import Any

import napari
import numpy as np
import pytest
from napari.components import ViewerModel
from npe2 import PluginManager
from numpy.typing import NDArray
from pycocotools.coco import COCO
from skimage.segmentation import watershed

import napari_labeltool as nl
from napari_labeltool.plugin import NAME, read_path

CELLS = 200


@pytest.fixture(autouse=True, scope="module")
def _discovered() -> None:
    PluginManager.instance().discover()


def touching_cells(shape_yx: tuple[int, int] = (420, 510), seed: int = 7) -> NDArray[Any]:
    """Return a picture full of cells with no gap between them, (h, w), values 1 to `CELLS` with holes between."""
    chance = np.random.default_rng(seed)
    markers = np.zeros(shape_yx, np.int32)
    places = chance.choice(markers.size, CELLS, replace=False)
    markers.flat[places] = np.arange(1, CELLS + 1)
    cells = watershed(chance.random(shape_yx), markers)
    cells[:40, :60] = 0
    return np.where(cells > 0, cells * 3, 0).astype(np.int32)


def pixels_of(label_image: NDArray[Any]) -> list[bytes]:
    """Return the pixels of every value, in no order."""
    return sorted(np.packbits(label_image == value).tobytes() for value in np.unique(label_image) if value)


def assert_file_has_the_cells(path: Path, cells: NDArray[Any]) -> None:
    """Check every mask in the file with pycocotools, with our headless reader, and in the layers that we read."""
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO(str(path))
    masks = [coco.annToMask(annotation).astype(bool) for annotation in coco.dataset["annotations"]]
    expected = pixels_of(cells)
    assert len(expected) > CELLS - 5
    assert sorted(np.packbits(mask).tobytes() for mask in masks) == expected
    areas = [annotation["area"] for annotation in coco.dataset["annotations"]]
    assert areas == [int(mask.sum()) for mask in masks]
    dataset = nl.read_coco(path)
    runs = [dataset.rle(int(row)) for row in dataset.annotations.rows()]
    assert sorted(np.packbits(rle.to_mask()).tobytes() for rle in runs if rle is not None) == expected
    (labels,) = [data for data, _, kind in read_path(str(path)) if kind == "labels"]
    assert pixels_of(np.asarray(labels)) == expected


@pytest.mark.viewer
def test_touching_cells_keep_every_pixel_without_a_window(tmp_path: Path) -> None:
    cells = touching_cells()
    viewer = ViewerModel()
    viewer.add_labels(cells, name="segmentation")
    path = tmp_path / "cells.json"
    assert viewer.layers.save(str(path), plugin=NAME) == [str(path)]
    assert_file_has_the_cells(path, cells)


@pytest.mark.viewer
def test_a_scaled_label_image_over_its_picture_keeps_every_pixel(tmp_path: Path) -> None:
    cells = touching_cells(seed=8)
    viewer = ViewerModel()
    scale = {"scale": (0.25, 0.25), "translate": (10, 20)}
    viewer.add_image(np.zeros(cells.shape, np.uint16), name="picture", **scale)
    viewer.add_labels(cells.astype(np.uint16), **scale)
    path = tmp_path / "cells.json"
    viewer.layers.save(str(path), plugin=NAME)
    assert_file_has_the_cells(path, cells)


@pytest.mark.window
def test_touching_cells_saved_in_the_window_are_shown_again_pixel_by_pixel(tmp_path: Path) -> None:
    cells = touching_cells()
    viewer = napari.Viewer()
    viewer.add_labels(cells, name="segmentation")
    path = tmp_path / "cells.json"
    viewer.layers.selection.active = viewer.layers["segmentation"]
    assert viewer.layers.save(str(path), selected=True, plugin=NAME) == [str(path)]
    viewer.layers.clear()
    viewer.open(str(path), plugin=NAME)
    shown = next(layer for layer in viewer.layers if isinstance(layer, napari.layers.Labels))
    assert pixels_of(np.asarray(shown.data)) == pixels_of(cells)
    viewer.close()
    assert_file_has_the_cells(path, cells)
