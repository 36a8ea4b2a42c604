"""The order of the updates in a round."""

from gan_course.exercises.verdict import call, explain

_CASES = [(1, 1), (3, 2), (1, 4), (5, 1), (0, 2), (2, 0)]

_MISTAKES = {
    "G goes first here; in Algorithm 1 D learns first, so that G learns from an up-to-date judge.": (
        lambda d, g: "G" * g + "D" * d
    ),
    "The two counts are swapped: d_steps is how often D learns, g_steps how often G does.": (
        lambda d, g: "D" * g + "G" * d
    ),
    "The counts are not used: each player learns once, whatever d_steps and g_steps say.": lambda d, g: "DG",
    "D learns d_steps times, but G once, whatever g_steps says.": lambda d, g: "D" * d + "G",
    "D learns once, whatever d_steps says.": lambda d, g: "D" + "G" * g,
    "The turns alternate; a round is all of D's updates first, then all of G's.": (
        lambda d, g: "".join(pair for turn in range(max(d, g)) for pair in "D" * (turn < d) + "G" * (turn < g))
    ),
    "G learns after each of D's updates; a round is all of D's updates first, then all of G's.": (
        lambda d, g: ("D" + "G" * g) * d
    ),
}


def examine(solution):
    orders = [_order(solution, *case) for case in _CASES]

    def agrees(rule):
        return orders == [rule(*case) for case in _CASES]

    def rule(d, g):
        return "D" * d + "G" * g

    if not agrees(rule):
        wrong = next(i for i, case in enumerate(_CASES) if orders[i] != rule(*case))
        d, g = _CASES[wrong]
        otherwise = (
            f"The order is not right: with d_steps={d} and g_steps={g} it should be {rule(d, g)}, "
            f"this plays {orders[wrong] or 'nothing'}."
        )
        explain(agrees, _MISTAKES, otherwise)


def _order(solution, d_steps, g_steps):
    played = []
    call(solution, d_steps, g_steps, lambda: played.append("D"), lambda: played.append("G"))
    return "".join(played)
