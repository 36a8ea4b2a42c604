"""Figures of chapter 1: who plays, and what the generator's two losses ask for."""

import numpy as np
from drawing import BACK, GRAY, arrow, box, canvas, save
from matplotlib.figure import Figure

from gan_course.plotting import D_COLOR, FAKE, REAL
from gan_course.plotting_density import NON_SATURATING
from gan_course.theory import generator_gradient, generator_loss


def game() -> None:
    """The forger and the detective: what flows where, and who learns from what."""
    figure, (ax,) = canvas(9.6, 3.0)
    ax.set(xlim=(-0.2, 10.4), ylim=(0, 4))
    box(ax, 0.5, 1.2, "noise z", GRAY, width=1.0)
    box(ax, 2.9, 1.2, "generator G\nthe forger", FAKE, learns=True, width=1.9)
    box(ax, 5.2, 1.2, "fake G(z)", FAKE, width=1.3)
    box(ax, 5.2, 3.1, "real x", REAL, width=1.3)
    box(ax, 7.6, 2.15, "discriminator D\nthe detective", D_COLOR, learns=True, width=2.1)
    box(ax, 9.75, 2.15, "real?\nD(·) in [0, 1]", GRAY, width=1.2)
    arrow(ax, (1.1, 1.2), (1.85, 1.2))
    arrow(ax, (3.95, 1.2), (4.45, 1.2), FAKE)
    arrow(ax, (5.95, 1.3), (6.6, 1.75), FAKE)
    arrow(ax, (5.95, 3.0), (6.6, 2.55), REAL)
    arrow(ax, (8.75, 2.15), (9.05, 2.15))
    arrow(ax, (7.6, 1.7), (3.2, 0.75), BACK, bend=-0.28)
    ax.text(5.5, 0.12, "all that G ever learns from: what D's verdict would do", color=BACK, ha="center", fontsize=9)
    ax.text(7.6, 2.75, "wants: real → 1, fake → 0", color=D_COLOR, ha="center", fontsize=9)
    ax.text(2.9, 1.75, "wants: D(G(z)) → 1", color=FAKE, ha="center", fontsize=9)
    save(figure, "the_game.svg")


def two_losses() -> None:
    """Both generator losses over D's logit, and how hard each pulls."""
    logit = np.linspace(-8, 8, 401)
    figure = Figure((8.4, 3.1), layout="constrained")
    level, pull = figure.subplots(1, 2)
    looks = {"minimax": dict(color="black", ls="--"), "non-saturating": dict(color=NON_SATURATING)}
    names = {"minimax": "log(1 − D), saturating", "non-saturating": "−log D, non-saturating"}
    for loss, look in looks.items():
        level.plot(logit, generator_loss(logit, loss), lw=2, label=names[loss], **look)
        pull.plot(logit, -generator_gradient(logit, loss), lw=2, **look)
    level.set(ylabel="loss (nats)", title="What G minimises", ylim=(-8.4, 8.4))
    pull.set(ylabel="−slope over the logit", title="How hard it pulls the logit up")
    pull.annotate("the saturating loss\nis silent where\nG needs it most", (-5, 0.02), (-7.6, 0.36), fontsize=9,
                  arrowprops=dict(arrowstyle="-|>", color=GRAY), color=GRAY)  # fmt: skip
    level.legend(fontsize="small", loc="upper right")
    for ax in (level, pull):
        ax.axvline(0, color="gray", lw=1, ls=":")
        ax.set(xlabel="D's logit of a fake", xlim=(-8, 8))
        ax.secondary_xaxis("top", functions=(lambda v: v, lambda v: v)).set_xticks(
            [-4.6, 0, 4.6], ["D = 0.01", "½", "0.99"], fontsize=8
        )
        ax.title.set_fontsize(11)
    save(figure, "two_losses.svg")
