"""What goes wrong, in the real window: a sentence is shown, labels stay, and work goes on."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from acceptance_cases import Person, at_the_window
from qtpy.QtCore import Qt

from napari_labeltool.widgets.project import project_of
from napari_labeltool.widgets.questions import Questions

pytestmark = pytest.mark.window


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Write a good picture, one that is missing, one that cannot be decoded, one of another size; a box on each."""
    folder = tmp_path / "source"
    folder.mkdir()
    names = ("good.tif", "gone.tif", "broken.tif", "small.tif")
    tifffile.imwrite(folder / "good.tif", np.full((60, 80), 90, np.uint8))
    (folder / "broken.tif").write_bytes(b"II*\0 and no more of it")
    tifffile.imwrite(folder / "small.tif", np.full((30, 40), 90, np.uint8))
    document = {
        "images": [
            {"id": n, "file_name": name, "width": 80, "height": 60} for n, name in enumerate(names, 1)
        ],
        "annotations": [
            {"id": 10 * n, "image_id": n, "category_id": 1, "bbox": [20, 10, 30, 20.50]} for n in range(1, 5)
        ],
        "categories": [{"id": 1, "name": "cell"}, {"id": 2, "name": "spot"}],
    }
    (folder / "cells.json").write_text(json.dumps(document, indent=1))
    return folder


def move_the_box(person: Person, annotation: int) -> np.ndarray:
    """Move the box of the shown image with the mouse; return by how much."""
    person.choose((35, 20), annotation)
    person.drag((35, 20), (45, 28))
    return np.subtract(person.place((45, 28)), person.place((35, 20)))


@pytest.mark.parametrize(("image", "name"), [(1, "gone.tif"), (2, "broken.tif")])
def test_labels_of_a_picture_that_cannot_be_shown_are_edited_and_the_reason_is_told(
    project: Path, tmp_path: Path, image: int, name: str
) -> None:
    annotation = 10 * (image + 1)
    with at_the_window(project, "cells.json", tmp_path / "project") as person:
        assert not person.dock.missing.isVisible()
        person.go_to(image)
        assert person.dock.missing.isVisible()
        assert name in person.dock.missing.text.text()
        assert person.workspace.objects.layer.nshapes == 1
        shift = move_the_box(person, annotation)
        person.screenshot(tmp_path / f"{name}.png")
        person.go_to(0)
        assert not person.dock.missing.isVisible()
        saved = person.save()
    assert np.allclose(saved[annotation]["bbox"], [20 + shift[0], 10 + shift[1], 30, 20.5], atol=0.01)
    saved.assert_only_changed(annotation)


def test_a_picture_of_another_size_than_declared_is_told_and_its_boxes_keep_their_numbers(
    project: Path, tmp_path: Path
) -> None:
    with at_the_window(project, "cells.json", tmp_path / "project") as person:
        person.go_to(3)
        words = person.dock.message.text.text()
        assert person.dock.message.isVisible()
        assert "30 x 40" in words
        assert "60 x 80" in words
        corners = person.workspace.objects.layer.data[0]
        assert corners.min(0).tolist() == [9.5, 19.5]
        person.screenshot(tmp_path / "size.png")
        shift = move_the_box(person, 40)
        saved = person.save()
    assert np.allclose(saved[40]["bbox"], [20 + shift[0], 10 + shift[1], 30, 20.5], atol=0.01)
    saved.assert_only_changed(40)


def test_a_save_on_a_full_disk_is_told_and_goes_through_when_there_is_room(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with at_the_window(project, "cells.json", tmp_path / "project") as person:
        move_the_box(person, 10)

        def no_room(*_: Any, **__: Any) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        with monkeypatch.context() as disk:
            disk.setattr(os, "replace", no_room)
            person.key(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
        assert person.dock.message.isVisible()
        assert "the disk is full" in person.dock.message.text.text()
        assert person.document.read_bytes() == person.before
        assert person.workspace.session.dirty == 1
        assert [path.name for path in person.document.parent.glob("*.tmp*")] == []
        saved = person.save()
    saved.assert_only_changed(10)


class Asked(Questions):
    """Answers the question about a file that was changed."""

    def __init__(self, answer: Any) -> None:
        super().__init__()
        self.answer = answer
        self.texts: list[str] = []

    def changed_on_disk(self, text: str) -> Any:
        """Give the prepared answer."""
        self.texts.append(text)
        return self.answer


def test_a_file_that_another_program_changed_is_written_only_when_the_user_says_so(
    project: Path, tmp_path: Path
) -> None:
    with at_the_window(project, "cells.json", tmp_path / "project") as person:
        move_the_box(person, 10)
        other = person.before.replace(b"spot", b"speck")
        person.document.write_bytes(other)
        questions = Asked("cancel")
        project_of(person.workspace.viewer).questions = questions
        person.key(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
        assert len(questions.texts) == 1
        assert "cells.json" in questions.texts[0]
        assert person.document.read_bytes() == other
        assert person.workspace.session.dirty == 1
        questions.answer = "overwrite"
        saved = person.save()
    saved.assert_only_changed(10)
