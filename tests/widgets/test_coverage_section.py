"""The section Coverage without a window: what it shows and what its buttons do."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from napari.components import ViewerModel
from qtpy.QtCore import QPoint, QPointF, Qt

from napari_labeltool.core.edits import AddRegion
from napari_labeltool.layers.workspace import Workspace
from napari_labeltool.session import open_session
from napari_labeltool.widgets.collapsible import Collapsible
from napari_labeltool.widgets.coverage_section import CoverageSection
from napari_labeltool.widgets.coverage_texts import percent, zoom_words
from napari_labeltool.widgets.coverage_watch import end_watch, watch_of

pytestmark = pytest.mark.viewer
HEIGHT, WIDTH = 3000, 4000


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    picture = np.full((HEIGHT, WIDTH), 245, np.uint8)
    picture[1000:1400, 1000:1800] = 90
    tifffile.imwrite(tmp_path / "large.tif", picture)
    tifffile.imwrite(tmp_path / "small.tif", np.zeros((60, 80), np.uint8))
    sizes = {"large.tif": (HEIGHT, WIDTH), "small.tif": (60, 80)}
    content = {
        "images": [
            {"id": n, "file_name": name, "height": h, "width": w}
            for n, (name, (h, w)) in enumerate(sizes.items(), 1)
        ],
        "categories": [{"id": 7, "name": "cell"}],
        "annotations": [
            {"id": 1, "image_id": 1, "category_id": 7, "bbox": [100, 200, 300, 400], "area": 120000}
        ],
    }
    path = tmp_path / "labels.json"
    path.write_text(json.dumps(content))
    session = open_session(path, author="anna")
    viewer = ViewerModel()
    viewer.canvas.size = (600, 800)
    made = Workspace(session, viewer)
    made.show_image(0)
    yield made
    end_watch(viewer)
    made.close()
    session.close()


@pytest.fixture
def section(qtbot: Any, workspace: Workspace) -> Iterator[CoverageSection]:
    made = CoverageSection()
    frame = Collapsible("Coverage", made)
    qtbot.addWidget(frame)
    frame.resize(320, 400)
    made.set_workspace(workspace)
    frame.show()
    qtbot.waitUntil(lambda: made.map.overview is not None)
    yield made
    frame.close()


def frame_of(section: CoverageSection) -> Collapsible:
    frame = section.parentWidget()
    assert isinstance(frame, Collapsible)
    return frame


def coverage_of(section: CoverageSection) -> Any:
    assert section.watch is not None
    return section.watch.coverage


def test_the_section_is_there_for_large_pictures_and_those_with_regions(
    section: CoverageSection, workspace: Workspace
) -> None:
    assert frame_of(section).isVisible()
    assert frame_of(section).header.text() == "Coverage: 0 % viewed"
    workspace.show_image(1)
    assert not frame_of(section).isVisible()
    workspace.apply(AddRegion(2, [(0, 0), (9, 0), (9, 9)]))
    assert frame_of(section).isVisible()
    assert not section.next.isVisible()
    assert section.regions.regions.count() == 1
    workspace.show_image(0)
    assert section.next.isVisible()
    section.set_workspace(None)
    assert not frame_of(section).isVisible()


def test_a_view_that_rests_is_counted_and_told(section: CoverageSection, qtbot: Any) -> None:
    coverage = coverage_of(section)
    coverage.camera.look_at(1000, 1000, 0.1)
    qtbot.waitUntil(lambda: section.words.text() == "0 % viewed. Zoom in to 50 % for a view to count.")
    qtbot.mouseClick(section.next, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: coverage.fraction > 0, timeout=2000)
    assert section.words.text() == f"{percent(coverage.fraction)} viewed. Working zoom: 50 %."
    assert frame_of(section).header.text() == f"Coverage: {percent(coverage.fraction)} viewed"


def test_all_can_be_gone_through_with_the_button(section: CoverageSection, qtbot: Any) -> None:
    coverage = coverage_of(section)
    sentences: list[str] = []

    def note(severity: str, sentence: str) -> None:
        sentences.append(sentence)

    coverage.workspace.message.connect(note)
    for _ in range(20):
        section.next.click()
        coverage._moved_at -= 1
    assert coverage.fraction == 1
    assert sentences
    assert set(sentences) == {"All of this picture was viewed at working zoom."}


def test_views_are_forgotten_only_when_that_is_confirmed(section: CoverageSection) -> None:
    coverage = coverage_of(section)
    asked: list[str] = []

    def answer(yes: bool) -> Any:
        def confirm(parent: Any, text: str, action: str) -> bool:
            asked.append(action)
            return yes

        return confirm

    section.confirm = answer(False)
    section.mark_all(True)
    assert coverage.fraction == 0
    section.confirm = answer(True)
    section.mark_all(True)
    assert coverage.fraction == 1
    section.mark_all(False)
    assert coverage.fraction == 0
    assert asked == ["Mark as viewed", "Mark as viewed", "Forget"]


def test_empty_background_needs_not_be_viewed(section: CoverageSection) -> None:
    coverage = coverage_of(section)
    section.set_skips_empty(True)
    assert coverage.empty is not None
    grid = coverage.viewed.grid
    y, x = np.meshgrid(grid.centres_y, grid.centres_x, indexing="ij")
    thing = (y > 980) & (y < 1420) & (x > 980) & (x < 1820)
    assert not (coverage.empty & thing).any()
    assert coverage.empty.mean() > 0.8
    section.next.click()
    left, top, right, bottom = coverage.rectangle()
    assert left < 1800
    assert right > 1000
    assert top < 1400
    assert bottom > 1000
    section.set_skips_empty(False)
    assert coverage.empty is None


def test_the_map_goes_where_it_is_clicked(section: CoverageSection, qtbot: Any) -> None:
    coverage, rect = coverage_of(section), section.map.picture_rect()
    assert rect.width() / rect.height() == pytest.approx(WIDTH / HEIGHT)
    point = QPointF(rect.left() + rect.width() / 4, rect.top() + rect.height() / 2).toPoint()
    zoom = coverage.zoom
    qtbot.mouseClick(section.map, Qt.MouseButton.LeftButton, pos=point)
    left, top, right, bottom = coverage.rectangle()
    pixel = WIDTH / rect.width()
    assert (left + right) / 2 == pytest.approx(WIDTH / 4, abs=pixel)
    assert (top + bottom) / 2 == pytest.approx(HEIGHT / 2, abs=pixel)
    assert coverage.zoom == zoom
    qtbot.mouseDClick(section.map, Qt.MouseButton.LeftButton, pos=point)
    assert coverage.zoom == coverage.working_zoom
    qtbot.mouseClick(section.map, Qt.MouseButton.RightButton, pos=QPoint(1, 1))
    assert coverage.zoom == coverage.working_zoom


def test_the_map_is_grey_where_nothing_was_viewed(section: CoverageSection) -> None:
    coverage, rect = coverage_of(section), section.map.picture_rect()
    coverage.viewed.mark((0, 0, WIDTH, HEIGHT / 2))
    coverage.viewed_changed.emit()
    section.map.show_view(None)
    image = section.map.grab().toImage()
    x = round(rect.left() + 0.8 * rect.width())
    viewed = image.pixelColor(x, round(rect.top() + 0.25 * rect.height())).lightness()
    other = image.pixelColor(x, round(rect.top() + 0.75 * rect.height())).lightness()
    assert viewed > 235
    assert other < 190


def test_regions_are_marked_listed_shown_and_removed(
    section: CoverageSection, workspace: Workspace, qtbot: Any
) -> None:
    coverage, panel = coverage_of(section), section.regions
    assert not panel.regions.isVisible()
    assert not panel.mark_selected.isEnabled()
    workspace.select((0,))
    panel.mark_selected.click()
    assert panel.heading.text() == "Exhaustively labelled: 1 % of the picture"
    workspace.set_category(0, relabel=False)
    section.menu.fill()
    next(a for a in section.menu.actions() if a.text().startswith("Mark regions for")).trigger()
    coverage.camera.look_at(2000, 1500, 1.0)
    panel.mark_view.click()
    words = [panel.regions.item(i).text() for i in range(panel.regions.count())]
    assert [text.split(" · ")[:2] for text in words] == [
        ["300 × 400 px", "all classes"],
        ["800 × 600 px", "cell"],
    ]
    panel.regions.itemActivated.emit(panel.regions.item(0))
    left, top, right, bottom = coverage.rectangle()
    assert (left + right) / 2 == pytest.approx(250)
    assert left < 100 < 400 < right
    assert top < 200 < 600 < bottom
    panel.regions.setCurrentRow(0)
    qtbot.keyClick(panel.regions, Qt.Key.Key_Delete)
    assert [region.index for region in coverage.regions] == [0]
    assert panel.regions.count() == 1
    workspace.undo()
    assert panel.regions.count() == 2


def test_the_menu_chooses_the_working_zoom(section: CoverageSection) -> None:
    coverage = coverage_of(section)
    section.menu.fill()
    zooms = section.menu.zooms.actions()
    assert [a.text() for a in zooms if a.isChecked()] == ["As the objects need it: 50 %"]
    next(a for a in zooms if a.text() == "25 %").trigger()
    assert coverage.working_zoom == 0.25
    coverage.camera.look_at(100, 100, 0.77)
    section.menu.fill()
    section.menu.zooms.actions()[-1].trigger()
    assert coverage.working_zoom == 0.77
    section.menu.fill()
    assert [a.text() for a in section.menu.zooms.actions() if a.isChecked()][:1] == ["As now: 77 %"]


def test_views_are_followed_without_a_dock(
    section: CoverageSection, workspace: Workspace, qtbot: Any
) -> None:
    watch = watch_of(workspace)
    section.set_workspace(None)
    watch.coverage.camera.look_at(2000, 1500, 1.0)
    qtbot.waitUntil(lambda: watch.coverage.fraction > 0, timeout=10_000)
    assert watch_of(workspace) is watch
    qtbot.waitUntil(watch.coverage.store.path.exists, timeout=20_000)


def test_views_are_written_when_the_time_came_too_early(
    section: CoverageSection, workspace: Workspace, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = watch_of(workspace).coverage.store
    answers = iter([False, False])
    is_due = store.due
    monkeypatch.setattr(store, "due", lambda now=None: next(answers, True) and is_due(now))
    watch_of(workspace).coverage.camera.look_at(2000, 1500, 1.0)
    qtbot.waitUntil(store.path.exists, timeout=20_000)
    qtbot.waitUntil(lambda: not store.waits, timeout=20_000)


def test_words_of_parts_and_zooms() -> None:
    assert [percent(part) for part in (0, 0.0001, 0.5, 0.9999, 1)] == ["0 %", "1 %", "50 %", "99 %", "100 %"]
    assert zoom_words(0.5, None) == "50 %"
    assert zoom_words(0.5, 0.25) == "50 % (about\u00a020x)"
