"""The command line: what it prints, its exit codes, and that errors are one paragraph."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from napari_labeltool import __version__
from napari_labeltool.cli import app

DOCUMENT = {
    "images": [
        {"id": 1, "file_name": "a.png", "width": 20, "height": 12, "labeltool": {"state": "done"}},
        {"id": 2, "file_name": "b.png", "width": 20, "height": 12},
    ],
    "annotations": [
        {"id": 1, "image_id": 1, "category_id": 1, "bbox": [1, 2, 3, 4], "area": 12, "iscrowd": 0},
        {
            "id": 2,
            "image_id": 1,
            "category_id": 2,
            "segmentation": [[1, 1, 9, 1, 9, 8]],
            "bbox": [1, 1, 8, 7],
            "area": 28,
            "iscrowd": 0,
        },
        {"id": 3, "image_id": 2, "category_id": 2},
    ],
    "categories": [{"id": 1, "name": "nucleus"}, {"id": 2, "name": "[mitosis]"}],
}


def run(*arguments: str | Path) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture
def document(tmp_path: Path) -> Path:
    path = tmp_path / "cells.json"
    path.write_text(json.dumps(DOCUMENT))
    return path


def test_info_counts_images_annotations_kinds_and_classes(document: Path) -> None:
    code, out, _ = run("info", document)
    assert code == 0
    words = " ".join(out.split())
    assert "images 2, 1 with objects" in words
    assert "states 1 todo, 1 done" in words
    assert "2 objects, 1 tags or captions" in words
    assert "1 without place (tags, captions), 1 boxes, 1 polygons" in words
    assert "[mitosis]" in words
    assert "polygons measured area shoelace, bbox extent" in words


def test_a_folder_stands_for_the_file_in_it(document: Path) -> None:
    assert run("info", document.parent)[1] == run("info", document)[1]


def test_validate_ends_with_zero_for_a_clean_file(document: Path) -> None:
    code, out, _ = run("validate", document)
    assert (code, "0 errors" in out) == (0, True)


def test_validate_ends_with_one_for_a_file_with_errors(document: Path) -> None:
    code, out, _ = run("validate", "--images", document)
    assert code == 1
    assert "image-missing" in out
    assert "'a.png'" in out
    assert "2 errors" in out


def test_validate_looks_at_image_sizes(document: Path) -> None:
    for name, height in (("a.png", 12), ("b.png", 13)):
        Image.fromarray(np.zeros((height, 20), np.uint8)).save(document.parent / name)
    code, out, _ = run("validate", "--images", document)
    assert code == 0
    assert out.count("image-size") == 1
    assert "13 x 20 pixels" in out


def test_validate_finds_images_below_a_root(document: Path, tmp_path: Path) -> None:
    (tmp_path / "pictures").mkdir()
    moved = tmp_path / "labels" / "cells.json"
    moved.parent.mkdir()
    document.rename(moved)
    for name in ("a.png", "b.png"):
        Image.fromarray(np.zeros((12, 20), np.uint8)).save(tmp_path / "pictures" / name)
    assert run("validate", "--images", moved, "--root", tmp_path / "pictures")[0] == 0


def test_validate_prints_json_that_programs_can_read(document: Path) -> None:
    code, out, _ = run("validate", "--json", "--images", document)
    report = json.loads(out)
    assert code == 1
    assert report["file"] == str(document)
    missing = [problem for problem in report["problems"] if problem["code"] == "image-missing"]
    assert [(problem["severity"], problem["table"], problem["row"]) for problem in missing] == [
        ("error", "images", 0),
        ("error", "images", 1),
    ]


@pytest.mark.parametrize("command", ["info", "validate", "open"])
def test_a_file_that_is_not_there_is_one_paragraph_and_exit_code_two(command: str, tmp_path: Path) -> None:
    code, out, err = run(command, tmp_path / "nowhere.json")
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert "nowhere.json: nothing found there" in err


@pytest.mark.parametrize("text", ['{"images": [', "no JSON", '{"name": "package"}'])
def test_a_damaged_file_is_one_paragraph_and_exit_code_two(tmp_path: Path, text: str) -> None:
    path = tmp_path / "cells.json"
    path.write_text(text)
    code, _, err = run("validate", path)
    assert code == 2
    assert err.count("\n") == 1
    assert str(path) in err


def test_a_folder_without_a_coco_file_is_told(tmp_path: Path) -> None:
    code, _, err = run("info", tmp_path)
    assert code == 2
    assert "no COCO file found" in err


def test_open_hands_path_roots_and_mode_to_the_plugin(
    document: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[tuple[object, ...]] = []
    plugin = ModuleType("napari_labeltool.plugin")
    plugin.__dict__["launch"] = lambda path, **options: calls.append((path, options))
    monkeypatch.setitem(sys.modules, "napari_labeltool.plugin", plugin)
    assert run("open", document, "--root", tmp_path, "--read-only")[0] == 0
    assert calls == [(document, {"roots": [tmp_path], "read_only": True})]


def test_demo_makes_its_project_in_the_folder_and_opens_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[Path] = []
    plugin = ModuleType("napari_labeltool.plugin")
    plugin.__dict__["launch"] = calls.append
    monkeypatch.setitem(sys.modules, "napari_labeltool.plugin", plugin)
    code, out, _ = run("demo", "--folder", tmp_path / "demo")
    assert code == 0
    assert str(tmp_path / "demo") in out
    assert calls == [tmp_path / "demo" / "annotations.json"]
    assert calls[0].exists()


def test_demo_drive_goes_to_the_driver(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[Path] = []
    driver = ModuleType("napari_labeltool.demo_drive")
    driver.__dict__["drive"] = calls.append
    monkeypatch.setitem(sys.modules, "napari_labeltool.demo_drive", driver)
    assert run("demo", "--drive", tmp_path)[0] == 0
    assert calls == [tmp_path]


def test_the_version_is_printed() -> None:
    assert run("--version") == (0, f"napari-labeltool {__version__}\n", "")


def test_the_module_is_the_same_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "napari_labeltool", "validate", "no such file"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "nothing found there" in done.stderr
    assert "Traceback" not in done.stderr


def test_names_that_the_terminal_cannot_show_are_printed_escaped(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    image = '{"id": 1, "file_name": "\\ud800 \\u00e9.png", "width": 1, "height": 1}'
    path.write_text('{"images": [' + image + '], "annotations": [], "categories": []}')
    done = subprocess.run(
        [sys.executable, "-m", "napari_labeltool", "validate", "--images", str(path)],
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )
    assert done.returncode == 1
    assert b"image-missing" in done.stdout
    assert b"Traceback" not in done.stderr
