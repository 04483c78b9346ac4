"""Painting in the masks layer makes edits of the dataset, exactly."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from masks_cases import annotation, bench, square

from napari_labeltool.core.rle import Rle

pytestmark = pytest.mark.viewer


def test_a_stroke_on_nothing_adds_an_object_of_the_chosen_class_and_selects_it(tmp_path: Path) -> None:
    with bench(tmp_path, [annotation(5, square(10, 10, 20))]) as b:
        b.workspace.set_category(1)
        b.layer.brush_size = 7
        b.drag((50, 50), (50, 60), (60, 60))
        assert b.session.undo_label == "Add mitosis 6"
        assert b.workspace.selection == (1,)
        assert b.records()[1]["category_id"] == 2
        assert b.mask(6).sum() > 100
        np.testing.assert_array_equal(b.mask(6), b.pixels(6))
        assert b.values() == {5: 1, 6: 2}


def test_further_strokes_go_on_with_the_object_until_a_new_one_is_asked_for(tmp_path: Path) -> None:
    with bench(tmp_path) as b:
        b.drag((30, 30), (30, 40))
        b.drag((40, 30), (40, 40))
        assert len(b.records()) == 1
        assert b.session.undo_label == "Paint nucleus 1"
        b.workspace.masks.new_instance()
        b.drag((70, 30), (70, 40))
        b.workspace.select(())
        b.drag((70, 90), (70, 95))
        assert [record["id"] for record in b.records()] == [1, 2, 3]


def test_each_way_of_painting_is_one_step(tmp_path: Path) -> None:
    with bench(tmp_path) as b:
        layer = b.layer
        layer.paint((20, 20), layer.selected_label)
        layer.paint_polygon([[40, 40], [40, 60], [60, 60], [60, 40]], layer.selected_label)
        layer.data_setitem((np.array([90, 91]), np.array([3, 3])), layer.selected_label)
        layer.fill((0, 0), layer.selected_label)
        for x in range(5):
            layer.paint((80, 60 + 5 * x), 0, refresh=False)
        layer.refresh()
        assert b.session.dirty == 5
        assert b.session.undo_label == "Erase part of nucleus 1"
        np.testing.assert_array_equal(b.mask(1), layer.data == 1)
        assert 0 < (layer.data == 0).sum() < 2000


def test_an_array_put_into_the_layer_is_read_as_painted(tmp_path: Path) -> None:
    with bench(tmp_path, [annotation(5, square(10, 10, 20)), annotation(6, square(60, 60, 20))]) as b:
        given = np.asarray(b.layer.data).astype(np.int64)
        given[12:15, 12:15] = 0
        given[80:90, 5:20] = 70_000
        given[80:90, 30:40] = -4
        b.layer.data = given
        assert b.session.undo_label == "Add 2 objects"
        assert b.mask(5).sum() == 400 - 9
        assert sorted(record["area"] for record in b.records()[2:]) == [100, 150]
        assert b.layer.data.dtype == np.uint16
        np.testing.assert_array_equal(b.layer.data, b.expected())
        assert b.session.dirty == 1


def test_an_array_of_another_shape_is_refused(tmp_path: Path) -> None:
    with bench(tmp_path, [annotation(5, square(10, 10, 20))]) as b:
        before = b.layer.data.copy()
        b.layer.data = np.ones((10, 10), np.uint16)
        assert "(10, 10)" in b.said[0]
        assert "(100, 120)" in b.said[0]
        np.testing.assert_array_equal(b.layer.data, before)
        assert b.session.dirty == 0


def test_pixels_written_straight_into_the_array_are_found_before_anything_else_happens(
    tmp_path: Path,
) -> None:
    with bench(tmp_path) as b:
        b.layer.data[5:10, 5:10] = b.layer.selected_label
        b.layer.refresh()
        b.workspace.show_image(1)
        assert b.records()[0]["area"] == 25


def test_erasing_takes_pixels_and_the_last_pixel_takes_the_object(tmp_path: Path) -> None:
    with bench(tmp_path, [annotation(5, square(10, 10, 20)), annotation(6, square(60, 60, 4))]) as b:
        b.layer.mode = "erase"
        b.layer.brush_size = 9
        b.drag((10, 10), (10, 15))
        assert b.session.undo_label == "Erase part of nucleus 5"
        assert b.mask(5).sum() < 400
        b.drag((62, 58), (62, 66))
        assert b.session.undo_label == "Delete nucleus 6"
        assert [record["id"] for record in b.records()] == [5]
        b.workspace.undo()
        assert b.mask(6).sum() == 16
        assert b.pixels(6).sum() == 16


def test_erasing_the_last_pixel_keeps_an_object_with_keypoints(tmp_path: Path) -> None:
    record = annotation(
        5, square(10, 10, 4), category_id=3, keypoints=[11, 11, 2, 13, 13, 1], num_keypoints=2
    )
    with bench(tmp_path, [record]) as b:
        b.layer.data_setitem(np.nonzero(b.layer.data), 0)
        (left,) = b.records()
        assert left["keypoints"] == [11, 11, 2, 13, 13, 1]
        assert left["area"] == 0
        assert not b.mask(5).any()


def test_one_stroke_over_several_objects_is_one_step(tmp_path: Path) -> None:
    cells = [annotation(n, square(10, 10 + 30 * n, 20)) for n in range(3)]
    with bench(tmp_path, cells) as b:
        b.layer.mode = "erase"
        b.drag((20, 5), (20, 100))
        assert b.session.undo_label == "Erase parts of 3 objects"
        assert b.session.dirty == 1
        b.workspace.undo()
        assert [b.mask(n).sum() for n in range(3)] == [400, 400, 400]


def test_painting_over_another_object_takes_its_pixels_unless_labels_are_preserved(tmp_path: Path) -> None:
    with bench(tmp_path, [annotation(5, square(10, 10, 20)), annotation(6, square(10, 60, 20))]) as b:
        b.workspace.select((0,))
        b.drag((20, 20), (20, 70))
        assert b.session.undo_label == "Paint nucleus 5"
        assert not (b.mask(5) & b.mask(6)).any()
        assert b.mask(6).sum() < 400
        b.workspace.undo()
        b.layer.preserve_labels = True
        b.drag((20, 20), (20, 70))
        assert b.mask(6).sum() == 400
        assert b.mask(5).sum() > 400


def test_what_lies_hidden_under_another_object_stays(tmp_path: Path) -> None:
    low, high = square(10, 10, 30), square(20, 20, 30)
    with bench(tmp_path, [annotation(5, low), annotation(6, high)]) as b:
        b.layer.data_setitem((np.array([12]), np.array([12])), 0)
        before = low.to_mask()
        before[12, 12] = False
        np.testing.assert_array_equal(b.mask(5), before)
        np.testing.assert_array_equal(b.mask(6), high.to_mask())
        b.layer.data_setitem((np.array([25]), np.array([25])), 0)
        np.testing.assert_array_equal(b.mask(5), before)
        assert b.layer.data[25, 25] == b.values()[5]
        np.testing.assert_array_equal(b.layer.data, b.expected())


def test_painting_the_lowest_of_three_shows_the_paint(tmp_path: Path) -> None:
    boxes = [square(10, 10, 10), square(15, 15, 30), square(16, 16, 28)]
    with bench(tmp_path, [annotation(n + 1, box) for n, box in enumerate(boxes)]) as b:
        b.workspace.select((0,))
        b.layer.data_setitem(tuple(np.mgrid[20:25, 20:25].reshape(2, -1)), b.values()[1])
        assert (b.layer.data[20:25, 20:25] == b.values()[1]).all()
        assert b.mask(1)[20:25, 20:25].all()
        assert not b.mask(2)[20:25, 20:25].any()
        assert b.mask(2).sum() == 900 - 25
        np.testing.assert_array_equal(b.layer.data, b.expected())


def test_a_crowd_stays_a_crowd_and_uncompressed_stays_uncompressed(tmp_path: Path) -> None:
    crowd = annotation(5, square(10, 10, 20), uncompressed=True, iscrowd=1)
    with bench(tmp_path, [crowd, annotation(6, square(60, 60, 20))]) as b:
        for row in (0, 1):
            b.workspace.select((row,))
            b.drag((50, 50))
        painted, other = b.records()
        assert painted["iscrowd"] == 1
        assert isinstance(painted["segmentation"]["counts"], list)
        assert isinstance(other["segmentation"]["counts"], str)
        assert sum(painted["segmentation"]["counts"]) == 100 * 120


def test_undo_and_redo_restore_every_run_and_the_layer(tmp_path: Path) -> None:
    with bench(tmp_path, [annotation(5, square(10, 10, 20)), annotation(6, square(20, 20, 20))]) as b:
        states = [(b.records(), b.layer.data.copy())]
        for stroke in (((15, 15), (40, 40)), ((80, 80),), ((80, 85), (10, 90))):
            b.drag(*stroke)
            states.append((b.records(), b.layer.data.copy()))
        for records, data in states[-2::-1]:
            b.workspace.undo()
            assert b.records() == records
            np.testing.assert_array_equal(b.layer.data, data)
        assert not b.dataset.is_changed()
        for records, data in states[1:]:
            b.workspace.redo()
            assert b.records() == records
            np.testing.assert_array_equal(b.layer.data, data)


def test_undo_of_napari_has_nothing_to_undo(tmp_path: Path) -> None:
    with bench(tmp_path, [annotation(5, square(10, 10, 20))]) as b:
        b.drag((50, 50), (60, 60))
        painted = b.layer.data.copy()
        b.layer.undo()
        np.testing.assert_array_equal(b.layer.data, painted)
        b.workspace.show_image(1)
        b.layer.undo()
        assert not b.layer.data.any()


def test_a_refused_stroke_leaves_the_layer_as_the_dataset_is(tmp_path: Path) -> None:
    with bench(tmp_path, [annotation(5, square(10, 10, 20))], read_only=True) as b:
        before = b.layer.data.copy()
        b.drag((15, 15), (50, 50))
        np.testing.assert_array_equal(b.layer.data, before)
        b.layer.paint((50, 50), 3)
        np.testing.assert_array_equal(b.layer.data, before)
        b.layer.data = np.zeros_like(before)
        np.testing.assert_array_equal(b.layer.data, before)
        assert len(b.said) == 3


def test_a_half_drawn_polygon_is_dropped_when_something_else_begins(tmp_path: Path) -> None:
    with bench(tmp_path) as b:
        b.layer.mode = "polygon"
        b.layer._overlays["polygon"].points = [(10, 10), (10, 30), (30, 30)]
        b.workspace.set_tool("select")
        assert b.layer._overlays["polygon"].points == []
        assert not b.layer.data.any()


def test_masks_of_another_size_and_damaged_ones_are_kept_and_told_once(tmp_path: Path) -> None:
    swapped = annotation(5, square(10, 10, 20, (120, 100)))
    short = annotation(6, square(10, 10, 20), uncompressed=True)
    short["segmentation"]["counts"] = [10, 20]
    with bench(tmp_path, [swapped, short, annotation(7, square(10, 10, 5))]) as b:
        (told,) = [text for text in b.said_at_first if text.startswith("Annotation")]
        assert told.startswith("Annotation 5 ")
        assert "120 x 100" in told
        assert "1 more" in told
        b.workspace.show_image(1)
        b.workspace.show_image(0)
        assert not [text for text in b.said if text.startswith("Annotation")]
        assert b.values().keys() == {7}
        b.drag((15, 15), (30, 30))
        assert b.records()[:2] == [swapped, short]


def test_an_object_of_a_hidden_class_is_added_and_the_person_is_told(tmp_path: Path) -> None:
    with bench(tmp_path) as b:
        b.workspace.set_category_visible(0, False)
        b.drag((50, 50))
        assert len(b.records()) == 1
        assert not b.layer.data.any()
        assert "hidden" in b.said[0]
        b.workspace.set_category_visible(0, True)
        np.testing.assert_array_equal(b.mask(1), b.layer.data > 0)


def test_a_pixel_far_from_a_mask_of_many_pieces_joins_it(tmp_path: Path) -> None:
    mask = np.zeros((100, 120), bool)
    mask[::2, 5] = True
    with bench(tmp_path, [annotation(5, Rle.from_mask(mask))]) as b:
        b.layer.data_setitem((np.array([99]), np.array([119])), b.values()[5])
        mask[99, 119] = True
        np.testing.assert_array_equal(b.mask(5), mask)
