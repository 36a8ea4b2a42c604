"""Pictures that stand still: small, with words, and showing what ran away."""

import base64
import io

import numpy as np
import PIL.Image
import pytest
import torch
from engine_runs import images, tiny_run
from IPython.core.formatters import format_display_data
from matplotlib.figure import Figure

from gan_course import GanLab
from gan_course.plotting import D_COLOR, FAKE, REAL
from gan_course.widgets import stills
from gan_course.widgets.stills import plot_samples, show, side_by_side, still, verdicts_side_by_side


def pixels(image):
    return np.array(PIL.Image.open(io.BytesIO(image.data)).convert("RGB"))


def has(image, color):
    """Whether a picture holds a colour, nearly."""
    wanted = np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)])
    return (np.abs(pixels(image).astype(int) - wanted).max(-1) <= 20).any()


def ran(steps=30, **settings):
    run = tiny_run(**settings)
    run.run(steps)
    return run


def figure():
    figure = Figure((2, 1))
    figure.subplots().plot([0, 1], color=REAL, lw=5)
    return figure


def test_a_still_has_its_words_and_its_colours():
    image = still(figure(), alt="a rising line")
    _, metadata = format_display_data(image)
    assert metadata["image/png"]["alt"] == "a rising line"
    assert has(image, REAL) and not has(image, FAKE)
    assert still(figure(), alt="a rising line").data == image.data, "the same bytes again"


def test_a_thin_line_beside_a_field_of_many_colours_keeps_its_own():
    crowded = Figure((6, 6))
    field, line = crowded.subplots(1, 2, width_ratios=(9, 1))
    field.imshow(np.random.default_rng(0).random((200, 200, 3)) * (1, 0.6, 0.2))
    line.plot([0, 1], color=D_COLOR, lw=2)
    assert has(still(crowded, alt=""), D_COLOR)


def test_a_still_is_smaller_than_matplotlibs_own():
    plain = io.BytesIO()
    run = ran()
    axes = (drawn := Figure((4, 4))).subplots()
    plot_samples(run, axes)
    drawn.savefig(plain, format="png", dpi=stills.DPI)
    assert len(still(drawn, alt="").data) < 0.6 * len(plain.getvalue())


@pytest.mark.parametrize("n", [1, 2, 3])
def test_runs_side_by_side(n):
    image = side_by_side({f"run {i}": ran() for i in range(n)}, alt="runs")
    height, width, _ = pixels(image).shape
    assert width == pytest.approx(stills.DPI * stills.COLUMN * (n if n > 1 else 3), abs=1)
    assert all(has(image, color) for color in (REAL, FAKE, D_COLOR))
    assert format_display_data(image)[1]["image/png"]["alt"] == "runs"


def test_one_legend_a_row_and_one_axis_for_verdicts(monkeypatch):
    seen = []
    monkeypatch.setattr(stills, "still", lambda figure, alt: seen.append(figure))
    side_by_side({"A": ran(), "B": ran()}, alt="")
    verdicts_side_by_side({"A": ran(), "B": ran(), "C": ran()}, alt="")
    for figure, legends in zip(seen, (2, 1)):
        assert sum(ax.get_legend() is not None for ax in figure.axes) == legends
    pictures = [ax.get_title() for ax in seen[0].axes if ax.get_title()]
    assert pictures == ["A", "B"]
    assert all(ax.get_ylim() == stills.VERDICTS for ax in seen[1].axes)
    assert [ax.get_ylabel() != "" for ax in seen[1].axes] == [True, False, False]


def test_images_are_a_grid():
    image = side_by_side({"pictures": ran(2, data=images(side=8), latent_dim=4)}, alt="pictures")
    assert has(image, D_COLOR)


@pytest.mark.parametrize("away, reach", [(0.0, 1.0), (3.0, 3.0), (50.0, stills.FARTHEST)])
def test_the_frame_follows_fakes_that_ran_away_up_to_a_limit(monkeypatch, away, reach):
    run = tiny_run()
    run.data.samples[: stills.POINTS] = torch.tensor([1.0, 0.0])
    monkeypatch.setattr(run, "sample", lambda n: torch.full((n, 2), away))
    ax = plot_samples(run, Figure().subplots())
    assert ax.get_xlim() == pytest.approx((-reach * stills.ROOM, reach * stills.ROOM))
    assert ax.get_ylim() == ax.get_xlim()


def test_looking_leaves_a_run_as_it_was():
    looked_at, alone = ran(), ran()
    side_by_side({"A": looked_at}, alt="")
    looked_at.run(5), alone.run(5)
    assert torch.equal(looked_at.sample(8), alone.sample(8))


def test_a_lab_is_shown_with_a_small_picture(monkeypatch):
    shown = []
    monkeypatch.setattr(stills, "display", lambda bundle, **rest: shown.append((bundle, rest)))
    lab = GanLab(ran(), play=False, name="still")
    try:
        show(lab, alt="a lab")
        (bundle, rest), full = shown[0], lab._repr_mimebundle_()
    finally:
        lab.live.stop()
    assert rest == {"metadata": {"image/png": {"alt": "a lab"}}, "raw": True}
    assert set(bundle) == set(full) and bundle["application/vnd.jupyter.widget-view+json"]
    assert len(bundle["image/png"]) < 0.6 * len(full["image/png"])
    assert base64.b64decode(bundle["image/png"]).startswith(b"\x89PNG")
