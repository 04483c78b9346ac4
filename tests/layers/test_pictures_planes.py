"""Planes of a stack: sliders, records of planes, and records that come with the first annotation."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from workspace_cases import document, open_workspace

from napari_labeltool import open_session
from napari_labeltool.core.edits import Rows, SetImageState
from napari_labeltool.layers.workspace import Workspace

pytestmark = pytest.mark.viewer

SQUARE = np.array([[10, 10], [10, 20], [20, 20], [20, 10]])


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    content = document()
    planes: list[Any] = [{}, {"labeltool": {"plane": {"T": 0, "Z": 3}}}]
    content["images"] = [
        {"id": number, "file_name": "x.ome.tif", "width": 80, "height": 60, **facts}
        for number, facts in enumerate(planes, 1)
    ]
    values = np.arange(10, dtype=np.uint8).reshape(2, 5)
    stack = values[:, :, None, None] * np.ones((2, 5, 60, 80), np.uint8)
    sizes = {"PhysicalSizeX": 0.5, "PhysicalSizeY": 0.25, "PhysicalSizeZ": 3.0, "TimeIncrement": 2.0}
    tifffile.imwrite(tmp_path / "x.ome.tif", stack, metadata={"axes": "TZYX", **sizes})
    opened = open_workspace(tmp_path, content)
    yield opened
    opened.close()
    opened.session.close(discard=True)


def value(workspace: Workspace) -> int:
    dims = workspace.viewer.dims
    return int(workspace.pictures.layers[0].get_value(dims.point, world=True))


def plane(workspace: Workspace) -> Any:
    return workspace.dataset.images.record(workspace.image).get("labeltool", {}).get("plane")


def test_a_stack_has_sliders_and_starts_at_the_plane_of_its_record(workspace: Workspace) -> None:
    assert workspace.viewer.dims.nsteps[:2] == (2, 5)
    assert (workspace.image, value(workspace)) == (0, 0)
    workspace.show_image(1)
    assert workspace.viewer.dims.current_step[:2] == (0, 3)
    assert value(workspace) == 3


def test_every_layer_has_the_pixel_size_and_the_stack_its_steps(workspace: Workspace) -> None:
    (picture,) = workspace.pictures.layers
    assert np.asarray(picture.scale).tolist() == [2.0, 3.0, 0.25, 0.5]
    assert [str(unit) for unit in picture.units] == ["second", "micrometer", "micrometer", "micrometer"]
    for layer in (workspace.objects.layer, workspace.masks.layer, workspace.keypoints.layer):
        assert np.asarray(layer.scale).tolist() == [0.25, 0.5]
        assert [str(unit) for unit in layer.units] == ["micrometer"] * 2


def test_the_slider_goes_to_the_record_of_its_plane_and_keeps_the_file_open(workspace: Workspace) -> None:
    source, layer = workspace.pictures.source, workspace.pictures.layers[0]
    objects = workspace.objects.layer.nshapes
    assert objects > 0
    workspace.viewer.dims.set_current_step(1, 3)
    assert workspace.image == 1
    workspace.viewer.dims.set_current_step(1, 0)
    assert workspace.image == 0
    assert workspace.objects.layer.nshapes == objects
    assert workspace.pictures.source is source
    assert workspace.pictures.layers == [layer]


@pytest.mark.parametrize("change", [{"scale": (2, -3, 0.25, 0.5)}, {"translate": (0, 60, 0, 0)}])
def test_the_record_is_that_of_the_plane_that_is_seen_wherever_the_stack_lies(
    workspace: Workspace, change: dict[str, Any]
) -> None:
    (picture,) = workspace.pictures.layers
    for name, given in change.items():
        setattr(picture, name, given)
    dims = workspace.viewer.dims
    for step in (1, 3, 2, 4, 0):
        dims.set_current_step(1, step)
        depth = (plane(workspace) or {"Z": 0})["Z"]
        assert depth == value(workspace) % 5
    workspace.show_image(1)
    assert value(workspace) == 3


def test_looking_at_planes_without_a_record_changes_nothing(workspace: Workspace) -> None:
    for time in (0, 1):
        for depth in range(5):
            workspace.viewer.dims.set_current_step([0, 1], [time, depth])
            assert value(workspace) == time * 5 + depth
    assert workspace.objects.layer.nshapes == 0
    assert workspace.session.dirty == 0
    assert len(workspace.dataset.images) == 2


def test_the_first_object_of_a_plane_brings_its_record_in_one_step(workspace: Workspace) -> None:
    workspace.viewer.dims.set_current_step([0, 1], [1, 2])
    workspace.objects.layer.add(SQUARE, shape_type="polygon")
    assert workspace.session.dirty == 1
    assert len(workspace.dataset.images) == 3
    assert plane(workspace) == {"T": 1, "Z": 2}
    assert workspace.objects.layer.nshapes == 1
    workspace.viewer.dims.set_current_step(1, 4)
    assert workspace.objects.layer.nshapes == 0
    workspace.viewer.dims.set_current_step(1, 2)
    assert workspace.objects.layer.nshapes == 1
    workspace.undo()
    assert workspace.session.dirty == 0
    assert len(workspace.dataset.images) == 2
    assert workspace.objects.layer.nshapes == 0
    assert workspace.viewer.dims.current_step[:2] == (1, 2)
    workspace.redo()
    assert len(workspace.dataset.images) == 3
    assert plane(workspace) == {"T": 1, "Z": 2}
    assert workspace.objects.layer.nshapes == 1


def test_after_undo_the_plane_can_be_drawn_on_again(workspace: Workspace) -> None:
    workspace.viewer.dims.set_current_step(1, 2)
    for _ in range(2):
        workspace.objects.layer.add(SQUARE, shape_type="polygon")
        assert workspace.objects.layer.nshapes == 1
        workspace.undo()
        assert workspace.objects.layer.nshapes == 0
    workspace.objects.layer.add(SQUARE, shape_type="polygon")
    workspace.objects.layer.add(SQUARE + 5, shape_type="polygon")
    assert workspace.objects.layer.nshapes == 2
    assert len(workspace.dataset.images) == 3


def test_the_state_of_a_plane_is_kept_in_its_new_record(workspace: Workspace) -> None:
    workspace.viewer.dims.set_current_step(1, 1)
    workspace.apply(SetImageState(Rows([workspace.image]), "done"))
    assert workspace.dataset.images.at(2).state == "done"
    assert plane(workspace) == {"T": 0, "Z": 1}


def test_planes_that_were_drawn_on_are_saved_and_opened_again(workspace: Workspace) -> None:
    workspace.viewer.dims.set_current_step([0, 1], [1, 4])
    workspace.objects.layer.add(SQUARE, shape_type="polygon")
    workspace.session.save()
    path = workspace.session.path
    with open_session(path, read_only=True) as again:
        record = again.dataset.images.record(2)
        assert record["labeltool"] == {"plane": {"T": 1, "Z": 4}}
        assert (record["file_name"], record["width"], record["height"]) == ("x.ome.tif", 80, 60)
        (row,) = again.dataset.annotations.rows_of_image(2)
        assert again.dataset.annotations.record(int(row))["image_id"] == record["id"]


def test_a_journal_brings_the_plane_back_with_its_object(workspace: Workspace) -> None:
    workspace.viewer.dims.set_current_step([0, 1], [1, 4])
    workspace.objects.layer.add(SQUARE, shape_type="polygon")
    workspace.session.close()
    with open_session(workspace.session.path) as again:
        again.recover()
        assert again.dataset.images.record(2)["labeltool"] == {"plane": {"T": 1, "Z": 4}}
        assert len(again.dataset.annotations.rows_of_image(2)) == 1
        again.close(discard=True)
