"""Very many annotations with keypoints: what is drawn, what the layer holds, and what edits cost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from napari.utils._test_utils import read_only_mouse_event
from napari.utils.interactions import mouse_move_callbacks, mouse_press_callbacks, mouse_release_callbacks
from workspace_cases import open_workspace, record, row_of

from napari_labeltool.core.annotations import Annotations
from napari_labeltool.core.edits import AddObject, DeleteObjects, Relabel, Rows, SetKeypoints
from napari_labeltool.layers import keypoints_lines, keypoints_view
from napari_labeltool.layers.options import Options
from napari_labeltool.layers.workspace import Workspace

SIDE = 20_000
pytestmark = pytest.mark.viewer


def scene(count: int) -> dict[str, Any]:
    """Return flies in a lattice near the middle, 100 pixels apart, half of them without a box; others far off."""
    rng = np.random.default_rng(5)
    places = [(9500 + 100 * (i % 10), 9500 + 100 * (i // 10)) for i in range(min(count, 100))]
    places += [tuple(rng.integers(0, 8000, 2).tolist()) for _ in range(count - len(places))]
    annotations: list[dict[str, Any]] = []
    for number, (x, y) in enumerate(places):
        annotations.append(
            {
                "id": number + 1, "image_id": 1, "category_id": 1 + number % 2, "iscrowd": 0,
                "keypoints": [x, y, 2, x + 20, y, 1, x + 20, y + 30, 2 * (number % 3 > 0)],
            }
        )  # fmt: skip
        if number % 4 < 2:
            annotations[-1] |= {"bbox": [x, y, 20, 30], "area": 600}
    names = {"keypoints": ["head", "body", "tail"], "skeleton": [[1, 2], [2, 3]]}
    return {
        "images": [{"id": 1, "file_name": "far_away.png", "width": SIDE, "height": SIDE}],
        "categories": [
            {"id": 1, "name": "fly", **names}, {"id": 2, "name": "bee", **names}, {"id": 3, "name": "nothing"}
        ],
        "annotations": annotations,
    }  # fmt: skip


def opened(folder: Path, count: int, limit: int = 5) -> Workspace:
    folder.mkdir(exist_ok=True)
    workspace = open_workspace(folder, scene(count), options=Options(promote_limit=limit))
    workspace.viewer.canvas.size = (600, 800)
    look_at(workspace, 9700, 9700, 1)
    workspace.set_tool("select")
    return workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    workspace = opened(tmp_path, 100)
    yield workspace
    workspace.close()
    workspace.session.close(discard=True)


def look_at(workspace: Workspace, x: float, y: float, zoom: float) -> None:
    camera = workspace.viewer.scene.camera
    camera.zoom = zoom
    camera.center = (0.0, y, x)


def drag(workspace: Workspace, *path_yx: tuple[float, float], keys: tuple[str, ...] = ()) -> None:
    """Drag as napari's canvas does: the viewer's callbacks, then those of the layer that is active then."""
    steps = [("mouse_press", path_yx[0]), *(("mouse_move", place) for place in path_yx[1:])]
    calls = {
        "mouse_press": mouse_press_callbacks,
        "mouse_move": mouse_move_callbacks,
        "mouse_release": mouse_release_callbacks,
    }
    for kind, place in [*steps, ("mouse_release", path_yx[-1])]:
        event = read_only_mouse_event(
            type=kind, is_dragging=kind == "mouse_move", position=place, modifiers=keys, dims_displayed=(0, 1),
            view_direction=None, up_direction=None, button=1,
        )  # fmt: skip
        calls[kind](workspace.viewer, event)
        calls[kind](workspace.viewer.layers.selection.active, event)


def held_ids(workspace: Workspace) -> set[int]:
    return {workspace.dataset.annotations.id_of(row) for row in workspace.keypoints.view.rows()}


def drawn_ids(workspace: Workspace) -> set[int]:
    return {workspace.dataset.annotations.id_of(row) for row in workspace.keypoints.lines.shown_rows.tolist()}


def assert_all_is_shown_once(workspace: Workspace) -> None:
    """Check that each annotation around the view is in the layer or drawn, as the dataset has it now."""
    binding = workspace.keypoints
    x0, y0, x1, y1 = binding.lines._window
    view, wanted = binding.view, {}
    for row in workspace.dataset.annotations.rows().tolist():
        if workspace.shown.passes_one(row):
            wanted |= view.items([row])
    rows = {row for row, _ in view.known}
    assert view.known.keys() == {key for key in wanted if key[0] in rows}
    for position, key in zip(binding.layer.data, view.known):
        assert np.array_equal(position, wanted[key].position_yx)
    points = binding.lines._points
    drawn = {
        (row, index): (x, y, v)
        for row, index, (x, y, v) in zip(points.owner.tolist(), points.index.tolist(), points.xyv.tolist())
        if row not in rows
    }
    near = {
        key: (*item.position_yx[::-1].tolist(), item.visibility)
        for key, item in wanted.items()
        if key[0] not in rows and x0 < item.position_yx[1] < x1 and y0 < item.position_yx[0] < y1
    }
    assert near.items() <= drawn.items()
    assert drawn.keys() <= wanted.keys()


def test_the_layer_is_empty_and_marks_and_edges_are_drawn(workspace: Workspace) -> None:
    lines = workspace.keypoints.lines
    assert len(workspace.keypoints.layer.data) == 0
    look_at(workspace, 9510, 9510, 40)
    lines.load()
    assert drawn_ids(workspace) == {1}
    segments = lines.overlay.segments_xy
    # the tail of number 1 is not labelled but has a place: edge, cross, diamond, plus
    assert len(segments) == 1 + 2 + 4 + 2
    assert segments[0].tolist() == [[9500, 9500], [9520, 9500]]
    assert_all_is_shown_once(workspace)


def test_an_image_with_few_is_in_the_layer_whole(tmp_path: Path) -> None:
    workspace = opened(tmp_path, 5)
    assert len(workspace.keypoints.layer.data) == 15
    assert len(workspace.keypoints.lines.overlay.segments_xy) == 0
    workspace.close()
    workspace.session.close(discard=True)


@pytest.mark.parametrize("number", [2, 4])
def test_a_point_that_is_only_drawn_is_dragged_in_one_press(workspace: Workspace, number: int) -> None:
    x = 9500 + 100 * (number - 1)
    before = record(workspace, number)["keypoints"]
    drag(workspace, (9500, x + 20), (9505, x + 25), (9510, x + 30))
    after = record(workspace, number)["keypoints"]
    assert after == [*before[:3], x + 30, 9510, 1, *before[6:]]
    assert held_ids(workspace) == {number}
    assert workspace.selection == (row_of(workspace, number),)
    assert_all_is_shown_once(workspace)
    workspace.undo()
    assert not workspace.dataset.is_changed()
    assert_all_is_shown_once(workspace)


def test_pressing_another_point_lets_the_one_before_go(workspace: Workspace) -> None:
    drag(workspace, (9500, 9520))
    drag(workspace, (9500, 9620))
    drag(workspace, (9500, 9720))
    assert workspace.selection == (row_of(workspace, 3),)
    assert len(held_ids(workspace)) <= 2
    drag(workspace, (9500, 9820), keys=("Shift",))
    assert workspace.selection == (row_of(workspace, 3), row_of(workspace, 4))
    assert_all_is_shown_once(workspace)


def test_a_selection_is_in_the_layer_unless_it_is_too_large(workspace: Workspace) -> None:
    workspace.select(row_of(workspace, number) for number in (1, 2, 3))
    assert held_ids(workspace) == {1, 2, 3}
    assert drawn_ids(workspace).isdisjoint({1, 2, 3})
    workspace.select(row_of(workspace, number) for number in range(1, 8))
    assert held_ids(workspace) == set()
    colors = workspace.keypoints.lines.overlay._colors
    assert (colors == 1).all(1).any()
    workspace.select(())
    assert not (workspace.keypoints.lines.overlay._colors == 1).all(1).any()


def test_a_hidden_class_is_neither_drawn_nor_found(workspace: Workspace) -> None:
    assert workspace.keypoints.point_at(9500, 9520, 1) == (row_of(workspace, 1), 1)
    workspace.set_category_visible(0, False)
    assert workspace.keypoints.point_at(9500, 9520, 1) is None
    assert drawn_ids(workspace)
    assert all(number % 2 == 0 for number in drawn_ids(workspace))
    workspace.set_category_visible(0, True)
    assert workspace.keypoints.point_at(9500, 9520, 1) == (row_of(workspace, 1), 1)


def test_placing_makes_a_new_object_and_goes_on_with_it(workspace: Workspace) -> None:
    workspace.set_category(0)
    workspace.set_tool("keypoints")
    for position in ([9550, 9550], [9552, 9560], [9554, 9570]):
        workspace.keypoints.layer.add(np.array([position]))
    assert record(workspace, 101)["keypoints"] == [9550, 9550, 2, 9560, 9552, 2, 9570, 9554, 2]
    assert held_ids(workspace) == {101}
    assert_all_is_shown_once(workspace)
    for _ in range(3):
        workspace.undo()
        assert_all_is_shown_once(workspace)
    assert not workspace.dataset.is_changed()


def test_the_next_image_lets_all_go(workspace: Workspace) -> None:
    workspace.select([row_of(workspace, 1)])
    workspace.show_image(0, again=True)
    assert held_ids(workspace) == set()
    assert_all_is_shown_once(workspace)


def test_too_many_points_in_view_are_not_drawn_but_objects_without_a_box_are_marked(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keypoints_lines, "MOST_SEGMENTS", 200)
    workspace.keypoints.lines.load()
    assert workspace.keypoints.lines.mode == "middles"
    assert drawn_ids(workspace)
    assert all((number - 1) % 4 >= 2 for number in drawn_ids(workspace))
    assert workspace.keypoints.point_at(9500, 9520, 1) is None
    workspace.apply(DeleteObjects(Rows([row_of(workspace, 3)])))
    assert 3 not in drawn_ids(workspace)
    workspace.undo()
    assert 3 in drawn_ids(workspace)
    look_at(workspace, 9510, 9510, 40)
    assert workspace.keypoints.lines.mode == "points"


def edits_of(workspace: Workspace) -> Iterator[Any]:
    moved = np.array([[9640.0, 9520, 2], [9650, 9525, 2], [0, 0, 0]])
    yield SetKeypoints(Rows([row_of(workspace, 12)]), moved)
    yield SetKeypoints(Rows([row_of(workspace, 15)]), moved + np.array([30, 30, 0]))
    yield Relabel(Rows([row_of(workspace, 17)]), Rows([1]))
    yield DeleteObjects(Rows([row_of(workspace, 16)]))
    yield AddObject(Rows([0]), Rows([1]), keypoints=moved + np.array([60, 60, 0]))


def test_after_edits_and_undo_all_is_shown_once(workspace: Workspace) -> None:
    workspace.select([row_of(workspace, 12)])
    for edit in edits_of(workspace):
        assert workspace.apply(edit) is not None
        assert_all_is_shown_once(workspace)
    for _ in range(5):
        workspace.undo()
        assert_all_is_shown_once(workspace)
    assert not workspace.dataset.is_changed()


def scripted(workspace: Workspace) -> list[dict[str, Any]]:
    rng = np.random.default_rng(3)
    for number in rng.integers(1, 30, 12).tolist():
        row = row_of(workspace, number)
        x, y = workspace.dataset.keypoints(row)[0, :2].tolist()
        drag(workspace, (y, x), (y + 3, x + 4), (y + 13, x + 14))
        workspace.keypoints.set_visibility(int(rng.integers(1, 3)))
        if number % 5 == 0:
            workspace.keypoints.layer.remove_selected()
        if number % 3 == 0:
            workspace.undo()
    for edit in edits_of(workspace):
        workspace.apply(edit)
    workspace.select([row_of(workspace, 1)])
    workspace.set_tool("keypoints")
    workspace.keypoints.layer.add(np.array([[9555.0, 9556.0]]))
    return [dict(workspace.dataset.annotations.record(row)) for row in workspace.dataset.annotations.rows()]


def test_scripted_edits_give_what_they_give_when_all_is_in_the_layer(tmp_path: Path) -> None:
    results = []
    for limit in (5, 1000):
        workspace = opened(tmp_path / str(limit), 100, limit)
        assert workspace.keypoints.whole == (limit == 1000)
        results.append(scripted(workspace))
        assert workspace.dataset.is_changed()
        workspace.close()
        workspace.session.close(discard=True)
    assert results[0] == results[1]


def counted(patch: pytest.MonkeyPatch) -> dict[str, int]:
    """Count annotations whose keypoints are decoded, and questions for all annotations of the image."""
    counts = {"drawn": 0, "in the layer": 0, "whole image": 0}
    decode, points_of = keypoints_lines.placed_keypoints, keypoints_view.points_of
    everything = Annotations.rows_of_image

    def counting_decode(dataset: Any, rows: Any) -> Any:
        counts["drawn"] += len(rows)
        return decode(dataset, rows)

    def counting_points(dataset: Any, row: int) -> Any:
        counts["in the layer"] += 1
        return points_of(dataset, row)

    def counting_all(self: Any, image: int) -> Any:
        counts["whole image"] += 1
        return everything(self, image)

    patch.setattr(keypoints_lines, "placed_keypoints", counting_decode)
    patch.setattr(keypoints_view, "points_of", counting_points)
    patch.setattr(Annotations, "rows_of_image", counting_all)
    return counts


def test_views_and_edits_cost_the_same_whatever_lies_outside_the_view(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    costs = []
    for count in (150, 5_000):
        workspace = opened(tmp_path / str(count), count)
        with monkeypatch.context() as patch:
            counts = counted(patch)
            look_at(workspace, 10_300, 10_200, 1)
            look_at(workspace, 9700, 9700, 1)
            drag(workspace, (9500, 9520), (9505, 9525))
            for edit in edits_of(workspace):
                workspace.apply(edit)
            for _ in range(6):
                workspace.undo()
            assert not workspace.dataset.is_changed()
            assert counts["whole image"] == 0
        costs.append(counts)
        workspace.close()
        workspace.session.close(discard=True)
    assert costs[0] == costs[1]
    assert costs[0]["in the layer"] > 0
