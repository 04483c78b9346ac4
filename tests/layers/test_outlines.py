"""Very many annotations on the canvas: lines, pictures and counts, and what an edit or a view costs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from napari.utils._test_utils import read_only_mouse_event
from workspace_cases import open_workspace, row_of

from napari_labeltool.core.annotations import Annotations
from napari_labeltool.core.columns import Kind
from napari_labeltool.core.edits import AddObject, DeleteObjects, Relabel, Rows, SetGeometry
from napari_labeltool.core.geometry import Box, Mask, Polygon
from napari_labeltool.core.rle import Rle
from napari_labeltool.layers import outline_counts, outline_lines, outline_pictures, outlines, shown
from napari_labeltool.layers.options import Options
from napari_labeltool.layers.outline_counts import Counts
from napari_labeltool.layers.outline_pictures import OutlinePictures
from napari_labeltool.layers.workspace import Workspace

SIDE = 20_000
pytestmark = pytest.mark.viewer


def scene(count: int, kind: str = "box") -> dict[str, Any]:
    """Return annotations that stand in a lattice over the picture, 100 pixels apart near its middle."""
    rng = np.random.default_rng(5)
    places = [(9500 + 100 * (i % 10), 9500 + 100 * (i // 10)) for i in range(min(count, 100))]
    places += [tuple(rng.uniform(0, 8000, 2).tolist()) for _ in range(count - len(places))]
    annotations = []
    for number, (x, y) in enumerate(places):
        w, h = 20.0 + number % 3, 30.0
        record = {
            "id": number + 1, "image_id": 1, "category_id": 1 + 2 * (number % 2),
            "bbox": [x, y, w, h], "area": w * h, "iscrowd": 0,
        }  # fmt: skip
        if kind == "polygon":
            record["segmentation"] = [[x, y + 10, x + w / 2, y, x + w, y + 10, x + w, y + h, x, y + h]]
        annotations.append(record)
    return {
        "images": [{"id": 1, "file_name": "far_away.png", "width": SIDE, "height": SIDE}],
        "categories": [{"id": 1, "name": "cell"}, {"id": 2, "name": "fly"}, {"id": 3, "name": "other"}],
        "annotations": annotations,
    }


def opened(folder: Path, count: int, kind: str = "box") -> Workspace:
    workspace = open_workspace(folder, scene(count, kind), options=Options(promote_limit=20))
    workspace.viewer.canvas.size = (600, 800)
    return workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    workspace = opened(tmp_path, 400, "polygon")
    yield workspace
    workspace.close()
    workspace.session.close(discard=True)


def look_at(workspace: Workspace, x: float, y: float, zoom: float) -> None:
    camera = workspace.viewer.scene.camera
    camera.zoom = zoom
    camera.center = (0.0, y, x)


def limits(workspace: Workspace, monkeypatch: pytest.MonkeyPatch, lines: int, drawn: int) -> None:
    monkeypatch.setattr(outlines, "MOST_LINES", lines)
    monkeypatch.setattr(outlines, "MOST_DRAWN", drawn)
    workspace.objects.outlines.load()


def test_the_way_of_drawing_follows_the_number_in_view(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits(workspace, monkeypatch, 300, 200)
    look_at(workspace, 10_000, 10_000, 0.02)
    assert workspace.objects.outlines.mode == "counted"
    look_at(workspace, 10_000, 10_000, 0.2)
    assert workspace.objects.outlines.mode == "drawn"
    look_at(workspace, 9500, 9500, 4)
    assert workspace.objects.outlines.mode == "lines"
    rows = workspace.objects.outlines.shown_rows
    assert 0 < len(rows) < 20


def test_lines_are_where_the_polygon_is(workspace: Workspace) -> None:
    look_at(workspace, 9500, 9500, 4)
    row = row_of(workspace, 1)
    lines = workspace.objects.outlines.lines
    mine = lines.overlay.segments_xy[lines._owner == row] + 0.5
    expected = workspace.dataset.geometry(row).parts_xy[0]
    np.testing.assert_array_equal(mine[:, 0], expected.astype(np.float32))


def test_panning_within_the_margin_draws_nothing_anew(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    look_at(workspace, 10_000, 10_000, 2)
    loads: list[int] = []
    original = outlines.Outlines.load
    monkeypatch.setattr(outlines.Outlines, "load", lambda self: (loads.append(1), original(self)))
    look_at(workspace, 10_050, 10_020, 2)
    assert loads == []
    look_at(workspace, 12_000, 10_020, 2)
    assert len(loads) == 1


def edits_of(workspace: Workspace) -> Iterator[Any]:
    row = row_of(workspace, 12)
    yield SetGeometry(Rows([row]), Box((9650.0, 9640.0, 33.0, 11.0)))
    yield SetGeometry(
        Rows([row_of(workspace, 13)]), Polygon((np.array([[9700, 9600], [9790, 9610], [9720, 9700.0]]),))
    )
    yield Relabel(Rows([row_of(workspace, 14)]), Rows([1]))
    yield DeleteObjects(Rows([row_of(workspace, 15)]))
    yield AddObject(Rows([0]), Rows([1]), Box((9540.0, 9540.0, 10.0, 60.0)))


def test_after_edits_the_drawn_picture_is_as_drawn_anew(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits(workspace, monkeypatch, 1, 10_000)
    look_at(workspace, 10_000, 10_000, 0.7)
    shown_outlines = workspace.objects.outlines
    assert shown_outlines.mode == "drawn"
    loads: list[int] = []
    original = outlines.Outlines.load
    monkeypatch.setattr(outlines.Outlines, "load", lambda self: (loads.append(1), original(self)))

    def check() -> None:
        raster = shown_outlines._raster
        pictures = OutlinePictures(workspace)
        pictures.small = shown_outlines.pictures.small
        anew = pictures.raster(workspace.shown.query(*raster.window), raster.window, shown_outlines._pixel)
        np.testing.assert_array_equal(raster.rgba, anew.rgba)

    for edit in edits_of(workspace):
        assert workspace.apply(edit) is not None
        check()
    for _ in range(5):
        workspace.undo()
        check()
    assert loads == []


def test_after_edits_the_counts_are_as_counted_anew(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits(workspace, monkeypatch, 1, 1)
    look_at(workspace, 10_000, 10_000, 0.02)
    shown_outlines = workspace.objects.outlines
    assert shown_outlines.mode == "counted"

    def check() -> None:
        anew, _ = OutlinePictures(workspace).counted(shown_outlines._pixel)
        np.testing.assert_array_equal(shown_outlines.picture.rgba, anew.rgba)

    for edit in edits_of(workspace):
        workspace.apply(edit)
        check()
    for _ in range(5):
        workspace.undo()
        check()
    workspace.apply(Relabel(Rows(workspace.dataset.annotations.rows().tolist()), Rows([1])))
    check()


def test_what_changes_while_no_counts_are_shown_is_counted_once_they_are(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits(workspace, monkeypatch, 1, 1)
    look_at(workspace, 10_000, 10_000, 0.05)
    outlines_shown, updated = workspace.objects.outlines, []
    assert outlines_shown.mode == "counted"
    update = Counts.update

    def noted(self: Counts) -> None:
        updated.append(self.changed_count)
        update(self)

    limits(workspace, monkeypatch, 40_000, 10_000)
    look_at(workspace, 10_000, 10_000, 1)
    assert outlines_shown.mode == "lines"
    monkeypatch.setattr(Counts, "update", noted)
    for edit in edits_of(workspace):
        workspace.apply(edit)
    assert not updated
    limits(workspace, monkeypatch, 1, 1)
    look_at(workspace, 10_000, 10_000, 0.05)
    assert max(updated) > 0
    anew, _ = OutlinePictures(workspace).counted(outlines_shown._pixel)
    np.testing.assert_array_equal(outlines_shown.picture.rgba, anew.rgba)


def test_images_of_one_size_are_counted_and_drawn_in_the_same_arrays(tmp_path: Path) -> None:
    document = scene(200, "polygon")
    document["images"].append({**document["images"][0], "id": 2})
    document["annotations"] += [
        {**record, "id": record["id"] + 200, "image_id": 2, "category_id": 2}
        for record in document["annotations"][:120]
    ]
    workspace = open_workspace(tmp_path, document, options=Options(promote_limit=20))
    workspace.viewer.canvas.size = (600, 800)
    pictures = workspace.objects.outlines.pictures

    def arrays() -> list[Any]:
        """Look at the image both ways, see that each is as drawn anew, and return what they are kept in."""
        rows = workspace.dataset.annotations.rows_of_image(workspace.image)
        anew = OutlinePictures(workspace)
        both = []
        for kept in (pictures, anew):
            kept.learn(rows)
            both.append(kept.raster(rows, (9000, 9000, 10_500, 10_500), 2.5).rgba)
            both.append(kept.counted(50)[0].rgba)
        np.testing.assert_array_equal(both[0], both[2])
        np.testing.assert_array_equal(both[1], both[3])
        assert both[0].any()
        assert pictures._counts is not None
        assert pictures.small is not None
        return [*pictures._counts.density.levels, pictures.small._points]

    first = arrays()
    for image in (1, 0):
        workspace.show_image(image)
        assert not pictures.small.knows(np.arange(320)).any()
        assert all(array is before for array, before in zip(arrays(), first, strict=True))
    workspace.close()
    workspace.session.close(discard=True)


def test_an_edit_hands_over_no_more_of_a_picture_than_it_changed(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture = workspace.objects.outlines.picture
    for most_drawn, zoom, most_pixels in ((10_000, 0.7, 20_000), (1, 0.02, 4)):
        limits(workspace, monkeypatch, 1, most_drawn)
        look_at(workspace, 10_000, 10_000, zoom)
        whole = picture.rgba.shape[0] * picture.rgba.shape[1]
        assert most_pixels < whole / 10
        for edit in edits_of(workspace):
            before, array = picture.uploaded, picture.rgba
            workspace.apply(edit)
            assert picture.rgba is array
            assert 0 < picture.uploaded - before <= most_pixels
        for _ in range(5):
            workspace.undo()


def test_views_of_counts_hand_over_a_picture_for_each_size_of_cells_alone(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits(workspace, monkeypatch, 1, 1)
    look_at(workspace, 10_000, 10_000, 0.02)
    drawn = workspace.objects.outlines
    painted: list[int] = []
    paint = outline_counts.density_rgba
    monkeypatch.setattr(outline_counts, "density_rgba", lambda sums: painted.append(1) or paint(sums))
    seen, uploaded = {id(drawn.picture.rgba)}, drawn.picture.uploaded
    handed_over = 0
    for x, zoom in (
        (9_000, 0.02),
        (5_000, 0.021),
        (5_000, 0.019),
        (2_000, 0.05),
        (9_000, 0.02),
        (9_000, 0.05),
    ):
        before = drawn.picture.rgba
        look_at(workspace, x, 10_000, zoom)
        assert drawn.mode == "counted"
        seen.add(id(drawn.picture.rgba))
        handed_over += drawn.picture.rgba.size // 4 if drawn.picture.rgba is not before else 0
    assert drawn.picture.uploaded - uploaded == handed_over
    assert len(seen) == 1 + len(painted) == 2


def test_a_few_unknown_outlines_are_decoded_for_the_picture_and_many_after_it(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits(workspace, monkeypatch, 1, 10_000)
    loads, waiting = [], []
    original = outlines.Outlines.load
    monkeypatch.setattr(outlines.Outlines, "load", lambda self: (loads.append(1), original(self)))
    monkeypatch.setattr(outlines, "later", lambda milliseconds, action: waiting.append(action))
    drawn = workspace.objects.outlines
    drawn.pictures.forget()
    look_at(workspace, 10_000, 10_000, 0.5)
    assert len(drawn._raster.unknown) == 0
    assert (loads, waiting) == ([1], [])
    drawn.pictures.forget()
    monkeypatch.setattr(outlines, "CHUNK", 30)
    monkeypatch.setattr(outline_pictures, "MOST_LEARNT", 30)
    look_at(workspace, 10_000, 10_000, 0.3)
    assert len(drawn._raster.unknown) == 100
    while waiting:
        waiting.pop()()
    assert len(drawn._raster.unknown) == 0
    assert len(loads) == 3


@pytest.mark.parametrize("at_once", [6000, 0])
def test_an_added_polygon_is_decoded_once_for_drawn_pictures(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    limits(workspace, monkeypatch, 1, 10_000)
    monkeypatch.setattr(outline_pictures, "MOST_LEARNT", at_once)
    look_at(workspace, 10_000, 10_000, 0.5)
    corners = np.array([[9520, 9560], [9590, 9560], [9550, 9590.0]])
    workspace.apply(AddObject(Rows([0]), Rows([1]), Polygon((corners,))))
    loads: list[int] = []
    original = outlines.Outlines.load
    monkeypatch.setattr(outlines.Outlines, "load", lambda self: (loads.append(1), original(self)))
    workspace.objects.outlines.load()
    assert len(loads) == (1 if at_once else 2)
    workspace.objects.outlines.load()
    assert len(loads) == (2 if at_once else 3)


def test_a_view_asks_by_place_once_for_what_it_draws(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    look_at(workspace, 10_000, 10_000, 0.5)
    for numbers, mode in (((40_000, 10_000), "lines"), ((1, 10_000), "drawn"), ((1, 1), "counted")):
        limits(workspace, monkeypatch, *numbers)
        with monkeypatch.context() as patch:
            counts = counted(patch)
            workspace.objects.outlines.load()
            assert workspace.objects.outlines.mode == mode
            assert (counts["asked"] > 0, counts["asked again"]) == (True, 0)


@pytest.mark.parametrize("numbers", [(600, 10_000), (1, 10_000), (1, 1)])
def test_a_hidden_class_is_not_drawn_in_any_way(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, numbers: tuple[int, int]
) -> None:
    limits(workspace, monkeypatch, *numbers)
    look_at(workspace, 10_000, 10_000, 0.7)
    drawn = workspace.objects.outlines
    assert len(drawn.lines.overlay.segments_xy) or drawn.picture.rgba.any()
    for category in (0, 1, 2):
        workspace.set_category_visible(category, False)
    assert not len(drawn.lines.overlay.segments_xy)
    assert drawn.picture.rgba is None or not drawn.picture.rgba.any()
    workspace.set_category_visible(0, True)
    assert len(drawn.lines.overlay.segments_xy) or drawn.picture.rgba.any()


def test_a_filter_shows_only_what_it_lets_through(workspace: Workspace) -> None:
    look_at(workspace, 10_000, 10_000, 0.7)
    only = np.zeros(workspace.dataset.annotations.row_count, bool)
    only[row_of(workspace, 5)] = True
    workspace.shown.set_only(only)
    assert workspace.objects.outlines.shown_rows.tolist() == [] or workspace.objects.whole is False
    assert workspace.picking.row_at(9510, 9910) == row_of(workspace, 5)
    assert workspace.picking.row_at(9510, 9810) is None
    workspace.shown.set_only(None)
    assert workspace.picking.row_at(9510, 9810) == row_of(workspace, 4)


def drag(
    workspace: Workspace, start_yx: tuple[float, float], end_yx: tuple[float, float], *keys: str
) -> None:
    """Drag over the canvas as napari's canvas does: the viewer's callbacks, then those of the layer."""
    from napari.utils.interactions import mouse_move_callbacks, mouse_press_callbacks, mouse_release_callbacks

    layer = workspace.viewer.layers.selection.active
    steps = [
        ("mouse_press", start_yx), ("mouse_move", end_yx), ("mouse_move", end_yx), ("mouse_release", end_yx)
    ]  # fmt: skip
    calls = {
        "mouse_press": mouse_press_callbacks,
        "mouse_move": mouse_move_callbacks,
        "mouse_release": mouse_release_callbacks,
    }
    for kind, place in steps:
        event = read_only_mouse_event(
            type=kind, is_dragging=kind == "mouse_move", position=place, modifiers=keys, dims_displayed=(0, 1),
            view_direction=None, up_direction=None, button=1,
        )  # fmt: skip
        for target in (workspace.viewer, layer):
            calls[kind](target, event)


def test_a_rectangle_selects_what_it_meets_and_more_with_shift(workspace: Workspace) -> None:
    look_at(workspace, 10_000, 10_000, 1)
    workspace.set_tool("select")
    drag(workspace, (9490, 9490), (9545, 9745))
    ids = [workspace.dataset.annotations.id_of(row) for row in workspace.selection]
    assert sorted(ids) == [1, 2, 3]
    drag(workspace, (9590, 9490), (9645, 9745), "Shift")
    ids = [workspace.dataset.annotations.id_of(row) for row in workspace.selection]
    assert sorted(ids) == [1, 2, 3, 11, 12, 13]


def test_one_more_object_is_added_to_a_selection_that_fills_the_layer(workspace: Workspace) -> None:
    rows = list(range(18))
    workspace.select(rows)
    assert len(workspace.objects.layer.selected_data) == 18
    workspace.objects.promote((18,))
    layer = workspace.objects.layer
    assert len(layer.selected_data) == 18
    layer.selected_data.add(next(i for i, key in enumerate(workspace.objects.view.keys()) if key[0] == 18))
    assert set(workspace.selection) == {*rows, 18}


def test_counts_of_a_document_without_classes_take_edits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = scene(60)
    content["categories"] = []
    for record in content["annotations"]:
        del record["category_id"]
    workspace = open_workspace(tmp_path, content, options=Options(promote_limit=5))
    limits(workspace, monkeypatch, 1, 2)
    assert workspace.objects.outlines.mode == "counted"
    workspace.apply(DeleteObjects(Rows([3])))
    anew, _ = OutlinePictures(workspace).counted(workspace.objects.outlines._pixel)
    np.testing.assert_array_equal(workspace.objects.outlines.picture.rgba, anew.rgba)
    workspace.close()
    workspace.session.close(discard=True)


def test_the_first_mask_of_a_place_far_from_the_window_is_shown_at_once(workspace: Workspace) -> None:
    look_at(workspace, 9_800, 9_800, 1.0)
    masks = workspace.masks.view
    assert not masks.table.rles
    workspace.apply(workspace.new_object(geometry=Mask(square_mask(9_800, 9_800))))
    y0, x0 = masks.window[:2]
    assert workspace.masks.layer.data[9_805 - y0, 9_805 - x0] > 0


def test_a_rectangle_over_more_than_the_layer_holds_selects_all_of_them(workspace: Workspace) -> None:
    look_at(workspace, 10_000, 10_000, 0.5)
    workspace.set_tool("select")
    drag(workspace, (9400, 9400), (10_600, 10_600))
    assert len(workspace.selection) == 100
    assert workspace.objects.layer.nshapes == 0
    chosen = workspace.selection
    workspace.set_category(1)
    assert (workspace.dataset.annotations.category[list(chosen)] == 1).all()
    assert workspace.session.undo_label is not None
    workspace.undo()
    assert set(workspace.dataset.annotations.category[list(chosen)]) == {0, 2}
    workspace.delete_selection()
    assert not workspace.dataset.annotations.alive[list(chosen)].any()
    assert len(workspace.dataset.annotations) == 300
    workspace.undo()
    assert len(workspace.dataset.annotations) == 400


def test_a_rectangle_beside_a_polygon_but_over_its_box_does_not_select_it(workspace: Workspace) -> None:
    x0, y0 = 9500.0, 9500.0
    rows = workspace.shown.touching(x0, y0, x0 + 2, y0 + 2)
    assert rows.tolist() == []
    assert workspace.shown.touching(x0 + 8, y0, x0 + 12, y0 + 4).tolist() == [row_of(workspace, 1)]


def counted(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """Count annotations whose outlines are decoded, and those that are asked for by place."""
    counts, places = {"decoded": 0, "asked": 0, "asked again": 0, "whole image": 0}, []
    decode, query = outline_lines.loops_of, shown.SpatialIndex.query
    everything = Annotations.rows_of_image

    def counting_decode(dataset: Any, rows: Any, *more: Any) -> Any:
        counts["decoded"] += len(rows)
        return decode(dataset, rows, *more)

    def counting_query(self: Any, *rectangle: float) -> Any:
        found = query(self, *rectangle)
        counts["asked again"] += rectangle in places
        places.append(rectangle)
        counts["asked"] += len(found)
        return found

    def counting_all(self: Any, image: int) -> Any:
        counts["whole image"] += 1
        return everything(self, image)

    monkeypatch.setattr(outline_lines, "loops_of", counting_decode)
    monkeypatch.setattr(Annotations, "rows_of_image", counting_all)
    monkeypatch.setattr(shown.SpatialIndex, "query", counting_query)
    return counts


def test_views_and_edits_cost_the_same_whatever_lies_outside_the_view(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    costs = []
    for count in (150, 5_000):
        folder = tmp_path / str(count)
        folder.mkdir()
        workspace = opened(folder, count, "polygon")
        look_at(workspace, 10_000, 10_000, 1)
        with monkeypatch.context() as patch:
            counts = counted(patch)
            look_at(workspace, 10_500, 10_200, 1)
            for edit in edits_of(workspace):
                workspace.apply(edit)
            for _ in range(5):
                workspace.undo()
            workspace.picking.row_at(9510, 9910)
            workspace.select([row_of(workspace, 3)])
            workspace.delete_selection()
            assert counts["whole image"] == 0
        costs.append(counts)
        workspace.close()
        workspace.session.close(discard=True)
    assert costs[0] == costs[1]


def test_the_name_of_what_is_under_the_cursor_is_shown(workspace: Workspace) -> None:
    look_at(workspace, 10_000, 10_000, 1)
    workspace.set_tool("select")
    move = read_only_mouse_event(type="mouse_move", is_dragging=False, position=(9510, 9910), modifiers=())
    for callback in workspace.viewer.mouse_move_callbacks:
        callback(workspace.viewer, move)
    assert workspace.objects.names.overlay.names == ["cell 5"]
    away = read_only_mouse_event(type="mouse_move", is_dragging=False, position=(9560, 9960), modifiers=())
    for callback in workspace.viewer.mouse_move_callbacks:
        callback(workspace.viewer, away)
    assert workspace.objects.names.overlay.names == []


def test_the_overlay_is_as_opaque_as_its_layer(workspace: Workspace) -> None:
    workspace.objects.layer.opacity = 0.4
    assert workspace.objects.outlines.lines.overlay.opacity == 0.4
    assert workspace.objects.outlines.picture.opacity == 0.4


def test_outlines_of_small_objects_are_learnt_once(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits(workspace, monkeypatch, 1, 10_000)
    look_at(workspace, 10_000, 10_000, 0.5)
    small = workspace.objects.outlines.pictures.small
    assert small is not None
    rows = workspace.shown.query(9400, 9400, 10_600, 10_600)
    assert (workspace.dataset.annotations.kind[rows] == Kind.POLYGON).all()
    assert small.knows(rows).all()
    exact = workspace.dataset.geometry(int(rows[0])).parts_xy[0]
    np.testing.assert_allclose(small.loops(rows[:1]).points_xy, exact, atol=30 / 255)


def test_the_window_of_masks_stays_where_it_is_while_there_are_none_and_nobody_paints(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    look_at(workspace, 10_000, 10_000, 1)
    view, layers = workspace.masks.view, workspace.viewer.layers
    before = view.window
    look_at(workspace, 4_000, 4_000, 1)
    assert view.window == before
    layers.selection.active = workspace.masks.layer
    look_at(workspace, 4_000, 4_100, 1)
    y0, x0, y1, x1 = view.window
    assert y0 < 4_100 < y1
    assert x0 < 4_000 < x1
    layers.selection.active = workspace.objects.layer
    workspace.apply(AddObject(Rows([0]), Rows([1]), Mask(square_mask(10_000, 10_000))))
    look_at(workspace, 10_000, 10_000, 1)
    assert view.data.any()


def square_mask(x: int, y: int) -> Rle:
    """Return a mask of 20 by 20 pixels in the picture."""
    columns = np.arange(x, x + 20)
    starts = columns * SIDE + y
    return Rle.from_edges(np.stack([starts, starts + 20], axis=1).ravel(), SIDE, SIDE)
