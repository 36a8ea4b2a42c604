"""Making a recorded run again."""

import warnings
from collections.abc import Callable

from torch import Tensor, nn

from gan_course.data import Dataset
from gan_course.recipe import DRIFTS, Recipe
from gan_course.timeline import StepStats
from gan_course.trainer import Trainer


def replay(
    recipe: Recipe,
    generator: nn.Module | None = None,
    discriminator: nn.Module | None = None,
    data: Dataset | Tensor | None = None,
    each: Callable[[StepStats], object] | None = None,
) -> Trainer:
    """Make a recorded run again, bit for bit on the same build of PyTorch and the same kind of processor.

    Args:
        recipe: from `Trainer.recipe` or `Recipe.load`.
        generator, discriminator, data: your own, if the run was made with your own; networks must
            start from the same weights.
        each: called with the `StepStats` of every round, for a progress bar.

    Raises:
        RecipeError: something of the author's own is missing, or the data or first weights differ.

    Warns:
        UserWarning: the result is not the original's, because the build or the processor is another.
    """
    trainer = Trainer.from_recipe(recipe, generator, discriminator, data)
    trainer.play(recipe.changes, until=recipe.steps, each=each)
    if recipe.end_digest not in ("", trainer.recipe().end_digest):
        warnings.warn(DRIFTS, stacklevel=2)
    return trainer
