"""Label schemas as files of their own."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from napari_labeltool.core.errors import ReadError, SchemaError, WriteError
from napari_labeltool.core.schema import (
    Attribute,
    Category,
    Keypoint,
    LabelSchema,
    TagGroup,
    read_schema,
    write_schema,
)

HEAD = "format: napari-labeltool label schema\nversion: 1\n"


def written(folder: Path, text: str, name: str = "schema.yaml") -> Path:
    """Write a text as a file."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_written_by_hand_is_read(tmp_path: Path) -> None:
    text = (
        HEAD
        + """
guideline: Label all.
classes:
- name: nucleus   # the commonest
  color: '#F00'
  hotkey: 1
  attributes:
  - {name: stage, type: choice, values: [no, yes, 2], default: no}
- name: fly
  keypoints: [head, {name: tail, position: [0.5, 1]}]
  skeleton:
  - [head, tail]
  - {from: 2, to: 1, color: '#00ff00'}
- name: blurred
  tag_group: quality
tag_groups:
- {name: quality, type: binary}
"""
    )
    assert read_schema(written(tmp_path, text)) == LabelSchema(
        (
            Category(
                "nucleus",
                color="#ff0000",
                hotkey="1",
                attributes=(Attribute("stage", "choice", ("no", "yes", "2"), default="no"),),
            ),
            Category(
                "fly",
                kinds=frozenset({"box", "rotated_box", "polygon", "mask", "keypoints"}),
                keypoints=(Keypoint("head"), Keypoint("tail", position=(0.5, 1.0))),
                skeleton=((0, 1), (1, 0)),
                edge_colors=(None, "#00ff00"),
            ),
            Category("blurred", kinds=frozenset({"tag"}), tag_group="quality"),
        ),
        (TagGroup("quality", "binary"),),
        "Label all.",
    )


def test_the_written_yaml_is_plain_to_read(tmp_path: Path) -> None:
    category = Category(
        "fly",
        color="#0072b2",
        kinds=frozenset({"mask", "box"}),
        guideline="One.\nTwo.\n",
        keypoints=(Keypoint("head"), Keypoint("tail")),
        skeleton=((0, 1),),
    )
    path = tmp_path / "s.yml"
    write_schema(LabelSchema((category,)), path)
    assert path.read_text() == (
        HEAD
        + "classes:\n- name: fly\n  color: '#0072b2'\n"
        + "  kinds: [box, mask]\n  guideline: |\n    One.\n    Two.\n"
        + "  keypoints: [head, tail]\n  skeleton:\n  - [head, tail]\n"
    )


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("classes: [", 3, "not YAML"),
        ("classes:\n- {name: a}\n- name: b\n  kinds: [bx]", 6, r"classes\[1\].kinds\[0\]: bx .*is box meant"),
        ("classes:\n- name: a\n  colour: 1", 5, r"the key colour found.*is color meant"),
        ("classes:\n- color: '#ff0000'", 4, r"classes\[0\].name: nothing found, expected a name"),
        ("classes:\n- name: true", 4, r"True found, expected text \(true"),
        ("classes:\n- name: a\n  color: '#ff'", 5, "expected a colour"),
        ("classes: 5", 3, "5 found, expected a list"),
        ("classes:\n- name: a\n  name: b", 5, "occurs twice"),
        (
            "classes:\n- name: a\n  keypoints: [head]\n  skeleton: [[head, hed]]",
            6,
            "hed found.*is head meant",
        ),
        ("classes:\n- name: a\n  keypoints: [{name: b, position: [0, 2]}]", 5, "between 0 and 1"),
        (
            "classes:\n- name: a\n  attributes: [{name: b, type: number, max: x}]",
            5,
            "x found, expected a number",
        ),
        ("classes:\n- name: a\n  attributes: [{name: b, type: int}]", 5, "expected one of choice, number"),
        ("classes:\n- name: a\n  attributes: [{name: b, type: text, required: 1}]", 5, "true or false"),
        ("classes:\n- name: a\n  id: 1.5", 5, "whole number or text"),
        ("tag_groups:\n- {name: a, type: any}", 4, "any found, expected one of binary"),
        ("classes:\n- name: !!python/name:os.system ''", 4, "not YAML"),
    ],
)
def test_what_does_not_fit_is_told_with_its_line(tmp_path: Path, text: str, line: int, words: str) -> None:
    path = written(tmp_path, HEAD + text)
    with pytest.raises(SchemaError, match=words) as caught:
        read_schema(path)
    assert f"schema.yaml, line {line}:" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"format": "napari-labeltool label schema",\n "version": 2}', "line 2: version: 2 found"),
        ('{"a": 1,\n "a": 2}', "the key a occurs twice"),
        ('{"a": 1,\n oops}', "line 2: this is not JSON"),
        ("[" * 100_000, "not JSON|lists within lists"),
        ('{"images": []}', "the key images found"),
        ("null", "nothing found, expected an object"),
    ],
)
def test_json_that_does_not_fit_is_told(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(SchemaError, match=words):
        read_schema(written(tmp_path, text, "schema.json"))


def test_a_small_file_that_unfolds_without_end_is_refused(tmp_path: Path) -> None:
    lines = ["a: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"b{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 10)]
    with pytest.raises(SchemaError, match="more than 500,000 values"):
        read_schema(written(tmp_path, "\n".join(lines)))
    with pytest.raises(SchemaError, match="lists within lists"):
        read_schema(written(tmp_path, "a: &a [*a]"))


def test_other_endings_bytes_and_missing_files_are_told(tmp_path: Path) -> None:
    with pytest.raises(SchemaError, match=r"\.txt found, expected \.yaml"):
        read_schema(tmp_path / "a.txt")
    with pytest.raises(ReadError, match="cannot be read"):
        read_schema(tmp_path / "missing.yaml")
    (tmp_path / "b.yaml").write_bytes(b"a: \xff\xfe")
    with pytest.raises(SchemaError, match="not UTF-8"):
        read_schema(tmp_path / "b.yaml")
    with pytest.raises(WriteError, match="cannot be written"):
        write_schema(LabelSchema(), tmp_path / "no" / "a.yaml")


def test_a_failed_write_leaves_the_old_file_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path, "old")

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(WriteError, match="No space left"):
        write_schema(LabelSchema(), path)
    assert path.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["schema.yaml"]


def test_a_replaced_file_keeps_its_rights(tmp_path: Path) -> None:
    path = written(tmp_path, "old")
    path.chmod(0o600)
    write_schema(LabelSchema(), path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert read_schema(path) == LabelSchema()
