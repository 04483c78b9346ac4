"""What tests of the plugin share."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import tifffile
from napari.utils.notifications import Notification, notification_manager


@contextmanager
def told() -> Iterator[list[str]]:
    """Collect what is said to the user."""
    sentences: list[str] = []

    def listen(notification: Notification) -> None:
        sentences.append(str(notification.message))

    notification_manager.notification_ready.connect(listen)
    try:
        yield sentences
    finally:
        notification_manager.notification_ready.disconnect(listen)


def write_project(folder: Path, pictures: tuple[int, ...] = (1, 2)) -> Path:
    """Write three images' records with a box each, and pictures for some of them; return the COCO file."""
    document: dict[str, Any] = {"info": {"note": "kept"}, "images": [], "annotations": [], "categories": []}
    for number in (1, 2, 3):
        name = f"img_{number}.tif"
        document["images"].append({"id": number, "file_name": name, "width": 40, "height": 30, "x": number})
        document["annotations"].append(
            {"id": 10 * number, "image_id": number, "category_id": 5, "bbox": [1.50, 2, 3, 4], "mine": [1]}
        )
        if number in pictures:
            tifffile.imwrite(folder / name, np.full((30, 40), number, np.uint8))
    document["categories"].append({"id": 5, "name": "cell"})
    path = folder / "annotations.json"
    path.write_text(json.dumps(document, indent=1))
    return path
