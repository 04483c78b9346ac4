"""Rules of the project that no linter holds."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "napari_labeltool"
COMPAT = PACKAGE / "_napari_compat"
MODULES = sorted(PACKAGE.rglob("*.py"))
MODULE_LIMIT = 400
CLASS_LIMIT = 200
EMPTY_NAMES = re.compile(r"(^|_)(utils?|helpers?|managers?|misc|common)(_|$)")
PRIVATE = re.compile(r"_[a-zA-Z]\w*$")
OF_NAMEDTUPLE_AND_ENUM = {
    "_asdict",
    "_fields",
    "_make",
    "_replace",
    "_value_",
    "_missing_",
    "_generate_next_value_",
}
# Where each command of README.md is run: (file, text which that file must contain).
README_COMMANDS = {
    "python3 run.py demo": ("tests/project/test_run.py", "demo"),
    "python3 run.py test": (".ci/run", "python3 run.py test"),
    'pip install ".[all]"': ("run.py", "--no-deps"),
    'pip install -c requirements/lock.txt ".[all]"': ("tests/project/test_lock_file.py", "pins_satisfy"),
    "napari-labeltool open PATH": ("tests/cli/test_cli.py", '"open"'),
    "napari-labeltool info FILE": ("tests/cli/test_cli.py", 'run("info"'),
    "napari-labeltool validate FILE": ("tests/cli/test_cli.py", 'run("validate"'),
    "napari-labeltool demo": ("tests/project/test_run.py", '"demo"'),
}


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"), str(path))


def place(path: Path, node: ast.AST) -> str:
    return f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 1)}"


def test_modules_are_found() -> None:
    assert len(MODULES) > 20


def test_no_module_is_longer_than_the_limit() -> None:
    lengths = {path: len(path.read_text("utf-8").splitlines()) for path in [*MODULES, ROOT / "run.py"]}
    assert {str(p.relative_to(ROOT)): n for p, n in lengths.items() if n > MODULE_LIMIT} == {}


def test_no_class_is_longer_than_the_limit() -> None:
    found = {
        f"{place(path, node)} {node.name}": (node.end_lineno or 0) - node.lineno + 1
        for path in MODULES
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ClassDef)
    }
    assert {name: length for name, length in found.items() if length > CLASS_LIMIT} == {}


def test_modules_are_named_for_what_they_hold() -> None:
    named = [path.relative_to(ROOT) for path in [*MODULES, *(p for p in PACKAGE.rglob("*") if p.is_dir())]]
    assert [str(path) for path in named if EMPTY_NAMES.search(path.stem)] == []


def swallowing_handlers(path: Path) -> Iterator[str]:
    """Yield handlers of everything that do nothing."""
    for node in ast.walk(tree(path)):
        if not isinstance(node, ast.ExceptHandler):
            continue
        caught = (
            {name.id for name in ast.walk(node.type) if isinstance(name, ast.Name)} if node.type else set()
        )
        everything = node.type is None or caught & {"Exception", "BaseException"}
        nothing = all(
            isinstance(step, (ast.Pass, ast.Continue))
            or (isinstance(step, ast.Expr) and isinstance(step.value, ast.Constant))
            for step in node.body
        )
        if everything and nothing:
            yield place(path, node)


def test_no_error_is_swallowed() -> None:
    assert [found for path in [*MODULES, ROOT / "run.py"] for found in swallowing_handlers(path)] == []


@pytest.mark.parametrize("caught", ["", " Exception", " (ValueError, Exception)"])
def test_a_swallowed_error_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caught: str) -> None:
    monkeypatch.setattr("test_rules.ROOT", tmp_path)
    source = tmp_path / "module.py"
    source.write_text(f"try:\n    work()\nexcept{caught}:\n    pass\n")
    assert list(swallowing_handlers(source)) == ["module.py:3"]


def private_imports(path: Path) -> Iterator[str]:
    """Yield imports of private parts of napari or vispy."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            first, *rest = name.split(".")
            if first in ("napari", "vispy") and any(PRIVATE.match(part) for part in rest):
                yield f"{place(path, node)} {name}"


def names_defined(path: Path) -> set[str]:
    """Return the private names that a module defines: functions, classes, variables, attributes of self."""
    found: set[str] = set()
    for node in ast.walk(tree(path)):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                found.add(name)
            case ast.Name(id=name, ctx=ast.Store()):
                found.add(name)
            case ast.Attribute(value=ast.Name(id="self" | "cls"), attr=name, ctx=ast.Store()):
                found.add(name)
            case ast.Constant(value=str(name)):
                found.add(name)  # __slots__
            case ast.ImportFrom(names=aliases):
                found |= {alias.asname or alias.name for alias in aliases}
    return {name for name in found if PRIVATE.match(name)}


def private_accesses(path: Path, defined: set[str]) -> Iterator[str]:
    """Yield uses of private attributes that the project does not define, such as those of a layer."""
    for node in ast.walk(tree(path)):
        if not isinstance(node, ast.Attribute) or not PRIVATE.match(node.attr):
            continue
        if node.attr not in defined | OF_NAMEDTUPLE_AND_ENUM:
            yield f"{place(path, node)} .{node.attr}"


def private_names_by_string(path: Path) -> Iterator[str]:
    """Yield getattr, setattr and hasattr of private names."""
    for node in ast.walk(tree(path)):
        match node:
            case ast.Call(
                func=ast.Name(id="getattr" | "setattr" | "hasattr"),
                args=[_, ast.Constant(value=str(name)), *_],
            ) if PRIVATE.match(name):
                yield f"{place(path, node)} {name}"


def test_private_napari_is_named_in_one_file_only() -> None:
    others = [path for path in MODULES if COMPAT not in path.parents]
    assert [found for path in others for found in private_imports(path)] == []
    assert [found for path in others for found in private_names_by_string(path)] == []
    by_folder = {
        folder: set().union(*(names_defined(path) for path in others if path.parent == folder))
        for folder in {path.parent for path in others}
    }
    assert [found for path in others for found in private_accesses(path, by_folder[path.parent])] == []


@pytest.mark.parametrize(
    "line",
    ["from napari._qt import x", "import napari.layers._data_protocols", "from vispy.visuals import _m"],
)
def test_a_private_import_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str) -> None:
    monkeypatch.setattr("test_rules.ROOT", tmp_path)
    source = tmp_path / "module.py"
    source.write_text(line + "\nfrom napari.layers import Shapes\n")
    assert len(list(private_imports(source))) == 1


@pytest.mark.parametrize("line", ["viewer.window._qt_viewer", "layer._data_view.shapes", "self._drag_start"])
def test_a_private_attribute_of_something_foreign_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    monkeypatch.setattr("test_rules.ROOT", tmp_path)
    source = tmp_path / "module.py"
    source.write_text(f"class Own:\n    def f(self, layer, viewer):\n        self._own = 1\n        {line}\n")
    assert len(list(private_accesses(source, names_defined(source)))) == 1


def readme_commands() -> list[str]:
    text = (ROOT / "README.md").read_text("utf-8")
    blocks = re.findall(r"^```(?:bash|sh|console|shell)\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    lines = (line.strip().removeprefix("$ ") for block in blocks for line in block.splitlines())
    return [re.sub(r"\s+#.*", "", line) for line in lines if line and not line.startswith("#")]


def test_every_command_of_the_readme_is_run_somewhere() -> None:
    for command in readme_commands():
        assert command in README_COMMANDS, f"README.md: {command!r} is run nowhere; say here where it is"
        file, text = README_COMMANDS[command]
        assert text in (ROOT / file).read_text("utf-8"), f"{file} no longer covers {command!r}"
