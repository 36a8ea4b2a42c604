"""DensityLab: two densities to drag or to draw, and what the perfect discriminator makes of them."""

from collections.abc import Sequence

import ipywidgets
import numpy as np
from matplotlib.figure import Figure

from gan_course import plotting_density, theory
from gan_course.names import check_name
from gan_course.theory import Mixture
from gan_course.widgets import density_scene as scene
from gan_course.widgets.density_canvas import DensityCanvas
from gan_course.widgets.still import Still

LABELS = {
    "value": "V(D*, G) = 2·JSD − log 4",
    "jsd": "JSD, at most log 2 = 0.693",
    "w1": "W₁",
    "minimax_pull": "mean pull, minimax",
    "non_saturating_pull": "mean pull, non-saturating",
}


class DensityLab(Still, ipywidgets.VBox):
    """p_data and p_g on a line, each a mixture of up to three Gaussians or drawn by hand.

    Under them the best discriminator D*(x) and how hard each generator loss pulls at a fake at x; beside them
    V(D*, G), the Jensen-Shannon divergence, the Wasserstein distance, the mean pulls, and a sentence that says what
    they mean. The page answers a hand by itself and tells Python, which has the last word.

    The grid is x = -8 … 8 in 801 points. Means are from -5 to 5 and standard deviations from 0.2 to 1.5, so that all
    integrals are exact to about 1e-6. What a Gaussian has beyond the grid, at most 2.3 %, is cut off, and the rest is
    scaled to an integral of 1.

    Args:
        preset: "equal", "shifted", "separate supports" or "two modes against one".

    Raises:
        ValueError: an unknown preset.
    """

    def __init__(self, preset: str = "shifted"):
        check_name(preset, scene.PRESETS, "preset")
        self._canvas = DensityCanvas(**scene.PRESETS[preset])
        super().__init__([self._canvas])
        self.add_class("density-lab")

    # ---- what is set ------------------------------------------------------------------------------------------------

    def set(
        self,
        preset: str | None = None,
        p_data: Mixture | Sequence[float] | None = None,
        p_g: Mixture | Sequence[float] | None = None,
    ) -> None:
        """Change one or both densities, as a hand does.

        Args:
            preset: the name of a pair to start from.
            p_data, p_g: a mixture, or (801,) values on `x`, at least 0, which are scaled to an integral of 1.
                None: as in the preset if there is one, otherwise as it is.

        Raises:
            ValueError: an unknown preset, or what cannot be shown as a density; nothing changes then.
        """
        if preset is not None:
            check_name(preset, scene.PRESETS, "preset")
        states = dict(scene.PRESETS[preset]) if preset is not None else {}
        for name, density in (("p_data", p_data), ("p_g", p_g)):
            if density is not None:
                states[name] = scene.state_of(density, name)
        with self._canvas.hold_sync():  # both in one message
            for name, state in states.items():
                setattr(self._canvas, name, state)

    # ---- what is seen -----------------------------------------------------------------------------------------------

    @property
    def x(self) -> np.ndarray:
        """(801,): the grid, even from -8 to 8."""
        return scene.X.copy()

    @property
    def p_data(self) -> np.ndarray:
        """(801,): the real density on the grid, with an integral of 1."""
        return scene.values_of(self._canvas.p_data)

    @property
    def p_g(self) -> np.ndarray:
        """(801,): the density of the fakes on the grid, with an integral of 1."""
        return scene.values_of(self._canvas.p_g)

    @property
    def d_star(self) -> np.ndarray:
        """(801,): the best discriminator on the grid, in [0, 1]."""
        return theory.optimal_discriminator(self.p_data, self.p_g)

    @property
    def numbers(self) -> dict[str, float]:
        """By name: value, V(D*, G); jsd; w1; minimax_pull and non_saturating_pull, means over the fakes."""
        return scene.numbers_of(self.p_data, self.p_g)

    @property
    def words(self) -> str:
        """What the numbers mean now."""
        return scene.words_of(self.p_data, self.p_g)

    def figure(self) -> Figure:
        """The lab as it is now, as a figure that stands still."""
        p_data, p_g = self.p_data, self.p_g
        said = {label: scene.number_text(self.numbers[name]) for name, label in LABELS.items()}
        pulls = scene.pulls(p_data, p_g)
        return plotting_density.density_figure(scene.X, p_data, p_g, pulls, said, self.words)

    # ---- where no widget can be shown -------------------------------------------------------------------------------

    def __repr__(self) -> str:
        now = {"p_data": self._canvas.p_data, "p_g": self._canvas.p_g}
        for name, preset in scene.PRESETS.items():
            if now == preset:
                return f"DensityLab({name!r})"
        return f"DensityLab(p_data: {scene.state_text(now['p_data'])}; p_g: {scene.state_text(now['p_g'])})"
