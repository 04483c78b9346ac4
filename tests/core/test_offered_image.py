"""An offered image record: read like one of the document, added by the edit that needs it."""

from __future__ import annotations

from napari_labeltool.core.dataset import Dataset
from napari_labeltool.core.edits import AddImages, AddObject, Rows
from napari_labeltool.core.geometry import Box
from napari_labeltool.core.offered import with_offered_image

PLANE = {"file_name": "a.tif", "width": 8, "height": 6, "labeltool": {"plane": {"Z": 2}}}


def offering() -> tuple[Dataset, int]:
    dataset = Dataset()
    dataset.apply(AddImages(({"file_name": "a.tif", "width": 8, "height": 6},)).ops(dataset))
    return dataset, dataset.images.offer(PLANE)


def test_an_offered_record_is_read_under_its_row_and_is_not_counted() -> None:
    dataset, row = offering()
    assert dataset.images.at(row).file_name == "a.tif"
    assert dataset.images.size(row) == (6, 8)
    assert dataset.images.value(row, "labeltool") == {"plane": {"Z": 2}}
    assert dataset.images.id_of(row) == 2
    assert (len(dataset.images), dataset.images.exists(row), dataset.images.exists(row + 1)) == (
        1,
        True,
        False,
    )


def test_an_edit_of_another_image_leaves_it_offered() -> None:
    dataset, row = offering()
    ops = AddObject(Rows([0]), None, geometry=Box((1.0, 1.0, 2.0, 2.0))).ops(dataset)
    assert with_offered_image(dataset, ops) == tuple(ops)
    assert dataset.images.is_offered(row)


def test_an_edit_of_the_offered_image_adds_it_first() -> None:
    dataset, row = offering()
    ops = with_offered_image(
        dataset, AddObject(Rows([row]), None, geometry=Box((1.0, 1.0, 2.0, 2.0))).ops(dataset)
    )
    dataset.apply(ops)
    assert dataset.images.rows().tolist() == [0, row]
    assert not dataset.images.is_offered(row)
    (annotation,) = dataset.annotations.rows_of_image(row)
    assert dataset.annotations.record(int(annotation))["image_id"] == 2


def test_an_offer_is_gone_when_another_image_takes_its_row() -> None:
    dataset, row = offering()
    dataset.apply(AddImages(({"file_name": "b.tif"},)).ops(dataset))
    assert not dataset.images.is_offered(row)
    assert dataset.images.at(row).file_name == "b.tif"
