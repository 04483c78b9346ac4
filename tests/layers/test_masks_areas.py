"""Classes whose masks are areas: painted below objects, one value a class, in tiles over a big picture."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from masks_cases import Bench, MouseEvent, annotation, square, write_document

from napari_labeltool.core.rle import Rle
from napari_labeltool.core.schema_edits import SetSchema
from napari_labeltool.core.semantic import area_of, area_rows

pytestmark = pytest.mark.viewer

BIG = (10_000, 12_000)
NUCLEUS, TISSUE, STROMA = 0, 3, 4


class AreaBench(Bench):
    def area(self, name: str) -> np.ndarray[Any, Any]:
        """Return the area of a class as far as the window goes."""
        return np.asarray(area_of(self.dataset, 1, name).to_mask(self.workspace.masks.view.window))

    def shown(self, name: str) -> np.ndarray[Any, Any]:
        """Return where the layer shows the area of a class."""
        row = self.dataset.categories.row_of(name)
        return np.asarray(self.layer.data == self.workspace.masks.view.table.area_value(row))

    def mask_area(self, number: int) -> int:
        """Return the number of pixels of an annotation by its id; 0 when it is not there."""
        table = self.dataset.annotations
        rows = [row for row in table.rows().tolist() if table.id_of(row) == number]
        return self.dataset.rle(rows[0]).area if rows else 0


def open_areas(
    folder: Path, annotations: list[dict[str, Any]], shape: tuple[int, int] = (100, 120)
) -> AreaBench:
    path = write_document(folder, annotations, shape)
    content = json.loads(path.read_text())
    content["categories"] += [
        {"id": 8, "name": "tissue", "isthing": 0, "color": "#20a040"},
        {"id": 9, "name": "stroma", "isthing": 0, "color": "#a0a020"},
    ]
    path.write_text(json.dumps(content))
    return AreaBench(path)


def test_painting_a_class_of_areas_twice_makes_one_annotation(tmp_path: Path) -> None:
    b = open_areas(tmp_path, [])
    b.workspace.set_category(TISSUE)
    b.drag((20, 20), (20, 40))
    b.workspace.masks.new_instance()
    b.drag((70, 20), (70, 40))
    (row,) = area_rows(b.dataset, 0)
    assert b.dataset.annotation(int(row))["category_id"] == 8
    np.testing.assert_array_equal(b.shown("tissue"), b.area("tissue"))
    assert b.shown("tissue")[20, 30]
    assert b.shown("tissue")[70, 30]
    assert [change.label for change in b.session._work.history._done] == ["Paint tissue", "Paint tissue"]
    b.close()


def test_painting_one_area_takes_the_pixels_from_the_other_in_one_step(tmp_path: Path) -> None:
    b = open_areas(tmp_path, [])
    b.workspace.set_category(TISSUE)
    b.drag((20, 20), (20, 40))
    before = b.area("tissue")
    b.workspace.set_category(STROMA)
    b.drag((20, 30), (40, 30))
    assert not (b.area("tissue") & b.area("stroma")).any()
    np.testing.assert_array_equal(b.area("tissue"), before & ~b.area("stroma"))
    np.testing.assert_array_equal(b.shown("stroma"), b.area("stroma"))
    b.workspace.undo()
    np.testing.assert_array_equal(b.area("tissue"), before)
    np.testing.assert_array_equal(b.shown("tissue"), before)
    assert not b.area("stroma").any()
    b.workspace.redo()
    np.testing.assert_array_equal(b.shown("tissue"), before & ~b.area("stroma"))
    b.close()


def test_an_area_is_painted_below_objects_and_an_object_above_areas(tmp_path: Path) -> None:
    b = open_areas(tmp_path, [annotation(1, square(15, 25, 12))])
    cell = b.mask(1)
    b.workspace.set_category(TISSUE)
    b.drag((20, 20), (20, 40))
    np.testing.assert_array_equal(b.mask(1), cell)
    assert b.area("tissue")[20, 30]
    np.testing.assert_array_equal(b.pixels(1), cell)
    np.testing.assert_array_equal(b.shown("tissue"), b.area("tissue") & ~cell)
    tissue = b.area("tissue")
    b.workspace.set_category(NUCLEUS)
    b.drag((20, 36), (20, 38))
    np.testing.assert_array_equal(b.area("tissue"), tissue)
    assert (b.mask(3) & tissue).any()
    b.close()


def test_the_eraser_works_on_areas_or_on_objects_as_the_chosen_class_says(tmp_path: Path) -> None:
    b = open_areas(tmp_path, [annotation(1, square(15, 25, 12))])
    cell = b.mask(1)
    b.workspace.set_category(TISSUE)
    b.drag((20, 20), (20, 60))
    b.layer.mode = "erase"
    b.drag((20, 20), (20, 60))
    np.testing.assert_array_equal(b.mask(1), cell)
    assert not b.area("tissue").any()
    b.workspace.undo()
    tissue = b.area("tissue")
    b.workspace.set_category(NUCLEUS)
    b.workspace.select(())
    b.drag((20, 20), (20, 60))
    assert not b.mask(1)[20].any()
    np.testing.assert_array_equal(b.area("tissue"), tissue)
    np.testing.assert_array_equal(b.shown("tissue"), tissue & ~b.mask(1))
    b.said.clear()
    b.drag((20, 55), (20, 58))
    assert b.said == [
        "Areas are left alone while a class of objects is chosen. Nothing was changed. Choose a class of areas, or"
        " pick one, to change it."
    ]
    assert b.shown("tissue")[20, 56]
    b.close()


def test_picking_an_area_chooses_its_class(tmp_path: Path) -> None:
    b = open_areas(tmp_path, [])
    b.workspace.set_category(TISSUE)
    b.drag((20, 20), (20, 40))
    b.workspace.set_category(NUCLEUS)
    b.layer.mode = "pick"
    b.drag((20, 30))
    assert b.workspace.category == TISSUE
    assert int(b.layer.selected_label) == b.workspace.masks.view.table.area_value(TISSUE)
    b.close()


def test_an_area_has_the_plain_colour_of_its_class(tmp_path: Path) -> None:
    b = open_areas(tmp_path, [])
    b.workspace.set_category(TISSUE)
    b.drag((20, 20), (20, 40))
    value = int(b.layer.data[20, 30])
    np.testing.assert_allclose(b.layer.get_color(value)[:3], np.array([0x20, 0xA0, 0x40]) / 255, atol=1e-3)
    features = b.layer.features.set_index("index").loc[value]
    assert features["category"] == "tissue"
    b.close()


def test_filling_the_hole_of_an_area_joins_it(tmp_path: Path) -> None:
    b = open_areas(tmp_path, [])
    ring = square(10, 10, 30).to_mask() & ~square(15, 15, 20).to_mask()
    b.workspace.set_category(TISSUE)
    b.layer.data_setitem(np.nonzero(ring), b.layer.selected_label)
    b.layer.fill((20, 20), b.layer.selected_label)
    np.testing.assert_array_equal(b.area("tissue"), square(10, 10, 30).to_mask())
    assert len(area_rows(b.dataset, 0)) == 1
    b.close()


def test_a_class_that_becomes_one_of_areas_shows_its_masks_as_one(tmp_path: Path) -> None:
    from dataclasses import replace

    b = open_areas(tmp_path, [annotation(1, square(10, 10, 20)), annotation(2, square(50, 50, 20))])
    assert len(np.unique(b.layer.data)) == 3
    schema = b.session.schema
    changed = schema.with_category(NUCLEUS, replace(schema.categories[NUCLEUS], is_area=True))
    b.session.apply(SetSchema(changed))
    assert len(np.unique(b.layer.data)) == 2
    np.testing.assert_array_equal(b.shown("nucleus"), b.area("nucleus"))
    b.drag((10, 30), (50, 50))
    assert len(area_rows(b.dataset, 0)) == 2
    np.testing.assert_array_equal(b.shown("nucleus"), b.area("nucleus"))
    b.session.undo()
    b.session.undo()
    assert len(np.unique(b.layer.data)) == 3
    b.close()


def test_an_area_over_a_big_picture_is_kept_in_the_tiles_that_were_painted(tmp_path: Path) -> None:
    b = open_areas(tmp_path, [], BIG)
    camera = b.viewer.scene.camera
    camera.zoom, camera.center = 1.0, (0.0, 5120.0, 5120.0)
    b.workspace.set_category(TISSUE)
    b.layer.brush_size = 30
    b.drag((5100, 5000), (5100, 5200))
    assert len(area_rows(b.dataset, 0)) == 2
    b.drag((5100, 5140), (5130, 5180))
    assert len(b.session._work.history._done[-1].ops) == 2
    assert len(area_rows(b.dataset, 0)) == 3
    np.testing.assert_array_equal(b.shown("tissue"), b.area("tissue"))
    camera.center = (0.0, 8000.0, 8000.0)
    assert not b.layer.data.any()
    camera.center = (0.0, 5120.0, 5120.0)
    np.testing.assert_array_equal(b.shown("tissue"), b.area("tissue"))
    b.close()


@pytest.mark.parametrize("name", ["nucleus", "tissue"])
def test_a_polygon_may_be_larger_than_the_window(tmp_path: Path, name: str) -> None:
    b = open_areas(tmp_path, [annotation(1, square(5000, 5000, 40, BIG))], BIG)
    camera = b.viewer.scene.camera
    camera.zoom, camera.center = 1.0, (0.0, 5020.0, 5020.0)
    b.workspace.set_category(b.dataset.categories.row_of(name))
    top, left = b.workspace.masks.view.window[:2]
    corners = np.array([[1000, 1000], [1000, 9000], [9000, 9000], [9000, 1000]])
    b.layer.paint_polygon(corners - [top, left], b.layer.selected_label)
    if name == "tissue":
        rle = area_of(b.dataset, 1, name)
        assert len(area_rows(b.dataset, 0)) == 81
        assert b.mask_area(1) == 1600
    else:
        rle = b.dataset.rle(1)
        assert b.mask_area(1) == 0, "painting over an object that is seen takes its pixels"
    assert rle.area == 8000 * 8000
    assert b.layer.data.all()
    b.workspace.undo()
    assert int((b.layer.data > 0).sum()) == b.mask_area(1) == 1600
    b.close()


def test_a_fill_that_would_go_on_beyond_the_window_is_refused(tmp_path: Path) -> None:
    b = open_areas(tmp_path, [annotation(1, square(5000, 5000, 40, BIG))], BIG)
    camera = b.viewer.scene.camera
    camera.zoom, camera.center = 1.0, (0.0, 5020.0, 5020.0)
    shown = b.layer.data.copy()
    b.layer.mode = "fill"
    b.drag((5500, 5500))
    np.testing.assert_array_equal(b.layer.data, shown)
    assert len(b.said) == 1
    assert "Nothing was filled" in b.said[0]
    assert b.session.undo_label is None
    b.workspace.set_category(1)
    b.drag((5010, 5010))
    assert b.dataset.rle(1).area == 1600
    b.close()


def test_a_stroke_that_is_cut_at_the_window_says_so(tmp_path: Path) -> None:
    b = open_areas(tmp_path, [], BIG)
    camera = b.viewer.scene.camera
    camera.zoom, camera.center = 1.0, (0.0, 5020.0, 5020.0)
    right = b.workspace.masks.view.window[3]
    b.drag((5000, 5000), (5000, right + 100))
    assert "was cut there" in b.said[0]
    assert Rle.from_mask(b.layer.data > 0).area == b.dataset.rle(0).area
    b.close()


def test_a_press_on_an_area_selects_all_of_it_and_deleting_it_is_one_step(tmp_path: Path) -> None:
    b = open_areas(tmp_path, [annotation(1, square(5200, 5100, 40, BIG))], BIG)
    camera = b.viewer.scene.camera
    camera.zoom, camera.center = 1.0, (0.0, 5120.0, 5120.0)
    b.workspace.set_category(TISSUE)
    b.layer.brush_size = 30
    b.drag((5100, 5000), (5100, 5200))
    b.workspace.set_category(STROMA)
    b.drag((5000, 5000), (5000, 5010))
    whole = [row for row in area_rows(b.dataset, 0).tolist() if b.dataset.annotations.category[row] == TISSUE]
    assert len(whole) == 2
    b.workspace.set_tool("select")
    b.workspace.picking._on_press(b.viewer, MouseEvent("mouse_press", np.array([5100.0, 5050.0])))
    b.drag((5100, 5050))
    assert sorted(b.workspace.selection) == whole
    assert int(b.layer.selected_label) == b.workspace.masks.view.table.area_value(TISSUE)
    done = len(b.session._work.history._done)
    b.workspace.delete_selection()
    assert len(b.session._work.history._done) == done + 1
    assert not b.area("tissue").any()
    assert not b.shown("tissue").any()
    assert b.area("stroma").any()
    assert b.mask_area(1) == 1600
    b.workspace.undo()
    assert area_of(b.dataset, 1, "tissue").area == int(b.shown("tissue").sum()) > 0
    b.close()
