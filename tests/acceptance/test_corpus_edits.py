"""Every COCO file of the corpus in a session: edited, saved, undone and saved again, it is what it was."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np

import napari_labeltool as nl
from napari_labeltool import edits
from napari_labeltool.core.columns import Kind
from napari_labeltool.core.dataset import Dataset
from napari_labeltool.core.edits import Rows

MOST_BYTES = 2_000_000
EDITS = 5


def possible_edits(chance: random.Random, dataset: Dataset) -> Iterator[edits.Edit]:
    """Return an edit of each type, on annotations, images and classes by chance, as far as the file has them."""
    table = dataset.annotations
    rows = table.rows().tolist()
    images = dataset.images.rows().tolist()
    categories = dataset.categories.rows().tolist()
    if rows:
        row = chance.choice(rows)
        yield edits.SetAttributes(Rows([row]), {"checked": True, "note": "ä/ö\n"})
        yield edits.SetStatus(Rows([chance.choice(rows)]), "needs_review", "look again")
        yield edits.DeleteObjects(Rows(chance.sample(rows, min(2, len(rows)))))
        left, top = table.bbox[row, :2].tolist() if np.isfinite(table.bbox[row]).all() else (1.0, 2.0)
        if table.kind[row] == Kind.BOX:
            yield edits.SetGeometry(Rows([row]), edits.Box((left + 1.5, top, 7.25, 3)))
    if rows and categories:
        yield edits.Relabel(Rows([chance.choice(rows)]), Rows([chance.choice(categories)]))
    if images and categories:
        image, category = Rows([chance.choice(images)]), Rows([chance.choice(categories)])
        corners = np.array([[1, 1], [9, 2.5], [4, 8]])
        yield edits.AddObject(image, category, edits.Polygon((corners,)), author="ana")
        yield edits.SetTag(image, category, True)
    if images:
        yield edits.SetImageState(Rows([chance.choice(images)]), "done")


def ids_of(dataset: Dataset) -> list[object]:
    return [dataset.annotations.id_of(int(row)) for row in dataset.annotations.rows()]


def work(session: nl.Session, seed: int) -> set[str]:
    """Do edits of different types; return which were done. A file may have no place for some of them."""
    chance = random.Random(seed)
    candidates = list(possible_edits(chance, session.dataset))
    chance.shuffle(candidates)
    done: set[str] = set()
    for edit in candidates:
        try:
            change = session.apply(edit)
        except nl.EditRefused:
            continue
        if change is not None:
            done.add(type(edit).__name__)
        if len(done) == EDITS:
            break
    return done


def test_saved_edits_that_are_undone_and_saved_again_leave_the_very_bytes(
    corpus_dir: Path, tmp_path: Path
) -> None:
    files = [file for file in sorted(corpus_dir.rglob("*.json")) if file.stat().st_size < MOST_BYTES]
    full = tried = 0
    types: set[str] = set()
    for number, file in enumerate(files):
        folder = tmp_path / str(number)
        folder.mkdir()
        path = Path(shutil.copy(file, folder / file.name))
        try:
            session = nl.open_session(path)
        except nl.ReadError:
            continue
        tried += 1
        done = work(session, number)
        original = file.read_bytes()
        if done:
            session.save(accept_loss=True)
            assert path.read_bytes() != original, file
            assert ids_of(nl.read_coco(path)) == ids_of(session.dataset), file
        while session.undo() is not None:
            continue
        if done:
            session.save(accept_loss=True)
        assert path.read_bytes() == original, file
        session.close()
        types |= done
        full += len(done) == EDITS
    assert full > 40
    assert tried >= full
    assert len(types) >= 8
