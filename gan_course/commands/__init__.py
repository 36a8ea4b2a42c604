"""The commands of `gan-course`, a module each. Each has `add_arguments(parser)` and `run(arguments)`."""


class CommandError(Exception):
    """A command can't do what was asked; the message says why and what to do. `code` is the exit status."""

    def __init__(self, message: str, code: int = 1):
        super().__init__(message)
        self.code = code
