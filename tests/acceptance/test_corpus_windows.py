"""Files of other programs in the real window: edited by mouse and keyboard, and found again by pycocotools."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from acceptance_cases import Person, Saved, at_the_window
from qtpy.QtCore import Qt

from napari_labeltool.layers.names import HALF_PIXEL

pytestmark = pytest.mark.window

MMPOSE = "open-mmlab__mmpose/tests/data"
RBC = "abdullah-qureshi__RBC-Detection-and-Counting-with-Detectron2/valid"
DATUMARO = "open-edge-platform__datumaro/tests/assets/coco_dataset/coco"

NOSE, LEFT_WRIST = 0, 9


def near(found: object, expected: object, pixel: float) -> bool:
    """Tell whether numbers agree within a screen pixel."""
    return bool(np.allclose(np.asarray(found, float), np.asarray(expected, float), atol=pixel + 0.01))


def shifted(person: Person, start: tuple[float, float], end: tuple[float, float]) -> np.ndarray:
    """Return by how much the screen pixels of two places differ, in pixels of the picture."""
    return np.subtract(person.place(end), person.place(start))


def test_persons_with_polygons_and_keypoints(corpus_dir: Path, tmp_path: Path) -> None:
    skier, left, right = 442619, 198196, 230195
    with at_the_window(corpus_dir / MMPOSE / "coco", "test_coco.json", tmp_path / "project") as person:
        pixels = [person.pixel]
        points = np.array(person.record(skier)["keypoints"], float).reshape(-1, 3)

        nose = tuple(points[NOSE, :2] + HALF_PIXEL)
        target = (nose[0] + 25, nose[1] - 14)
        person.take("select")
        person.drag(nose, target)
        moved_nose = points[NOSE, :2] + shifted(person, nose, target)
        assert person.workspace.session.undo_label == f"Move keypoints of person {skier}"
        wrist = tuple(points[LEFT_WRIST, :2] + HALF_PIXEL)
        person.click(wrist)
        person.set_point(1)

        outline = np.array(person.record(skier)["segmentation"][0]).reshape(-1, 2)
        gaps = np.linalg.norm(outline[:, None] - outline[None], axis=2) + np.eye(len(outline)) * 999
        vertex = int(np.argmax(gaps.min(1)))
        person.choose((418, 240), skier)
        person.key(Qt.Key.Key_D)
        pulled = (outline[vertex, 0] - 18, outline[vertex, 1] - 10)
        person.drag(tuple(outline[vertex]), pulled)
        moved_vertex = person.place(pulled)
        person.screenshot(tmp_path / "skier.png")

        person.go_to(1)
        pixels.append(person.pixel)
        person.take("box")
        person.drag((20, 20), (120, 90))
        box = (*person.place((20, 20)), *person.place((120, 90)))
        person.choose((352, 215), right)
        person.key(Qt.Key.Key_Delete)
        before = np.array(person.record(left)["segmentation"][0]).reshape(-1, 2)
        person.choose((75, 200), left)
        person.drag((75, 200), (105, 175))
        shift = shifted(person, (75, 200), (105, 175))
        person.undo(3)
        person.redo(3)
        person.screenshot(tmp_path / "persons.png")
        saved = person.save()

    (new,) = saved.new_ids()
    found = saved.points(skier)
    assert near(found[NOSE, :2], moved_nose, 0.01)
    assert found[LEFT_WRIST].tolist() == [*points[LEFT_WRIST, :2], 1]
    others = [i for i in range(17) if i not in (NOSE, LEFT_WRIST)]
    assert np.array_equal(found[others], points[others])
    assert near(saved.outline(skier)[vertex], moved_vertex, pixels[0])
    assert np.array_equal(np.delete(saved.outline(skier), vertex, 0), np.delete(outline, vertex, 0))
    assert near(saved.corners(new), box, pixels[1])
    assert saved[new]["category_id"] == 1
    assert saved[new]["image_id"] == 40083
    assert right not in saved.coco.anns
    assert near(saved.outline(left), before + shift, 0.01)
    saved.assert_only_changed(skier, left, right)


def test_flies_with_boxes_and_keypoints_and_no_segmentation(corpus_dir: Path, tmp_path: Path) -> None:
    with at_the_window(corpus_dir / MMPOSE / "fly", "test_fly.json", tmp_path / "project") as person:
        points = np.array(person.record(1400)["keypoints"], float).reshape(-1, 3)
        person.take("select")
        wing = tuple(points[30, :2] + HALF_PIXEL)
        person.drag(wing, (wing[0] + 8, wing[1] + 9))
        moved = points[30, :2] + shifted(person, wing, (wing[0] + 8, wing[1] + 9))
        person.click(tuple(points[5, :2] + HALF_PIXEL))
        person.set_point(0)
        person.choose((30, 30), 1400)
        person.drag((30, 30), (24, 36))
        shift = shifted(person, (30, 30), (24, 36))
        person.screenshot(tmp_path / "fly.png")
        person.go_to(1)
        person.take("box")
        person.drag((5, 5), (40, 30))
        first = (*person.place((5, 5)), *person.place((40, 30)))
        person.drag((150, 150), (180, 185))
        person.key(Qt.Key.Key_Delete)
        person.undo(2)
        person.redo(2)
        person.screenshot(tmp_path / "second-fly.png")
        saved = person.save()
        pixel = person.pixel

    (new,) = saved.new_ids()
    found = saved.points(1400)
    assert near(found[30, :2], moved, 0.01)
    assert found[5].tolist() == [*points[5, :2], 0]
    assert saved[1400]["num_keypoints"] == int((found[:, 2] > 0).sum()) == 31
    others = [i for i in range(32) if i not in (5, 30)]
    assert np.array_equal(found[others], points[others])
    assert near(saved[1400]["bbox"], [19 + shift[0], 18 + shift[1], 166, 121], 0.01)
    assert "segmentation" not in saved[1400]
    assert near(saved.corners(new), first, pixel)
    saved.assert_only_changed(1400)


def test_blood_cells_with_boxes_and_empty_segmentations(corpus_dir: Path, tmp_path: Path) -> None:
    with at_the_window(corpus_dir / RBC, "_annotations.coco.json", tmp_path / "project") as person:
        white = 0
        person.choose((205, 202), white)
        person.drag((205, 202), (218, 190))
        shift = shifted(person, (205, 202), (218, 190))
        person.choose((279, 136), 11)
        person.class_key(3)
        person.class_key(2)
        person.undo(1)
        assert person.record(11)["category_id"] == 2
        person.take("box")
        person.drag((100, 265), (160, 330))
        box = (*person.place((100, 265)), *person.place((160, 330)))
        left, top, width, height = person.record(4)["bbox"]
        person.choose((left + width / 2, top + height / 2), 4)
        person.key(Qt.Key.Key_D)
        person.drag((left + width, top + height), (left + width + 15, top + height + 8))
        corner = person.place((left + width + 15, top + height + 8))
        person.screenshot(tmp_path / "cells.png")
        person.go_to(1)
        bbox = person.record(30)["bbox"]
        person.choose((bbox[0] + bbox[2] * 0.5, bbox[1] + bbox[3] * 0.5), 30)
        person.key(Qt.Key.Key_Delete)
        person.undo(5)
        person.redo(5)
        assert person.workspace.image == 1
        person.screenshot(tmp_path / "more-cells.png")
        saved = person.save()
        pixel = person.pixel

    (new,) = saved.new_ids()
    assert near(saved[white]["bbox"], [157 + shift[0], 154 + shift[1], 97, 95.5], 0.01)
    assert saved[white]["segmentation"] == []
    assert saved[11]["category_id"] == 2
    assert near(saved.corners(new), box, pixel)
    assert saved[new]["category_id"] == 1
    assert near(saved.corners(4), [left, top, *corner], pixel)
    assert 30 not in saved.coco.anns
    assert len(saved.coco.anns) == 470
    saved.assert_only_changed(white, 11, 4, 30)


def test_a_tiny_picture_with_a_polygon_and_a_crowd_of_runs(corpus_dir: Path, tmp_path: Path) -> None:
    with at_the_window(
        corpus_dir / DATUMARO, "annotations/instances_val.json", tmp_path / "project"
    ) as person:
        person.choose((0.5, 1.0), 1)
        person.key(Qt.Key.Key_D)
        person.drag((1, 2), (2.4, 3.2))
        vertex = person.place((2.4, 3.2))
        crowd = person.workspace.masks.view.table.value_of(person.row(2))
        person.choose((1.5, 8.5), 2)
        person.take("mask")
        person.workspace.masks.layer.brush_size = 1
        person.drag((4.5, 4.5), (4.5, 8.5))
        layer = person.workspace.masks.layer
        shown = np.asarray(layer.data) == crowd
        person.key(Qt.Key.Key_M)
        person.class_key(3)
        person.drag((3.5, 1.5), (4.5, 1.5))
        drawn = np.asarray(layer.data) == layer.selected_label
        person.undo(2)
        person.redo(2)
        person.screenshot(tmp_path / "tiny.png")
        saved = person.save()
        pixel = person.pixel

    (new,) = saved.new_ids()
    assert near(saved.outline(1), [(0, 0), (1, 0), vertex, (0, 2)], pixel)
    assert saved[1]["attributes"] == {"x": 1, "y": "hello"}
    assert np.array_equal(saved.mask(2), shown)
    assert shown[4:9, 4].all()
    assert shown.sum() == 25
    assert saved[2]["iscrowd"] == 1
    assert isinstance(saved[2]["segmentation"]["counts"], list)
    assert np.array_equal(saved.mask(new), drawn)
    assert drawn.sum() == 2
    assert saved[new]["category_id"] == 4
    with pytest.raises(AssertionError):
        saved.assert_only_changed(1)


def test_a_tiny_picture_with_one_box(corpus_dir: Path, tmp_path: Path) -> None:
    with at_the_window(
        corpus_dir / DATUMARO, "annotations/instances_train.json", tmp_path / "project"
    ) as person:
        person.choose((3.5, 2.5), 1)
        person.drag((3.5, 2.5), (5.5, 1.5))
        shift = shifted(person, (3.5, 2.5), (5.5, 1.5))
        person.class_key(3)
        person.screenshot(tmp_path / "box.png")
        saved: Saved = person.save()
    assert near(saved[1]["bbox"], [2 + shift[0], 2 + shift[1], 3, 1], 0.01)
    assert saved[1]["category_id"] == 4
    assert saved.new_ids() == []
