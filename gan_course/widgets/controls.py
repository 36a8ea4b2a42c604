"""The sliders of a lab. They hold no truth: each hands its value on, and follows what Python says."""

from collections.abc import Callable

import ipywidgets
import torch

from gan_course.config import Controls
from gan_course.losses import LOSSES
from gan_course.trainer import Trainer

RATIOS = {"1:10": (1, 10), "1:7": (1, 7), "1:5": (1, 5), "1:4": (1, 4), "1:3": (1, 3), "1:2": (1, 2), "1:1": (1, 1)}
RATIOS |= {f"{d}:1": (d, 1) for d in (2, 3, 4, 5, 7, 10)}
Z_SLIDERS = 4
Z_RANGE = 3.0  # 99.7% of the draws of a standard normal coordinate lie within
WIDE = {"description_width": "9em"}


class ControlPanel(ipywidgets.VBox):
    """Sliders for the controls of a run.

    Args:
        controls: where they stand at first.
        steer: called as steer(name=value, ...) when a hand moves one.
    """

    def __init__(self, controls: Controls, steer: Callable[..., object]):
        self._steer = steer
        self._following = False
        self.ratio = ipywidgets.SelectionSlider(
            options=RATIOS, value=(1, 1), description="D:G ratio", style=WIDE, continuous_update=True,
            tooltip="discriminator updates : generator updates in each round",
        )  # fmt: skip
        self.ratio.layout.width = "auto"
        self._lr_d, self._lr_g = (self._rate_slider(name) for name in ("lr_d", "lr_g"))
        self._loss = ipywidgets.Dropdown(options=list(LOSSES), description="loss", style=WIDE)
        self.ratio.observe(lambda change: self._moved(d_steps=change.new[0], g_steps=change.new[1]), "value")
        self._lr_d.observe(lambda change: self._moved(lr_d=_rounded(change.new)), "value")
        self._lr_g.observe(lambda change: self._moved(lr_g=_rounded(change.new)), "value")
        self._loss.observe(lambda change: self._moved(loss=change.new), "value")
        super().__init__([self._lr_d, self._lr_g, self._loss])
        self.follow(controls)

    def _rate_slider(self, name):
        return ipywidgets.FloatLogSlider(
            min=-5,
            max=-1,
            step=0.05,
            value=1e-3,
            description=f"{name}, learning rate",
            readout_format=".1e",
            style=WIDE,
        )

    def _moved(self, **controls):
        if not self._following:
            self._steer(**controls)

    def follow(self, controls: Controls) -> None:
        """Put the sliders where the controls are; a value that a slider does not have leaves it where it is."""
        self._following = True
        try:
            if (ratio := (controls.d_steps, controls.g_steps)) in RATIOS.values():
                self.ratio.value = ratio
            self._lr_d.value, self._lr_g.value, self._loss.value = controls.lr_d, controls.lr_g, controls.loss
        finally:
            self._following = False


class LatentPanel(ipywidgets.VBox):
    """Sliders for the first coordinates of one z; the others come from a seed.

    Args:
        trainer: whose latents they are.
        moved: called when z changed.
    """

    def __init__(self, trainer: Trainer, moved: Callable[[], object]):
        self._trainer, self._moved, self._seed = trainer, moved, 0
        self._sliders = [
            ipywidgets.FloatSlider(min=-Z_RANGE, max=Z_RANGE, step=0.05, description=f"z[{i}]", readout_format="+.2f")
            for i in range(min(Z_SLIDERS, trainer.config.latent_dim))
        ]
        another = ipywidgets.Button(description="Another z", icon="random", tooltip="Draw a new z")
        another.on_click(lambda _: self._draw())
        self._draw()
        for slider in self._sliders:
            slider.observe(lambda _: self._moved(), "value")
        super().__init__([*self._sliders, another])

    def _draw(self):
        self._seed += 1
        self._base = self._trainer.latents(1, seed=self._seed)
        for slider, value in zip(self._sliders, self._base[0].tolist(), strict=False):
            slider.value = round(min(max(value, -Z_RANGE), Z_RANGE), 2)
        self._moved()

    def z(self) -> torch.Tensor:
        """The z shown, (1, Z)."""
        z = self._base.clone()
        z[0, : len(self._sliders)] = torch.tensor([slider.value for slider in self._sliders])
        return z


def _rounded(rate: float) -> float:
    """Three significant digits: what the slider shows, and short in a recipe."""
    return float(f"{rate:.3g}")
