"""Write the demo project: a folder of pictures and one COCO file that describes them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from napari_labeltool.core.errors import WriteError
from napari_labeltool.demo.drawn import IMAGE_TAGS, coffee_objects, portrait_objects
from napari_labeltool.demo.found import coins, galaxies, nuclei
from napari_labeltool.demo.pictures import PICTURES, Picture, write_picture
from napari_labeltool.demo.records import ImageAnnotations, Record
from napari_labeltool.demo.schema import CATEGORIES, TAG_GROUPS

DEMO_FILE_NAME = "annotations.json"
"""Name of the COCO file inside the demo folder."""


def make_demo_project(folder: Path, *, fresh: bool = False) -> Path:
    """Write the demo project into a folder and return its COCO file.

    The pictures and the annotations are the same bytes each time. A COCO file which is there already holds
    somebody's work and is kept, unless `fresh` is set; missing pictures are written again in both cases.

    Parameters
    ----------
    folder
        Made when it does not exist.
    fresh
        Start anew: replace the COCO file and all the pictures.

    Returns
    -------
    Path
        The COCO file, ``folder / DEMO_FILE_NAME``. Its ``file_name`` entries are relative to `folder`.

    Raises
    ------
    WriteError
        The folder or a file in it cannot be written.
    ReadError
        The installed scikit-image carries no such picture.
    """
    folder = Path(folder)
    coco = folder / DEMO_FILE_NAME
    try:
        (folder / "images").mkdir(parents=True, exist_ok=True)
        keep = coco.exists() and not fresh
        images: dict[str, np.ndarray[Any, Any]] = {}
        for picture in PICTURES:
            path = folder / picture.file_name
            if keep and path.exists():
                continue
            images[picture.file_name] = write_picture(picture, path)
        if not keep:
            text = json.dumps(demo_document(images), indent=1, ensure_ascii=False) + "\n"
            coco.write_bytes(text.encode("utf-8"))
    except OSError as error:
        raise WriteError(
            f"{error.filename or folder}: the demo project cannot be written ({error.strerror or error}). "
            "Choose another folder."
        ) from error
    return coco


def demo_document(images: dict[str, np.ndarray[Any, Any]]) -> Record:
    """Return the COCO document of the demo.

    Parameters
    ----------
    images
        Pixels of every picture of the demo by its file name: (rows, columns, ...), or (channels, rows,
        columns) where the picture says so.

    Returns
    -------
    dict
        Ready for `json.dumps`.
    """
    annotations: list[Record] = []
    for picture in PICTURES:
        of_image = ImageAnnotations(picture.id, first_id=len(annotations) + 1)
        _annotate(picture, images[picture.file_name], of_image)
        annotations += of_image.records
    return {
        "info": {
            "description": "Demo of napari-labeltool: pictures carried by scikit-image",
            "version": "1",
            "year": 2025,
            "contributor": "",
            "date_created": "",
        },
        "licenses": [],
        "labeltool": {"version": 1, "tag_groups": TAG_GROUPS},
        "categories": CATEGORIES,
        "images": [_image_record(picture, images[picture.file_name]) for picture in PICTURES],
        "annotations": annotations,
    }


def _image_record(picture: Picture, pixels: np.ndarray[Any, Any]) -> Record:
    height, width = pixels.shape[1:3] if picture.channels_first else pixels.shape[:2]
    return {
        "id": picture.id,
        "file_name": picture.file_name,
        "width": width,
        "height": height,
        "labeltool": {"state": picture.state, "verified_empty": picture.verified_empty},
    }


def _annotate(picture: Picture, pixels: np.ndarray[Any, Any], into: ImageAnnotations) -> None:
    match picture.name:
        case "coins.png":
            coins(pixels, into)
        case "tissue_ihc.png":
            nuclei(pixels, into)
        case "deep_field_16bit.tif":
            galaxies(pixels, into)
        case "portrait.png":
            portrait_objects(into)
        case "coffee.png":
            coffee_objects(into)
    for tag in IMAGE_TAGS.get(picture.name, ()):
        into.tag(tag)
