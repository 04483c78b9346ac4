"""A COCO file or a folder of images as plain layers of one image, for napari's readers and for scripts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from napari_labeltool.core.dataset import Dataset
from napari_labeltool.core.edits import AddImages, Rows
from napari_labeltool.core.errors import ReadError
from napari_labeltool.core.records import labeltool_facts
from napari_labeltool.formats.coco import read_coco
from napari_labeltool.images import ImageResolver, ImageSource, open_image, scan_folder
from napari_labeltool.layers.assumptions import counted
from napari_labeltool.layers.convert_dataset import mark_for, to_layers
from napari_labeltool.layers.coordinates import LayerDataTuple
from napari_labeltool.layers.pictures_reading import picture_layers
from napari_labeltool.session.finding import documents_in

_LOOKED_FOR = 200
"""Image records whose file is looked for before the first one is shown without its picture."""


@dataclass(frozen=True, slots=True)
class Opened:
    """One image as plain layers.

    Parameters
    ----------
    layers
        The picture when it was found, then the annotations.
    dataset
        The document.
    image
        Row of the image, -1 when the document has none.
    sentences
        What a person should know: which image of how many, what is missing, what was found odd.
    """

    layers: list[LayerDataTuple]
    dataset: Dataset
    image: int
    sentences: tuple[str, ...]


def open_document(path: str | Path, roots: Sequence[str | Path] = ()) -> Opened:
    """Read a COCO file and return its first image that has its picture.

    Parameters
    ----------
    path
        The COCO file.
    roots
        Further folders in which pictures may lie.

    Returns
    -------
    Opened
        Of an image without its picture when none is found.

    Raises
    ------
    ReadError
        The file is damaged or no COCO.
    """
    path = Path(path).absolute()
    dataset = read_coco(path)
    sentences: list[str] = []
    errors = sum(problem.severity != "info" for problem in dataset.problems)
    if errors:
        sentences.append(f"{path.name}: {counted(errors, 'problem')} found; the Problems widget lists them.")
    rows = dataset.images.rows().tolist()
    if not rows:
        sentences.append(f"{path.name} lists no images, so there is nothing to show.")
        return Opened([], dataset, -1, tuple(sentences))
    resolver = ImageResolver(path.parent, tuple(roots), document_name=path.name)
    shown, source = rows[0], None
    for row in rows[:_LOOKED_FOR]:
        record = dataset.images.record(row)
        found = resolver.resolve(record.get("file_name"), record)
        if found.path is not None:
            try:
                shown, source = row, _loaded(found.path)
                break
            except ReadError as error:
                sentences.append(str(error))
    if source is None:
        sentences.append(
            f"{path.name}: no picture was found for {dataset.images.at(shown).file_name!r}; its annotations"
            " are shown without it. Add the folder of the pictures in the plugin's preferences."
        )
    name = dataset.images.at(shown).file_name
    if len(rows) > 1:
        sentences.append(
            f"{name} is shown, one of {len(rows):,} images of {path.name}. The Labeling widget goes"
            " through all of them."
        )
    return Opened(_layers(dataset, shown, source), dataset, shown, tuple(sentences))


def open_richest(path: str | Path) -> Opened:
    """Read a COCO file and return the image that has most kinds of annotations, for demonstrations."""
    path = Path(path).absolute()
    dataset = read_coco(path)
    rows = dataset.images.rows().tolist()
    best = max(rows, key=lambda row: len({kind for _, _, kind in to_layers(dataset, Rows([row]))}))
    record = dataset.images.record(best)
    found = ImageResolver(path.parent, document_name=path.name).resolve(record.get("file_name"), record)
    source = None if found.path is None else _loaded(found.path)
    return Opened(_layers(dataset, best, source), dataset, best, ())


def open_folder(path: str | Path, roots: Sequence[str | Path] = ()) -> Opened:
    """Return the first image of a folder: of the COCO file in it, or else of its pictures.

    Raises
    ------
    ReadError
        The folder holds neither a COCO file nor a picture that can be read.
    """
    path = Path(path).absolute()
    documents = documents_in(path)
    if documents:
        return open_document(documents[0], (*roots, path))
    names = scan_folder(path)
    sentences: list[str] = []
    for name in names:
        try:
            source = _loaded(path / name)
        except ReadError as error:
            sentences.append(str(error))
            continue
        dataset = Dataset()
        height, width = source.shape_yx
        record = {"file_name": name, "width": width, "height": height}
        dataset.apply(AddImages((record,)).ops(dataset))
        if len(names) > 1:
            sentences.append(
                f"{name} is shown, one of {len(names):,} images of the folder. The Labeling widget goes"
                " through all of them."
            )
        return Opened(_layers(dataset, 0, source), dataset, 0, tuple(sentences))
    more = f" {sentences[0]}" if sentences else ""
    raise ReadError(f"{path}: neither a COCO file nor an image found.{more} Choose a folder of images.")


def _loaded(path: Path) -> ImageSource:
    source = open_image(path)
    source.load()
    return source


def _layers(dataset: Dataset, image: int, source: ImageSource | None) -> list[LayerDataTuple]:
    annotations = to_layers(dataset, Rows([image]))
    if source is None:
        return annotations
    facts = labeltool_facts(dataset.images.record(image)).get("plane")
    plane = facts if isinstance(facts, dict) else None
    pictures = picture_layers(source, mark_for(dataset, image, "image"), plane)
    if source.pixel_size_yx is not None:
        for _, kwargs, _ in annotations:
            kwargs["scale"] = source.pixel_size_yx
            kwargs["units"] = (source.unit or "pixel",) * 2
    return pictures + annotations
