"""Opening a file of many annotations from the dock: progress in bytes, and a way to stop."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import pytest
from qtpy.QtWidgets import QApplication, QProgressDialog

from napari_labeltool.widgets import opening
from napari_labeltool.widgets.opening import open_asking, paced
from napari_labeltool.widgets.questions import Cancelled, Questions
from napari_labeltool.widgets.remembered import Remembered
from napari_labeltool.widgets.settings import Settings

pytestmark = pytest.mark.window


def write(path: Path, count: int = 30_000) -> Path:
    content = {
        "images": [{"id": 1, "file_name": "a.png", "width": 9, "height": 9}],
        "annotations": [
            {"id": k, "image_id": 1, "category_id": 1, "bbox": [0, 0, 1, 1], "area": 1, "iscrowd": 0}
            for k in range(count)
        ],
        "categories": [{"id": 1, "name": "cell"}],
    }
    path.write_text(json.dumps(content))
    return path


class Asking:
    """Questions of which the progress alone is asked for."""

    def __init__(self, stop_after: int) -> None:
        self.stop_after = stop_after
        self.told: list[tuple[int, int]] = []
        self.words: list[str] = []

    @contextmanager
    def progress(self, text: str) -> Iterator[Callable[[int, int], None]]:
        self.words.append(text)

        def report(done: int, total: int) -> None:
            self.told.append((done, total))
            if len(self.told) > self.stop_after:
                raise Cancelled

        yield report


def test_a_cancelled_opening_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "REPORT_SECONDS", 0.0)
    path = write(tmp_path / "a.json")
    asking = Asking(stop_after=3)
    found = open_asking(path, cast(Any, asking), Remembered(), Settings())
    assert found is None
    assert asking.words == ["Reading a.json"]
    assert len(asking.told) == 4
    assert {total for _, total in asking.told} == {path.stat().st_size}
    assert [file.name for file in tmp_path.iterdir()] == ["a.json"]


def test_the_button_of_the_dialog_stops_the_reading(
    qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "REPORT_SECONDS", 0.0)
    path = write(tmp_path / "a.json")
    shown: list[int] = []
    plain = QProgressDialog.setValue

    def press(dialog: QProgressDialog, value: int) -> None:
        plain(dialog, value)
        shown.append(value)
        if len(shown) == 3:
            dialog.cancel()

    monkeypatch.setattr(QProgressDialog, "setValue", press)
    assert open_asking(path, Questions(), Remembered(), Settings()) is None
    assert len(shown) == 3
    assert [file.name for file in tmp_path.iterdir()] == ["a.json"]


def test_reports_are_handed_on_a_few_times_a_second_and_fit_in_32_bits() -> None:
    told: list[tuple[int, int]] = []
    report = paced(lambda done, total: told.append((done, total)))
    for done in range(1000):
        report(done, 1000)
    assert len(told) < 10
    opening_report = paced(lambda done, total: told.append((done, total)))
    told.clear()
    time.sleep(opening.REPORT_SECONDS)
    opening_report(2**33, 2**34)
    assert told == [(500, 1000)]
