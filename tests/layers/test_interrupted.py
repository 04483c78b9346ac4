"""What goes on elsewhere while somebody is in the middle of drawing, painting or dragging."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from masks_cases import Bench, MouseEvent, annotation, bench, square, write_document
from napari.utils._test_utils import read_only_mouse_event
from napari.utils.interactions import mouse_move_callbacks, mouse_press_callbacks, mouse_release_callbacks
from workspace_cases import assert_layers_show_the_dataset, document, open_workspace, row_of

from napari_labeltool.core.edits import DeleteObjects, Relabel, Rows, SetImageState
from napari_labeltool.core.semantic import area_of
from napari_labeltool.layers import outlines
from napari_labeltool.layers.options import Options
from napari_labeltool.layers.workspace import Workspace

pytestmark = pytest.mark.viewer

BIG = (10_000, 10_000)
CORNERS = [(40, 5), (40, 30), (55, 30), (56, 7)]


# -- shapes
@pytest.fixture(params=[300, 1], ids=["whole", "promoted"])
def workspace(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Workspace]:
    made = open_workspace(tmp_path, options=Options(promote_limit=request.param))
    yield made
    made.close()
    made.session.close(discard=True)


def click(layer: Any, y: float, x: float) -> None:
    for kind, tell in (
        ("mouse_move", mouse_move_callbacks),
        ("mouse_press", mouse_press_callbacks),
        ("mouse_release", mouse_release_callbacks),
    ):
        tell(layer, read_only_mouse_event(type=kind, position=(y, x), pos=(y, x)))


def begin_polygon(workspace: Workspace, corners: int) -> None:
    workspace.set_tool("polygon")
    for corner in CORNERS[:corners]:
        click(workspace.objects.layer, *corner)
    place = (55, 6)
    event = read_only_mouse_event(type="mouse_move", position=place, pos=place)
    mouse_move_callbacks(workspace.objects.layer, event)


INTERRUPTIONS: dict[str, Callable[[Workspace], object]] = {
    "another is deleted": lambda w: w.apply(DeleteObjects(Rows([0]))),
    "another is relabelled": lambda w: w.apply(Relabel(Rows([0]), Rows([2]))),
    "a class is hidden": lambda w: w.set_category_visible(0, False),
    "a filter is set": lambda w: w.shown.set_only(np.ones(w.dataset.annotations.row_count, bool)),
    "another is selected": lambda w: w.select([2]),
    "two are selected": lambda w: w.select([0, 1]),
    "the next image is shown": lambda w: w.show_image(1),
    "another tool is taken": lambda w: w.set_tool("select"),
}


@pytest.mark.parametrize("corners", [1, 2, 4])
@pytest.mark.parametrize("interruption", INTERRUPTIONS)
def test_a_half_drawn_polygon_is_kept_or_dropped_and_nothing_else_is_touched(
    workspace: Workspace, interruption: str, corners: int
) -> None:
    table = workspace.dataset.annotations
    before = [workspace.dataset.annotation(row) for row in range(table.row_count)]
    workspace.select([1])
    begin_polygon(workspace, corners)
    INTERRUPTIONS[interruption](workspace)
    workspace.set_tool("box")
    workspace.show_image(1)
    workspace.shown.set_only(None)
    workspace.set_category_visible(0, True)
    workspace.show_image(0)
    touched = {0} if interruption in ("another is deleted", "another is relabelled") else set()
    for row, record in enumerate(before):
        assert row in touched or workspace.dataset.annotation(row) == record
        assert table.alive[row] or (row == 0 and interruption == "another is deleted")
    assert table.row_count - len(before) == (corners == 4)
    if workspace.objects.whole:
        assert_layers_show_the_dataset(workspace)


def test_a_polygon_goes_on_while_the_image_is_marked(workspace: Workspace) -> None:
    begin_polygon(workspace, 2)
    workspace.apply(SetImageState(Rows([0]), "done"))
    for corner in CORNERS[2:]:
        click(workspace.objects.layer, *corner)
    workspace.finish_gesture()
    assert workspace.dataset.annotations.row_count == 6
    assert len(workspace.dataset.annotation(5)["segmentation"][0]) == 8


def test_what_was_drawn_before_is_not_meant_while_another_polygon_is_drawn(workspace: Workspace) -> None:
    table = workspace.dataset.annotations
    workspace.set_category(0)
    begin_polygon(workspace, 4)
    workspace.finish_gesture()
    first = table.row_count - 1
    assert workspace.selection == (first,)
    click(workspace.objects.layer, 5, 40)
    click(workspace.objects.layer, 5, 50)
    assert workspace.selection == ()
    workspace.set_category(2)
    workspace.delete_selection()
    assert table.alive[first]
    assert table.category[first] == 0


def test_only_what_was_pasted_is_selected_and_dragged(workspace: Workspace) -> None:
    layer = workspace.objects.layer
    workspace.set_tool("select")
    workspace.select([0])
    layer._copy_data()
    layer._paste_data()
    pasted = workspace.dataset.annotations.row_count - 1
    assert workspace.selection == (pasted,)
    assert [workspace.objects.view.keys()[index][0] for index in layer.selected_data] == [pasted]
    layer.remove_selected()
    assert workspace.dataset.annotations.alive[0]
    assert not workspace.dataset.annotations.alive[pasted]


def test_what_is_hidden_is_not_selected_any_more(workspace: Workspace) -> None:
    workspace.select([1, 2])
    workspace.set_category_visible(0, False)
    assert workspace.selection == (2,)
    workspace.apply(Relabel(Rows([2]), Rows([0])))
    assert workspace.selection == ()
    workspace.shown.set_only(np.zeros(workspace.dataset.annotations.row_count, bool))
    workspace.delete_selection()
    assert workspace.dataset.annotations.alive.all()


def test_a_polygon_that_is_taken_back_leaves_no_colour_behind(workspace: Workspace) -> None:
    layer = workspace.objects.layer
    begin_polygon(workspace, 1)
    workspace.undo()
    assert len(layer.edge_color) == len(layer.features) == layer.nshapes


def many(count: int) -> dict[str, Any]:
    content = document()
    content["images"] = [{"id": n, "file_name": f"{n}.png", "width": 900, "height": 900} for n in (1, 2)]
    angles = np.linspace(0, 2 * np.pi, 100, endpoint=False)
    places = np.random.default_rng(1).uniform(100, 800, (count, 2))
    content["annotations"] = [
        {
            "id": number,
            "image_id": 1,
            "category_id": 1 if number % 2 else 3,
            "bbox": [x - 8, y - 8, 16, 16],
            "area": 200,
            "iscrowd": 0,
            "segmentation": [np.stack([x + 8 * np.cos(angles), y + 8 * np.sin(angles)], 1).ravel().tolist()],
        }
        for number, (x, y) in enumerate(places.tolist(), 1)
    ]
    return content


def test_a_drawn_picture_goes_with_its_annotations(tmp_path: Path) -> None:
    workspace = open_workspace(tmp_path, many(500), options=Options(promote_limit=260))
    shown = workspace.objects.outlines
    workspace.viewer.canvas.size = (600, 800)
    camera = workspace.viewer.scene.camera
    camera.zoom, camera.center = 0.5, (0, 450, 450)
    shown.load()
    assert shown.mode == "drawn"
    assert shown.picture.rgba is not None
    workspace.set_category_visible(0, False)  # those that are left are shapes
    assert shown.mode == "nothing"
    assert shown.picture.rgba is None
    workspace.set_category_visible(0, True)
    assert shown.picture.rgba is not None
    workspace.show_image(1)
    assert shown.picture.rgba is None
    workspace.close()
    workspace.session.close(discard=True)


def test_a_box_that_only_follows_keypoints_is_not_drawn_small_either(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = document()
    content["annotations"] = [
        {
            "id": 1, "image_id": 1, "category_id": 2, "bbox": [10, 10, 30, 20], "area": 600, "iscrowd": 0,
            "keypoints": [10, 10, 2, 40, 30, 2, 0, 0, 0], "num_keypoints": 2,
            "labeltool": {"bbox_from": "keypoints"},
        },
        *[
            {"id": n, "image_id": 1, "category_id": 1, "bbox": [60, 40, 5, 5], "area": 25, "iscrowd": 0}
            for n in range(2, 7)
        ],
    ]  # fmt: skip
    workspace = open_workspace(tmp_path, content, options=Options(promote_limit=2))
    workspace.viewer.canvas.size = (600, 800)
    camera = workspace.viewer.scene.camera
    camera.zoom, camera.center = 6, (0, 30, 40)
    shown = workspace.objects.outlines
    monkeypatch.setattr(outlines, "MOST_LINES", 1)
    shown.load()
    assert shown.mode == "drawn"
    raster = shown._raster
    assert raster is not None
    seen = np.argwhere(raster.rgba[..., 3])[:, ::-1] * raster.pixel + raster.window[:2]
    assert len(seen)
    assert (seen > [55, 35]).all()
    workspace.close()
    workspace.session.close(discard=True)


# -- masks
class Stroke:
    """A drag of the brush, step by step, in pixels of the picture."""

    def __init__(self, bench: Bench, y: float, x: float) -> None:
        self.bench = bench
        for target in (bench.viewer, bench.layer):
            mouse_press_callbacks(target, MouseEvent("mouse_press", np.array([y, x])))

    def move(self, y: float, x: float) -> None:
        mouse_move_callbacks(self.bench.layer, MouseEvent("mouse_move", np.array([y, x])))

    def release(self, y: float, x: float) -> None:
        mouse_release_callbacks(self.bench.layer, MouseEvent("mouse_release", np.array([y, x])))


def pixels(bench: Bench, number: int) -> int:
    found = bench.dataset.rle(row_of(bench.workspace, number))
    assert found is not None
    return found.area


def test_a_stroke_ends_with_its_image(tmp_path: Path) -> None:
    masks = [annotation(1, square(5, 5, 15)), annotation(2, square(5, 5, 15), image_id=2)]
    with bench(tmp_path, masks) as b:
        b.workspace.select((0,))
        b.layer.brush_size = 5
        stroke = Stroke(b, 60, 20)
        stroke.move(60, 30)
        b.workspace.step_image(1)
        stroke.move(80, 40)
        stroke.move(80, 80)
        stroke.release(80, 80)
        assert pixels(b, 1) > 225
        assert pixels(b, 2) == 225


def look_at(b: Bench, y: float, x: float) -> None:
    b.viewer.scene.camera.zoom = 1.0
    b.viewer.scene.camera.center = (0.0, y, x)


@pytest.mark.parametrize("interruption", ["a class is hidden", "the selection is relabelled"])
def test_a_half_drawn_mask_polygon_stays_where_it_was_begun(tmp_path: Path, interruption: str) -> None:
    with bench(tmp_path, [annotation(1, square(100, 100, 50, BIG))], shape=BIG) as b:
        look_at(b, 1000, 1000)
        b.layer.mode = "polygon"
        polygon = b.layer._overlays["polygon"]
        polygon.points = [[500, 500], [500, 600], [600, 600]]
        look_at(b, 3000, 3000)
        if interruption == "a class is hidden":
            b.workspace.set_category_visible(1, False)
        else:
            b.workspace.select((0,))
            b.workspace.set_category(1)
        polygon.add_polygon_to_labels(b.layer)
        boxes = [b.dataset.rle(int(row)).bbox_xywh for row in b.dataset.annotations.rows()]
        right = max(x + width for x, _, width, _ in boxes)
        bottom = max(y + height for _, y, _, height in boxes)
        assert (right, bottom) == (601, 601)


def test_a_class_key_in_the_middle_of_a_stroke_loses_no_pixel(tmp_path: Path) -> None:
    with bench(tmp_path, [annotation(1, square(100, 100, 50, BIG))], shape=BIG) as b:
        look_at(b, 1000, 1000)
        b.workspace.select((0,))
        b.layer.brush_size = 9
        stroke = Stroke(b, 1000, 1000)
        stroke.move(1000, 1050)
        look_at(b, 6000, 6000)
        b.workspace.set_category(1)
        stroke.move(1000, 1100)
        stroke.release(1000, 1100)
        rows = b.dataset.annotations.rows()
        right = max(sum(b.dataset.rle(int(row)).bbox_xywh[::2]) for row in rows)
        assert 1100 <= right <= 1106
        assert sum(b.dataset.rle(int(row)).area for row in rows) > 2500 + 100 * 7
        assert b.dataset.annotations.category[0] == 1


def test_the_first_mask_of_an_offered_image_is_shown_and_selected(tmp_path: Path) -> None:
    masks = [annotation(number, square(20 * number, 5, 15)) for number in (1, 2, 3, 4)]
    with bench(tmp_path, masks) as b:
        row = b.dataset.images.offer({"id": 3, "file_name": "1.png", "height": 100, "width": 120})
        b.workspace.show_image(row)
        b.workspace.set_category(1)
        b.workspace.set_tool("mask")
        b.drag((50, 50), (50, 70))
        assert b.workspace.selection == (4,)
        assert b.dataset.annotations.image[4] == row
        np.testing.assert_array_equal(b.layer.data, b.expected())


def test_a_label_of_nothing_paints_the_chosen_area_and_takes_it_from_others(tmp_path: Path) -> None:
    import json

    path = write_document(tmp_path, [])
    content = json.loads(path.read_text())
    content["categories"] += [
        {"id": 8, "name": "tissue", "isthing": 0},
        {"id": 9, "name": "stroma", "isthing": 0},
    ]
    path.write_text(json.dumps(content))
    b = Bench(path)
    b.layer.brush_size = 11
    b.workspace.set_category(3)
    b.drag((50, 20), (50, 60))
    b.workspace.set_category(4)
    b.layer.selected_label = b.layer.selected_label + 1  # napari's key for the next label
    b.drag((50, 40), (70, 40))
    tissue, stroma = (area_of(b.dataset, 1, name).to_mask() for name in ("tissue", "stroma"))
    assert stroma.any()
    assert not (tissue & stroma).any()
    b.close()


def test_values_of_what_is_not_shown_are_used_again_before_two_objects_share_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from napari_labeltool.layers import masks_table

    monkeypatch.setattr(masks_table, "HIGHEST_VALUE", 6)
    with bench(tmp_path, []) as b:
        b.layer.brush_size = 3
        for place in range(4):
            b.workspace.masks.new_instance()
            b.drag((10, 10 + 14 * place))
        for _ in range(3):
            b.workspace.delete_selection()
            b.workspace.masks.new_instance()
            b.drag((40, 40))
        assert len(b.records()) == 4
        np.testing.assert_array_equal(b.layer.data, b.expected())
