"""Write the Labels layer of a segmentation tool, and rectangles drawn by hand, as one COCO file.

Nothing in the layers knows of this plugin. What had to be assumed is printed. Runs without a window.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
from napari.components import ViewerModel
from pycocotools.coco import COCO
from skimage.data import coins
from skimage.measure import label, regionprops_table
from skimage.morphology import closing, footprint_rectangle, remove_small_objects

import napari_labeltool as nl
from napari_labeltool.layers.convert import Assumptions

picture = coins()
cells = label(remove_small_objects(closing(picture > 110, footprint_rectangle((3, 3))), max_size=250))
measured = pd.DataFrame(regionprops_table(cells, picture, properties=("label", "mean_intensity")))
measured["cell_type"] = np.where(measured["mean_intensity"] > 165, "bright", "dull")

viewer = ViewerModel()  # napari.Viewer() in a script with a window
viewer.add_image(picture, name="coins.png", scale=(0.5, 0.5))
viewer.add_labels(cells, name="cp_masks", features=measured, scale=(0.5, 0.5))
viewer.add_shapes(
    [np.array([[20, 30], [20, 90], [80, 90], [80, 30]]), np.array([[200, 250], [230, 280]])],
    shape_type=["rectangle", "line"],
    name="scratch",
    scale=(0.5, 0.5),
)

assumptions = Assumptions()
dataset = nl.from_layers(viewer.layers, assumptions=assumptions)
for sentence in assumptions:
    print("-", sentence)

with TemporaryDirectory() as folder:
    path = Path(folder) / "coins.json"
    nl.write_coco(dataset, path)
    coco = COCO(path)
    names = {category["id"]: category["name"] for category in coco.cats.values()}
    print({name: len(coco.getAnnIds(catIds=[id_])) for id_, name in names.items()})
    for value, annotation in zip(measured["label"], coco.anns.values()):
        assert np.array_equal(coco.annToMask(annotation).astype(bool), cells == value)
    assert [a["bbox"] for a in coco.anns.values() if names[a["category_id"]] == "scratch"] == [
        [30.5, 20.5, 60, 60]
    ]
