"""Which object is painted, picked and highlighted in the masks layer."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from masks_cases import annotation, bench, square

from napari_labeltool.core.edits import AddObject, DeleteObjects, Relabel, Rows, SetGeometry
from napari_labeltool.core.geometry import Box, Mask

pytestmark = pytest.mark.viewer

TWO = [annotation(5, square(10, 10, 20)), annotation(6, square(60, 60, 20), category_id=2)]


def test_the_features_table_tells_which_value_is_which_annotation(tmp_path: Path) -> None:
    with bench(tmp_path, TWO) as b:
        features = b.layer.features
        assert features["index"].tolist() == [1, 2]
        assert features["annotation_id"].tolist() == [5, 6]
        assert features["category"].tolist() == ["nucleus", "mitosis"]
        assert features["row"].tolist() == [0, 1]
        assert b.layer.metadata["napari_labeltool"]["kind"] == "masks"


def test_the_selected_mask_is_painted_and_any_other_selection_means_a_new_object(tmp_path: Path) -> None:
    with bench(tmp_path, TWO) as b:
        b.workspace.select((1,))
        assert b.layer.selected_label == 2
        b.workspace.select((0, 1))
        assert b.layer.selected_label == 3
        b.workspace.apply(AddObject(Rows([0]), Rows([0]), geometry=Box((1, 1, 5, 5))))
        b.workspace.select((2,))
        assert b.layer.selected_label == 3


def test_picking_a_value_selects_its_annotation_and_background_selects_nothing(tmp_path: Path) -> None:
    with bench(tmp_path, TWO) as b:
        b.layer.mode = "pick"
        b.drag((70, 70))
        assert b.workspace.selection == (1,)
        b.drag((12, 12))
        assert b.workspace.selection == (0,)
        b.drag((90, 10))
        assert b.workspace.selection == ()
        assert b.layer.selected_label == 0


def test_painting_background_goes_on_as_background(tmp_path: Path) -> None:
    with bench(tmp_path, TWO) as b:
        b.workspace.select((0,))
        b.layer.selected_label = 0
        b.layer.mode = "paint"
        b.drag((12, 12))
        b.drag((70, 70))
        assert b.layer.selected_label == 0
        assert b.mask(5).sum() < 400
        assert b.mask(6).sum() < 400
        b.layer.data_setitem(np.nonzero(b.pixels(5)), 0)
        assert b.layer.selected_label == 0


def test_another_class_begins_a_new_object_when_nothing_is_selected(tmp_path: Path) -> None:
    with bench(tmp_path, TWO) as b:
        b.layer.selected_label = 0
        b.workspace.set_category(1)
        assert b.layer.selected_label == 3
        b.drag((40, 100))
        assert b.records()[2]["category_id"] == 2


def test_a_value_that_somebody_typed_becomes_the_value_of_the_new_object(tmp_path: Path) -> None:
    with bench(tmp_path, TWO) as b:
        b.layer.selected_label = 57
        b.drag((40, 100))
        assert b.values() == {5: 1, 6: 2, 7: 57}
        b.workspace.masks.new_instance()
        assert b.layer.selected_label == 58


def test_key_m_begins_a_new_object_even_where_a_hidden_one_has_the_next_value(tmp_path: Path) -> None:
    covered = [annotation(5, square(10, 10, 20)), annotation(6, square(60, 60, 20))]
    covered.insert(1, annotation(7, square(62, 62, 5)))
    with bench(tmp_path, covered) as b:
        b.workspace.select((0,))
        (action,) = [call for key, call in b.layer.keymap.items() if str(key) == "M"]
        action(b.layer)
        assert b.layer.selected_label == 4
        assert b.workspace.selection == ()


def test_undo_of_a_new_object_gives_its_value_back_to_it_alone(tmp_path: Path) -> None:
    with bench(tmp_path, TWO) as b:
        b.drag((40, 100))
        b.workspace.undo()
        assert b.workspace.selection == ()
        assert b.layer.selected_label == 4
        b.workspace.redo()
        assert b.values() == {5: 1, 6: 2, 7: 3}
        b.workspace.undo()
        b.drag((40, 100))
        assert b.values() == {5: 1, 6: 2, 8: 4}


def test_edits_from_elsewhere_are_shown(tmp_path: Path) -> None:
    with bench(tmp_path, TWO) as b:
        b.workspace.apply(SetGeometry(Rows([0]), Mask(square(40, 5, 30))))
        np.testing.assert_array_equal(b.layer.data, b.expected())
        b.workspace.apply(Relabel(Rows([0]), Rows([1])))
        assert b.layer.features["category"].tolist() == ["mitosis", "mitosis"]
        b.workspace.apply(DeleteObjects(Rows([1])))
        assert b.values() == {5: 1}
        np.testing.assert_array_equal(b.layer.data, b.expected())
        b.workspace.apply(SetGeometry(Rows([0]), Box((1, 2, 3, 4))))
        assert not b.layer.data.any()


def test_an_edit_of_very_many_is_shown(tmp_path: Path) -> None:
    cells = [annotation(n + 1, square(10 * (n // 12), 10 * (n % 12), 9)) for n in range(108)]
    with bench(tmp_path, cells) as b:
        b.workspace.apply(DeleteObjects(Rows(range(0, 108, 2))))
        np.testing.assert_array_equal(b.layer.data, b.expected())
        assert len(b.values()) == 54
        b.workspace.undo()
        np.testing.assert_array_equal(b.layer.data, b.expected())
        assert len(b.values()) == 108


def test_a_category_written_into_the_features_table_relabels(tmp_path: Path) -> None:
    with bench(tmp_path, TWO) as b:
        features = b.layer.features.copy()
        features.loc[0, "category"] = "mitosis"
        b.layer.features = features
        assert b.session.undo_label == "Relabel nucleus 5 to mitosis"
        assert b.records()[0]["category_id"] == 2
        b.workspace.undo()
        assert b.layer.features["category"].tolist() == ["nucleus", "mitosis"]


def test_classes_are_hidden_and_shown(tmp_path: Path) -> None:
    with bench(tmp_path, TWO) as b:
        b.workspace.set_category_visible(1, False)
        assert b.values().keys() == {5}
        assert not b.layer.data[60:80, 60:80].any()
        b.drag((70, 70))
        assert b.mask(6).sum() == 400
        b.workspace.undo()
        b.workspace.set_category_visible(1, True)
        np.testing.assert_array_equal(b.layer.data, b.expected())


def test_instances_of_a_class_have_its_colour_each_a_little_different(tmp_path: Path) -> None:
    cells = [annotation(n + 1, square(10, 20 * n, 20)) for n in range(4)]
    with bench(tmp_path, cells) as b:
        colors = b.layer.colormap.map(np.arange(1, 5, dtype=np.uint16))
        assert len({color.tobytes() for color in colors}) == 4
        assert (colors[:, 2] > colors[:, 0]).all()
        plain = colors[1].copy()
        b.workspace.select((1,))
        selected = b.layer.colormap.map(np.array([2], np.uint16))[0]
        assert selected[:3].sum() > plain[:3].sum()
        np.testing.assert_allclose(b.layer.get_color(2), selected)
        b.workspace.select(())
        np.testing.assert_array_equal(b.layer.colormap.map(np.array([2], np.uint16))[0], plain)


def test_the_selected_mask_has_a_line_around_its_pixels(tmp_path: Path) -> None:
    with bench(tmp_path, TWO) as b:
        overlay = b.workspace.masks.view.look.overlay
        b.workspace.select((0,))
        lengths = np.abs(overlay.segments_xy[:, 1] - overlay.segments_xy[:, 0]).sum(1)
        assert lengths.sum() == 80
        assert overlay.segments_xy.min() == 9.5
        assert overlay.segments_xy.max() == 29.5
        b.workspace.select(())
        assert len(overlay.segments_xy) == 0


def test_a_colormap_that_somebody_chose_stays(tmp_path: Path) -> None:
    with bench(tmp_path, TWO) as b:
        b.layer.new_colormap(3)
        chosen = b.layer.colormap
        b.drag((40, 100))
        b.workspace.show_image(1)
        assert b.layer.colormap is chosen


def test_the_layer_object_and_its_settings_stay_from_image_to_image(tmp_path: Path) -> None:
    with bench(tmp_path, TWO) as b:
        layer = b.layer
        layer.opacity, layer.brush_size, layer.contour = 0.3, 23, 2
        b.workspace.show_image(1)
        b.workspace.show_image(0)
        assert b.layer is layer
        assert (layer.opacity, layer.brush_size, layer.contour) == (0.3, 23, 2)
        b.drag((40, 100))
        np.testing.assert_array_equal(layer.data, b.expected())


def test_the_layer_lies_above_the_picture_and_below_the_objects(tmp_path: Path) -> None:
    with bench(tmp_path, TWO) as b:
        kinds = [type(layer).__name__ for layer in b.viewer.layers]
        assert kinds == ["Image", "Labels", "Shapes", "Points"]


def test_closing_leaves_no_listener_on_a_layer_that_stays(tmp_path: Path) -> None:
    with bench(tmp_path, TWO) as b:
        layer = b.layer
        b.workspace.close(remove_layers=False)
        layer.paint((50, 50), 9)
        layer.selected_label = 2
        b.viewer.scene.camera.zoom *= 2
        assert b.session.dirty == 0
        assert (layer.data == 9).any()
