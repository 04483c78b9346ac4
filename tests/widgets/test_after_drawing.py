"""What waits until the canvas shows what a person did."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from qtpy.QtWidgets import QApplication
from section_scenarios import open_document

from napari_labeltool.layers.workspace import Workspace
from napari_labeltool.widgets.after_drawing import LONGEST, AfterDrawing
from napari_labeltool.widgets.section import Section
from napari_labeltool.widgets.selection_form import SelectionForm

pytestmark = [
    pytest.mark.window,
    pytest.mark.skipif(
        sys.platform.startswith("linux") and not os.environ.get("DISPLAY"), reason="no display to draw on"
    ),
]


@pytest.fixture
def shown(tmp_path: Path, qtbot: Any) -> Iterator[Workspace]:
    """The document of `section_scenarios` in a real window."""
    import napari

    workspace = Workspace(open_document(tmp_path), napari.Viewer(show=True))
    workspace.show_image(0)
    qtbot.wait(200)
    yield workspace
    workspace.close()
    workspace.session.close(discard=True)
    workspace.viewer.close()


def canvas(workspace: Workspace) -> Any:
    return workspace.viewer.window._qt_viewer.canvas._scene_canvas


def asked(workspace: Workspace, qtbot: Any) -> tuple[AfterDrawing, list[int], Section]:
    """Return what was asked to do something while a drawing is due, a list that grows when it does, and whose it is."""
    section, done = Section(), []
    qtbot.addWidget(section)
    section.set_workspace(workspace)
    after = AfterDrawing(section, lambda: done.append(1))
    canvas(workspace).update()
    after.ask()
    return after, done, section


def test_the_form_shows_a_selection_right_after_the_canvas_does(shown: Workspace, qtbot: Any) -> None:
    form, seen = SelectionForm(), []
    qtbot.addWidget(form)
    form.set_workspace(shown)
    form.title_changed.connect(lambda title: seen.append(title))
    canvas(shown).events.draw.connect(lambda event: seen.append("drawn"), position="last")
    shown.select([0])
    assert not seen
    qtbot.waitUntil(lambda: form.selection.rows == (0,), timeout=5000)
    assert seen[:2] == ["drawn", "Selected: nucleus 11"]


def test_asking_again_before_the_drawing_does_it_once(shown: Workspace, qtbot: Any) -> None:
    after, done, _ = asked(shown, qtbot)
    after.ask("of any", "arguments")
    assert not done
    qtbot.waitUntil(lambda: bool(done), timeout=5000)
    qtbot.wait(2 * LONGEST)
    assert len(done) == 1


def test_what_is_asked_before_the_event_has_the_canvas_drawn_waits_for_that_drawing(
    shown: Workspace, qtbot: Any
) -> None:
    seen: list[str] = []
    section = Section()
    qtbot.addWidget(section)
    section.set_workspace(shown)
    canvas(shown).events.draw.connect(lambda event: seen.append("drawn"), position="last")
    AfterDrawing(section, lambda: seen.append("done")).ask()
    canvas(shown).update()
    qtbot.waitUntil(lambda: "done" in seen, timeout=5000)
    assert seen[:2] == ["drawn", "done"]


def test_an_event_that_draws_nothing_is_not_waited_for(shown: Workspace, qtbot: Any) -> None:
    done: list[int] = []
    section = Section()
    qtbot.addWidget(section)
    section.set_workspace(shown)
    AfterDrawing(section, lambda: done.append(1)).ask()
    assert not done
    for _ in range(3):
        QApplication.processEvents()
    assert done


def test_it_is_done_where_the_canvas_is_hidden_in_between(shown: Workspace, qtbot: Any) -> None:
    after, done, _ = asked(shown, qtbot)
    shown.viewer.window._qt_viewer.hide()
    qtbot.waitUntil(lambda: bool(done), timeout=5000)
    after.ask()  # a hidden canvas is not waited for
    assert len(done) == 2


def test_what_is_being_typed_is_written_before_the_canvas_is_drawn(shown: Workspace, qtbot: Any) -> None:
    form = SelectionForm()
    qtbot.addWidget(form)
    form.set_workspace(shown)
    form.show()
    shown.select([0])
    qtbot.waitUntil(lambda: form.selection.rows == (0,), timeout=5000)
    form.comment.line.setFocus()
    qtbot.keyClicks(form.comment.line, "blurred")
    shown.select([1])
    assert shown.dataset.annotations.record(0)["labeltool"]["comment"] == "blurred"
    qtbot.waitUntil(lambda: form.selection.rows == (1,), timeout=5000)


def test_a_window_that_is_closed_in_between_is_not_asked_any_more(tmp_path: Path, qtbot: Any) -> None:
    import napari

    workspace = Workspace(open_document(tmp_path), napari.Viewer(show=True))
    workspace.show_image(0)
    qtbot.wait(200)
    after, done, section = asked(workspace, qtbot)
    workspace.close()
    workspace.session.close(discard=True)
    workspace.viewer.close()
    qtbot.waitUntil(lambda: bool(done), timeout=5000)
    section.set_workspace(None)
    after.ask()
    assert len(done) == 2
