"""The controls of a lab. They hold no truth: each hands its value on, and follows what Python says."""

from collections.abc import Callable

import ipywidgets
import torch

from gan_course.config import Controls
from gan_course.losses import LOSSES
from gan_course.trainer import Trainer

RATIOS = [(1, 10), (1, 7), (1, 5), (1, 4), (1, 3), (1, 2), (1, 1), *((d, 1) for d in (2, 3, 4, 5, 7, 10))]
RATES = [float(f"{digits}e{power}") for power in range(-5, -1) for digits in (1, 1.5, 2, 3, 5, 7)] + [0.1]
SMOOTHINGS = [round(0.05 * i, 2) for i in range(10)]
NOISES = [round(0.05 * i, 2) for i in range(21)]
PENALTY_WEIGHTS = [0.0, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0]
LOOKS_AHEAD = [0, 1, 2, 3, 5, 10]
Z_SLIDERS = 4
Z_RANGE = 3.0  # 99.7% of the draws of a standard normal coordinate lie within
Z_STEP = 0.05  # the page moves a slider to the nearest of these, so Python does so first
WIDE = {"description_width": "10em"}


class ChoiceSlider(ipywidgets.SelectionSlider):
    """A slider with a place for each of some values. Python may put it on any other: a place is made for it.

    A slider of numbers would move what Python puts on it to its nearest step, and the page would hand that back
    as if a hand had moved it.

    Args:
        values: in ascending order of `order`.
        label: value -> what the page says.
        order: value -> a number.
    """

    def __init__(self, values: list, value, label: Callable[..., str], order: Callable = lambda value: value, **looks):
        self._label, self._order = label, order
        super().__init__(options=[(label(v), v) for v in values], value=value, style=WIDE, **looks)

    def put(self, value) -> None:
        """Move it to a value."""
        values = [v for _, v in self.options]
        if value not in values:
            self.options = [(self._label(v), v) for v in sorted([*values, value], key=self._order)]
        self.value = value


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
        self.ratio = ChoiceSlider(
            RATIOS, (1, 1), lambda ratio: f"{ratio[0]}:{ratio[1]}", lambda ratio: ratio[0] / (ratio[1] or 0.01),
            description="D:G ratio", tooltip="discriminator updates : generator updates in each round",
        )  # fmt: skip
        self.ratio.layout.width = "auto"
        self.ratio.observe(lambda change: self._moved(d_steps=change.new[0], g_steps=change.new[1]), "value")
        smoothing, noise, r1, penalty, unroll = (
            dict(description="label smoothing", tooltip="real targets become 1 - this; fake targets stay 0"),
            dict(description="instance noise", tooltip="standard deviation of noise on all that D sees"),
            dict(description="R1, γ", tooltip="penalty on D's gradient at real samples"),
            dict(description="gradient penalty, λ", tooltip="WGAN-GP: keeps D's slope near 1 between real and fake"),
            dict(description="unroll, D updates", tooltip="G answers a D that has already made so many updates"),
        )
        self._knobs = {
            "lr_d": ChoiceSlider(RATES, 1e-3, _rate_label, description="lr_d, learning rate"),
            "lr_g": ChoiceSlider(RATES, 1e-3, _rate_label, description="lr_g, learning rate"),
            "loss": ipywidgets.Dropdown(options=list(LOSSES), description="loss", style=WIDE),
            "label_smoothing": ChoiceSlider(SMOOTHINGS, 0.0, "{:.3g}".format, **smoothing),
            "instance_noise": ChoiceSlider(NOISES, 0.0, "{:.3g}".format, **noise),
            "r1_gamma": ChoiceSlider(PENALTY_WEIGHTS, 0.0, "{:.3g}".format, **r1),
            "gp_weight": ChoiceSlider(PENALTY_WEIGHTS, 0.0, "{:.3g}".format, **penalty),
            "unroll": ChoiceSlider(LOOKS_AHEAD, 0, str, **unroll),
        }
        for name, knob in self._knobs.items():
            knob.observe(lambda change, name=name: self._moved(**{name: change.new}), "value")
        super().__init__(list(self._knobs.values()))
        self.follow(controls)

    def _moved(self, **controls):
        if not self._following:
            self._steer(**controls)

    def follow(self, controls: Controls) -> None:
        """Put the sliders where the controls are."""
        self._following = True
        try:
            self.ratio.put((controls.d_steps, controls.g_steps))
            for name, knob in self._knobs.items():
                value = getattr(controls, name)
                knob.put(value) if isinstance(knob, ChoiceSlider) else setattr(knob, "value", value)
        finally:
            self._following = False


def _rate_label(rate):
    """0.0015 as "1.5e-3"."""
    digits, power = f"{rate:.2e}".split("e")
    return f"{float(digits):g}e{int(power)}"


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
            ipywidgets.FloatSlider(min=-Z_RANGE, max=Z_RANGE, step=Z_STEP, description=f"z[{i}]", readout_format="+.2f")
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
            slider.value = round(min(max(value, -Z_RANGE), Z_RANGE) / Z_STEP) * Z_STEP
        self._moved()

    def z(self) -> torch.Tensor:
        """The z shown, (1, Z)."""
        z = self._base.clone()
        z[0, : len(self._sliders)] = torch.tensor([slider.value for slider in self._sliders])
        return z
