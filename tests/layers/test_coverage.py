"""What was viewed of a large picture: the camera, the places, the regions, and how they are drawn."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from napari.components import ViewerModel

from napari_labeltool.core.edits import AddRegion
from napari_labeltool.layers import coverage as coverage_module
from napari_labeltool.layers.coverage import REST_SECONDS, Coverage
from napari_labeltool.layers.coverage_marks import mark_selection, mark_view, mark_whole, remove_region
from napari_labeltool.layers.coverage_route import go_on
from napari_labeltool.layers.coverage_view import CoverageView
from napari_labeltool.layers.workspace import Workspace
from napari_labeltool.session import open_session

pytestmark = pytest.mark.viewer
HEIGHT, WIDTH = 4000, 6000
RESTED = REST_SECONDS + 0.01


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(coverage_module, "time", made)
    return made


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pictures")
    tifffile.imwrite(folder / "large.tif", np.zeros((HEIGHT, WIDTH), np.uint8))
    tifffile.imwrite(folder / "small.tif", np.zeros((60, 80), np.uint8))
    tifffile.imwrite(
        folder / "scaled.ome.tif",
        np.zeros((HEIGHT, WIDTH), np.uint8),
        metadata={"axes": "YX", "PhysicalSizeX": 0.25, "PhysicalSizeY": 0.25},
    )
    return folder


@pytest.fixture
def workspace(tmp_path: Path, pictures: Path) -> Iterator[Workspace]:
    sizes = {"large.tif": (HEIGHT, WIDTH), "small.tif": (60, 80), "scaled.ome.tif": (HEIGHT, WIDTH)}
    document = {
        "images": [
            {"id": n, "file_name": name, "height": h, "width": w}
            for n, (name, (h, w)) in enumerate(sizes.items(), 1)
        ],
        "categories": [{"id": 7, "name": "cell"}],
        "annotations": [
            {"id": 1, "image_id": 1, "category_id": 7, "bbox": [100, 200, 300, 400], "area": 120000},
            {
                "id": 2, "image_id": 1, "category_id": 7, "bbox": [0, 0, 50, 50], "area": 1250,
                "segmentation": [[0, 0, 50, 0, 50, 50]],
            },
        ],
    }  # fmt: skip
    path = tmp_path / "labels.json"
    path.write_text(json.dumps(document))
    session = open_session(path, author="anna", roots=[pictures])
    viewer = ViewerModel()
    viewer.canvas.size = (600, 800)
    made = Workspace(session, viewer)
    made.show_image(0)
    yield made
    made.close()
    session.close()


@pytest.fixture
def coverage(workspace: Workspace, clock: Clock) -> Iterator[Coverage]:
    made = Coverage(workspace)
    yield made
    made.close()


def rest(coverage: Coverage, clock: Clock, x: float, y: float, zoom: float) -> None:
    coverage.camera.look_at(x, y, zoom)
    clock.now += RESTED
    coverage.take_rest()


def said(workspace: Workspace) -> list[str]:
    sentences: list[str] = []
    workspace.message.connect(lambda severity, sentence: sentences.append(sentence))
    return sentences


def counted(coverage: Coverage) -> int:
    assert coverage.viewed is not None
    return coverage.viewed.count


def test_a_rest_at_working_zoom_counts_and_what_was_in_view(coverage: Coverage, clock: Clock) -> None:
    rest(coverage, clock, 3000, 2000, 0.5)
    left, top, right, bottom = coverage.rectangle()
    assert (left, top, right, bottom) == pytest.approx((2200, 1400, 3800, 2600))
    assert coverage.viewed is not None
    grid = coverage.viewed.grid
    y, x = np.meshgrid(grid.centres_y, grid.centres_x, indexing="ij")
    np.testing.assert_array_equal(
        coverage.viewed.tiles, (x >= left) & (x < right) & (y >= top) & (y < bottom)
    )
    assert coverage.fraction == pytest.approx(1600 * 1200 / (HEIGHT * WIDTH), rel=0.1)


def test_flying_over_and_looking_from_far_do_not_count(coverage: Coverage, clock: Clock) -> None:
    for x in range(500, 5500, 100):
        coverage.camera.look_at(x, 2000, 0.6)
        clock.now += REST_SECONDS / 2
        coverage.take_rest()
    rest(coverage, clock, 3000, 2000, 0.49)
    assert counted(coverage) == 0


def test_a_rest_counts_at_the_next_move_without_any_timer(coverage: Coverage, clock: Clock) -> None:
    coverage.camera.look_at(3000, 2000, 0.5)
    clock.now += RESTED
    assert counted(coverage) == 0
    coverage.camera.look_at(800, 800)
    assert coverage.viewed_part((2300, 1500, 3700, 2500)) == 1
    assert coverage.viewed_part((0, 0, 1600, 1400)) == 0


def test_a_picture_that_is_moved_below_the_camera_counts_only_where_the_camera_rested(
    workspace: Workspace, coverage: Coverage, clock: Clock
) -> None:
    coverage.camera.look_at(800, 800, 0.5)
    clock.now += RESTED
    told: list[int] = []
    coverage.moved.connect(lambda: told.append(1))
    workspace.pictures.layers[0].translate = (-2000, -4000)
    assert told
    assert coverage.viewed_part((0, 200, 1600, 1400)) == 1
    before = counted(coverage)
    assert coverage.rectangle()[:2] == pytest.approx((4000, 2200))
    coverage.camera.look_at(1000, 1000)
    assert counted(coverage) == before


def test_physical_pixels_make_no_difference(workspace: Workspace, coverage: Coverage, clock: Clock) -> None:
    rest(coverage, clock, 3000, 2000, 0.5)
    expected = counted(coverage)
    workspace.show_image(2)
    assert workspace.pictures.transform.scale[0] == 0.25
    assert counted(coverage) == 0
    rest(coverage, clock, 3000, 2000, 0.5)
    assert coverage.zoom == pytest.approx(0.5)
    assert counted(coverage) == expected


def test_a_small_picture_is_not_followed(workspace: Workspace, coverage: Coverage) -> None:
    emitters = (workspace.viewer.scene.camera.events.zoom, workspace.viewer.scene.camera.events.center)
    followed = [len(emitter.callbacks) for emitter in emitters]
    workspace.show_image(1)
    assert not coverage.is_large
    assert [len(emitter.callbacks) for emitter in emitters] == [count - 1 for count in followed]
    assert not go_on(coverage)
    assert coverage.fraction == 1
    workspace.show_image(0)
    assert coverage.is_large
    assert [len(emitter.callbacks) for emitter in emitters] == followed


def test_a_larger_canvas_can_show_all(workspace: Workspace, coverage: Coverage, clock: Clock) -> None:
    rest(coverage, clock, 3000, 2000, 0.5)
    before = counted(coverage)
    workspace.viewer.canvas.size = (3000, 3000)
    assert not coverage.is_large
    workspace.viewer.canvas.size = (600, 800)
    assert counted(coverage) == before


def test_views_of_an_image_wait_until_it_is_shown_again(
    workspace: Workspace, coverage: Coverage, clock: Clock
) -> None:
    rest(coverage, clock, 3000, 2000, 0.5)
    before = counted(coverage)
    workspace.show_image(2)
    workspace.show_image(0)
    assert counted(coverage) == before
    coverage.close()
    again = Coverage(workspace)
    assert counted(again) == before
    again.close()


def test_going_on_visits_everything_once_to_and_fro(coverage: Coverage, clock: Clock) -> None:
    places = []
    while go_on(coverage):
        clock.now += RESTED
        coverage.take_rest()
        left, top, right, bottom = coverage.rectangle()
        places.append(((left + right) / 2, (top + bottom) / 2))
        assert coverage.zoom == pytest.approx(0.5)
        assert len(places) <= 20
    assert coverage.fraction == 1
    assert len(places) == 16
    steps = np.diff(np.array(places), axis=0)
    assert (np.count_nonzero(np.abs(steps) > 1, axis=1) == 1).sum() >= 14  # one neighbour to the next


def test_going_on_skips_what_was_viewed_and_background(coverage: Coverage, clock: Clock) -> None:
    assert coverage.viewed is not None
    coverage.viewed.mark((0, 0, WIDTH, 3000))
    coverage.empty = np.zeros_like(coverage.viewed.tiles)
    coverage.empty[:, 30:] = True
    assert go_on(coverage)
    assert coverage.rectangle()[3] > 3000
    assert coverage.rectangle()[0] < 30 * 64
    coverage.viewed.mark((0, 0, 30 * 64, HEIGHT))
    assert coverage.fraction == 1
    assert not go_on(coverage)


def test_going_on_keeps_a_zoom_that_is_near_the_working_zoom(coverage: Coverage) -> None:
    coverage.camera.look_at(100, 100, 1.0)
    assert go_on(coverage)
    assert coverage.zoom == pytest.approx(1.0)
    coverage.camera.look_at(100, 100, 30.0)
    assert go_on(coverage)
    assert coverage.zoom == pytest.approx(0.5)


def test_going_back_is_the_way_forward_reversed(coverage: Coverage) -> None:
    assert go_on(coverage)
    first = coverage.rectangle()
    assert go_on(coverage)
    assert coverage.rectangle() != first
    assert go_on(coverage, -1)
    assert coverage.rectangle() == pytest.approx(first)


def test_the_chosen_working_zoom_counts(coverage: Coverage, clock: Clock) -> None:
    coverage.set_working_zoom(0.2)
    rest(coverage, clock, 3000, 2000, 0.2)
    assert coverage.fraction == 1  # clipped to the picture
    coverage.mark_all(False)
    coverage.set_working_zoom(None)
    rest(coverage, clock, 2000, 2000, 0.2)
    assert coverage.fraction == 0
    coverage.mark_all(True)
    assert coverage.fraction == 1


def test_a_move_of_the_camera_costs_a_small_part_of_a_millisecond(coverage: Coverage) -> None:
    costs = []
    for _ in range(200):
        begin = time.thread_time_ns()
        coverage._on_move()
        costs.append(time.thread_time_ns() - begin)
    assert statistics.median(costs) < 100_000


def test_views_are_written_some_seconds_later_with_the_next_one(coverage: Coverage, clock: Clock) -> None:
    rest(coverage, clock, 1000, 1000, 0.5)
    assert not coverage.store.path.exists()
    coverage.store._dirty_since = time.monotonic() - 10
    rest(coverage, clock, 3000, 1000, 0.5)
    coverage.store.write(wait=True)
    assert coverage.store.path.exists()


def test_that_nothing_is_kept_is_said_once(tmp_path: Path, pictures: Path, clock: Clock) -> None:
    path = tmp_path / "labels.json"
    image = {"id": 1, "file_name": "large.tif", "height": HEIGHT, "width": WIDTH}
    path.write_text(json.dumps({"images": [image], "annotations": [], "categories": []}))
    session = open_session(path, read_only=True, roots=[pictures])
    workspace = Workspace(session, ViewerModel())
    workspace.show_image(0)
    sentences = said(workspace)
    coverage = Coverage(workspace)
    rest(coverage, clock, 1000, 1000, 0.5)
    rest(coverage, clock, 4000, 3000, 0.5)
    assert len([sentence for sentence in sentences if "not remembered" in sentence]) == 1
    coverage.close()
    workspace.close()
    session.close()


# -- regions
def test_the_view_becomes_a_region_within_the_picture(
    workspace: Workspace, coverage: Coverage, clock: Clock
) -> None:
    rest(coverage, clock, 500, 400, 0.5)
    sentences = said(workspace)
    assert mark_view(coverage, category=0)
    (region,) = coverage.regions
    assert region.bbox_xywh == (0, 0, 1300, 1000)
    assert (region.author, region.categories) == ("anna", (7,))
    assert region.date.startswith("20")
    assert sentences == []
    workspace.undo()
    assert coverage.regions == ()


def test_a_region_that_was_not_viewed_is_marked_with_a_warning(
    workspace: Workspace, coverage: Coverage, clock: Clock
) -> None:
    sentences = said(workspace)
    assert mark_whole(coverage)
    assert sentences == [
        "Marked as exhaustively labelled. 100 % of it was not viewed at working zoom (50 %)."
    ]
    assert remove_region(coverage, 0)
    assert coverage.regions == ()
    coverage.camera.look_at(-5000, -5000)
    assert not mark_view(coverage)
    assert "Nothing of the picture" in sentences[-1]


def test_selected_boxes_and_polygons_become_regions_in_one_step(
    workspace: Workspace, coverage: Coverage
) -> None:
    sentences = said(workspace)
    assert not mark_selection(coverage)
    assert sentences == ["Select a box or a polygon first: it becomes the outline of the region."]
    workspace.select((0, 1))
    assert mark_selection(coverage)
    assert [region.bbox_xywh for region in coverage.regions] == [(100, 200, 300, 400), (0, 0, 50, 50)]
    assert workspace.session.undo_label == "Mark 2 regions of large.tif as exhaustively labelled"
    workspace.undo()
    assert coverage.regions == ()
    assert len(workspace.dataset.annotations) == 2


def test_regions_of_a_small_picture_are_known_too(workspace: Workspace, coverage: Coverage) -> None:
    workspace.show_image(1)
    assert mark_whole(coverage)
    assert coverage.regions[0].bbox_xywh == (0, 0, 80, 60)
    workspace.show_image(0)
    assert coverage.regions == ()
    workspace.undo()
    assert workspace.image == 1
    assert coverage.regions == ()


# -- what is drawn
@pytest.fixture
def view(coverage: Coverage) -> Iterator[CoverageView]:
    made = CoverageView(coverage)
    yield made
    made.close()


def test_the_veil_lies_on_what_was_not_viewed(view: CoverageView, clock: Clock) -> None:
    coverage = view.coverage
    assert view.veil.rgba is None
    coverage.set_shaded(True)
    rest(coverage, clock, 3000, 2000, 0.5)
    assert coverage.viewed is not None
    assert view.veil.rgba is not None
    np.testing.assert_array_equal(view.veil.rgba[..., 3] > 0, ~coverage.viewed.tiles)
    coverage.mark_all(True)
    assert view.veil.rgba is None
    coverage.mark_all(False)
    coverage.workspace.show_image(1)
    assert view.veil.rgba is None
    coverage.workspace.show_image(0)
    assert view.veil.rgba is not None
    coverage.set_shaded(False)
    assert view.veil.rgba is None


def test_regions_are_outlined_with_strokes_inside(view: CoverageView, workspace: Workspace) -> None:
    view.coverage.camera.look_at(2000, 2000, 0.5)
    for corners in ([(100, 100), (900, 100), (900, 700)], [(900, 700), (900, 100), (100, 100)]):
        workspace.apply(AddRegion(1, corners))
        segments = view.outlines.segments_xy
        outline, strokes = segments[:3], segments[3:]
        np.testing.assert_allclose(outline[:, 0] + 0.5, corners)
        lengths = np.hypot(*(strokes[:, 1] - strokes[:, 0]).T)
        np.testing.assert_allclose(lengths, 16, rtol=1e-3)
        tips = strokes[:, 1] + 0.5
        inside = (
            (tips[:, 1] > 100) & (tips[:, 0] < 900) & ((tips[:, 0] - 100) * 600 > (tips[:, 1] - 100) * 800)
        )
        assert inside.mean() > 0.95
        workspace.undo()
        assert len(view.outlines.segments_xy) == 0


def test_strokes_stay_as_long_on_the_screen(view: CoverageView, workspace: Workspace) -> None:
    workspace.apply(AddRegion(1, [(0, 0), (WIDTH, 0), (WIDTH, HEIGHT), (0, HEIGHT)]))
    for zoom in (0.1, 1, 40):
        view.coverage.camera.look_at(2000, 2000, zoom)
        strokes = view.outlines.segments_xy[4:]
        assert np.hypot(*(strokes[0, 1] - strokes[0, 0])) * zoom == pytest.approx(8, rel=0.4)
        assert len(strokes) <= 3001


def test_the_drawing_follows_the_objects_layer(view: CoverageView, workspace: Workspace) -> None:
    view.coverage.set_shaded(True)
    before: Any = workspace.objects.layer
    workspace.viewer.layers.remove(before)
    workspace.restore_layers()
    assert workspace.objects.layer is not before
    view.coverage.mark_all(False)
    hung = workspace.objects.layer._overlays
    assert any(overlay is view.veil for overlay in hung.values())
    view.close()
    assert not any(overlay is view.veil for overlay in hung.values())
