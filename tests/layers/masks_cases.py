"""Documents with masks, opened in a viewer model, for the tests of the masks layer."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
from napari.components import ViewerModel
from napari.utils.interactions import mouse_move_callbacks, mouse_press_callbacks, mouse_release_callbacks
from numpy.typing import NDArray

from napari_labeltool.core.rle import Rle
from napari_labeltool.layers.workspace import Workspace
from napari_labeltool.session import open_session

CATEGORIES = [
    {"id": 1, "name": "nucleus", "color": "#3070c0"},
    {"id": 2, "name": "mitosis", "color": "#c03030"},
    {"id": 3, "name": "pose", "keypoints": ["head", "tail"], "skeleton": [[1, 2]]},
]


def square(top: int, left: int, side: int, shape: tuple[int, int] = (100, 120)) -> Rle:
    """Return a square of pixels in a frame."""
    mask = np.ones((side, side), bool)
    return Rle.from_mask(mask, height=shape[0], width=shape[1], offset_yx=(top, left))


def annotation(number: int, rle: Rle, *, uncompressed: bool = False, **more: Any) -> dict[str, Any]:
    """Return the record of a mask."""
    counts = rle.to_list() if uncompressed else rle.to_compressed()
    return {
        "id": number,
        "image_id": 1,
        "category_id": 1,
        "segmentation": {"size": [rle.height, rle.width], "counts": counts},
        "bbox": list(rle.bbox_xywh),
        "area": rle.area,
        "iscrowd": 0,
        **more,
    }


def write_document(
    folder: Path, annotations: Sequence[dict[str, Any]], shape: tuple[int, int] = (100, 120)
) -> Path:
    """Write a document of two images of one size; the picture files are not there."""
    images = [
        {"id": number, "file_name": f"{number}.png", "height": shape[0], "width": shape[1]}
        for number in (1, 2)
    ]
    path = folder / "masks.json"
    path.write_text(
        json.dumps({"images": images, "categories": CATEGORIES, "annotations": list(annotations)})
    )
    return path


class MouseEvent:
    """A mouse event that a running drag sees change, as napari's own does."""

    def __init__(self, kind: str, position: NDArray[Any]) -> None:
        self.__wrapped__ = SimpleNamespace(
            type=kind,
            is_dragging=kind == "mouse_move",
            position=tuple(position),
            view_direction=None,
            dims_displayed=[0, 1],
            button=1,
            buttons=[1],
            modifiers=[],
            handled=False,
            pos=(0, 0),
        )

    def __getattr__(self, name: str) -> Any:
        wrapped = self.__dict__["__wrapped__"]
        return getattr(wrapped, name)


class Bench:
    """A document in a viewer model with the mask tool chosen, and what it said."""

    def __init__(self, path: Path, *, read_only: bool = False, viewer: Any = None) -> None:
        self.session = open_session(path, read_only=read_only)
        self.viewer = ViewerModel() if viewer is None else viewer
        self.workspace = Workspace(self.session, self.viewer)
        self.said: list[str] = []
        self.workspace.message.connect(lambda severity, text: self.said.append(text))
        self.workspace.show_image(0)
        self.workspace.set_category(0)
        self.workspace.set_tool("mask")
        self.said_at_first = [*self.said]
        self.said.clear()

    @property
    def layer(self) -> Any:
        return self.workspace.masks.layer

    @property
    def dataset(self) -> Any:
        return self.session.dataset

    def values(self) -> dict[int, int]:
        """Return the value of each annotation by its id, as the features table tells."""
        features = self.layer.features
        return dict(zip(features["annotation_id"].tolist(), features["index"].tolist()))

    def mask(self, number: int) -> NDArray[np.bool_]:
        """Return the pixels of an annotation by its id."""
        (row,) = self.dataset.annotations.rows_of_ids([number])
        return self.dataset.rle(int(row)).to_mask()

    def pixels(self, number: int) -> NDArray[np.bool_]:
        """Return where the layer shows an annotation, given by its id."""
        return np.asarray(self.layer.data) == self.values()[number]

    def records(self) -> list[Any]:
        """Return the records of all annotations that are there."""
        return [self.dataset.annotation(int(row)) for row in self.dataset.annotations.rows()]

    def expected(self) -> NDArray[np.uint16]:
        """Return the label image that the dataset means, drawn by the simplest code there is."""
        y0, x0, y1, x1 = self.workspace.masks.view.window
        shown = np.zeros((y1 - y0, x1 - x0), np.uint16)
        values = self.values()
        table = self.dataset.annotations
        for row in sorted(table.rows_of_image(self.workspace.image).tolist()):
            mask = self.dataset.rle(row).to_mask((y0, x0, y1, x1))
            if mask.any():
                shown[mask] = values[table.id_of(row)]
        return shown

    def drag(self, *places_yx: tuple[float, float]) -> None:
        """Draw with the mouse from place to place (pixels of the picture)."""
        transform = self.workspace.pictures.transform
        world = [np.asarray(place) * transform.scale + transform.translate for place in places_yx]
        mouse_press_callbacks(self.layer, MouseEvent("mouse_press", world[0]))
        for position in world[1:]:
            mouse_move_callbacks(self.layer, MouseEvent("mouse_move", position))
        mouse_release_callbacks(self.layer, MouseEvent("mouse_release", world[-1]))

    def close(self) -> None:
        self.workspace.close()
        self.session.close(discard=True)


@contextmanager
def bench(
    folder: Path,
    annotations: Sequence[dict[str, Any]] = (),
    *,
    shape: tuple[int, int] = (100, 120),
    read_only: bool = False,
) -> Iterator[Bench]:
    """Open a document with these annotations; it is closed in the end."""
    opened = Bench(write_document(folder, annotations, shape), read_only=read_only)
    try:
        yield opened
    finally:
        opened.close()
