"""Cases 1 to 18: what was not edited is written as it was read."""

from __future__ import annotations

import json
from typing import Any

import pytest
from coco_texts import annotation, append, codes, delete, document, patch, read, relabel, written

from napari_labeltool.core.errors import WriteError
from napari_labeltool.core.ops import Append, Patch
from napari_labeltool.core.values import REMOVED
from napari_labeltool.formats.coco import parse_coco, render_coco

ODD_TEXT = (
    '\r\n{ "info" : null,\r\n  "annotations":[{"area" :400.00, "id":1,"image_id": 1,'
    '"path":"a\\/b",\r\n'
    '   "category_id":1, "bbox":[1.50, 2,3.0,4e0]},   '
    '{"id":2,"image_id":1,"category_id":1}\t],"images":[{"id":1,'
    '"width":5,"height":6,"file_name":"\\u00e4.png"}],'
    ' "categories":[{"id":1,"name":"a"},{"id":7,"name":"b"}]}\r\n\r\n'
)


def test_a_dataset_without_edits_is_the_very_bytes() -> None:
    assert written(read(ODD_TEXT)) == ODD_TEXT


def test_an_edit_that_was_undone_leaves_the_very_bytes() -> None:
    dataset = read(ODD_TEXT)
    inverse = dataset.apply([Patch("annotations", 0, {"bbox": [9, 9, 9, 9], "new": 1, "area": REMOVED})])
    dataset.apply(inverse)
    assert written(dataset) == ODD_TEXT


def test_one_changed_value_changes_no_other_byte() -> None:
    dataset = patch(read(ODD_TEXT), 0, area=401.5)
    assert written(dataset) == ODD_TEXT.replace("400.00", "401.5")


def test_a_relabel_changes_the_category_id_alone() -> None:
    dataset = relabel(read(ODD_TEXT), 0, 1)
    assert written(dataset) == ODD_TEXT.replace('"category_id":1, "bbox"', '"category_id":7, "bbox"')


def test_a_relabel_does_not_touch_a_category_id_in_a_nested_object() -> None:
    text = json.dumps(
        document(
            [annotation(attributes={"category_id": 1}), {"id": 2, "image_id": 1, "x": {"category_id": 1}}],
            categories=[{"id": 1, "name": "a"}, {"id": 2, "name": "b"}],
        )
    )
    dataset = relabel(relabel(read(text), 0, 1), 1, 1)
    first, second = json.loads(written(dataset))["annotations"]
    assert first["category_id"] == 2
    assert first["attributes"] == {"category_id": 1}
    assert second == {"id": 2, "image_id": 1, "x": {"category_id": 1}, "category_id": 2}


def test_an_unlabelled_annotation_loses_its_category_id() -> None:
    dataset = relabel(read(document([annotation()])), 0, -1)
    assert "category_id" not in json.loads(written(dataset))["annotations"][0]


def test_a_new_category_is_written_with_its_id() -> None:
    dataset = read(document([annotation()]))
    dataset.apply([Append("categories", 1, {"id": 2, "name": "new"})])
    relabel(dataset, 0, 1)
    value = json.loads(written(dataset))
    assert value["annotations"][0]["category_id"] == 2
    assert value["categories"] == [{"id": 1, "name": "cell"}, {"id": 2, "name": "new"}]


def test_unknown_keys_of_an_edited_annotation_survive_in_their_order() -> None:
    record = {"zebra": [1, {"b": None}], **annotation(), "aardvark": "x"}
    dataset = patch(read(document([record])), 0, bbox=[1, 2, 3, 5])
    assert json.dumps(json.loads(written(dataset))["annotations"][0]) == json.dumps(
        {**record, "bbox": [1, 2, 3, 5]}
    )


def test_unknown_keys_of_document_image_and_category_survive() -> None:
    value = document(
        [annotation()],
        scene_annotations=[{"id": 3}],
        images=[{"id": 1, "flickr": None, "width": 1}],
        categories=[{"id": 1, "name": "x", "synset": "cell.n.01"}],
    )
    dataset = patch(read(value), 0, area=13)
    value["annotations"][0]["area"] = 13
    assert json.loads(written(dataset)) == value


@pytest.mark.parametrize("info", [None, [], [{"a": 1}], {}, "text"])
def test_an_odd_info_stays(info: Any) -> None:
    value = document([annotation()], info=info)
    dataset = patch(read(value), 0, area=13)
    assert json.loads(written(dataset))["info"] == info


def test_missing_keys_are_not_invented() -> None:
    text = '{"images": [{"id": 1}], "annotations": [{"id": 1, "image_id": 1}, {"id": 2, "image_id": 1}]}'
    dataset = patch(read(text), 1, score=0.5)
    assert written(dataset) == text[:-3] + ', "score": 0.5}]}'


def test_moving_one_vertex_leaves_the_text_of_the_others() -> None:
    record = '{"id": 1, "segmentation": [[1.10, 2.00, 3e0, 4.0, 5.5, 6.25], [1, 2, 3, 4, 5, 6]]}'
    text = json.dumps(document(["@"])).replace('"@"', record)
    dataset = patch(read(text), 0, segmentation=[[1.1, 2.0, 30.5, 4.0, 5.5, 6.25], [1, 2, 3, 4, 5, 6]])
    assert written(dataset) == text.replace("3e0", "30.5")


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        ([9, 9.5, 1.1, 2, 3, 4.0, 5.5, 6], "[9.0, 9.5, 1.10, 2.00, 3e0, 4.0, 5.5, 6.0]"),
        ([1.1, 2, 3, 4.0, 9, 9.5, 5.5, 6], "[1.10, 2.00, 3e0, 4.0, 9.0, 9.5, 5.5, 6.0]"),
        ([1.1, 2, 3, 4.0, 5.5, 6, 9, 9.5], "[1.10, 2.00, 3e0, 4.0, 5.5, 6.0, 9.0, 9.5]"),
        ([1.1, 2, 5.5, 6], "[1.10, 2.00, 5.5, 6.0]"),
        ([1.1, 2, 3, 4.0], "[1.10, 2.00, 3e0, 4.0]"),
        ([3, 4.0, 5.5, 6], "[3e0, 4.0, 5.5, 6.0]"),
    ],
)
def test_added_and_removed_vertices_leave_the_text_of_the_others(new: list[float], expected: str) -> None:
    record = '{"id": 1, "segmentation": [[1.10, 2.00, 3e0, 4.0, 5.5, 6.0]]}'
    text = '{"annotations": [' + record + "]}"
    dataset = patch(read(text), 0, segmentation=[new])
    assert written(dataset) == text.replace("[1.10, 2.00, 3e0, 4.0, 5.5, 6.0]", expected)


def test_a_bool_iscrowd_stays_bool() -> None:
    text = json.dumps(document([annotation(iscrowd=True)]))
    assert written(patch(read(text), 0, area=13)) == text.replace("12", "13")


def test_integers_stay_integers_where_they_still_are() -> None:
    dataset = patch(read(document([annotation(bbox=[1, 2, 3, 4])])), 0, bbox=[1.0, 2.0, 7.0, 4.5])
    assert '"bbox": [1, 2, 7, 4.5]' in written(dataset)


def test_whole_numbers_among_floats_are_written_with_a_point() -> None:
    dataset = patch(read(document([annotation(bbox=[1.5, 2.0, 3.25, 4.0])])), 0, bbox=[1.5, 7, 3.25, 4.0])
    assert '"bbox": [1.5, 7.0, 3.25, 4.0]' in written(dataset)


def test_run_lengths_stay_uncompressed_or_compressed() -> None:
    size = {"size": [2, 3]}
    value = document(
        [
            annotation(1, segmentation={"counts": [2, 4], **size}),
            annotation(2, segmentation={**size, "counts": "24"}),
        ]
    )
    dataset = patch(read(value), 0, segmentation={"counts": [1, 5], **size})
    patch(dataset, 1, segmentation={"counts": "15", **size})
    first, second = json.loads(written(dataset))["annotations"]
    assert first["segmentation"] == {"counts": [1, 5], "size": [2, 3]}
    assert list(second["segmentation"].items()) == [("size", [2, 3]), ("counts", "15")]


@pytest.mark.parametrize("text", ["Zelle \u00e4\u4e2d\U0001f600", 'a/b\\c"d\n'])
@pytest.mark.parametrize("ascii_only", [True, False])
def test_new_text_follows_the_escapes_of_the_file(text: str, ascii_only: bool) -> None:
    source = json.dumps(document([annotation(note="\u00fc")]), ensure_ascii=ascii_only)
    out = written(patch(read(source), 0, comment=text))
    assert out.isascii() == ascii_only
    assert json.loads(out)["annotations"][0]["comment"] == text
    assert out == source.replace('"}]', f'", "comment": {json.dumps(text, ensure_ascii=ascii_only)}}}]', 1)


def test_slashes_are_escaped_where_the_file_escapes_them() -> None:
    source = json.dumps(document([annotation(path="x/y")])).replace("/", "\\/")
    assert '"comment": "a\\/b"' in written(patch(read(source), 0, comment="a/b"))


@pytest.mark.parametrize("end", ["", "\n", "\r\n", "  \n\n"])
def test_the_end_of_the_file_stays(end: str) -> None:
    assert written(patch(read(json.dumps(document([annotation()])) + end), 0, area=13)).endswith("}" + end)


def test_a_byte_order_mark_is_read_and_kept() -> None:
    data = b"\xef\xbb\xbf" + json.dumps(document([annotation()])).encode()
    dataset = parse_coco(data)
    assert codes(dataset) == {"byte-order-mark"}
    patch(dataset, 0, area=13)
    assert b"".join(render_coco(dataset)) == data.replace(b"12", b"13")


def test_line_ends_of_windows_are_kept_and_used_for_new_records() -> None:
    text = json.dumps(document([annotation()]), indent=2).replace("\n", "\r\n")
    out = written(append(patch(read(text), 0, labels=[1, 2]), annotation(2)))
    assert out.count("\n") == out.count("\r\n")
    assert out == json.dumps(document([{**annotation(), "labels": [1, 2]}, annotation(2)]), indent=2).replace(
        "\n", "\r\n"
    )


def test_numbers_that_are_none_are_read_with_a_warning_and_stay() -> None:
    text = json.dumps(
        document([annotation(bbox=[1, float("nan"), 3, float("inf")], score=float("-inf")), annotation(2)])
    )
    dataset = read(text)
    assert {"not-a-number", "bbox-not-finite"} <= codes(dataset)
    assert sum(problem.code == "not-a-number" for problem in dataset.problems) == 3
    assert written(patch(dataset, 1, area=13)) == text.replace(
        '"id": 2, "image_id": 1, "category_id": 1, "bbox": [1, 2, 3, 4], "area": 12',
        '"id": 2, "image_id": 1, "category_id": 1, "bbox": [1, 2, 3, 4], "area": 13',
    )
    assert written(patch(dataset, 0, note="x")).count("Infinity") == 2


def test_the_words_of_numbers_that_are_none_in_texts_are_texts() -> None:
    value = document([annotation(name="NaN, -Infinity", area=float("nan"))])
    dataset = read(value)
    assert dataset.annotations.record(0)["name"] == "NaN, -Infinity"
    assert sum(problem.code == "not-a-number" for problem in dataset.problems) == 1


def test_a_number_that_is_none_is_not_written_anew() -> None:
    with pytest.raises(WriteError, match="finite"):
        written(patch(read(document([annotation()])), 0, area=float("nan")))


def test_half_of_a_surrogate_pair_is_kept() -> None:
    text = '{"annotations": [{"id": 1, "name": "\\ud83d x \\ud83d\\ude00"}], "images": []}'
    dataset = read(text)
    assert dataset.annotations.record(0)["name"] == "\ud83d x \U0001f600"
    assert written(patch(dataset, 0, area=1)) == text.replace('"}]', '", "area": 1}]')


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('{"annotations": [{"id": 1, "area": 1, "area": 2}]}', "annotations[0].area"),
        ('{"annotations": [{"id": 1, "a": {"b": 1, "c": [{"b": 1, "b": 2}]}}]}', "annotations[0].b"),
        ('{"annotations": [{"id": 1, "\\u0069d": 2}]}', "annotations[0].id"),
        ('{"images": [{"id": 1, "id": 1}], "annotations": []}', "images[0].id"),
        ('{"categories": [{"id": 1, "name": "a", "name": "a"}]}', "categories[0].name"),
        ('{"annotations": [{"id": 1}], "info": {"a": 1, "a": 2}}', "info"),
        ('{"annotations": [{"id": 1}], "annotations": [{"id": 2}]}', "annotations"),
        ('{"info": {}, "annotations": [{"id": 1}], "info": {}}', "info"),
    ],
)
def test_repeated_keys_are_told_and_an_edited_file_is_not_saved(text: str, place: str) -> None:
    dataset = read(text)
    found = [
        problem for problem in dataset.problems if problem.code in ("repeated-key", "repeated-top-level-key")
    ]
    assert [problem.where for problem in found] == [place]
    assert dataset.source.lossy is not None
    assert written(dataset) == text


@pytest.mark.parametrize("between", ["", "}{", ":", '\\"', '"'.replace('"', "\\\\")])
def test_a_repeated_key_is_found_in_one_record_of_many(between: str) -> None:
    records = [annotation(k, counts=between + "x" * (k % 7), note={"deep": [{"x": k}]}) for k in range(500)]
    text = json.dumps(document(records))
    assert read(text).source.lossy is None
    assert read(text.replace('{"id": 250,', '{"id": 250, "iscrowd": 0,')).source.lossy is not None


def test_keys_that_differ_by_digits_are_not_repeated() -> None:
    assert read(document([annotation(point1=1, point2=2)])).source.lossy is None


def test_deleting_the_first_the_last_and_all_leaves_the_others() -> None:
    text = '{"annotations": [\n {"id":1},\n {"id":2} ,\n {"id":3}\n]}'
    assert written(delete(read(text), 0)) == '{"annotations": [\n {"id":2} ,\n {"id":3}\n]}'
    assert written(delete(read(text), 1)) == '{"annotations": [\n {"id":1} ,\n {"id":3}\n]}'
    assert written(delete(read(text), 2)) == '{"annotations": [\n {"id":1},\n {"id":2}\n]}'
    assert written(delete(read(text), 0, 1, 2)) == '{"annotations": [\n \n]}'
    assert (
        written(append(delete(read(text), 0, 1, 2), {"id": 4}, -1, -1)) == '{"annotations": [\n {"id":4}\n]}'
    )


@pytest.mark.parametrize("indent", [None, 1, 2, 4, "\t"])
@pytest.mark.parametrize("separators", [None, (",", ":"), (", ", ":")])
def test_an_appended_record_is_as_json_would_write_it(indent: Any, separators: Any) -> None:
    style = {"indent": indent, "separators": separators}
    old = annotation(1, segmentation=[[1.5, 2.5, 3.5, 4.5, 5.5, 6.5]], attributes={"a": True})
    new = annotation(2, segmentation=[[7.5, 2.5, 3.5, 4.5, 5.5, 6.5]], attributes={"a": None})
    assert written(append(read(document([old]), **style), new)) == json.dumps(document([old, new]), **style)


@pytest.mark.parametrize("indent", [None, 2, 4])
@pytest.mark.parametrize("arrays", [{"annotations": []}, {"annotations": None}, {}])
def test_a_missing_or_empty_array_is_made_when_it_is_needed(indent: Any, arrays: dict[str, Any]) -> None:
    value = {"images": [{"id": 1, "file_name": "a"}, {"id": 2, "file_name": "b"}], **arrays}
    out = written(append(read(value, indent=indent), {"id": 1, "image_id": 1}, 0, -1))
    assert out == json.dumps({**value, "annotations": [{"id": 1, "image_id": 1}]}, indent=indent)


@pytest.mark.parametrize("indent", [None, 2])
def test_keys_of_the_document_are_added_changed_and_removed_in_style(indent: Any) -> None:
    value = document([annotation()], info={"version": "1.0", "year": 2017}, extra=[1, 2], last=3)
    dataset = read(value, indent=indent)
    dataset.apply(
        [
            Patch(
                "document",
                0,
                {"labeltool": {"a": [1]}, "extra": REMOVED, "info": {"version": "2", "year": 2017}},
            )
        ]
    )
    del value["extra"]
    value["info"]["version"] = "2"
    assert written(dataset) == json.dumps({**value, "labeltool": {"a": [1]}}, indent=indent)


def test_removed_keys_are_taken_out_with_one_separator() -> None:
    text = '{"annotations": [{"a": 1 , "b":2,\n "c": 3, "labeltool": {"x": 1, "y": 2}}]}'
    assert '{"b":2,\n "c": 3' in written(patch(read(text), 0, a=REMOVED))
    assert '{"a": 1 ,\n "c"' not in written(patch(read(text), 0, b=REMOVED))
    assert json.loads(
        written(patch(read(text), 0, a=REMOVED, b=REMOVED, c=REMOVED, labeltool=REMOVED, d=4))
    ) == {"annotations": [{"d": 4}]}
    assert '"labeltool": {"x": 1}' in written(patch(read(text), 0, labeltool={"x": 1}))


def test_a_new_document_is_standard_coco_with_a_record_a_line() -> None:
    from napari_labeltool.core.dataset import Dataset

    dataset = Dataset()
    dataset.apply(
        [
            Append("images", 0, {"id": 1, "file_name": "\u00e4.png", "width": 2, "height": 3}),
            Append("categories", 0, {"id": 1, "name": "cell"}),
            Append("annotations", 0, {"id": 1, "image_id": 1, "bbox": [1.0, 2.0, 3.5, 4.0]}, 0, 0),
            Patch("document", 0, {"labeltool": {"version": 1}, "info": {"year": 2026}}),
        ]
    )
    text = written(dataset)
    assert text.splitlines()[3] == '    {"id": 1, "file_name": "\\u00e4.png", "width": 2, "height": 3}'
    value = json.loads(text)
    assert list(value) == ["info", "images", "annotations", "categories", "labeltool"]
    assert value["annotations"] == [{"id": 1, "image_id": 1, "bbox": [1.0, 2.0, 3.5, 4.0], "category_id": 1}]
    again = parse_coco(text.encode())
    assert written(again) == text
