"""Figure of chapter 6: three candidates, and the scores that they get."""

import torch
from drawing import save_png
from matplotlib.figure import Figure

from gan_course.data import load
from gan_course.metrics import extract_features, fid
from gan_course.plotting import plot_images
from gan_course.pretrained import features, generator

N, SHOWN = 2000, 14


def candidates() -> None:
    """Some pictures of each candidate beside its FID against the training set."""
    train, test = load("fashion-mnist"), load("fashion-mnist", train=False)
    reference = extract_features(train.batch(torch.arange(len(train))), features)
    z = torch.randn(N, generator().latent_dim, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        made = generator()(z, torch.arange(N) % 10)
    rows = {
        "made by a generator": made,
        "real, never seen before": test.batch(torch.arange(N)),
        "copies of the training set": train.batch(torch.arange(N)),
    }
    figure = Figure((9.6, 2.9), layout="constrained")
    for ax, (name, pictures) in zip(figure.subplots(len(rows), 1), rows.items()):
        plot_images(pictures[:SHOWN], ax, columns=SHOWN)
        score = fid(reference, extract_features(pictures, features))
        ax.set_title(f"{name}: FID {score:.1f}", loc="left", fontsize=11)
    save_png(figure, "fid.png")
