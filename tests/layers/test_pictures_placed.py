"""Annotations lie on the picture, also when somebody scales, moves, turns or shears its layer."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from napari.layers import Image
from workspace_cases import document, open_workspace, row_of

from napari_labeltool.layers.camera import view_in_pixels, view_rectangle
from napari_labeltool.layers.coverage_camera import PictureCamera
from napari_labeltool.layers.names import HALF_PIXEL
from napari_labeltool.layers.options import Options
from napari_labeltool.layers.pixel_transform import IDENTITY, PixelTransform, transform_of
from napari_labeltool.layers.workspace import Workspace

pytestmark = pytest.mark.viewer


def turned(degrees: float, scale: float = 1.0, shift: tuple[float, float] = (0.0, 0.0)) -> Any:
    c, s = scale * math.cos(math.radians(degrees)), scale * math.sin(math.radians(degrees))
    return np.array([[c, -s, shift[0]], [s, c, shift[1]], [0, 0, 1]])


MATRICES = st.builds(
    lambda degrees, scale, shift, shear: (
        turned(degrees, scale, shift) @ [[1, shear, 0], [0, 1, 0], [0, 0, 1]]
    ),
    st.floats(-180, 180),
    st.floats(0.1, 10),
    st.tuples(st.floats(-1e3, 1e3), st.floats(-1e3, 1e3)),
    st.floats(-0.8, 0.8),
)
POSITIVE = st.floats(0.05, 20)


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    made = open_workspace(tmp_path)
    yield made
    made.close()
    made.session.close(discard=True)


# -- the transform
@settings(deadline=None)  # the first layer of a process takes long to make
@given(MATRICES, st.tuples(POSITIVE, POSITIVE), st.tuples(st.floats(-1e4, 1e4), st.floats(-1e4, 1e4)))
def test_the_way_to_the_world_is_that_of_the_layer_and_can_be_gone_back(
    affine: Any, scale: Any, place: Any
) -> None:
    layer = Image(np.zeros((3, 4, 5), np.uint8), scale=(7, *scale), translate=(1, 2, 3))
    layer.affine = affine
    transform = transform_of(layer)
    world = layer.data_to_world((0, *place))[-2:]
    np.testing.assert_allclose(transform.to_world(np.array(place)), world, rtol=1e-9, atol=1e-6)
    np.testing.assert_allclose(transform.to_pixels(np.array(world)), place, rtol=1e-6, atol=1e-5)


def test_an_upright_picture_has_its_own_scale_and_place_to_the_last_bit() -> None:
    layer = Image(np.zeros((4, 5), np.uint8), scale=(0.2537, 0.1), translate=(0.3, -7.1))
    transform = transform_of(layer)
    assert transform.is_upright
    assert transform.scale.tolist() == [0.2537, 0.1]
    assert transform.translate.tolist() == [0.3, -7.1]


def test_turn_and_shear_of_the_layer_itself_count_too() -> None:
    layer = Image(np.zeros((4, 5), np.uint8), scale=(2, 3), rotate=30, shear=[0.2])
    transform = transform_of(layer)
    assert not transform.is_upright
    np.testing.assert_allclose(transform.to_world(np.array([[3.0, 1.0]]))[0], layer.data_to_world((3, 1)))


@given(MATRICES, st.tuples(POSITIVE, POSITIVE), st.tuples(POSITIVE, POSITIVE))
def test_what_is_seen_whole_lies_within_the_view(affine: Any, scale: Any, half: Any) -> None:
    transform = PixelTransform(np.array(scale), np.zeros(2), affine)
    seen = transform.seen_whole(np.array(half))
    corners = seen * [[1, 1], [1, -1], [-1, 1], [-1, -1]]
    assert (np.abs(corners @ transform.linear.T) <= np.array(half) * (1 + 1e-9)).all()
    assert (seen > 0).all()


def test_all_of_an_upright_view_is_seen_whole() -> None:
    transform = PixelTransform(np.array([0.5, 2.0]), np.zeros(2))
    assert transform.seen_whole(np.array([10.0, 10.0])).tolist() == [20.0, 5.0]


# -- the layers
def lies_on_the_picture(workspace: Workspace, places_yx: Any = ((0, 0), (13, 57), (59, 0))) -> None:
    picture = workspace.pictures.layers[0]
    y0, x0 = workspace.masks.view.window[:2]
    for layer, corner in (
        (workspace.objects.layer, (0, 0)),
        (workspace.keypoints.layer, (0, 0)),
        (workspace.masks.layer, (y0, x0)),
    ):
        for place in places_yx:
            here = layer.data_to_world(np.subtract(place, corner))
            np.testing.assert_allclose(here, picture.data_to_world(place), atol=1e-9)


@pytest.mark.parametrize(
    "change",
    [
        {"affine": turned(30, 1.5, (4, -9))},
        {"scale": (0.25, 0.5)},
        {"translate": (100, -20)},
        {"rotate": 45},
        {"shear": [0.3]},
        {"scale": (3, 2), "affine": turned(200)},
    ],
    ids=lambda change: " and ".join(change),
)
def test_annotations_follow_the_picture_wherever_somebody_puts_it(
    workspace: Workspace, change: dict[str, Any]
) -> None:
    picture = workspace.pictures.layers[0]
    for name, value in change.items():
        setattr(picture, name, value)
    lies_on_the_picture(workspace)
    assert workspace.pictures.pixel_at(picture.data_to_world((12, 34))) == pytest.approx((12, 34))
    assert not workspace.session.dirty


@pytest.mark.parametrize("kind", ["objects", "keypoints", "masks"])
@pytest.mark.parametrize(
    "change",
    [{"affine": turned(30)}, {"rotate": 20}, {"shear": [0.2]}, {"scale": (2, 2)}, {"translate": (5, 5)}],
)
def test_a_layer_of_annotations_that_is_moved_alone_comes_back(
    workspace: Workspace, kind: str, change: dict[str, Any]
) -> None:
    said: list[str] = []
    workspace.message.connect(lambda severity, sentence: said.append(sentence))
    workspace.pictures.layers[0].affine = turned(10)
    layer = getattr(workspace, kind).layer
    for name, value in change.items():
        setattr(layer, name, value)
    lies_on_the_picture(workspace)
    assert said == ["Annotations lie where the picture lies. Move or turn the layer of the picture instead."]


@pytest.mark.parametrize("change", [{"rotate": 20}, {"shear": [0.2]}, {"affine": turned(30, 2)}])
def test_all_layers_that_are_turned_at_once_are_turned_once(
    workspace: Workspace, change: dict[str, Any]
) -> None:
    for layer in workspace.viewer.layers:
        for name, value in change.items():
            setattr(layer, name, value)
    lies_on_the_picture(workspace)


def test_layers_that_stay_after_closing_can_be_moved(workspace: Workspace) -> None:
    objects, picture = workspace.objects.layer, workspace.pictures.layers[0]
    workspace.close(remove_layers=False)
    picture.affine = turned(30)
    assert np.array_equal(objects.affine.affine_matrix, np.eye(3))
    objects.rotate = 20
    assert not np.array_equal(objects.rotate, np.eye(2))
    workspace.session.close(discard=True)


def test_annotations_follow_another_channel_when_the_first_is_removed(tmp_path: Path) -> None:
    import tifffile

    tifffile.imwrite(
        tmp_path / "c.tif",
        np.zeros((3, 60, 80), np.uint16),
        ome=True,
        metadata={"axes": "CYX"},
        photometric="minisblack",
    )
    content = document()
    content["images"][0]["file_name"] = "c.tif"
    workspace = open_workspace(tmp_path, content)
    first, second, _ = workspace.pictures.layers
    second.affine = turned(30)
    lies_on_the_picture(workspace)
    workspace.viewer.layers.remove(first)
    workspace.pictures.layers[0] = second  # for the comparison
    lies_on_the_picture(workspace)
    workspace.close()
    workspace.session.close(discard=True)


def test_a_place_and_a_scale_that_somebody_set_stay_for_the_next_image(
    workspace: Workspace,
) -> None:
    picture = workspace.pictures.layers[0]
    picture.scale, picture.translate = (0.5, 0.5), (10, 20)
    workspace.show_image(1)
    assert picture.scale.tolist() == [0.5, 0.5]
    assert picture.translate.tolist() == [10, 20]
    lies_on_the_picture(workspace)


def test_a_place_that_is_no_number_can_be_repaired(workspace: Workspace) -> None:
    picture = workspace.pictures.layers[0]
    with contextlib.suppress(Exception):  # napari's own complaints about its sliders
        picture.translate = (np.nan, 0)
    picture.translate = (3, 4)
    lies_on_the_picture(workspace)


def test_the_next_image_lies_as_the_layer_does_that_is_kept(workspace: Workspace) -> None:
    workspace.pictures.layers[0].affine = turned(20)
    workspace.show_image(1)
    lies_on_the_picture(workspace)
    workspace.pictures.layers[0].affine = np.eye(3)
    assert workspace.pictures.transform == IDENTITY
    lies_on_the_picture(workspace)


def test_a_frame_without_a_picture_can_be_turned_too(tmp_path: Path) -> None:
    content = document()
    content["images"][0]["file_name"] = "missing.png"
    workspace = open_workspace(tmp_path, content)
    frame = workspace.pictures.layers[0]
    frame.affine = turned(30)
    corner = frame.data_to_world((-0.5, -0.5))  # the frame is one pixel that is stretched
    np.testing.assert_allclose(workspace.objects.layer.data_to_world((-0.5, -0.5)), corner, atol=1e-9)
    corner = frame.data_to_world((0.5, 0.5))
    np.testing.assert_allclose(workspace.objects.layer.data_to_world((59.5, 79.5)), corner, atol=1e-9)
    workspace.close()
    workspace.session.close(discard=True)


def test_a_click_on_a_turned_picture_selects_what_is_there(tmp_path: Path) -> None:
    workspace = open_workspace(tmp_path, options=Options(promote_limit=1))
    picture = workspace.pictures.layers[0]
    picture.affine = turned(90, 2.0, (30, 200))
    y, x = workspace.pictures.pixel_at(picture.data_to_world((20, 30)))
    assert workspace.picking.row_at(y, x) == row_of(workspace, 11)
    workspace.close()
    workspace.session.close(discard=True)


def test_outlines_in_view_of_a_turned_picture_are_drawn(tmp_path: Path) -> None:
    workspace = open_workspace(tmp_path, options=Options(promote_limit=1))
    outlines, picture = workspace.objects.outlines, workspace.pictures.layers[0]
    workspace.viewer.canvas.size = (100, 100)
    picture.affine = turned(180, shift=(10_000, 10_000))
    camera = workspace.viewer.scene.camera
    camera.zoom, camera.center = 1.0, (0, 0, 0)
    assert len(outlines.shown_rows) == 0
    camera.center = (0, 10_000, 10_000)
    assert row_of(workspace, 10) in outlines.shown_rows
    camera.center = (0, 0, 0)
    assert len(outlines.shown_rows) == 0
    picture.affine = np.eye(3)  # the picture comes into view rather than the view to the picture
    assert row_of(workspace, 10) in outlines.shown_rows
    workspace.close()
    workspace.session.close(discard=True)


def test_zooming_to_an_annotation_of_a_turned_picture_puts_it_in_the_middle(workspace: Workspace) -> None:
    picture = workspace.pictures.layers[0]
    picture.affine = turned(30, 3.0, (500, 20))
    row = row_of(workspace, 10)
    workspace.zoom_to([row])
    x, y, width, height = workspace.dataset.annotations.bbox[row]
    middle = picture.data_to_world((y + height / 2 - HALF_PIXEL, x + width / 2 - HALF_PIXEL))
    np.testing.assert_allclose(workspace.viewer.scene.camera.center[-2:], middle, atol=1e-6)


def test_the_view_of_a_turned_picture_holds_all_that_is_seen_and_counts_what_is_seen_whole(
    workspace: Workspace,
) -> None:
    picture = workspace.pictures.layers[0]
    picture.affine = turned(30)
    workspace.viewer.canvas.size = (60, 80)
    camera = workspace.viewer.scene.camera
    camera.zoom, camera.center = 2.0, (0, 25, 12)
    y0, x0, y1, x1 = view_rectangle(workspace.viewer)
    seen = [workspace.pictures.pixel_at(corner) for corner in ((y0, x0), (y0, x1), (y1, x0), (y1, x1))]
    left, top, right, bottom = view_in_pixels(workspace)
    for y, x in seen:
        assert left - 1e-9 <= x + HALF_PIXEL <= right + 1e-9
        assert top - 1e-9 <= y + HALF_PIXEL <= bottom + 1e-9
    watched = PictureCamera(workspace)
    left, top, right, bottom = watched.rectangle()
    for y, x in ((top, left), (top, right), (bottom, left), (bottom, right)):
        world = picture.data_to_world((y - HALF_PIXEL, x - HALF_PIXEL))
        assert y0 - 1e-9 <= world[0] <= y1 + 1e-9
        assert x0 - 1e-9 <= world[1] <= x1 + 1e-9
    watched.look_at(40, 30)
    np.testing.assert_allclose(camera.center[-2:], picture.data_to_world((30 - HALF_PIXEL, 40 - HALF_PIXEL)))


def test_a_layer_that_lies_there_already_is_not_told_again() -> None:
    told: list[str] = []

    class Layer(SimpleNamespace):
        def __setattr__(self, name: str, value: Any) -> None:
            told.append(name)

    there = SimpleNamespace(affine_matrix=np.eye(3))
    layer = Layer()
    layer.__dict__.update(
        scale=np.ones(2), translate=np.zeros(2), rotate=np.eye(2), shear=np.zeros(1), affine=there
    )
    IDENTITY.place(layer)
    assert not told
