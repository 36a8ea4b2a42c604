"""Every static figure of the course: `python figures/make.py`. A second run on one machine writes the same bytes."""

from pathlib import Path

import conditional
import fid
import mode_collapse
import numpy as np
import objective
import optimal_discriminator
import training_loop
from PIL import Image

from gan_course import Recipe, replay
from gan_course.pixels import tile, to_pixels

HERE = Path(__file__).parent


def fashion_mnist_90s() -> None:
    """What the default run drew in 90 s on two CPU cores, replayed from its recipe."""
    trainer = replay(Recipe.load(HERE / "fashion_mnist_90s.json"))
    pixels = tile(to_pixels(trainer.sample(64)), columns=16)[..., 0]
    Image.fromarray(np.kron(pixels, np.ones((2, 2), np.uint8))).save(HERE / "fashion_mnist_90s.png", optimize=True)


if __name__ == "__main__":
    fashion_mnist_90s()
    objective.game()
    objective.two_losses()
    optimal_discriminator.best_discriminator()
    optimal_discriminator.stuck()
    training_loop.turns()
    training_loop.textbook()
    training_loop.dg_ratio()
    mode_collapse.hopping()
    mode_collapse.head_start()
    conditional.sheet()
    fid.candidates()
