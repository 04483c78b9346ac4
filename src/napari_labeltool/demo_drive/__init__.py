"""The demo that plays by itself: a real napari window, labelled by mouse and key events, saved and checked."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from napari_labeltool.core.errors import LabeltoolError
from napari_labeltool.demo import make_demo_project


def drive(out_dir: Path) -> Path:
    """Label the demo project with mouse and keyboard, save it, and check the file with pycocotools.

    Parameters
    ----------
    out_dir
        Folder for the project and the screenshots; an earlier project in it is made anew.

    Returns
    -------
    Path
        The saved COCO file.

    Raises
    ------
    LabeltoolError
        Something is not in the file as it was drawn.
    """
    out = out_dir.absolute()
    out.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("NAPARI_CONFIG", str(Path(tempfile.mkdtemp()) / "settings.yaml"))
    document = make_demo_project(out / "project", fresh=True)
    original = document.read_bytes()

    from qtpy.QtCore import Qt

    from napari_labeltool.demo_drive.check import check
    from napari_labeltool.demo_drive.hand import Hand
    from napari_labeltool.demo_drive.steps import Steps
    from napari_labeltool.plugin import launch
    from napari_labeltool.widgets.active import active_workspace
    from napari_labeltool.widgets.labeling_dock import LabelingDock

    viewer = launch(document, block=False)
    workspace = active_workspace(viewer)
    if workspace is None:
        raise LabeltoolError(f"{document}: the demo project did not open in napari.")
    hand = Hand(workspace)
    hand.window.resize(1280, 800)
    hand.wait(600)
    dock = hand.window.findChild(LabelingDock)
    steps = Steps(hand, dock, out)
    drawn = steps.run()
    hand.key(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    hand.wait(200)
    if workspace.session.dirty:
        raise LabeltoolError(f"demo: the key for saving did not save. {workspace.session.state_words()}")
    found = check(document, original, drawn)
    viewer.close()
    print(f"Saved and read again by pycocotools: {document}")
    for sentence in found:
        print(f"  {sentence}")
    print("Screenshots:")
    for path in steps.screenshots:
        print(f"  {path}")
    return document
