"""Finding image files from the names in somebody else's COCO file."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_labeltool.images import ImageResolver

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="POSIX file names and links")


def make(path: Path, text: str = "pixels") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


@pytest.fixture
def base(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


def test_a_file_beside_the_json_wins_over_one_in_a_root(base: Path, tmp_path: Path) -> None:
    beside = make(base / "a.png")
    make(tmp_path / "other" / "a.png")
    found = ImageResolver(base, [tmp_path / "other"]).resolve("a.png")
    assert (found.path, found.how) == (beside, "beside")


@pytest.mark.parametrize(
    "name", ["sub/a b.png", "./sub/a b.png", "sub\\a b.png", "sub/a%20b.png", "sub/../sub/a b.png"]
)
def test_spellings_of_one_relative_path_lead_to_one_file(base: Path, name: str) -> None:
    file = make(base / "sub" / "a b.png")
    found = ImageResolver(base).resolve(name)
    assert found.path is not None
    assert found.path.samefile(file)
    assert found.how == "beside"


@posix_only
def test_a_backslash_that_is_part_of_the_file_name_is_taken_literally_first(base: Path) -> None:
    literal = make(base / "sub\\a.png")
    make(base / "sub" / "a.png")
    assert ImageResolver(base).resolve("sub\\a.png").path == literal


def test_a_percent_sign_in_the_file_name_is_taken_literally_first(base: Path) -> None:
    literal = make(base / "a%20b.png")
    make(base / "a b.png")
    assert ImageResolver(base).resolve("a%20b.png").path == literal


def test_a_file_below_a_second_root_is_found(base: Path, tmp_path: Path) -> None:
    file = make(tmp_path / "two" / "x" / "a.png")
    found = ImageResolver(base, [tmp_path / "one", tmp_path / "two"]).resolve("x/a.png")
    assert (found.path, found.how) == (file, "root")


@pytest.mark.parametrize(
    ("json_place", "image_place", "name"),
    [
        ("annotations/instances_train.json", "images/train/a.jpg", "a.jpg"),
        ("annotations/instances_train2017.json", "train2017/a.jpg", "a.jpg"),
        ("annotations/instances_train2017.json", "images/train2017/a.jpg", "a.jpg"),
        ("annotations/instances_default.json", "images/default/a.jpg", "a.jpg"),
        ("annotations/all.json", "images/a.jpg", "a.jpg"),
        ("annotations/all.json", "images/deep/a.jpg", "images/deep/a.jpg"),
        ("all.json", "images/a.jpg", "a.jpg"),
        ("all.json", "images/val/a.jpg", "a.jpg"),
        ("all.json", "data/a.jpg", "a.jpg"),
        ("labels/train.json", "JPEGImages/a.jpg", "a.jpg"),
        ("made by a tool/train.json", "images/a.jpg", "a.jpg"),
    ],
)
def test_usual_coco_layouts_are_known(base: Path, json_place: str, image_place: str, name: str) -> None:
    document = make(base / json_place)
    image = make(base / image_place)
    found = ImageResolver(document.parent, document_name=document.name).resolve(name)
    assert found.path == image
    assert found.how == "layout"


@pytest.mark.parametrize("split", ["train", "val"])
def test_the_split_in_the_name_of_the_json_decides_between_two_splits(base: Path, split: str) -> None:
    (base / "annotations").mkdir()
    files = {one: make(base / "images" / one / "a.jpg") for one in ("train", "val")}
    resolver = ImageResolver(base / "annotations", document_name=f"instances_{split}.json")
    assert resolver.resolve("a.jpg").path == files[split]


def test_images_of_two_splits_are_ambiguous_when_the_json_tells_no_split(base: Path) -> None:
    (base / "annotations").mkdir()
    for split in ("train", "val"):
        make(base / "images" / split / "a.jpg")
    assert ImageResolver(base / "annotations", document_name="all.json").resolve("a.jpg").how == "ambiguous"


def test_a_path_of_another_computer_is_found_by_its_last_folders(base: Path) -> None:
    file = make(base / "plates" / "p1" / "a.png")
    make(base / "plates" / "p2" / "a.png")
    for name in ("/home/somebody/plates/p1/a.png", "C:\\data\\plates\\p1\\a.png", "D:/plates/p1/a.png"):
        found = ImageResolver(base).resolve(name)
        assert (found.path, found.how) == (file, "tail"), name


def test_a_base_name_is_searched_in_sub_folders(base: Path) -> None:
    file = make(base / "x" / "y" / "a.png")
    found = ImageResolver(base).resolve("a.png")
    assert (found.path, found.how) == (file, "search")


def test_letter_case_and_unicode_composition_do_not_hinder_the_search(base: Path) -> None:
    file = make(base / "x" / "caf\u00e9.PNG")
    assert ImageResolver(base).resolve("cafe\u0301.png").path == file


def test_exact_letter_case_decides_between_two_files(base: Path, tmp_path: Path) -> None:
    make(base / "x" / "a.PNG")
    exact = make(base / "y" / "a.png")
    assert ImageResolver(base).resolve("a.png").path == exact


def test_one_matching_folder_decides_between_files_of_one_name(base: Path) -> None:
    make(base / "run1" / "left" / "a.png")
    wanted = make(base / "run2" / "right" / "a.png")
    found = ImageResolver(base).resolve("somewhere/right/a.png")
    assert found.path == wanted


def test_two_equally_good_files_are_a_problem_that_names_both(base: Path) -> None:
    one, two = make(base / "x" / "a.png"), make(base / "y" / "a.png")
    found = ImageResolver(base).resolve("z/a.png")
    assert found.path is None
    assert found.how == "ambiguous"
    assert found.problem is not None
    assert str(one) in found.problem
    assert str(two) in found.problem


def test_the_panoptic_mask_of_a_missing_image_is_not_taken_for_the_image(base: Path) -> None:
    make(base / "panoptic_val" / "a.png")
    assert ImageResolver(base).resolve("a.png").how == "missing"
    assert ImageResolver(base).resolve("panoptic_val/a.png").path is not None


@pytest.mark.parametrize(
    "name",
    ["https://host/some/place/a%20b.png?size=big#top", "s3://bucket/dir/a b.png", "file:///etc/a b.png"],
)
def test_of_a_url_only_the_last_component_is_looked_up(base: Path, name: str) -> None:
    file = make(base / "a b.png")
    found = ImageResolver(base).resolve(name)
    assert found.path == file


def test_a_url_whose_path_leads_upwards_is_missing(base: Path, tmp_path: Path) -> None:
    make(tmp_path / "secret.png")
    assert ImageResolver(base).resolve("https://host/..%2Fsecret.png").path is None


def test_other_keys_of_the_record_help_when_the_name_does_not(base: Path) -> None:
    file = make(base / "000001.jpg")
    record = {"file_name": "gone.jpg", "coco_url": "http://images.cocodataset.org/train2017/000001.jpg"}
    found = ImageResolver(base).resolve("gone.jpg", record)
    assert (found.path, found.how) == (file, "hint")


@pytest.mark.parametrize(
    "name", ["../secret.png", "sub/../../secret.png", "..\\secret.png", "%2e%2e/secret.png"]
)
def test_a_path_upwards_out_of_the_roots_is_refused(base: Path, tmp_path: Path, name: str) -> None:
    make(tmp_path / "secret.png")
    (base / "sub").mkdir()
    found = ImageResolver(base).resolve(name)
    assert found.path is None
    assert found.how == "refused"
    assert found.problem is not None
    assert name in found.problem.encode().decode("unicode_escape")
    assert "add its folder" in found.problem


def test_an_absolute_path_is_read_inside_the_roots_and_refused_outside(base: Path, tmp_path: Path) -> None:
    inside, outside = make(base / "x" / "a.png"), make(tmp_path / "secret.png")
    resolver = ImageResolver(base)
    assert resolver.resolve(str(inside)).path == inside
    assert resolver.resolve(str(inside)).how == "absolute"
    refused = resolver.resolve(str(outside))
    assert (refused.path, refused.how) == (None, "refused")


def test_a_refused_path_still_finds_the_file_of_that_name_inside(base: Path, tmp_path: Path) -> None:
    make(tmp_path / "a.png")
    inside = make(base / "a.png")
    found = ImageResolver(base).resolve("../a.png")
    assert found.path == inside


@posix_only
def test_a_link_out_of_the_roots_is_refused_and_one_inside_is_followed(base: Path, tmp_path: Path) -> None:
    secret, inside = make(tmp_path / "secret.png"), make(base / "x" / "real.png")
    (base / "out.png").symlink_to(secret)
    (base / "in.png").symlink_to(inside)
    (base / "folder").symlink_to(tmp_path)
    resolver = ImageResolver(base)
    assert resolver.resolve("out.png").how == "refused"
    assert resolver.resolve("folder/secret.png").how == "refused"
    assert resolver.resolve("in.png").path == base / "in.png"


@posix_only
def test_a_linked_root_allows_what_lies_behind_it(base: Path, tmp_path: Path) -> None:
    make(tmp_path / "far" / "a.png")
    (base / "images").symlink_to(tmp_path / "far")
    found = ImageResolver(base, [base / "images"]).resolve("images/a.png")
    assert found.path is not None


@posix_only
def test_a_link_to_itself_is_missing(base: Path) -> None:
    (base / "loop.png").symlink_to(base / "loop.png")
    assert ImageResolver(base).resolve("loop.png").path is None


@posix_only
def test_pipes_and_folders_are_no_images(base: Path) -> None:
    os.mkfifo(base / "pipe.png")
    (base / "folder.png").mkdir()
    resolver = ImageResolver(base)
    assert resolver.resolve("folder.png").path is None
    assert resolver.resolve("pipe.png").path is None


def test_an_ome_zarr_folder_is_an_image(base: Path) -> None:
    (base / "deep" / "plate.zarr" / "0").mkdir(parents=True)
    resolver = ImageResolver(base)
    assert resolver.resolve("deep/plate.zarr").path == base / "deep" / "plate.zarr"
    assert resolver.resolve("plate.zarr").path == base / "deep" / "plate.zarr"


@pytest.mark.parametrize(
    "name", ["", "   ", None, 7, "a\0.png", "sub/", "..", ".", "/", "x" * 5000, "a\ud800.png"]
)
def test_names_that_name_no_file_are_a_problem_not_a_crash(base: Path, name: object) -> None:
    found = ImageResolver(base).resolve(name)
    assert found.path is None
    assert found.problem


def test_the_search_is_bounded_and_says_so(base: Path) -> None:
    for number in range(30):
        make(base / "many" / f"{number}.png")
    found = ImageResolver(base, max_entries=10).resolve("nowhere.png")
    assert found.problem is not None
    assert "stopped after 10 files" in found.problem


def test_chunks_of_a_zarr_folder_are_not_searched(base: Path) -> None:
    make(base / "x.zarr" / "0" / "a.png")
    assert ImageResolver(base).resolve("a.png").path is None


@settings(max_examples=200, deadline=None)
@given(
    name=st.one_of(
        st.lists(
            st.sampled_from(["..", ".", "in", "a.png", "secret.png", "far", "", "C:", "%2e%2e"]), max_size=6
        ).flatmap(lambda parts: st.sampled_from(["/", "\\", "//"]).map(lambda between: between.join(parts))),
        st.text(max_size=12),
    )
)
def test_no_name_whatever_leads_out_of_the_roots(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    outside = tmp_path_factory.getbasetemp() / "untrusted"
    base = outside / "in"
    if not base.exists():
        make(base / "a.png")
        make(base / "in" / "a.png")
        make(outside / "secret.png")
        make(outside / "far" / "secret.png")
    found = ImageResolver(base).resolve(name, {"path": name, "coco_url": "http://" + name})
    assert (found.path is None) == (found.problem is not None)
    if found.path is not None:
        assert found.path.resolve().is_relative_to(base.resolve())


def test_images_of_the_corpus_are_found_where_the_tools_put_them(corpus_dir: Path) -> None:
    cases = {
        "open-edge-platform__datumaro/tests/assets/coco_dataset/coco/annotations/labels_train.json": "a.jpg",
        "open-edge-platform__datumaro/tests/assets/coco_dataset/coco/annotations/instances_val.json": "b.jpg",
        "generated/datumaro-1.13.12/segmode_guess/annotations/instances_train.json": "dir one/plate 1.jpg",
        "generated/pycococreator-114df40/instances_shape_train2018.json": "1000.jpeg",
        "open-mmlab__mmpose/tests/data/h36m/h36m_coco.json": "S1_Directions_1.54138969_000001.jpg",
    }
    for document, name in cases.items():
        place = corpus_dir / document
        found = ImageResolver(place.parent, document_name=place.name).resolve(name)
        assert found.path is not None, (document, found.problem)
