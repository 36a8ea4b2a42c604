"""Say where the data is, fetch the full Fashion-MNIST, or check every file.

where   the bundled sample and the places where the full set is looked for
fetch   download the full set (30 MB)
verify  compare every file with its published sha256
"""

import argparse
from pathlib import Path

from gan_course.commands import CommandError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command's arguments."""
    parser.add_argument("action", nargs="?", choices=("where", "fetch", "verify"), default="where")
    parser.add_argument("--data", type=Path, metavar="DIR", help="the full set's folder, in place of the usual ones")


def run(arguments: argparse.Namespace) -> None:
    """Do the chosen action."""
    {"where": _where, "fetch": _fetch, "verify": _verify}[arguments.action](arguments.data)


def _where(folder):
    from gan_course.data import locate

    if folder is not None:
        raise CommandError(f"to look into a folder of your own: gan-course data verify --data {folder}", code=2)
    for place in locate():
        print(f"{place.what:<14}  {place.state:<14}  {place.where}")


def _fetch(folder):
    from gan_course.data import DataError, fetch

    try:
        print(f"The full Fashion-MNIST is in {fetch(folder)}")
    except DataError as error:
        raise CommandError(str(error)) from error


def _verify(folder):
    from gan_course.data import verify

    try:
        checks = verify(folder)
    except FileNotFoundError as error:
        raise CommandError(str(error)) from error
    for check in checks:
        print(f"{check.file}: {check.state}")
    if bad := [check for check in checks if check.state != "ok"]:
        raise CommandError(f"{len(bad)} of {len(checks)} files are not as published; the repair is named above.")
