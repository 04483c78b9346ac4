"""The command line: ``napari-labeltool open``, ``info``, ``validate`` and ``demo``."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import wraps
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ParamSpec

import typer

from napari_labeltool import __version__
from napari_labeltool.core.errors import LabeltoolError

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

    from napari_labeltool.core.dataset import Dataset
    from napari_labeltool.core.problems import Severity

P = ParamSpec("P")

_PROBLEM_KEYS = ("code", "severity", "where", "message", "table", "row")

FAILED = 2
"""Exit code when a command could not do its work."""
FOUND_ERRORS = 1
"""Exit code of ``validate`` when the file has errors."""

app = typer.Typer(
    name="napari-labeltool",
    help="Label images for machine learning in napari, in lossless COCO JSON.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

PathArgument = Annotated[Path, typer.Argument(help="A COCO file, or a folder of images.", show_default=False)]
FileArgument = Annotated[
    Path, typer.Argument(help="A COCO file, or a folder that holds one.", show_default=False)
]
RootOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--root", help="A further folder in which images may lie; may be repeated.", show_default=False
    ),
]


def _plainly(command: Callable[P, None]) -> Callable[P, None]:
    """Print the errors that are raised on purpose as one paragraph and end with exit code 2."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except LabeltoolError as error:
            _fail(str(error))
        except BrokenPipeError:
            raise
        except OSError as error:
            where = f"{error.filename}: " if error.filename else ""
            _fail(f"{where}{error.strerror or error}")

    return run


def _fail(text: str) -> None:
    print(text, file=sys.stderr)
    raise typer.Exit(FAILED)


def _show_version(wanted: bool) -> None:
    if wanted:
        print(f"napari-labeltool {__version__}")
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version and end."),
    ] = False,
) -> None:
    """Label images for machine learning in napari, in lossless COCO JSON."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


@app.command("open")
@_plainly
def open_command(
    path: PathArgument,
    root: RootOption = None,
    read_only: Annotated[bool, typer.Option("--read-only", help="Open to look at only.")] = False,
) -> None:
    """Open a COCO file or a folder of images in napari, with the labeling dock."""
    from napari_labeltool.session.finding import find_document

    find_document(path.absolute())
    from napari_labeltool.plugin import launch

    launch(path, roots=root or [], read_only=read_only)


@app.command()
@_plainly
def info(
    file: FileArgument,
) -> None:
    """Print what a COCO file holds: counts, kinds of geometry, classes, states of images, conventions."""
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False)
    for part in _document_report(_read(file)):
        console.print(part, soft_wrap=isinstance(part, Text))


@app.command()
@_plainly
def validate(
    file: FileArgument,
    as_json: Annotated[bool, typer.Option("--json", help="Print the problems as JSON.")] = False,
    images: Annotated[
        bool, typer.Option("--images", help="Look for the image files, too, and compare their sizes.")
    ] = False,
    root: RootOption = None,
) -> None:
    """Print all problems of a COCO file; exit code 1 when one of them is an error, else 0."""
    from napari_labeltool.session.checking import all_problems

    dataset = _read(file)
    problems = all_problems(dataset, images=images, roots=root or [])
    counts = Counter(problem.severity for problem in problems)
    if as_json:
        entries: list[dict[str, Any]] = [
            {key: getattr(problem, key) for key in _PROBLEM_KEYS} for problem in problems
        ]
        print(json.dumps({"file": str(dataset.source.path or file), "problems": entries}, indent=1))
    else:
        for problem in problems:
            print(f"{problem.severity}  {problem.code}  {problem}")
        print(f"{file}: {_severity_words(counts)}.")
    if counts["error"]:
        raise typer.Exit(FOUND_ERRORS)


@app.command()
@_plainly
def demo(
    folder: Annotated[
        Path | None,
        typer.Option(
            "--folder", help="Where the demo project is made and kept; a temporary folder by default."
        ),
    ] = None,
    drive: Annotated[
        Path | None,
        typer.Option(
            "--drive", help="Play the demo by itself and leave pictures and a report in this folder."
        ),
    ] = None,
) -> None:
    """Make a small demo project and open it in napari."""
    if drive is not None:
        from napari_labeltool.demo_drive import drive as play

        play(drive)
        return
    import tempfile

    from napari_labeltool.demo import make_demo_project
    from napari_labeltool.plugin import launch

    place = folder if folder is not None else Path(tempfile.mkdtemp(prefix="napari-labeltool-demo-"))
    document = make_demo_project(place)
    print(f"The demo project is in {place}.")
    launch(document)


def _read(path: Path) -> Dataset:
    """Read the COCO file that a path means."""
    from napari_labeltool.core.errors import ReadError
    from napari_labeltool.formats.coco import read_coco
    from napari_labeltool.session.finding import find_document

    found = find_document(path.absolute())
    if found.is_new:
        raise ReadError(f"{path}: no COCO file found in the folder, one expected.")
    return read_coco(found.path)


def _severity_words(counts: Mapping[Severity, int]) -> str:
    numbers = (("error", counts.get("error", 0)), ("warning", counts.get("warning", 0)))
    parts = [f"{number:,} {name}{'' if number == 1 else 's'}" for name, number in numbers]
    return ", ".join([*parts, f"{counts.get('info', 0):,} to know"])


_KIND_WORDS = (
    "without place (tags, captions)",
    "boxes",
    "polygons",
    "masks, uncompressed",
    "masks, compressed",
    "odd, shown by their box",
)
"""What `Kind` is called, by its value."""


def _grid(rows: Iterable[tuple[str, str]]) -> Table:
    from rich.table import Table

    table = Table.grid(padding=(0, 2))
    for name, value in rows:
        table.add_row(name, value)
    return table


def _document_report(dataset: Dataset) -> Iterator[Table | Text]:
    """Give the parts of a report about a document, ready to be printed by rich."""
    from rich.table import Table
    from rich.text import Text

    from napari_labeltool.session.progress import Progress
    from napari_labeltool.session.work import Work

    counts = Progress(Work(dataset)).statistics()
    kinds = Counter(int(kind) for kind in dataset.annotations.kind[dataset.annotations.rows()])
    conventions = dataset.conventions
    states = [
        f"{count:,} {state.replace('_', ' ')}" for state, count in counts.images_by_state.items() if count
    ]
    yield Text(str(dataset.source.path or "a document without a file"), style="bold")
    yield _grid(
        [
            ("size", f"{len(dataset.source.data):,} bytes"),
            ("images", f"{counts.images:,}, {counts.annotated_images:,} with objects"),
            ("states", ", ".join(states) or "-"),
            ("annotations", f"{counts.objects:,} objects, {counts.tags:,} tags or captions"),
            ("kinds", ", ".join(f"{n:,} {_KIND_WORDS[kind]}" for kind, n in sorted(kinds.items())) or "-"),
            ("polygons measured", f"area {conventions.polygon.area}, bbox {conventions.polygon.bbox}"),
            ("masks measured", f"area {conventions.mask.area}, bbox {conventions.mask.bbox}"),
            ("boxes measured", f"area {conventions.box.area}, bbox {conventions.box.bbox}"),
            ("problems", _severity_words(Counter(problem.severity for problem in dataset.problems))),
        ]
    )
    table = Table(title="Classes", title_justify="left", title_style="bold")
    for column in ("id", "name", "objects", "tags"):
        table.add_column(column, justify="left" if column == "name" else "right")
    for category in dataset.categories:
        objects = counts.objects_by_category.get(category.row, 0)
        tags = counts.tags_by_category.get(category.row, 0)
        table.add_row(str(category.id), Text(category.name), f"{objects:,}", f"{tags:,}")
    unlabelled = counts.objects_by_category.get(-1, 0) + counts.tags_by_category.get(-1, 0)
    if unlabelled:
        table.add_row("-", "unlabelled or unknown", f"{unlabelled:,}", "")
    yield table
