"""Figure of chapter 5: what the bundled generator makes of eight z, class by class."""

import torch
from drawing import save_png
from matplotlib.figure import Figure

from gan_course.plotting import plot_images
from gan_course.pretrained import generator

COLUMNS, PIXELS = 16, 28


@torch.no_grad()
def sheet() -> None:
    """A row for each class, a column for each z."""
    network = generator()
    z = torch.randn(COLUMNS, network.latent_dim, generator=torch.Generator().manual_seed(5))
    rows = [network(z, torch.full((COLUMNS,), label)) for label in range(network.classes)]
    figure = Figure((9.6, 5.4), layout="constrained")
    ax = figure.subplots()
    plot_images(torch.cat(rows), ax, columns=COLUMNS)
    ax.set_axis_on()
    ax.spines[:].set_visible(False)
    side = ax.get_images()[0].get_array().shape[0] / network.classes
    ax.set_yticks([side * (i + 0.5) for i in range(network.classes)], network.class_names, fontsize=9)
    ax.set_xticks(())
    ax.tick_params(length=0)
    save_png(figure, "conditional.png")
