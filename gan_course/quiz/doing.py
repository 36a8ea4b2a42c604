"""Questions that ask for a run: the recipe handed in is replayed and measured; its own claims don't count."""

import json
from dataclasses import asdict

import numpy as np
import torch

from gan_course.config import TrainConfig
from gan_course.metrics.frechet import frechet_distance
from gan_course.metrics.modes import PAPER_SAMPLES, mode_coverage
from gan_course.obedience import confusion, obedience
from gan_course.quiz.answers import Faulty
from gan_course.quiz.numbers import Unreadable
from gan_course.recipe import Recipe, RecipeError
from gan_course.trainer import Trainer

MOST_UPDATES = 10  # of either player in a round, so that no recipe takes for ever


def faults(question: dict, answer: object) -> list[str]:
    """What is missing in a run, in words; [] if it does what was asked.

    Args:
        question: "start" (settings), "may_change" (names of settings and controls), "steps" (least, most) and
            "goals", each with a "measure" of `MEASURES`, "at_least" or "at_most", and "words".
        answer: a Recipe, its JSON, or the path of its file.

    Raises:
        Unreadable: it is no recipe.
        Faulty: it starts from other settings, or changes what may not change.
    """
    recipe = _recipe(answer)
    _check_rules(question, recipe)
    run = _played(recipe)
    return [words for goal in question["goals"] if (words := _missed(goal, run))]


def _recipe(answer):
    try:
        if isinstance(answer, Recipe):
            return Recipe.from_json(answer.to_json())
        if isinstance(answer, str) and answer.lstrip().startswith("{"):
            return Recipe.from_json(answer)
        return Recipe.load(answer)
    except (RecipeError, TypeError, OSError) as error:
        raise Unreadable(f"Expected a recipe, as trainer.recipe() makes it, or the path of one: {error}") from error


def _check_rules(question, recipe):
    allowed, (least, most) = question["may_change"], question["steps"]
    _refuse(recipe.own, "It was made with your own {}; here the course's own parts play.")
    if not least <= recipe.steps <= most:
        raise Faulty(f"Expected a run of {least} to {most} rounds, this has {recipe.steps}.")
    wanted, got = asdict(_started(question, recipe)), asdict(recipe.config)
    other = [name for name in got if got[name] != wanted[name]]
    _refuse(other, f"It starts from other settings of {{}}; {_given(question)}.")
    changed = {name for _, change in recipe.changes for name in change}
    _refuse(sorted(changed - set(allowed)), f"It changes {{}}, and only {', '.join(allowed)} may change here.")
    rounds = [asdict(recipe.config), *(change for _, change in recipe.changes)]
    if any(change.get(name, 0) > MOST_UPDATES for change in rounds for name in ("d_steps", "g_steps")):
        raise Faulty(f"More than {MOST_UPDATES} updates of one player in a round: that is not needed here.")


def _started(question, recipe):
    """The whole config that the given start leads to, with what the learner was free to choose."""
    free = {name: getattr(recipe.config, name) for name in question["may_change"]}
    try:
        return Trainer(TrainConfig(**question["start"] | free)).config
    except (TypeError, ValueError) as error:
        raise Faulty(f"These settings can't be trained: {error}") from error


def _given(question):
    return "start from " + ", ".join(f"{name}={json.dumps(value)}" for name, value in question["start"].items())


def _refuse(names, words):
    if names:
        raise Faulty(words.format(", ".join(names)))


def _played(recipe):
    """The run, made again from its settings and changes alone: its fingerprints are the author's claims."""
    run = Trainer(recipe.config)
    run.play(recipe.changes, until=recipe.steps)
    return run


def _missed(goal, run):
    value = MEASURES[goal["measure"]](run)
    least, most = goal.get("at_least", -np.inf), goal.get("at_most", np.inf)
    if least <= value <= most:
        return ""
    wanted = f"at least {least}" if value < least or np.isinf(most) else f"at most {most}"
    return f"Replayed, the {goal['words']} is {value:.3g}; it should be {wanted}."


def _coverage(run):
    return mode_coverage(run.sample(PAPER_SAMPLES), run.data.centers, run.data.std)


def _frechet(run):
    def moments(points):
        return points.mean(0).double().numpy(), points.T.cov().double().numpy()

    return float(frechet_distance(*moments(run.sample(PAPER_SAMPLES)), *moments(run.data.samples)))


def _obedience(run):
    return obedience(confusion(run, 200, classify=lambda x: torch.cdist(x, run.data.centers).argmin(1)))


def _last(name):
    """The mean of a curve over the last ten rounds."""
    return lambda run: float(run.history.arrays()[name][-10:].mean())


MEASURES = {
    "modes": lambda run: _coverage(run).modes_1_percent,
    "high quality": lambda run: _coverage(run).high_quality,
    "frechet": _frechet,
    "obedience": _obedience,
    "d_real": _last("d_real"),
    "d_fake": _last("d_fake"),
}
