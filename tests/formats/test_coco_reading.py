"""Cases 19 to 64 as far as reading goes: everything is kept, what is odd is told."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from coco_texts import annotation, append, codes, delete, document, image, patch, read, relabel, written

from napari_labeltool.core import edits
from napari_labeltool.core.columns import Flag, Kind
from napari_labeltool.core.geometry import Mask
from napari_labeltool.core.rle import Rle
from napari_labeltool.formats.coco import checks

CELL = {"id": 1, "name": "cell"}


def problems(dataset: Any, code: str) -> list[str]:
    return [problem.where for problem in dataset.problems if problem.code == code]


# -- ids and references


def test_an_ordinary_file_has_no_problems() -> None:
    dataset = read(document([annotation(1, segmentation=[[1, 2, 4, 2, 4, 6]]), annotation(2)]))
    assert dataset.problems == ()
    assert dataset.annotations.kind.tolist() == [Kind.POLYGON, Kind.BOX]


def test_duplicate_annotation_ids_are_all_shown_and_told() -> None:
    dataset = read(document([annotation(5), annotation(6), annotation(5), annotation("x"), annotation("x")]))
    assert problems(dataset, "duplicate-annotation-id") == ["annotations[2].id", "annotations[4].id"]
    assert dataset.annotations.rows_of_ids([5]).tolist() == [0, 2]
    assert len(dataset.where(image=1)) == 5


def test_duplicate_category_and_image_ids_and_names_are_told() -> None:
    dataset = read(
        document(
            [annotation()],
            images=[image(1), image(1)],
            categories=[CELL, {"id": 1, "name": "b"}, {"id": 3, "name": "cell"}],
        )
    )
    assert codes(dataset) == {"duplicate-image-id", "duplicate-category-id", "duplicate-category-name"}
    assert dataset.annotations.image[0] == dataset.annotations.category[0] == 0


@pytest.mark.parametrize("value", [0, -5, 2**31 + 1, 2**53 + 1, 2**63 - 1, "7", "a/b", 2**70, 1.5])
def test_ids_keep_type_and_value(value: Any) -> None:
    source = document(
        [annotation(value, image_id=value, category_id=value)], [image(value)], [{"id": value, "name": "c"}]
    )
    dataset = read(source)
    assert dataset.annotations.id_of(0) == value
    assert type(dataset.annotations.id_of(0)) is type(value)
    assert (dataset.annotations.image[0], dataset.annotations.category[0]) == (0, 0)
    assert dataset.problems == ()
    assert json.loads(written(relabel(patch(dataset, 0, area=1), 0, 0)))["annotations"][0] == {
        **source["annotations"][0],
        "area": 1,
    }


@pytest.mark.parametrize(("reference", "id"), [("0", 0), (0, "0"), (1.0, 1), (" 7 ", 7)])
def test_an_id_of_another_type_links_with_a_warning_and_keeps_its_text(reference: Any, id: Any) -> None:
    text = json.dumps(
        document(
            [annotation(image_id=reference, category_id=reference)], [image(id)], [{"id": id, "name": "c"}]
        )
    )
    dataset = read(text)
    assert (dataset.annotations.image[0], dataset.annotations.category[0]) == (0, 0)
    assert problems(dataset, "id-type") == ["annotations[0].image_id", "annotations[0].category_id"]
    assert written(patch(dataset, 0, area=13)) == text.replace("12", "13")


def test_true_is_not_the_id_one() -> None:
    dataset = read(document([annotation(image_id=True)]))
    assert dataset.annotations.image[0] == -1
    assert codes(dataset) == {"unknown-image"}


def test_orphans_are_kept_and_told() -> None:
    rows = [annotation(1, image_id=9), annotation(2, category_id=9), {"id": 3}, annotation(4)]
    dataset = read(document(rows))
    assert dataset.annotations.image.tolist() == [-1, 0, -1, 0]
    assert dataset.annotations.category.tolist() == [0, -1, -1, 0]
    assert problems(dataset, "unknown-image") == ["annotations[0].image_id"]
    assert problems(dataset, "unknown-category") == ["annotations[1].category_id"]
    assert problems(dataset, "missing-image-id") == ["annotations[2]"]
    assert json.loads(written(patch(dataset, 0, area=1)))["annotations"][1:] == rows[1:]


def test_a_file_without_images_or_categories_tells_it_once() -> None:
    dataset = read(document([annotation(1), annotation(2)], images=[], categories=[]))
    assert problems(dataset, "unknown-image") == ["images"]
    assert problems(dataset, "unknown-category") == ["categories"]


def test_an_annotation_without_category_in_a_file_without_any_is_unlabelled() -> None:
    dataset = read(document([{"id": 1, "image_id": 1, "bbox": [1, 2, 3, 4]}], categories=[]))
    assert dataset.name_of(0) == "unlabelled 1"


def test_category_zero_is_a_class_and_gaps_stay() -> None:
    categories = [{"id": 0, "name": "zero"}, {"id": 90, "name": "ninety"}]
    dataset = read(document([annotation(category_id=0)], categories=categories))
    assert dataset.name_of(0) == "zero 1"
    assert json.loads(written(relabel(dataset, 0, 1)))["annotations"][0]["category_id"] == 90


def test_new_ids_follow_the_largest_and_deleting_renumbers_nothing() -> None:
    dataset = read(document([annotation(3), annotation(9), annotation(4)]))
    assert dataset.annotations.next_id() == 10
    append(delete(dataset, 0), annotation(10))
    assert [record["id"] for record in json.loads(written(dataset))["annotations"]] == [9, 4, 10]


# -- geometry


@pytest.mark.parametrize(
    ("segmentation", "kind", "code"),
    [
        ([[1, 2, 3, 4]], Kind.ODD, "odd-segmentation"),
        ([[1, 2, 3, 4, 5, 6, 7]], Kind.ODD, "odd-segmentation"),
        ([[1, 2, 3, 4, 5, 6], [1, 2]], Kind.POLYGON, "odd-polygon-part"),
        ([[1, 2, 3, 4, 5, 6], []], Kind.POLYGON, "odd-polygon-part"),
        ([[1, 2, 3, 4, 5, "6"]], Kind.ODD, "odd-segmentation"),
        ([[1, 2, 3, 4, 5, None], [1, 2, 3, 4, 5, 6]], Kind.POLYGON, "odd-polygon-part"),
        ([[[1, 2], [3, 4], [5, 6]]], Kind.ODD, "odd-segmentation"),
        ([{"x": 1}], Kind.ODD, "odd-segmentation"),
        ("path.png", Kind.ODD, "odd-segmentation"),
        ({"counts": [1, 2]}, Kind.ODD, "odd-segmentation"),
        ({"size": [1, 2], "counts": None}, Kind.ODD, "odd-segmentation"),
        ([1, 2, 3, 4, 5, 6], Kind.POLYGON, "flat-polygon"),
        ([], Kind.BOX, None),
        ([[]], Kind.BOX, None),
        (None, Kind.BOX, None),
        ([[1, 2, 3, 4, 5, 6, 1, 2]], Kind.POLYGON, None),
    ],
)
@pytest.mark.parametrize("indent", [None, 2])
def test_odd_segmentations_are_told_and_kept(
    segmentation: Any, kind: Kind, code: str | None, indent: int | None
) -> None:
    text = json.dumps(document([annotation(1, segmentation=segmentation), annotation(2)]), indent=indent)
    dataset = read(text)
    assert dataset.annotations.kind[0] == kind
    assert codes(dataset) == ({code} if code else set())
    dataset.geometry(0)
    assert written(patch(dataset, 0, area=13)) == text.replace("12", "13", 1)


@pytest.mark.parametrize(
    ("segmentation", "code"),
    [
        ({"size": [2, 3], "counts": [1, 2]}, "rle-short"),
        ({"size": [2, 3], "counts": [1, 2, 99]}, "rle-long"),
        ({"size": [2, 3], "counts": [8, -2]}, "rle-damaged"),
        ({"size": [2, 3], "counts": [1.5, 4.5]}, "rle-damaged"),
        ({"size": [2, 3], "counts": "12"}, "rle-short"),
        ({"size": [2, 3], "counts": ""}, "rle-short"),
        ({"size": [2, 3], "counts": "1 2"}, "rle-damaged"),
        ({"size": [2, 3], "counts": "1\u00e9"}, "rle-damaged"),
        ({"size": [2, 3], "counts": "P"}, "rle-damaged"),
        ({"size": [2, -3], "counts": [1, 5]}, "rle-size-odd"),
        ({"size": [2.5, 4], "counts": [5, 5]}, "rle-size-odd"),
        ({"size": [1e300, 1e300], "counts": [5, 5]}, "rle-size-odd"),
    ],
)
def test_run_lengths_that_do_not_fill_their_size_are_told(segmentation: Any, code: str) -> None:
    dataset = read(document([annotation(4711, segmentation=segmentation)], [image(width=3, height=2)]))
    found = [
        problem
        for problem in dataset.problems
        if problem.code.startswith("rle-") and problem.severity == "error"
    ]
    assert [problem.code for problem in found] == [code]
    assert "annotation 4711" in found[0].message


def test_the_sum_of_compressed_runs_is_found_as_the_codec_finds_it() -> None:
    random = np.random.default_rng(5)
    masks = [
        Rle.from_mask(random.random((h, w)) < share)
        for h, w, share in [(30, 20, 0.5), (1, 7, 0.2), (50, 50, 0.01), (9, 9, 1)] * 20
    ]
    rows = [
        annotation(k, segmentation={"size": [m.height, m.width], "counts": m.to_compressed()})
        for k, m in enumerate(masks)
    ]
    rows[7]["segmentation"]["size"] = [30, 21]
    dataset = read(document(rows, [image(width=None)]))
    assert [p.where for p in dataset.problems if p.severity == "error"] == ["annotations[7].segmentation"]
    assert set(dataset.annotations.kind.tolist()) == {Kind.RLE_COMPRESSED}


@pytest.mark.parametrize(
    ("size", "code"), [([3, 2], "rle-size-swapped"), ([6, 1], "rle-size"), ([2, 3], None)]
)
def test_a_size_other_than_the_image_is_told(size: list[int], code: str | None) -> None:
    dataset = read(
        document(
            [annotation(segmentation={"size": size, "counts": [3, 3]}, bbox=[0, 0, 1, 1])],
            [image(width=3, height=2)],
        )
    )
    assert codes(dataset) == ({code} if code else set())


def test_a_missing_bbox_is_the_extent_of_the_geometry() -> None:
    polygon = {"id": 1, "image_id": 1, "category_id": 1, "segmentation": [[1, 2, 5, 2, 5, 9]]}
    mask = {"id": 2, "image_id": 1, "category_id": 1, "segmentation": {"size": [2, 3], "counts": [2, 2, 2]}}
    dataset = read(document([polygon, mask]))
    assert dataset.annotations.bbox.tolist() == [[1, 2, 4, 7], [1, 0, 1, 2]]
    assert "bbox" not in dataset.annotations.record(0)


@pytest.mark.parametrize(
    ("bbox", "code"),
    [
        ([1, 2, 3], "odd-bbox"),
        ([1, 2, 3, "4"], "odd-bbox"),
        ({"x": 1}, "odd-bbox"),
        ([1, 2, -3, 4], "bbox-negative-size"),
        ([1, 2, 0, 4], "bbox-empty"),
        ([-5, 2, 3, 4], "bbox-outside-image"),
        ([638, 2, 4, 4], "bbox-outside-image"),
        ([-1, -1, 642, 482], None),
        (None, None),
    ],
)
def test_odd_boxes_are_told_and_kept(bbox: Any, code: str | None) -> None:
    text = json.dumps(document([annotation(bbox=bbox)]))
    dataset = read(text)
    assert codes(dataset) == ({code} if code else set())
    assert written(patch(dataset, 0, area=13)) == text.replace("12", "13")


@pytest.mark.parametrize(
    ("form", "code"), [("corners", "bbox-form-corners"), ("centre", "bbox-form-centre"), ("coco", None)]
)
@pytest.mark.parametrize("with_polygons", [True, False])
def test_boxes_in_another_form_are_told_once_for_the_file(
    form: str, code: str | None, with_polygons: bool
) -> None:
    random = np.random.default_rng(1)
    rows = []
    for k in range(40):
        x, y = random.uniform(0, 540), random.uniform(0, 380)
        w, h = random.uniform(20, 640 - x), random.uniform(20, 480 - y)
        bbox = {
            "corners": [x, y, x + w, y + h],
            "centre": [x + w / 2, y + h / 2, w, h],
            "coco": [x, y, w, h],
        }[form]
        polygon = [[x, y, x + w, y, x + w, y + h]] if with_polygons else []
        rows.append(annotation(k, bbox=bbox, segmentation=polygon))
    dataset = read(document(rows))
    assert {found for found in codes(dataset) if found.startswith("bbox-form")} == ({code} if code else set())
    assert json.loads(written(patch(dataset, 0, area=1)))["annotations"][1:] == rows[1:]


def test_the_conventions_of_a_file_are_found_per_kind() -> None:
    rows: list[dict[str, Any]] = []
    for k in range(12):
        x = 10 * k
        rows.append(
            annotation(3 * k, segmentation=[[x, 0, x + 8, 0, x + 8, 6, x, 6]], bbox=[x, 0, 9, 7], area=48)
        )
        runs = {"size": [100, 200], "counts": [100 * x, 50, 50, 50, 19850 - 100 * x]}
        rows.append(annotation(3 * k + 1, segmentation=runs, bbox=[x, 0, 2, 50], area=100))
        rows.append(annotation(3 * k + 2, segmentation=runs, bbox=[x, 0, 1, 49], area=100, iscrowd=1))
    found = read(document(rows)).conventions
    assert (found.polygon.area, found.polygon.bbox) == ("shoelace", "inclusive")
    assert (found.mask.area, found.mask.bbox) == ("pixels", "extent")
    assert (found.crowd.area, found.crowd.bbox) == ("pixels", "less-one")


def test_a_crowd_mask_is_edited_without_losing_crowd() -> None:
    dataset = read(
        document(
            [annotation(iscrowd=1, segmentation={"counts": [2, 4], "size": [2, 3]})],
            [image(width=3, height=2)],
        )
    )
    assert dataset.annotations.flags[0] == Flag.CROWD
    dataset.apply(edits.SetGeometry([1], Mask(Rle.from_counts([1, 5], 2, 3))).ops(dataset))
    record = json.loads(written(dataset))["annotations"][0]
    assert record["iscrowd"] == 1
    assert record["segmentation"] == {"counts": [1, 5], "size": [2, 3]}


def test_many_problems_of_a_kind_are_summed_up() -> None:
    dataset = read(document([annotation(k, image_id=99) for k in range(1500)]))
    found = [problem for problem in dataset.problems if problem.code == "unknown-image"]
    assert len(found) == 1001
    assert found[-1].row is None
    assert "500 more" in found[-1].message


# -- keypoints


def person(**more: Any) -> dict[str, Any]:
    return {"id": 1, "name": "person", "keypoints": ["a", "b", "c"], **more}


@pytest.mark.parametrize(
    ("skeleton", "wrong"),
    [([[1, 2], [2, 3]], False), ([[0, 1], [1, 2]], True), ([[1, 4]], True), ([["a", 1]], True), ([], False)],
)
def test_a_skeleton_beyond_its_keypoints_is_told(skeleton: Any, wrong: bool) -> None:
    dataset = read(document([], categories=[person(skeleton=skeleton)]))
    assert codes(dataset) == ({"skeleton-index"} if wrong else set())


@pytest.mark.parametrize(
    ("keypoints", "declared", "code", "flag"),
    [
        ([1, 2, 2, 3, 4, 1, 0, 0, 0], 2, None, Flag.KEYPOINTS),
        ([1, 2, 2.0, 3.5, 4, 1.0, 7, 8, 0], 2, None, Flag.KEYPOINTS),
        ([1, 2, 2, 3, 4, 1, 0, 0, 0], 3, "num-keypoints", Flag.KEYPOINTS),
        ([1, 2, 0.7, 3, 4, 1, 0, 0, 0], None, "keypoint-visibility", Flag.KEYPOINTS),
        ([1, 2, 3, 3, 4, 1, 0, 0, 0], 2, "keypoint-visibility", Flag.KEYPOINTS),
        ([1, 2, 2, 3, 4, 1], 2, "keypoint-count", Flag.KEYPOINTS),
        ([1, 2, 2, 3], 1, "odd-keypoints", Flag.ODD_KEYPOINTS),
        ([[1, 2, 2], [3, 4, 1]], 2, "odd-keypoints", Flag.ODD_KEYPOINTS),
        ({"a": [1, 2]}, 1, "odd-keypoints", Flag.ODD_KEYPOINTS),
        ([], 0, None, Flag(0)),
        (None, 0, None, Flag(0)),
    ],
)
def test_odd_keypoints_are_told_and_kept(
    keypoints: Any, declared: int | None, code: str | None, flag: Flag
) -> None:
    more = {} if declared is None else {"num_keypoints": declared}
    text = json.dumps(
        document([annotation(keypoints=keypoints, **more), annotation(2)], categories=[person()])
    )
    dataset = read(text)
    assert codes(dataset) == ({code} if code else set())
    assert dataset.annotations.flags.tolist() == [flag, 0]
    assert written(patch(dataset, 1, score=1)) == text.replace('"iscrowd": 0}]', '"iscrowd": 0, "score": 1}]')


def test_whole_body_arrays_survive_an_edit_of_the_body() -> None:
    more = {"foot_kpts": [1, 2, 2.0], "face_box": [1.0, 2.0, 3.0, 4.0], "face_valid": True}
    record = annotation(keypoints=[1, 2, 2, 3, 4, 0, 0, 0, 0], num_keypoints=1, **more)
    dataset = read(document([record], categories=[person()]))
    dataset.apply(edits.SetKeypoints([1], np.array([[9, 2, 2], [3, 4, 0], [0, 0, 0.0]])).ops(dataset))
    found = json.loads(written(dataset))["annotations"][0]
    assert found["keypoints"] == [9, 2, 2, 3, 4, 0, 0, 0, 0]
    assert {key: found[key] for key in more} == more


# -- dialects


def test_a_results_list_is_read_edited_and_saved_as_a_list_without_ids() -> None:
    rows = [
        {"image_id": 42, "category_id": 18, "bbox": [1.5, 2.5, 3.5, 4.5], "score": 0.25},
        {"image_id": 73, "category_id": 1, "bbox": [1, 2, 3, 4], "score": 1},
    ]
    text = json.dumps(rows)
    dataset = read(text)
    assert dataset.source.form == "list"
    assert codes(dataset) == {"results-list"}
    assert dataset.annotations.flags.tolist() == [Flag.SCORE, Flag.SCORE]
    new = {"id": 1, "image_id": 42, "category_id": 18, "bbox": [1.5, 2.5, 3.5, 9.5], "score": 0.5}
    append(patch(delete(dataset, 1), 0, score=0.75), new, -1, -1)
    del new["id"]
    # the row has no category of this file, so the id that the record brings stays
    assert json.loads(written(dataset))[0] == {**rows[0], "score": 0.75}
    assert "id" not in json.loads(written(dataset))[1]


def test_panoptic_captions_labels_and_video_records_survive_an_edit() -> None:
    rows = [
        {
            "image_id": 1,
            "file_name": "a.png",
            "segments_info": [{"id": 3, "category_id": 1, "isthing": 1}, {"id": 4}],
        },
        {"id": 2, "image_id": 1, "caption": "A cell."},
        {"id": 3, "image_id": 1, "category_id": 1},
        annotation(4, instance_id=7, video_id=None, track_id=3, attributes={"occluded": False}),
    ]
    text = json.dumps(document(rows, videos=[{"id": 1, "name": "v"}], frames=None))
    dataset = read(text)
    assert "panoptic" in codes(dataset)
    assert dataset.annotations.kind.tolist() == [Kind.NONE, Kind.NONE, Kind.NONE, Kind.BOX]
    assert written(patch(dataset, 3, area=13)) == text.replace('"area": 12', '"area": 13')


def test_lists_of_lvis_images_survive() -> None:
    text = json.dumps(
        document([annotation()], [image(neg_category_ids=[1, 2], not_exhaustive_category_ids=[])])
    )
    assert written(patch(read(text), 0, table="images", license=3)).count('"neg_category_ids": [1, 2]') == 1


@pytest.mark.parametrize(
    "name",
    ["a/b c/d.png", "C:\\x\\y.png", "/abs/x.png", "https://x.org/a%20b.png?q=1", "../../x.png", "\u00fc.png"],
)
def test_the_text_of_a_file_name_is_never_altered(name: str) -> None:
    text = json.dumps(document([], [image(file_name=name)]))
    dataset = read(text)
    assert dataset.images[0].file_name == name
    assert written(patch(dataset, 0, table="images", width=641)) == text.replace("640", "641")


def test_a_single_image_file_shows_its_annotations_on_it() -> None:
    value = {
        "image": {"image_id": 7, "file_name": "sa.jpg", "width": 3, "height": 2},
        "annotations": [{"id": 1, "segmentation": {"size": [2, 3], "counts": "24"}, "bbox": [1, 0, 2, 2]}],
    }
    dataset = read(value)
    assert {"single-image"} <= codes(dataset)
    assert dataset.images[0].file_name == "sa.jpg"
    assert dataset.annotations.image[0] == 0
    patch(dataset, 0, table="images", labeltool={"state": "done"})
    value["image"]["labeltool"] = {"state": "done"}  # type: ignore[index]
    assert json.loads(written(dataset)) == value


def test_images_as_an_object_are_shown_and_edited_in_place() -> None:
    value = document([annotation()], images={"x": image(1), "y": image(2)})
    dataset = read(value)
    assert codes(dataset) == {"images-not-a-list"}
    assert len(dataset.images) == 2
    assert dataset.annotations.image[0] == 0
    patch(dataset, 1, table="images", width=9)
    value["images"]["y"]["width"] = 9
    assert json.loads(written(dataset)) == value


@pytest.mark.parametrize(
    "value",
    [
        {"categories": [CELL]},
        {"images": [image()]},
        {"annotations": []},
        {"images": "x", "annotations": 3},
        document([None, 3, "x", annotation()]),
        {"images": [], "annotations": {"1": {}}},
    ],
)
def test_thin_and_odd_documents_open_with_a_plain_message(value: Any) -> None:
    dataset = read(value)
    assert dataset.problems
    assert json.loads(written(dataset)) == value


def test_a_list_of_categories_is_read_as_such() -> None:
    dataset = read([{"id": 1, "name": "a", "isthing": 1}, {"id": 2, "name": "b", "isthing": 0}])
    assert [category.name for category in dataset.categories] == ["a", "b"]
    out = written(patch(dataset, 0, table="categories", color=[1, 2, 3]))
    assert json.loads(out)[0] == {"id": 1, "name": "a", "isthing": 1, "color": [1, 2, 3]}


def test_every_code_of_a_problem_is_documented() -> None:
    folder = Path(checks.__file__).parent
    used = set()
    for path in folder.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in ("add", "add_rows")
                and node.args
                and isinstance(node.args[0], ast.Constant)
            ):
                used.add(node.args[0].value)
    table = checks.__doc__ or ""
    documented = set(re.findall(r"^([a-z-]+(?:, [a-z-]+)*) +(?:info|warning|error) ", table, re.MULTILINE))
    documented = {code for codes_of_line in documented for code in codes_of_line.split(", ")}
    assert len(used) > 20
    assert used - documented == set()
