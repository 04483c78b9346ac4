"""Opening a project in the dock, and the questions on the way."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from dock_cases import Answers, leave_edits_behind, make_dock, write_document
from qtpy.QtCore import QMimeData, QPointF, Qt, QUrl
from qtpy.QtGui import QDropEvent

from napari_labeltool.core.edits import SetImageState
from napari_labeltool.session import open_session
from napari_labeltool.widgets import commands
from napari_labeltool.widgets.labeling_dock import LabelingDock

pytestmark = pytest.mark.viewer

DONE = SetImageState(1, "done")


@pytest.fixture
def dock(qtbot: Any) -> Iterator[LabelingDock]:
    made, _ = make_dock(qtbot)
    yield made
    made.project.close()


def answers_of(dock: LabelingDock) -> Answers:
    questions = dock.project.questions
    assert isinstance(questions, Answers)
    return questions


def test_without_a_project_the_first_step_is_explained(dock: LabelingDock) -> None:
    assert dock.empty.isVisible()
    assert not dock.work.isVisible()
    assert not dock.save_state.isVisible()


def test_an_opened_document_shows_its_first_image(dock: LabelingDock, tmp_path: Path) -> None:
    assert dock.project.open(write_document(tmp_path))
    assert not dock.empty.isVisible()
    assert dock.header.name.words() == "img_00001.tif"
    assert dock.header.place.text() == "1 / 3"
    assert dock.workspace is not None
    assert dock.workspace.dataset.categories.name_of(dock.workspace.category) == "cell"


def test_a_folder_of_images_without_a_document_is_opened(dock: LabelingDock, tmp_path: Path) -> None:
    write_document(tmp_path).unlink()
    assert dock.project.open(tmp_path)
    assert dock.header.place.text() == "1 / 3"
    assert dock.save_state.words.text() == "Not saved yet"
    assert dock.save_state.save.isEnabled()


def test_a_dropped_folder_is_opened(dock: LabelingDock, qtbot: Any, tmp_path: Path) -> None:
    path = write_document(tmp_path)
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path))])
    copy, left = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    dock.dropEvent(QDropEvent(QPointF(9, 9), copy, data, left, Qt.KeyboardModifier.NoModifier))
    qtbot.waitUntil(lambda: dock.workspace is not None)
    assert dock.workspace is not None
    assert dock.workspace.session.path == path


def test_a_damaged_file_is_told_and_the_project_before_stays(dock: LabelingDock, tmp_path: Path) -> None:
    path = write_document(tmp_path / "good")
    damaged = tmp_path / "damaged.json"
    damaged.write_text('{"images": [')
    dock.project.open(path)
    assert not dock.project.open(damaged)
    assert "damaged.json" in answers_of(dock).asked[-1][1]
    assert dock.workspace is not None
    assert dock.workspace.session.path == path


def test_of_several_documents_in_a_folder_the_chosen_one_is_opened(
    dock: LabelingDock, tmp_path: Path
) -> None:
    write_document(tmp_path, name="a.json")
    second = write_document(tmp_path, name="b.json")
    answers_of(dock).prepared["which_document"] = second
    assert dock.project.open(tmp_path)
    assert answers_of(dock).asked == [("which_document", ["a.json", "b.json"])]
    assert dock.workspace is not None
    assert dock.workspace.session.path == second


# -- somebody else has it
def test_a_locked_document_is_not_opened_when_the_user_gives_up(dock: LabelingDock, tmp_path: Path) -> None:
    other = open_session(write_document(tmp_path))
    answers_of(dock).prepared["locked"] = "cancel"
    assert not dock.project.open(other.path)
    assert dock.workspace is None
    assert "process" in answers_of(dock).asked[0][1]
    other.close()


def test_a_locked_document_can_be_looked_at(dock: LabelingDock, tmp_path: Path) -> None:
    other = open_session(write_document(tmp_path))
    answers_of(dock).prepared["locked"] = "look"
    assert dock.project.open(other.path)
    assert dock.save_state.words.text().startswith("Read only.")
    assert not dock.save_state.save.isEnabled()
    assert not dock.header.state.isEnabled()
    tools = dock.collapsibles["Draw"].content
    assert not tools.buttons["box"].isEnabled()
    assert tools.buttons["select"].isEnabled()
    assert "Nothing can be drawn" in tools.buttons["box"].toolTip()
    other.close()


# -- after a crash
def test_edits_of_a_crash_are_taken_back(dock: LabelingDock, tmp_path: Path) -> None:
    path = write_document(tmp_path)
    leave_edits_behind(path, DONE)
    answers_of(dock).prepared["recovery"] = "take"
    assert dock.project.open(path)
    name, text, labels = answers_of(dock).asked[0]
    assert name == "recovery"
    assert text.startswith("1 edit of annotations.json, made by ")
    assert labels == ("Mark img_00001.tif as done",)
    assert dock.header.state.currentText() == "Done"
    assert dock.save_state.undo.words() == "Undo: Mark img_00001.tif as done"


def test_edits_of_a_crash_are_set_aside(dock: LabelingDock, tmp_path: Path) -> None:
    path = write_document(tmp_path)
    leave_edits_behind(path, DONE)
    answers_of(dock).prepared["recovery"] = "aside"
    assert dock.project.open(path)
    assert dock.header.state.currentText() == "To do"
    assert any("declined" in file.name for file in tmp_path.iterdir())
    assert "declined" in dock.message.text.text()


def test_the_file_can_be_looked_at_before_the_edits_are_decided_on(
    dock: LabelingDock, tmp_path: Path
) -> None:
    path = write_document(tmp_path)
    leave_edits_behind(path, DONE)
    answers_of(dock).prepared["recovery"] = "look"
    assert dock.project.open(path)
    assert dock.header.state.currentText() == "To do"
    assert dock.save_state.decide.isVisible()
    answers_of(dock).prepared["recovery"] = "take"
    dock.save_state.decide.click()
    assert dock.header.state.currentText() == "Done"
    assert not dock.save_state.decide.isVisible()


def test_giving_up_leaves_the_edits_of_a_crash_where_they_were(dock: LabelingDock, tmp_path: Path) -> None:
    path = write_document(tmp_path)
    leave_edits_behind(path, DONE)
    answers_of(dock).prepared["recovery"] = "cancel"
    assert not dock.project.open(path)
    again = open_session(path)
    assert again.pending_recovery is not None
    assert again.pending_recovery.count == 1
    again.close()


# -- pictures
def test_missing_pictures_are_told_and_found_in_the_chosen_folder(dock: LabelingDock, tmp_path: Path) -> None:
    path = write_document(tmp_path / "here", pictures=[])
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    for n in (1, 2, 3):
        tifffile.imwrite(elsewhere / f"img_{n:05d}.tif", np.zeros((30, 40), np.uint8))
    dock.project.open(path)
    assert dock.missing.isVisible()
    assert dock.message.text.text().startswith("3 of 3 pictures were not found, such as img_00001.tif")
    answers_of(dock).prepared["folder_to_open"] = elsewhere
    dock.missing.action.click()
    assert not dock.missing.isVisible()
    assert dock.workspace is not None
    assert dock.workspace.pictures.source is not None
    assert dock.message.text.text() == "All pictures were found."


def test_the_chosen_picture_folder_is_remembered(dock: LabelingDock, tmp_path: Path) -> None:
    path = write_document(tmp_path / "here", pictures=[])
    write_document(tmp_path / "there").unlink()
    dock.project.open(path)
    answers_of(dock).prepared["folder_to_open"] = tmp_path / "there"
    commands.choose_picture_folder(dock.project)
    dock.project.close()
    dock.project.open(path)
    assert not dock.missing.isVisible()
    assert dock.workspace is not None
    assert dock.workspace.pictures.source is not None


def test_the_image_that_was_shown_last_is_shown_again(dock: LabelingDock, tmp_path: Path) -> None:
    path = write_document(tmp_path)
    dock.project.open(path)
    assert dock.workspace is not None
    dock.workspace.show_image(2)
    dock.project.close()
    assert dock.empty.isVisible()
    dock.project.open(path)
    assert dock.header.place.text() == "3 / 3"


def test_the_demo_keeps_what_was_labelled_in_it(dock: LabelingDock) -> None:
    assert commands.open_demo(dock.project)
    assert dock.workspace is not None
    session = dock.workspace.session
    assert len(session.dataset.images.rows()) > 5
    session.apply(SetImageState(session.dataset.images[2].id, "rejected"))
    dock.project.save()
    dock.project.close()
    commands.open_demo(dock.project)
    assert dock.workspace.session is not session
    assert dock.workspace.session.dataset.images[2].state == "rejected"


# -- leaving
@pytest.mark.parametrize(
    ("answer", "opened", "saved"), [("save", True, True), ("keep", True, False), ("cancel", False, False)]
)
def test_unsaved_edits_are_asked_about_before_another_project_is_opened(
    dock: LabelingDock, tmp_path: Path, answer: str, opened: bool, saved: bool
) -> None:
    path, other = write_document(tmp_path / "a"), write_document(tmp_path / "b")
    dock.project.open(path)
    assert dock.workspace is not None
    dock.workspace.apply(DONE)
    answers_of(dock).prepared["leave"] = answer
    assert dock.project.open(other) is opened
    assert answers_of(dock).asked == [("leave", "annotations.json", 1)]
    assert dock.workspace.session.path == (other if opened else path)
    assert (json.loads(path.read_text())["images"][0].get("labeltool") == {"state": "done"}) is saved
    if answer == "keep":
        again = open_session(path, recover="yes")
        assert again.dataset.images[0].state == "done"
        again.close()


def test_opening_the_open_document_again_changes_nothing(dock: LabelingDock, tmp_path: Path) -> None:
    path = write_document(tmp_path)
    dock.project.open(path)
    before = dock.workspace
    assert dock.project.open(tmp_path)
    assert dock.workspace is before
    assert dock.message.text.text() == "annotations.json is open already."
