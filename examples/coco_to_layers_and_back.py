"""Show one image of a COCO file as napari layers, change something, and write only that back.

Runs without a window. The demo project is written to a temporary folder.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from napari.components import ViewerModel
from napari.layers import Layer

import napari_labeltool as nl
from napari_labeltool.demo import make_demo_project

with TemporaryDirectory() as folder:
    path = make_demo_project(Path(folder))
    before = path.read_text()

    # from the document to layers
    dataset = nl.read_coco(path)
    image = next(image for image in dataset.images if image.file_name.endswith("portrait.png"))
    viewer = ViewerModel()  # napari.Viewer() in a script with a window
    for layer in nl.to_layers(dataset, image.id):
        viewer.layers.append(Layer.create(*layer))
    objects = viewer.layers["objects"]
    print(objects.features[["annotation_id", "category", "part"]].head())

    # a change in napari: move the first shape two pixels to the right
    moved = [corners.copy() for corners in objects.data]
    moved[0] = moved[0] + np.array([0, 2])
    objects.data = moved

    # from layers to the document: everything that was not touched stays byte for byte
    changed = nl.from_layers(viewer.layers, dataset=dataset)
    nl.write_coco(changed, path)

    rows = changed.annotations.patched_rows()
    print("changed:", [changed.name_of(row) for row in rows])
    different = [(a, b) for a, b in zip(before.splitlines(), path.read_text().splitlines()) if a != b]
    print(f"{len(different)} lines of {len(before.splitlines()):,} differ")
    assert len(rows) == 1
