"""The controls of a lab. They hold no truth: each hands its value on, and follows what Python says."""

import contextlib
from collections.abc import Callable, Iterator

import ipywidgets
import torch

from gan_course.config import Controls
from gan_course.losses import LOSSES
from gan_course.trainer import Trainer

RATIOS = {"1:10": (1, 10), "1:7": (1, 7), "1:5": (1, 5), "1:4": (1, 4), "1:3": (1, 3), "1:2": (1, 2), "1:1": (1, 1)}
RATIOS |= {f"{d}:1": (d, 1) for d in (2, 3, 4, 5, 7, 10)}
Z_SLIDERS = 4
Z_RANGE = 3.0  # 99.7% of the draws of a standard normal coordinate lie within
WIDE = {"description_width": "10em"}


class ControlPanel(ipywidgets.VBox):
    """Sliders for the controls of a run.

    Args:
        controls: where they stand at first.
        steer: called as steer(name=value, ...) when a hand moves one.

    Attributes:
        ratio: the slider of the D:G ratio, which stands outside the panel.
    """

    def __init__(self, controls: Controls, steer: Callable[..., object]):
        self._steer = steer
        self._following = False
        self.ratio = ipywidgets.SelectionSlider(
            options=RATIOS, value=(1, 1), description="D:G ratio", style=WIDE, continuous_update=True,
            tooltip="discriminator updates : generator updates in each round",
        )  # fmt: skip
        self.ratio.layout.width = "auto"
        self.ratio.observe(lambda change: self._moved(d_steps=change.new[0], g_steps=change.new[1]), "value")
        self._knobs = {
            "lr_d": _rate_slider("lr_d, learning rate"),
            "lr_g": _rate_slider("lr_g, learning rate"),
            "loss": ipywidgets.Dropdown(options=list(LOSSES), description="loss", style=WIDE),
            "label_smoothing": _amount_slider(
                "label smoothing", 0.45, "real targets become 1 - this; fake targets stay 0"
            ),
            "instance_noise": _amount_slider("instance noise", 1.0, "standard deviation of noise on all that D sees"),
        }
        for name, knob in self._knobs.items():
            knob.observe(lambda change, name=name: self._moved(**{name: _rounded(change.new)}), "value")
        super().__init__(list(self._knobs.values()))
        self.follow(controls)

    def _moved(self, **controls):
        if not self._following:
            self._steer(**controls)

    def follow(self, controls: Controls) -> None:
        """Put the sliders where the controls are; a value that a slider does not have leaves it where it is."""
        with self._told():
            if (ratio := (controls.d_steps, controls.g_steps)) in RATIOS.values():
                self.ratio.value = ratio
            for name, knob in self._knobs.items():
                knob.value = getattr(controls, name)

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        self._following = True
        try:
            yield
        finally:
            self._following = False


def _rate_slider(description):
    return ipywidgets.FloatLogSlider(
        min=-5, max=-1, step=0.05, value=1e-3, description=description, readout_format=".1e", style=WIDE
    )


def _amount_slider(description, most, tooltip):
    return ipywidgets.FloatSlider(
        min=0, max=most, step=0.05, value=0, description=description, readout_format=".2f", style=WIDE, tooltip=tooltip
    )


def _rounded(value):
    """Three significant digits: what a slider shows, and short in a recipe."""
    return float(f"{value:.3g}") if isinstance(value, float) else value


class LatentPanel(ipywidgets.VBox):
    """Sliders for the first coordinates of one z; the others come from a seed.

    Args:
        trainer: whose latents they are.
        moved: called when z changed.
    """

    def __init__(self, trainer: Trainer, moved: Callable[[], object]):
        self._moved, self._seed = moved, 0
        self._sliders: list[ipywidgets.FloatSlider] = []
        self._another = ipywidgets.Button(description="Another z", icon="random", tooltip="Draw a new z")
        self._another.on_click(lambda _: self._draw())
        super().__init__()
        self.follow(trainer)

    def follow(self, trainer: Trainer) -> None:
        """Show the latents of this run; z stays where it is if it fits."""
        self._trainer = trainer
        if self._sliders and self._base.shape[1] == trainer.config.latent_dim:
            return
        self._sliders = [
            ipywidgets.FloatSlider(min=-Z_RANGE, max=Z_RANGE, step=0.05, description=f"z[{i}]", readout_format="+.2f")
            for i in range(min(Z_SLIDERS, trainer.config.latent_dim))
        ]
        self._draw()
        for slider in self._sliders:
            slider.observe(lambda _: self._moved(), "value")
        self.children = [*self._sliders, self._another]

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
