"""The command `gan-course`. A command's module is loaded only when it is chosen, so that --help is quick."""

import argparse
import importlib
import sys

from gan_course import __version__
from gan_course.commands import CommandError
from gan_course.names import check_name

COMMANDS = {
    "lab": "open the course in JupyterLab (the default)",
    "train": "train a GAN and keep the run in a folder",
    "sweep": "train many GANs on points at once, over a grid",
    "fid": "measure how far two sets of images are apart",
    "grade": "grade the quizzes that a class handed in",
    "data": "say where the data is, fetch it, verify it",
    "doctor": "check this installation, and say how to repair it",
}


def main(argv: list[str] | None = None) -> int:
    """Run `gan-course` and return its exit status.

    Args:
        argv: the arguments after the program's name; None takes those of this process.
    """
    argv = list(sys.argv[1:] if argv is None else argv)
    if not argv or (argv[0].startswith("-") and argv[0] not in ("-h", "--help", "--version")):
        argv.insert(0, "lab")
    arguments = _parser(argv[0]).parse_args(argv)
    try:
        return arguments.run(arguments) or 0
    except CommandError as error:
        print(f"gan-course {argv[0]}: {error}", file=sys.stderr)
        return error.code
    except ImportError as error:
        print(f"gan-course {argv[0]}: {error}. `gan-course doctor` says what is missing.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        return 130


def _parser(chosen: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="gan-course",
        description="An interactive course on generative adversarial networks.",
        epilog="gan-course COMMAND --help tells what a command can do.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"gan-course {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", title="commands")
    if not chosen.startswith("-"):
        _check_command(parser, chosen)
    for name, summary in COMMANDS.items():
        command = commands.add_parser(name, help=summary, allow_abbrev=False)
        if name == chosen:
            module = importlib.import_module(f"gan_course.commands.{name}")
            command.description = module.__doc__
            command.formatter_class = argparse.RawDescriptionHelpFormatter
            module.add_arguments(command)
            command.set_defaults(run=module.run)
    return parser


def _check_command(parser, name):
    try:
        check_name(name, COMMANDS, "command")
    except ValueError as error:
        parser.error(str(error))


if __name__ == "__main__":
    sys.exit(main())
