"""Files to measure on: COCO documents with many objects in one image, and a picture of 100,000 x 100,000 pixels.

All are made from a seed, so two machines measure the same, and are kept in a cache folder: the one that
``LABELTOOL_BENCHMARKS`` names, else one in the folder for temporary files.

The objects lie as cells in tissue do: dense in some places, sparse in others, hardly one over the other. In the
middle of every document there are the same 64 objects with nothing else near them; gestures are measured there,
so that what is on the screen is the same whether the document has a thousand objects or a million.
"""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any, Final, Literal

import msgspec
import numpy as np
import zarr
from numpy.typing import NDArray

Kind = Literal["boxes", "polygons"]

SIDE: Final = 100_000
"""Width and height of the picture in pixels."""
VERTICES: Final = 30
CLASSES: Final = 10
PLACES: Final = 64
"""Number of objects in the middle, the same in every document."""
PITCH: Final = 100
"""Distance of those from one another in pixels."""
_CELL: Final = 64
"""Every object lies in a square of its own of this side, so that they overlap little."""
_CHUNK: Final = 1024
_VERSION: Final = 2


def cache_folder() -> Path:
    """Return the folder in which files are kept from run to run."""
    named = os.environ.get("LABELTOOL_BENCHMARKS")
    folder = Path(named) if named else Path(tempfile.gettempdir()) / "napari-labeltool-benchmarks"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


# -- documents -------------------------------------------------------------------------------------


def places_xy(side: int = SIDE) -> NDArray[np.float64]:
    """Return the centres of the objects in the middle, (64, 2) x, y in pixels."""
    steps = (np.arange(8) - 3.5) * PITCH + side / 2
    x, y = np.meshgrid(steps, steps)
    return np.stack([x.ravel(), y.ravel()], axis=1)


def boxes_xywh(count: int, side: int = SIDE, seed: int = 0) -> NDArray[np.float64]:
    """Return boxes of 10 to 60 pixels, (count, 4) left, top, width, height; the first 64 are those in the middle."""
    rng = np.random.default_rng(seed)
    centres = places_xy(side)[: min(count, PLACES)]
    sizes = rng.uniform(36, 60, (len(centres), 2)).round(2)
    middle = np.concatenate([(centres - sizes / 2).round(2), sizes], axis=1)
    rest = count - len(middle)
    cells = side // _CELL
    across = (np.arange(cells) + 0.5) * _CELL
    x, y = (axis.ravel() for axis in np.meshgrid(across, across))
    density = np.full(x.shape, 0.25)
    for centre, radius, weight in zip(
        rng.uniform(0.1, 0.9, (40, 2)) * side, rng.uniform(0.02, 0.09, 40) * side, rng.uniform(1, 6, 40)
    ):
        density += weight * np.exp(-((x - centre[0]) ** 2 + (y - centre[1]) ** 2) / (2 * radius**2))
    near = np.maximum(np.abs(x - side / 2), np.abs(y - side / 2)) < 8 * PITCH
    density[near] = 1e-12
    order = np.argpartition(rng.exponential(size=len(x)) / density, rest)[:rest]
    order = rng.permutation(order)
    sizes = rng.uniform(10, 60, (rest, 2)).round(2)
    slack = _CELL - sizes
    corners = np.stack([x[order], y[order]], axis=1) - _CELL / 2 + rng.uniform(0, 1, (rest, 2)) * slack
    return np.concatenate([middle, np.concatenate([corners.round(2), sizes], axis=1)])


def outlines_xy(boxes: NDArray[np.float64], seed: int = 1) -> NDArray[np.float64]:
    """Return a polygon in each box, (n, 30, 2) x, y in pixels."""
    rng = np.random.default_rng(seed)
    angles = np.linspace(0, 2 * np.pi, VERTICES, endpoint=False)
    radii = 1 - 0.25 * rng.random((len(boxes), VERTICES, 1))
    circle = np.stack([np.cos(angles), np.sin(angles)], axis=-1)
    centres, halves = boxes[:, None, :2] + boxes[:, None, 2:] / 2, boxes[:, None, 2:] / 2
    points: NDArray[np.float64] = (centres + halves * radii * circle).round(2)
    return points


def coco_file(
    kind: Kind, count: int, *, images: int = 1, side: int = SIDE, picture: str = "slide.zarr"
) -> Path:
    """Return a COCO file with that many objects in the first image; it is made when it is not there yet.

    Parameters
    ----------
    kind
        ``"boxes"``: a box each and no segmentation; ``"polygons"``: 30 vertices each.
    count
        Number of objects in the first image.
    images
        Number of images; those after the first have 64 objects each.
    side
        Width and height of the images in pixels.
    picture
        File name of the first image.
    """
    name = f"{kind}-{count}-{images}-{side}-{Path(picture).stem}-v{_VERSION}.json"
    path = cache_folder() / name
    if not path.exists():
        part = path.with_suffix(f".{os.getpid()}.part")
        _write_coco(part, kind, count, images, side, picture)
        part.replace(path)
    return path


def _write_coco(path: Path, kind: Kind, count: int, images: int, side: int, picture: str) -> None:
    names = [picture, *(f"other-{number}.png" for number in range(2, images + 1))]
    head: dict[str, Any] = {
        "images": [
            {"id": number, "file_name": name, "width": side, "height": side}
            for number, name in enumerate(names, 1)
        ],
        "categories": [{"id": number, "name": f"class {number}"} for number in range(1, CLASSES + 1)],
    }
    classes = np.random.default_rng(2).integers(1, CLASSES + 1, count + PLACES * images)
    first = 1
    with path.open("wb") as file:
        file.write(json.dumps(head).encode()[:-1] + b', "annotations": [\n')
        for image in range(1, images + 1):
            boxes = boxes_xywh(count if image == 1 else PLACES, side)
            for start in range(0, len(boxes), 20_000):
                part = boxes[start : start + 20_000]
                chosen = classes[first - 1 : first - 1 + len(part)]
                lines = [msgspec.json.encode(record) for record in _records(kind, part, chosen, first, image)]
                file.write((b",\n" if first > 1 else b"") + b",\n".join(lines))
                first += len(part)
        file.write(b"\n]}\n")


def _records(
    kind: Kind, boxes: NDArray[np.float64], classes: NDArray[np.int64], first: int, image: int
) -> list[dict[str, Any]]:
    common = [
        {"id": first + number, "image_id": image, "category_id": category}
        for number, category in enumerate(classes.tolist())
    ]
    if kind == "boxes":
        areas = (boxes[:, 2] * boxes[:, 3]).round(4).tolist()
        return [
            {**record, "bbox": box, "area": area, "iscrowd": 0}
            for record, box, area in zip(common, boxes.tolist(), areas)
        ]
    outlines = outlines_xy(boxes, seed=first)
    x, y = outlines[..., 0], outlines[..., 1]
    areas = (np.abs((x * np.roll(y, -1, 1) - np.roll(x, -1, 1) * y).sum(1)) / 2).round(4).tolist()
    low, high = outlines.min(1), outlines.max(1)
    extents = np.concatenate([low, (high - low).round(2)], axis=1).tolist()
    flat = outlines.reshape(len(outlines), -1).tolist()
    return [
        {**record, "segmentation": [points], "bbox": box, "area": area, "iscrowd": 0}
        for record, points, box, area in zip(common, flat, extents, areas)
    ]


# -- the picture -----------------------------------------------------------------------------------


def slide(side: int = SIDE) -> Path:
    """Return an OME-Zarr (zarr format 3) of `side` x `side` pixels, multi-scale; made when it is not there yet.

    Twelve chunks of texture are written for each level, and every other chunk that is tissue is a hard link to one
    of them; chunks that are not tissue are not there, so they read as the fill value. So the picture takes a few
    megabytes of disk, and reading it costs what reading an ordinary one costs.
    """
    path = cache_folder() / f"slide-{side}-v{_VERSION}" / "slide.zarr"
    if not path.exists():
        part = path.with_name(f"slide.{os.getpid()}.part")
        _write_slide(part, side)
        part.rename(path)
    return path


def _write_slide(path: Path, side: int) -> None:
    rng = np.random.default_rng(3)
    group = zarr.open_group(path, mode="w", zarr_format=3)
    centres, radii = rng.uniform(0.15, 0.85, (6, 2)) * side, rng.uniform(0.08, 0.22, 6) * side
    datasets = []
    level, length = 0, side
    while True:
        array = group.create_array(
            str(level), shape=(length, length), chunks=(_CHUNK, _CHUNK), dtype=np.uint8, fill_value=12
        )
        _fill(path / str(level), array, length, side / length, centres, radii, rng)
        scale = side / length
        datasets.append(
            {"path": str(level), "coordinateTransformations": [{"type": "scale", "scale": [scale, scale]}]}
        )
        if length <= _CHUNK:
            break
        level, length = level + 1, -(-length // 2)
    axes = [{"name": name, "type": "space"} for name in "yx"]
    group.attrs["ome"] = {
        "version": "0.5",
        "multiscales": [{"name": "slide", "axes": axes, "datasets": datasets}],
    }


def _fill(
    folder: Path,
    array: Any,
    length: int,
    scale: float,
    centres: NDArray[np.float64],
    radii: NDArray[np.float64],
    rng: np.random.Generator,
) -> None:
    """Give an array its chunks: a few that are written, and hard links to them."""
    count = -(-length // _CHUNK)
    middles = (np.arange(count) + 0.5) * _CHUNK * scale
    distance = np.hypot(
        middles[:, None, None] - centres[:, 0], middles[None, :, None] - centres[:, 1]
    )  # (count, count, 6)
    tissue = np.argwhere(
        (distance < radii + 0.7 * _CHUNK * scale).any(-1) if count > 1 else np.ones((1, 1), bool)
    )
    written: list[Path] = []
    for number, (row, column) in enumerate(tissue.tolist()):
        target = folder / "c" / str(row) / str(column)
        if number < 12:
            texture = _texture(max(2, round(16 / scale)), rng)
            high, wide = (min(_CHUNK, length - place * _CHUNK) for place in (row, column))
            array[row * _CHUNK : row * _CHUNK + high, column * _CHUNK : column * _CHUNK + wide] = texture[
                :high, :wide
            ]
            written.append(target)
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            os.link(written[number % len(written)], target)


def _texture(grain: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Return a chunk of spots of about `grain` pixels."""
    coarse = rng.integers(40, 200, (_CHUNK // grain + 1, _CHUNK // grain + 1))
    fine = np.kron(coarse, np.ones((grain, grain)))[:_CHUNK, :_CHUNK]
    return (fine + rng.integers(0, 12, fine.shape)).astype(np.uint8)


def project(folder: Path, document: Path) -> Path:
    """Return a copy of a document in a folder of its own, where a session may leave its journal."""
    import shutil

    folder.mkdir(parents=True, exist_ok=True)
    return Path(shutil.copyfile(document, folder / "annotations.json"))
