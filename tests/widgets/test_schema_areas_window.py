"""A class is made one of areas in the form of the label schema editor."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from qtpy.QtCore import Qt
from qtpy.QtTest import QTest
from widget_documents import write_project

import napari_labeltool as nl
from napari_labeltool.widgets.schema_editor import SchemaEditor

pytestmark = pytest.mark.window


def test_masks_of_a_class_become_one_area_and_objects_again(qtbot: Any, tmp_path: Path) -> None:
    session = nl.open_session(write_project(tmp_path))
    editor = SchemaEditor(session=session)
    qtbot.addWidget(editor)
    editor.resize(400, 780)
    with qtbot.waitExposed(editor):
        editor.show()
    editor.show_class(0)
    form = editor.classes.form
    assert form.masks.isVisible()
    assert not form.masks.currentData()
    form.masks.setFocus()
    QTest.keyClick(form.masks, Qt.Key.Key_Down)
    assert session.schema.categories[0].is_area
    assert session.dataset.categories.value(0, "isthing") == 0
    assert "kind of masks" in str(session.undo_label)
    session.undo()
    assert not form.masks.currentData()
    form.kinds["mask"].click()
    assert not form.masks.isVisible()
    session.close(discard=True)
