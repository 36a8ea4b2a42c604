"""The parameters of a convolution."""

from torch import nn

from gan_course.exercises.verdict import Wrong, call, explain

_CASES = [(1, 32, 4), (32, 64, 4), (3, 5, 7), (8, 8, 1)]

_MISTAKES = {
    "The biases are missing: one for each output channel.": lambda c_in, c_out, k: c_in * c_out * k * k,
    "There is one bias for each output channel, not for each input channel.": (
        lambda c_in, c_out, k: c_in * c_out * k * k + c_in
    ),
    "There is one bias for each output channel, not a single one.": lambda c_in, c_out, k: c_in * c_out * k * k + 1,
    "A kernel has two sides: kernel² weights for each pair of channels.": (
        lambda c_in, c_out, k: c_in * c_out * k + c_out
    ),
    "Each output channel looks at every input channel: c_in has to be a factor.": (
        lambda c_in, c_out, k: c_out * k * k + c_out
    ),
    "There is one kernel for each pair of channels, so c_in and c_out multiply.": (
        lambda c_in, c_out, k: (c_in + c_out) * k * k + c_out
    ),
}


def examine(solution):
    answers = [call(solution, *case) for case in _CASES]
    for answer in answers:
        if isinstance(answer, bool) or not isinstance(answer, int):
            raise Wrong(f"A count is a whole number; this gives {type(answer).__name__}.")

    def agrees(formula):
        return answers == [formula(*case) for case in _CASES]

    if not agrees(_counted):
        c_in, c_out, k = case = _CASES[0]
        otherwise = (
            f"The count is not right: conv_weights({c_in}, {c_out}, {k}) should be {_counted(*case)}, "
            f"this gives {answers[0]}."
        )
        explain(agrees, _MISTAKES, otherwise)


def _counted(c_in, c_out, kernel):
    layer = nn.Conv2d(c_in, c_out, kernel, device="meta")
    return sum(weight.numel() for weight in layer.parameters())
