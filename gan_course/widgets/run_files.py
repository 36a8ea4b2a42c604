"""A lab's runs as files and as code."""

from pathlib import Path

import numpy as np

from gan_course.bugs import BuggyTrainer
from gan_course.recipe import Recipe, RecipeError
from gan_course.trainer import Trainer


def save(trainer: Trainer, path: str | Path) -> None:
    """Save a run's recipe; data of its author's own go beside it, as .npy.

    Raises:
        OSError: a file can't be written.
        ValueError: the run has a planted bug.
    """
    path, recipe = Path(path), _sound(trainer).recipe()
    path.parent.mkdir(parents=True, exist_ok=True)
    if "data" in recipe.own:
        np.save(path.with_suffix(".npy"), trainer.data.samples.cpu().numpy(), allow_pickle=False)
    recipe.save(path)


def load(path: str | Path) -> tuple[Recipe, Trainer]:
    """Read what `save` wrote.

    Returns:
        The recipe, and its run as it was before its first round.

    Raises:
        FileNotFoundError: there is no such file.
        RecipeError: it is damaged, or needs something that is not here.
    """
    path = Path(path)
    recipe = Recipe.load(path)
    data = None
    if "data" in recipe.own and path.with_suffix(".npy").exists():
        try:
            data = np.load(path.with_suffix(".npy"), allow_pickle=False)
        except ValueError as error:
            raise RecipeError(f"{path.with_suffix('.npy')}, the data of this run, can't be read: {error}") from error
    return recipe, Trainer.from_recipe(recipe, data=data)


def code(trainer: Trainer) -> str:
    """The Python that makes this very run.

    Raises:
        ValueError: the run has a planted bug.
    """
    return _sound(trainer).recipe().to_code()


def _sound(trainer):
    if isinstance(trainer, BuggyTrainer):
        raise ValueError(
            "this run has a planted bug, and a recipe would make it again without the bug: "
            "nothing is written. `lab.trainer.save(path)` keeps the run as it is."
        )
    return trainer
