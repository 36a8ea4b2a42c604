"""Check this installation: each problem comes with its repair.

The exit status is 1 if something is broken that the course needs.
"""

import argparse
import importlib
import importlib.metadata
import json
import os
import platform
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from gan_course import __version__

OK, NOTE, PROBLEM = "ok", "note", "problem"
INSTALL = "pip install -e ."
# The widgets' halves that run in the page: the folder JupyterLab loads each from, and the package it belongs to.
FRONT_ENDS = {"@jupyter-widgets/jupyterlab-manager": "jupyterlab_widgets", "anywidget": "anywidget"}


class Finding(NamedTuple):
    """What one check found: `state` is OK, NOTE (works, but worth knowing) or PROBLEM."""

    what: str
    state: str
    found: str
    repair: str = ""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command has no arguments."""


def run(arguments: argparse.Namespace) -> int:
    """Check everything, print the findings; 1 if there is a problem."""
    findings = [finding for check in CHECKS for finding in _guarded(check)]
    _print_table(findings)
    for finding in findings:
        if finding.repair:
            print(f"{finding.what}: {finding.repair}")
    problems = sum(finding.state == PROBLEM for finding in findings)
    print(f"Problems: {problems}." if problems else "Everything the course needs is here.")
    return 1 if problems else 0


def _guarded(check: Callable[[], Iterator[Finding]]) -> list[Finding]:
    """The check's findings; if the check itself broke, that is the finding."""
    what = check.__name__.removeprefix("check_").replace("_", " ")
    try:
        return list(check())
    except ImportError as error:
        return [Finding(what, PROBLEM, f"can't be checked: {error}", INSTALL)]
    except Exception as error:  # noqa: BLE001 - a doctor must live to tell of the rest
        return [Finding(what, PROBLEM, f"can't be checked ({type(error).__name__}: {error})", INSTALL)]


def check_python() -> Iterator[Finding]:
    """This interpreter against `requires-python`."""
    from packaging.specifiers import SpecifierSet

    wanted = importlib.metadata.metadata("gan-course")["Requires-Python"]
    right = SpecifierSet(wanted).contains(platform.python_version(), prereleases=True)
    repair = "" if right else f"make an environment with Python {wanted}"
    yield Finding("python", OK if right else PROBLEM, f"{platform.python_version()} ({sys.executable})", repair)
    yield Finding("gan-course", OK, __version__)


def check_packages() -> Iterator[Finding]:
    """Every package that gan-course requires: its version, and whether it can be loaded."""
    from packaging.requirements import Requirement

    for line in importlib.metadata.requires("gan-course") or ():
        requirement = Requirement(line)
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            yield _package(requirement.name, requirement.specifier)


def _package(name, wanted):
    try:
        version = importlib.metadata.version(name)
        importlib.import_module({"pillow": "PIL", "markdown-it-py": "markdown_it"}.get(name, name))
    except importlib.metadata.PackageNotFoundError:
        return Finding(name, PROBLEM, f"missing (needed: {wanted})", f'pip install "{name}{wanted}"')
    except Exception as error:  # noqa: BLE001 - a broken package may fail in any way
        repair = f'pip install --force-reinstall "{name}{wanted}"'
        return Finding(name, PROBLEM, f"{version}, but it can't be loaded: {error}", repair)
    if not wanted.contains(version, prereleases=True):
        return Finding(name, PROBLEM, f"{version} (needed: {wanted})", f'pip install "{name}{wanted}"')
    return Finding(name, OK, version)


def check_device() -> Iterator[Finding]:
    """Where a run with device="auto" goes, with how many threads, in which precision."""
    import torch

    from gan_course import runtime

    device = runtime.resolve_device()
    name = torch.cuda.get_device_name() if device.type == "cuda" else platform.processor() or platform.machine()
    yield Finding("device", OK, f"{device} ({name})")
    threads = runtime.choose_threads(device)
    yield Finding("threads", OK, f"{threads} for images, 1 for points; {runtime.cpu_cores()} cores")
    yield Finding("precision", OK, f"{runtime.choose_precision(device, threads)} for images, by a short trial")


def check_compiler() -> Iterator[Finding]:
    """A C++ compiler, without which torch.compile can't help."""
    names = filter(None, (os.environ.get("CXX"), "c++", "g++", "clang++", "cl"))
    found = next(filter(None, map(shutil.which, names)), None)
    if found:
        yield Finding("C++ compiler", OK, found)
    else:
        said = "none: whatever would be compiled runs uncompiled, only slower"
        yield Finding("C++ compiler", NOTE, said, "to change that: install g++ or clang++")


def check_front_end() -> Iterator[Finding]:
    """The halves of the widgets that JupyterLab loads into the page."""
    from jupyter_core.paths import jupyter_path

    for folder, package in FRONT_ENDS.items():
        places = [Path(place, folder) for place in jupyter_path("labextensions")]
        yield _front_end(folder, package, next(filter(Path.is_dir, places), None))


def _front_end(name, package, found):
    repair = f"pip install --force-reinstall --no-deps {package}"
    if found is None:
        return Finding(name, PROBLEM, "JupyterLab does not find it: widgets would stay blank", repair)
    version = _version_in(found)
    beside = _version_in(Path(sys.prefix, "share", "jupyter", "labextensions", name))
    if beside is not None and version != beside:
        said = f"{version} in {found}, but {package} here came with {beside}"
        return Finding(name, PROBLEM, said, f"remove the folder {found}")
    return Finding(name, OK, f"{version}")


def _version_in(folder):
    try:
        return json.loads((folder / "package.json").read_text())["version"]
    except (OSError, ValueError, KeyError):
        return None


def check_chapters() -> Iterator[Finding]:
    """The notebooks that `gan-course` opens."""
    from gan_course.commands import CommandError
    from gan_course.commands.lab import NOTEBOOKS, find_chapter

    try:
        first = find_chapter(NOTEBOOKS)
    except CommandError:
        yield Finding(
            "chapters", PROBLEM, f"none in {NOTEBOOKS}", f"clone the course's repository, and there {INSTALL}"
        )
    else:
        yield Finding("chapters", OK, f"{first.parent}")


def check_data() -> Iterator[Finding]:
    """The bundled sample, byte for byte, and whether the full set is here."""
    from gan_course.data import locate, verify

    bad = [check for check in verify() if check.state != "ok"]
    yield from (Finding(check.file.name, PROBLEM, "damaged", check.state) for check in bad)
    if not bad:
        yield Finding("data", OK, "every file is as published")
    here = next((place.where for place in locate()[1:] if place.state == "complete"), None)
    if here:
        yield Finding("full Fashion-MNIST", OK, f"{here}")
    else:
        yield Finding("full Fashion-MNIST", NOTE, "not here; the bundled sample is", "if wanted: gan-course data fetch")


CHECKS = (
    check_python, check_packages, check_device, check_compiler, check_front_end, check_chapters, check_data,
)  # fmt: skip


def _print_table(findings):
    try:
        from rich import box
        from rich.console import Console
        from rich.markup import escape
        from rich.table import Table
    except ImportError:
        for what, state, found, _ in findings:
            print(f"{what}  {state}  {found}")
        return
    styles = {OK: "green", NOTE: "yellow", PROBLEM: "bold red"}
    table = Table(box=box.SIMPLE, show_header=False)
    table.add_column(overflow="fold")
    table.add_column()
    table.add_column(overflow="fold")
    for what, state, found, _ in findings:
        table.add_row(escape(what), f"[{styles[state]}]{state}[/]", escape(found))
    Console(highlight=False).print(table)
