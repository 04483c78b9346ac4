"""Work on a COCO file by script: the same edits, undo and journal as in the window, without napari."""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

import napari_labeltool as nl
from napari_labeltool.demo import make_demo_project

with TemporaryDirectory() as folder:
    session = nl.open_session(make_demo_project(Path(folder)))
    annotations = session.dataset.annotations

    areas = annotations.area[annotations.rows()]
    small = annotations.rows()[np.isfinite(areas) & (areas < 60)]
    print(f"{len(small)} of {len(areas)} annotations have less than 60 square pixels")

    session.apply(nl.edits.SetStatus(nl.edits.Rows(small), "needs_review", "very small"))
    session.undo()
    session.redo()
    session.save()
    session.close()
    print("saved:", session.path.name)
