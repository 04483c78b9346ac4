"""The Problems dock, with real clicks and keys."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from psygnal import Signal
from qtpy.QtCore import QPoint, Qt
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QApplication
from widget_documents import ANNOTATIONS, write_project

import napari_labeltool as nl
from napari_labeltool.core.problems import Problem
from napari_labeltool.session import Session
from napari_labeltool.widgets.active import set_active_workspace
from napari_labeltool.widgets.problem_table import COLUMNS, ProblemTable
from napari_labeltool.widgets.problems import ProblemsWidget

pytestmark = [pytest.mark.window, pytest.mark.usefixtures("no_coverage")]
IMAGES = [
    {"id": 1, "file_name": "a.tif", "width": 60, "height": 40},
    {"id": 2, "file_name": "b.tif", "width": 61, "height": 40},
    {"id": 3, "file_name": "gone.tif", "width": 60, "height": 40},
]


class Viewer:
    """Stands for a viewer; the dock only tells viewers apart."""


class Shown:
    """What of a workspace the dock uses, with what it was asked to show."""

    message = Signal(str, str)

    def __init__(self, session: Session) -> None:
        self.session = session
        self.viewer = Viewer()
        self.asked: list[Any] = []

    @property
    def dataset(self) -> Any:
        return self.session.dataset

    def show_image(self, row: int) -> None:
        self.asked.append(("image", row))

    def select(self, rows: Any, *, zoom: bool = False) -> None:
        self.asked.append(("select", tuple(rows), zoom))


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    annotations = [
        *ANNOTATIONS,
        {**ANNOTATIONS[1], "bbox": [5, 5, -8, 8]},
        {**ANNOTATIONS[0], "id": 9, "image_id": 77},
    ]
    opened = nl.open_session(write_project(tmp_path, annotations=annotations, images=IMAGES))
    yield opened
    opened.close(discard=True)


@pytest.fixture
def workspace(session: Session) -> Any:
    return Shown(session)


@pytest.fixture
def widget(qtbot: Any, workspace: Any) -> Iterator[ProblemsWidget]:
    viewer = Viewer()
    set_active_workspace(viewer, workspace)
    dock = ProblemsWidget(viewer)
    qtbot.addWidget(dock)
    dock.resize(420, 640)
    with qtbot.waitExposed(dock):
        dock.show()
    qtbot.waitUntil(lambda: not dock.check.is_running and "looked at" not in dock.words.text())
    yield dock
    set_active_workspace(viewer, None)


def codes(widget: ProblemsWidget) -> list[str]:
    return [problem.code for problem in widget.model.shown()]


def choose(widget: ProblemsWidget, code: str) -> QPoint:
    row = codes(widget).index(code)
    widget.view.selectRow(row)
    widget.view.scrollTo(widget.model.index(row, 0))
    return widget.view.visualRect(widget.model.index(row, 1)).center()


def click(button: Any) -> None:
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def test_without_a_document_the_first_step_is_told(qtbot: Any) -> None:
    dock = ProblemsWidget(Viewer())
    qtbot.addWidget(dock)
    dock.show()
    assert "No document is open" in dock.words.text()
    assert not dock.view.isVisible()


def test_document_schema_and_image_files_stand_in_one_list_errors_first(
    widget: ProblemsWidget, session: Session
) -> None:
    assert {
        "duplicate-annotation-id",
        "bbox-negative-size",
        "unknown-image",
        "image-missing",
        "image-size",
    } <= set(codes(widget))
    assert codes(widget)[0] == "image-missing"
    cell = session.schema.categories[0]
    assert widget.words.text().startswith(f"{len(codes(widget))} problems: 1 error,")
    session.apply(
        nl.edits.SetSchema(
            session.schema.with_category(0, nl.edits.Category("cell", 0, cell.id, kinds=frozenset()))
        )
    )
    assert "no-kinds" in codes(widget)
    session.undo()
    assert "no-kinds" not in codes(widget)


def test_a_severity_has_a_word_and_an_icon(widget: ProblemsWidget) -> None:
    index = widget.model.index(0, 0)
    assert index.data() == "Error"
    assert not index.data(Qt.ItemDataRole.DecorationRole).isNull()
    assert widget.filters.severities["error"].text() == "1 error"


def test_severity_code_and_text_choose_what_is_shown(qtbot: Any, widget: ProblemsWidget) -> None:
    everything = len(codes(widget))
    click(widget.filters.severities["warning"])
    assert "bbox-negative-size" not in codes(widget)
    assert "image-missing" in codes(widget)
    click(widget.filters.severities["warning"])
    assert len(codes(widget)) == everything
    place = widget.filters.code.findData("image-size")
    widget.filters.code.setCurrentIndex(place)
    widget.filters.code.activated.emit(place)
    assert codes(widget) == ["image-size"]
    assert widget.words.text().endswith("1 of them is shown.")
    widget.filters.code.setCurrentIndex(0)
    widget.filters.code.activated.emit(0)
    QTest.keyClicks(widget.filters.text, "GONE.tif")
    qtbot.waitUntil(lambda: codes(widget) == ["image-missing"])


def test_a_double_click_or_enter_goes_to_image_and_annotation(widget: ProblemsWidget, workspace: Any) -> None:
    view = widget.view
    place = choose(widget, "bbox-negative-size")
    assert "annotations[4].bbox" in widget.detail.text()
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    QTest.mouseDClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert workspace.asked == [("image", 1), ("select", (4,), True)]
    workspace.asked.clear()
    choose(widget, "image-missing")
    QTest.keyClick(view, Qt.Key.Key_Return)
    assert workspace.asked == [("image", 2)]
    workspace.asked.clear()
    choose(widget, "unknown-image")
    click(widget.go)
    assert workspace.asked == []
    assert "belongs to no image" in widget.message.text


def test_duplicate_ids_get_new_ones_as_one_step_and_the_problem_goes(
    widget: ProblemsWidget, session: Session
) -> None:
    assert widget.fix.isVisible()
    click(widget.fix)
    assert "duplicate-annotation-id" not in codes(widget)
    assert not widget.fix.isVisible()
    assert "Give 1 annotation with a duplicate id a new one" in widget.message.text
    ids = [session.dataset.annotations.id_of(row) for row in range(6)]
    assert ids[:4] == [1, 2, 3, 4]
    assert len(set(ids)) == 6
    session.undo()
    assert "duplicate-annotation-id" in codes(widget)
    assert widget.fix.isVisible()


def test_annotations_of_chosen_problems_are_deleted_and_their_problems_go(
    widget: ProblemsWidget, session: Session
) -> None:
    choose(widget, "bbox-negative-size")
    widget.acts.delete_annotations(widget.view.selected())
    assert "bbox-negative-size" not in codes(widget)
    assert session.undo_label is not None
    assert not session.dataset.annotations.alive[4]


def test_all_that_is_shown_is_copied_or_saved_as_text(widget: ProblemsWidget, tmp_path: Path) -> None:
    click(widget.copy)
    text = QApplication.clipboard().text()
    assert len(text.splitlines()) == len(codes(widget)) + 1
    widget.view.setFocus()
    widget.view.selectAll()
    QTest.keyClick(widget.view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QApplication.clipboard().text() == text
    path = tmp_path / "problems.txt"
    widget.acts.ask_text_file = lambda _: str(path)
    click(widget.store)
    assert path.read_text("utf-8") == text
    widget.acts.ask_text_file = lambda _: str(tmp_path / "no folder" / "p.txt")
    click(widget.store)
    assert "cannot be written" in widget.message.text


def test_the_chosen_problem_stays_chosen_when_the_list_changes(
    widget: ProblemsWidget, session: Session
) -> None:
    choose(widget, "image-size")
    click(widget.fix)
    assert widget.view.problem is not None
    assert widget.view.problem.code == "image-size"


def test_headers_sort(widget: ProblemsWidget) -> None:
    column = COLUMNS.index("code")
    widget.view.sortByColumn(column, Qt.SortOrder.AscendingOrder)
    assert codes(widget) == sorted(codes(widget))
    widget.view.sortByColumn(column, Qt.SortOrder.DescendingOrder)
    assert codes(widget) == sorted(codes(widget), reverse=True)


def test_looking_at_image_files_can_be_stopped_and_begun_again(qtbot: Any, widget: ProblemsWidget) -> None:
    click(widget.images)
    assert widget.check.is_running
    assert "looked at" in widget.words.text()
    click(widget.images)
    assert not widget.check.is_running
    assert "image-missing" not in codes(widget)
    click(widget.images)
    qtbot.waitUntil(lambda: "image-missing" in codes(widget))


def test_another_document_or_none_is_followed(qtbot: Any, session: Session, workspace: Any) -> None:
    viewer, other = Viewer(), Viewer()
    dock = ProblemsWidget(viewer)
    qtbot.addWidget(dock)
    set_active_workspace(other, workspace)
    assert dock.workspace is None
    set_active_workspace(viewer, workspace)
    assert dock.workspace is workspace
    assert codes(dock)
    set_active_workspace(viewer, None)
    assert codes(dock) == []
    set_active_workspace(other, None)


def test_a_hundred_thousand_problems_are_scrolled_and_filtered(qtbot: Any, widget: ProblemsWidget) -> None:
    many = [
        Problem(f"c{row % 5}", "warning", f"annotations[{row}]", f"m {row}", "annotations", row)
        for row in range(100_000)
    ]
    widget.model.set_table(ProblemTable(many))
    widget.view.scrollToBottom()
    QTest.keyClicks(widget.filters.text, "99999")
    qtbot.waitUntil(lambda: widget.model.rowCount() == 1, timeout=3000)
