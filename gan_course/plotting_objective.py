"""The generator's two losses over D's logit of a fake, and how hard each pulls."""

import numpy as np
from matplotlib.axes import Axes

from gan_course.plotting import FAKE
from gan_course.plotting_density import NON_SATURATING
from gan_course.theory.generator import generator_gradient, generator_loss

FARTHEST = 10.0  # logits from -FARTHEST to FARTHEST
LOSS_NAMES = {"minimax": "log(1 − D), saturating", "non-saturating": "−log D, non-saturating"}
COLORS = {"minimax": "black", "non-saturating": NON_SATURATING}
STYLES = {"minimax": "--", "non-saturating": "-"}


def plot_losses_by_logit(ax: Axes, logit: float, live: float | None = None) -> Axes:
    """Both losses over the logit.

    Args:
        ax: where to draw.
        logit: marked, as a line with a point on each curve.
        live: marked as a dotted line; None for no second mark.
    """
    _plot(ax, lambda at, loss: generator_loss(at, loss), logit, live)
    ax.set(xlabel="D's logit of a fake", ylabel="loss of G (nats)")
    return ax


def plot_pulls_by_logit(ax: Axes, logit: float, live: float | None = None) -> Axes:
    """The sizes of both gradients over the logit; arguments as for `plot_losses_by_logit`."""
    _plot(ax, lambda at, loss: np.abs(generator_gradient(at, loss)), logit, live)
    ax.set(xlabel="D's logit of a fake", ylabel="size of the gradient by the logit")
    return ax


def _plot(ax, curve, logit, live):
    x = np.linspace(-FARTHEST, FARTHEST, 401)
    for loss, name in LOSS_NAMES.items():
        ax.plot(x, curve(x, loss), color=COLORS[loss], ls=STYLES[loss], lw=1.5, label=name)
        ax.plot(logit, curve(logit, loss), "o", color=COLORS[loss], ms=5)
    ax.axvline(logit, color="black", lw=1)
    if live is not None:
        ax.axvline(live, color=FAKE, lw=1.5, ls=":", label="live run")
    ax.legend(fontsize="x-small")
