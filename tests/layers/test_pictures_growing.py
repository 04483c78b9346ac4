"""A large flat picture in a workspace: shown at once, its levels made in the background, with progress."""

from __future__ import annotations

import time
from pathlib import Path

import napari
import numpy as np
import psygnal
import pytest
import tifffile
from napari._qt.dialogs.qt_activity_dialog import ActivityToggleItem
from workspace_cases import document, open_workspace

from napari_labeltool._napari_compat import main_window
from napari_labeltool._napari_compat.activity import SLOW
from napari_labeltool.images.pyramid_build import PyramidProgress
from napari_labeltool.layers import pictures_growing
from napari_labeltool.layers.pictures_growing import ActivityBar, Growing
from napari_labeltool.layers.workspace import Workspace

pytestmark = pytest.mark.viewer


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    data = np.zeros((300, 12_000), np.uint8)
    data[:, 6_000:] = 200
    content = document()
    content["images"] = [
        {"id": number, "file_name": name, "width": 12_000, "height": 300}
        for number, name in enumerate(("x.tif", "y.png"), 1)
    ]
    tifffile.imwrite(tmp_path / "y.png", np.zeros((300, 12), np.uint8))
    tifffile.imwrite(tmp_path / "x.tif", data, tile=(256, 256), compression="zlib")
    return open_workspace(tmp_path, content)


def until_over(workspace: Workspace) -> list[PyramidProgress]:
    reports: list[PyramidProgress] = []
    workspace.pictures.growing.progress.connect(reports.append, unique=False)
    deadline = time.monotonic() + 30
    while not (reports and reports[-1].is_over) and time.monotonic() < deadline:
        psygnal.emit_queued()
        time.sleep(0.01)
    return reports


def test_levels_appear_in_the_layer_when_they_are_made(workspace: Workspace) -> None:
    (layer,) = workspace.pictures.layers
    assert layer.multiscale
    assert until_over(workspace)[-1].state == "done"
    coarsest = np.asarray(layer.data[-1])
    assert coarsest[3, [10, coarsest.shape[1] - 10]].tolist() == [0, 200]
    assert layer.thumbnail[..., 0].max() > 150
    source = workspace.pictures.source
    workspace.show_image(0, again=True)
    assert workspace.pictures.source is not source
    assert workspace.pictures.source is not None
    assert workspace.pictures.source.pyramid is not None
    assert workspace.pictures.source.pyramid.building is None
    workspace.close()
    workspace.session.close(discard=True)


def test_going_to_another_image_ends_the_work(workspace: Workspace) -> None:
    source = workspace.pictures.source
    assert source is not None
    assert source.pyramid is not None
    workspace.show_image(1)
    assert source.pyramid.wait(10)
    assert workspace.pictures.source is not source
    workspace.close()
    workspace.session.close(discard=True)


def test_layers_are_not_drawn_again_in_the_middle_of_a_gesture(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    held, shown = True, []
    monkeypatch.setattr(pictures_growing, "_REFRESH_SECONDS", 0.0)
    monkeypatch.setattr(pictures_growing, "is_mouse_held", lambda: held)
    monkeypatch.setattr(pictures_growing, "show_new_pixels", shown.append)
    pyramid = workspace.pictures.growing._pyramid
    assert pyramid is not None
    pyramid.cancel()
    until_over(workspace)
    shown.clear()
    report = PyramidProgress("building", 1, 9, pyramid.path)
    workspace.pictures.growing._on_progress(report)
    assert shown == []
    held = False
    workspace.pictures.growing._on_progress(report)
    assert shown == workspace.pictures.layers
    workspace.close()
    workspace.session.close(discard=True)


@pytest.mark.window
def test_the_sign_of_activity_turns_slowly_while_levels_are_made() -> None:
    viewer = napari.Viewer(show=False)
    growing = Growing(list)
    bar = ActivityBar(growing)
    (sign,) = main_window(viewer).findChildren(ActivityToggleItem)
    movie = sign._inProgressIndicator.movie()
    assert movie.speed() == 100
    growing.progress.emit(PyramidProgress("building", 1, 9))
    assert movie.speed() == SLOW
    bar.close()
    viewer.close()
