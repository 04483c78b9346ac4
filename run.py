#!/usr/bin/env python3
"""Run napari-labeltool from a checkout: python3 run.py demo | test | --help. Standard library only."""

import ctypes
import hashlib
import importlib.util
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

if sys.version_info < (3, 11):  # noqa: UP036 - older Pythons get a sentence, not a traceback
    sys.exit(
        "run.py: Python {}.{} found, 3.11 or newer expected. Start it with a newer one, for example "
        "`python3.12 run.py demo`.".format(*sys.version_info[:2])
    )

HELP = """\
usage: python3 run.py demo [ARGUMENTS]   open the demo project in napari
       python3 run.py test [ARGUMENTS]   run all the checks and tests
       python3 run.py --help             show this text

The first start makes the environment .venv beside this file and installs the versions named in
requirements/lock.txt into it (about 1 GB, a few minutes); later starts take it as it is. On Debian and Ubuntu
the system libraries that Qt and OpenGL need are installed too when started as root; otherwise the command to
install them is printed.

demo  ARGUMENTS go to `napari-labeltool demo`. On Linux without a display the demo labels by itself, with real
      mouse and key events on a virtual display, and writes what it saw into out/demo.
test  Without ARGUMENTS: ruff, mypy, the import rules, the headless tests with napari and Qt made
      unimportable, then the whole suite. ARGUMENTS go to pytest, and the suite alone runs: `test -k rle`.
      Window tests always run on a virtual display on Linux.
"""

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
LOCK = ROOT / "requirements" / "lock.txt"
STAMP = VENV / "run-stamp.json"
WINDOWS = sys.platform == "win32"
LINUX = sys.platform.startswith("linux")
BIN = VENV / ("Scripts" if WINDOWS else "bin")
PYTHON = str(BIN / ("python.exe" if WINDOWS else "python"))
WORKERS = 2
HEADLESS_TESTS = ("core", "formats", "images", "journal", "session", "demo")

# Shared object -> package of Debian and Ubuntu that brings it.
LIBRARIES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}
PACMAN_PACKAGES = (
    "libglvnd mesa libx11 dbus fontconfig glib2 xcb-util-cursor xcb-util-wm xcb-util-image xcb-util-keysyms "
    "xcb-util-renderutil libxkbcommon-x11 ttf-dejavu xorg-server-xvfb"
)


def say(text: str) -> None:
    """Print one line of our own and show it at once."""
    print(f"run.py: {text}", flush=True)


def stop(text: str) -> SystemExit:
    """Return the exception that ends the program with a message."""
    return SystemExit(f"run.py: {text}")


def stamp_now() -> dict[str, str]:
    """Return what an environment made now would be stamped with."""
    content = hashlib.sha256(LOCK.read_bytes() + b"\0" + (ROOT / "pyproject.toml").read_bytes())
    return {
        "python": f"{sys.version} in {sys.base_prefix}, for {ROOT}",
        "content": content.hexdigest(),
    }


def pinned_names(lock_text: str) -> set[str]:
    """Return the normalised names of the packages that a lock file pins."""
    pins = (line.partition("==") for line in lock_text.splitlines() if not line.startswith("#"))
    return {normalised(name) for name, equals, _ in pins if equals}


def normalised(name: str) -> str:
    """Return a package name in the one spelling in which names are compared."""
    return re.sub(r"[-_.]+", "-", name.strip()).lower()


def installed_names() -> set[str]:
    """Return the normalised names of the packages in the environment, without starting its Python."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    site = VENV / "Lib" / "site-packages" if WINDOWS else VENV / "lib" / version / "site-packages"
    found = os.listdir(site) if site.is_dir() else []
    return {normalised(name.partition("-")[0]) for name in found if name.endswith(".dist-info")}


def environment_state() -> str:
    """Return ``ready``, ``outdated`` (install over it), ``broken`` (make it anew) or ``missing``."""
    if not VENV.exists():
        return "missing"
    try:
        stamp = json.loads(STAMP.read_text("utf-8"))
    except (OSError, ValueError):
        return "broken"
    now = stamp_now()
    if not Path(PYTHON).exists() or not isinstance(stamp, dict) or stamp.get("python") != now["python"]:
        return "broken"
    if stamp.get("content") != now["content"]:
        return "outdated"
    wanted = pinned_names(LOCK.read_text("utf-8")) | {"napari-labeltool"}
    return "ready" if wanted <= installed_names() else "broken"


def ensure_environment() -> None:
    """Make or renew ``.venv`` where needed; the stamp is written last, so a half-made one is never taken."""
    state = environment_state()
    if state == "ready":
        return
    if state == "outdated":
        say("requirements/lock.txt or pyproject.toml changed; installing over .venv")
        STAMP.unlink()
    else:
        if state == "broken":
            say(".venv is incomplete, or was made for another Python or folder; making it anew")
            if Path(sys.prefix).resolve() == VENV:
                raise stop("it is active in this shell. Run `deactivate`, then start again.")
        ensure_venv_module()
        base = getattr(sys, "_base_executable", None) or sys.executable
        if subprocess.call([base, "-m", "venv", "--clear", str(VENV)]) != 0:
            raise stop(f"the environment {VENV} could not be made; the reason stands above.")
    say(f"installing {len(pinned_names(LOCK.read_text('utf-8')))} packages into .venv (a few minutes)")
    pip = [PYTHON, "-m", "pip", "install", "--disable-pip-version-check"]
    pip += [] if sys.stdout.isatty() else ["--quiet"]
    for arguments in (["-r", str(LOCK)], ["--no-deps", "--no-build-isolation", "-e", str(ROOT)]):
        if subprocess.call([*pip, *arguments]) != 0:
            raise stop("pip failed; the reason stands above. Is the internet reachable? Then start again.")
    STAMP.write_text(json.dumps(stamp_now(), indent=1) + "\n", "utf-8")


def ensure_venv_module() -> None:
    """Install Debian's separate package of venv where Python came without it."""
    if importlib.util.find_spec("ensurepip") is None:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        ensure_packages([f"python{version}-venv"], f"this Python {version} came without its module venv")


def is_root() -> bool:
    """Tell whether packages of the system may be installed."""
    return hasattr(os, "geteuid") and os.geteuid() == 0


def ensure_packages(packages: Sequence[str], reason: str) -> None:
    """Install packages of Debian or Ubuntu as root, or stop with the command that does it."""
    install = ["apt-get", "install", "-y", "--no-install-recommends", *packages]
    if not shutil.which("apt-get"):
        raise stop(f"{reason}. Install what gives: {' '.join(packages)} (names of Debian).")
    if not is_root():
        raise stop(f"{reason}. Install it and start again:\n    sudo {' '.join(install)}")
    say(f"{reason}; installing {' '.join(packages)}")
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.call(["apt-get", "update", "-qq"], env=env)
    if subprocess.call([*install, "-qq"], env=env, stdout=subprocess.DEVNULL) != 0:
        raise stop(f"apt-get failed. Try it by hand, then start again:\n    {' '.join(install)}")


def loads(library: str) -> bool:
    """Tell whether the system's loader finds a shared object."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def has_file(folders: Sequence[str], pattern: str) -> bool:
    """Tell whether a file matches below one of the folders."""
    return any(next(Path(folder).glob(pattern), None) for folder in folders)


def missing_parts(virtual: bool) -> dict[str, str]:
    """Return what Qt and OpenGL lack on this Linux, each with the package of Debian that brings it.

    With `virtual`, what the virtual display needs counts too.
    """
    missing = {name: package for name, package in LIBRARIES.items() if not loads(name)}
    if not has_file(["/usr/share/fonts", "/usr/local/share/fonts"], "**/*.[to]t[fc]"):
        missing["a font"] = "fonts-dejavu-core"
    if virtual:
        drivers = ["/usr/lib", "/usr/lib64", "/usr/local/lib"]
        if not any(has_file(drivers, p) for p in ("dri/*_dri.so", "*/dri/*_dri.so", "**/libgallium*.so")):
            missing["Mesa's OpenGL drivers"] = "libgl1-mesa-dri"
        if not shutil.which("Xvfb"):
            missing["Xvfb"] = "xvfb"
    return missing


def install_command(missing: dict[str, str]) -> str:
    """Return the command for systems without apt-get that installs what is missing."""
    rpm = {
        "a font": "dejavu-sans-fonts",
        "Mesa's OpenGL drivers": "mesa-dri-drivers",
        "Xvfb": "/usr/bin/Xvfb",
    }
    capabilities = " ".join(rpm.get(name, f"'{name}()(64bit)'") for name in missing)
    if shutil.which("dnf"):
        return f"sudo dnf install {capabilities}"
    if shutil.which("zypper"):
        return f"sudo zypper install {capabilities}"
    if shutil.which("pacman"):
        return f"sudo pacman -S --needed {PACMAN_PACKAGES}"
    return f"(with your system's package manager) {', '.join(missing)}"


def ensure_system(virtual: bool) -> None:
    """Install or name the system libraries that are missing; nothing to do on macOS and Windows."""
    missing = missing_parts(virtual) if LINUX else {}
    if not missing:
        return
    reason = f"Qt and OpenGL need {', '.join(missing)}"
    if not shutil.which("apt-get"):
        raise stop(f"{reason}. Install it and start again:\n    {install_command(missing)}")
    ensure_packages(sorted(set(missing.values())), reason)
    still = missing_parts(virtual)
    if still:
        raise stop(f"after the installation these are still missing: {', '.join(still)}.")


def without_display() -> bool:
    """Tell whether this is a Linux with neither X nor Wayland."""
    return LINUX and not os.environ.get("DISPLAY") and not os.environ.get("WAYLAND_DISPLAY")


@contextmanager
def virtual_display() -> Iterator[str]:
    """Run an Xvfb of 1600 x 1000 on a free display and give its name, for example ``:1``."""
    read_end, write_end = os.pipe()
    with tempfile.TemporaryFile() as log, os.fdopen(read_end) as answer:
        command = ["Xvfb", "-displayfd", str(write_end), "-screen", "0", "1600x1000x24"]
        server = subprocess.Popen(
            [*command, "-nolisten", "tcp", "-noreset"],
            pass_fds=(write_end,),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        os.close(write_end)
        try:
            number = answer.readline().strip()
            if not number:
                log.seek(0)
                raise stop(f"Xvfb did not start:\n{log.read().decode(errors='replace')}")
            yield f":{number}"
        finally:
            server.terminate()
            server.wait()


def on_display(display: str) -> dict[str, str]:
    """Return the variables with which a program draws on a virtual display by software."""
    return {"DISPLAY": display, "QT_QPA_PLATFORM": "xcb", "LIBGL_ALWAYS_SOFTWARE": "1"}


def run(command: Sequence[str], variables: dict[str, str] | None = None) -> int:
    """Run a command in the project's folder and return its exit code; it is ended when we are."""
    env = {**os.environ, **(variables or {})}
    if "DISPLAY" in (variables or {}):
        env.pop("WAYLAND_DISPLAY", None)
    process = subprocess.Popen(list(command), cwd=ROOT, env=env)
    try:
        while True:
            try:
                code = process.wait()
            except KeyboardInterrupt:
                continue  # the terminal sent it to the program too, which ends by itself
            return code if code >= 0 else 128 - code
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait()


def demo(arguments: list[str]) -> int:
    """Open the demo project, or let it label by itself where there is no display."""
    virtual = without_display()
    ensure_system(virtual)
    ensure_environment()
    command = [PYTHON, "-m", "napari_labeltool", "demo", *arguments]
    if not virtual:
        return run(command)
    if not any(argument.partition("=")[0] == "--drive" for argument in arguments):
        say("no display found: the demo labels by itself on a virtual one and writes into out/demo")
        command += ["--drive", str(ROOT / "out" / "demo")]
    with virtual_display() as display, tempfile.TemporaryDirectory() as settings:
        return run(command, {**on_display(display), "NAPARI_CONFIG": str(Path(settings) / "settings.yaml")})


def test(arguments: list[str]) -> int:
    """Run the checks and the tests; the worst exit code counts, and pytest's closing line comes last."""
    ensure_system(virtual=True)
    ensure_environment()
    codes = [] if arguments else [*static_checks(), tests_without_napari()]
    codes.append(whole_suite(arguments))
    return max(codes)


def static_checks() -> list[int]:
    """Run ruff, mypy and the import rules, all of them even when one fails."""
    ruff = [PYTHON, "-m", "ruff"]
    checks: dict[str, Sequence[str]] = {
        "ruff check": [*ruff, "check", "."],
        "ruff format": [*ruff, "format", "--check", "."],
        "mypy": [PYTHON, "-m", "mypy"],
        "import rules": [str(BIN / "lint-imports"), "--no-logo"],
    }
    return [timed(name, command) for name, command in checks.items()]


def timed(name: str, command: Sequence[str], variables: dict[str, str] | None = None) -> int:
    """Run a command between two lines that name it and tell how it went."""
    print(f"\n== {name}", flush=True)
    began = time.monotonic()
    code = run(command, variables)
    result = "ok" if code == 0 else f"FAILED with exit code {code}"
    print(f"== {name}: {result}, {time.monotonic() - began:.1f} s", flush=True)
    return code


def tests_without_napari() -> int:
    """Run the headless tests while napari and Qt cannot be imported."""
    folders = [f"tests/{name}" for name in HEADLESS_TESTS if (ROOT / "tests" / name).is_dir()]
    plugins = ["without_napari", "pytest_timeout", "xdist.plugin", "pytest_benchmark.plugin"]
    options = [part for plugin in (*plugins, "_hypothesis_pytestplugin") for part in ("-p", plugin)]
    command = [PYTHON, "-m", "pytest", *options, "-q", "-m", "not viewer and not window"]
    variables = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONPATH": str(ROOT / "tests" / "project")}
    return timed("headless tests without napari and Qt", [*command, f"-n{WORKERS}", *folders], variables)


def whole_suite(arguments: list[str]) -> int:
    """Run pytest on everything: a few workers, each with a display and napari settings of its own."""
    with ExitStack() as stack:
        settings = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        workers = []
        for index in range(WORKERS):
            variables = {"NAPARI_CONFIG": str(settings / f"settings{index}.yaml")}
            if LINUX:
                variables |= on_display(stack.enter_context(virtual_display()))
            workers.append(variables)
        command = [PYTHON, "-m", "pytest", *arguments]
        if not any(re.match(r"-n|--numprocesses|--tx|--pdb", argument) for argument in arguments):
            specs = ["//".join(["popen", *(f"env:{k}={v}" for k, v in each.items())]) for each in workers]
            command += ["--dist", "loadfile", *(part for spec in specs for part in ("--tx", spec))]
        print("\n== all tests", flush=True)
        return run(command, workers[0])


def main(arguments: list[str]) -> int:
    """Run one command and return its exit code."""
    commands = {"demo": demo, "test": test}
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        print(HELP, end="")
        return 0 if arguments else 2
    if arguments[0] not in commands:
        print(
            f"run.py: unknown command {arguments[0]!r}; demo or test expected.\n\n{HELP}",
            end="",
            file=sys.stderr,
        )
        return 2
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    return commands[arguments[0]](arguments[1:])


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
