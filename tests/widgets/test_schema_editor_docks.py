"""The Label schema and Problems docks in the real window: they follow the open document and leave nothing behind."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import napari
import pytest
from qtpy.QtCore import QCoreApplication, QEvent, QPoint, Qt
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QApplication, QWidget
from widget_documents import write_project

import napari_labeltool as nl
from napari_labeltool.core.palette import contrast
from napari_labeltool.core.problems import Problem
from napari_labeltool.layers.workspace import Workspace
from napari_labeltool.session import Session
from napari_labeltool.widgets.active import set_active_workspace
from napari_labeltool.widgets.problems import ProblemsWidget
from napari_labeltool.widgets.schema_editor import SchemaEditor
from napari_labeltool.widgets.theme import theme_colors

pytestmark = pytest.mark.window


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    opened = nl.open_session(write_project(tmp_path))
    yield opened
    opened.close(discard=True)


def deleted(widget: QWidget) -> None:
    """Delete a widget as closing its dock does, at once."""
    widget.close()
    widget.deleteLater()
    for _ in range(3):  # the widget, then what connected its lambdas
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        QApplication.processEvents()


@pytest.mark.usefixtures("no_coverage")
@pytest.mark.parametrize("kind", [SchemaEditor, ProblemsWidget])
def test_a_closed_dock_leaves_no_widget_and_no_listener(
    qtbot: Any, session: Session, kind: type[QWidget]
) -> None:
    class Viewer:
        pass

    class Shown:
        def __init__(self) -> None:
            self.session, self.dataset = session, session.dataset

    viewer: Any = Viewer()
    set_active_workspace(viewer, Shown())  # type: ignore[arg-type]
    signals = (session.changed, session.problems_changed, session.saved, session.reset)
    before = [len(signal) for signal in signals]
    widgets = len(QApplication.topLevelWidgets())
    dock = kind(viewer)
    dock.show()
    QTest.qWait(30)
    assert [len(signal) for signal in signals] != before
    gone = weakref.ref(dock)
    deleted(dock)
    del dock
    gc.collect()
    assert gone() is None
    assert [len(signal) for signal in signals] == before
    assert len(QApplication.topLevelWidgets()) <= widgets
    session.apply(nl.edits.RenameCategory(1, "nucleus"))
    set_active_workspace(viewer, None)


def test_the_docks_follow_the_document_of_their_viewer_and_both_themes(session: Session, qtbot: Any) -> None:
    viewer = napari.Viewer(show=True)
    _, editor = viewer.window.add_plugin_dock_widget("napari-labeltool", "Label schema")
    _, problems = viewer.window.add_plugin_dock_widget("napari-labeltool", "Problems")
    assert isinstance(editor, SchemaEditor)
    assert isinstance(problems, ProblemsWidget)
    assert editor.model.session is None
    workspace = Workspace(session, viewer)
    set_active_workspace(viewer, workspace)
    try:
        workspace.show_image(0)
        assert editor.model.session is session
        assert editor.title.text() == "annotations.json: 5 classes"
        assert problems.workspace is workspace
        for theme in ("light", "dark"):
            viewer.theme = theme
            QApplication.processEvents()
            colors = theme_colors(editor)
            assert colors.is_dark == (theme == "dark")
            assert contrast(colors.ink, colors.ground) > 7
            assert all(
                contrast(colors.severity(kind), colors.ground) > 4.5 for kind in ("error", "warning", "info")
            )
            assert contrast(colors.muted, colors.ground) > 4.5
        editor.tabs.setCurrentWidget(editor.document)
        QTest.mouseClick(
            editor.document.corner,
            Qt.MouseButton.LeftButton,
            pos=QPoint(8, editor.document.corner.height() // 2),
        )
        assert session.dataset.document.facts["keypoint_shift"] == -0.5
        session.undo()
        assert not editor.document.corner.isChecked()
        editor.show_class(0)
        line = editor.classes.form.name.line
        line.selectAll()
        QTest.keyClicks(line, "nucleus")
        QTest.keyClick(line, Qt.Key.Key_Return)
        assert session.schema.categories[0].name == "nucleus"
        editor.show_class(0)
        problems.acts.go_to(Problem("c", "warning", "categories[2]", "m", "categories", 2))
        assert editor.classes.list.current_key == 2
        session.apply(nl.edits.DeleteObjects([2]))
        QTest.mouseClick(editor.undo, Qt.MouseButton.LeftButton)
        assert workspace.image == 1
        assert len(session.dataset.annotations) == 4
    finally:
        set_active_workspace(viewer, None)
        workspace.close()
        without = (editor.model.session, editor.note.text(), problems.words.text())
        viewer.close()
        qtbot.wait(50)
    assert without[0] is None
    assert all("No document is open" in words for words in without[1:])
