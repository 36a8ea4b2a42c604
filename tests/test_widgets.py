"""GanLab without a browser: its controls steer, its frames show, its refusals are said."""

import numpy as np
import pytest
import torch

from gan_course import GanLab, TrainConfig, Trainer
from gan_course.frames import unpack
from gan_course.widgets.controls import RATIOS

RING = TrainConfig(dataset="ring", width=8, batch_size=8)
PICTURES = TrainConfig(dataset="fashion-mnist", width=4, batch_size=4, threads=1, precision="float32")


@pytest.fixture
def make():
    made = []

    def make_lab(config=RING, **kwargs):
        made.append(GanLab(config, play=False, **kwargs))
        return made[-1]

    yield make_lab
    for lab in made:
        lab.live.stop()


def frame(lab):
    return unpack(lab._canvas.frame)


def test_the_frame_shows_the_run(make):
    lab = make()
    lab.run(30)
    facts, arrays = frame(lab)
    assert (facts["kind"], facts["step"], facts["d_steps"], facts["playing"]) == ("points", 30, 1, False)
    history = lab.trainer.history.arrays()
    for name in ("step", "d_loss", "g_loss", "d_real", "d_fake"):
        assert np.allclose(arrays[name], history[name]), name
    assert np.allclose(arrays["fake"], lab.trainer.sample(z=lab.trainer.latents(len(arrays["fake"]))).numpy())


def test_the_field_is_what_d_says_and_lies_the_right_way_up(make):
    lab = make(Trainer(RING, discriminator=torch.nn.Linear(2, 1)))
    with torch.no_grad():  # D says real at the top right only
        lab.trainer.discriminator.weight.copy_(torch.tensor([[3.0, 9.0]]))
        lab.trainer.discriminator.bias.zero_()
    lab.live._arrays = lab._arrays = {}
    lab.run(0)
    facts, arrays = frame(lab)
    x0, x1, y0, y1 = facts["bounds"]
    field = arrays["field"].astype(float) / 255
    rows, columns = field.shape
    for row, column in ((0, 0), (rows - 1, 0), (rows // 3, columns - 1)):
        x, y = x0 + (x1 - x0) * column / (columns - 1), y0 + (y1 - y0) * row / (rows - 1)
        expected = torch.sigmoid(torch.tensor(3 * x + 9 * y)).item()
        assert field[row, column] == pytest.approx(expected, abs=0.01)


def test_the_image_grid_is_what_the_generator_makes(make):
    lab = make(PICTURES)
    facts, arrays = frame(lab)
    assert facts["kind"] == "images" and arrays["grid"].shape == (6 * 28, 6 * 28, 1)
    first = lab.trainer.sample(z=lab.trainer.latents(36))[7, 0]
    shown = arrays["grid"][28:56, 28:56, 0].astype(float) / 127.5 - 1
    assert np.allclose(shown, first.numpy(), atol=0.005)


def test_moving_z_changes_the_picture_and_nothing_else(make):
    lab = make(PICTURES)
    lab.run(20)
    _, before = frame(lab)
    lab._latent._sliders[0].value = 2.5
    lab.run(0)
    _, after = frame(lab)
    z = lab._latent.z()
    assert z[0, 0] == 2.5
    expected = lab.trainer.sample(z=z)[0, 0].numpy()
    assert np.allclose(after["picture"][..., 0] / 127.5 - 1, expected, atol=0.005)
    assert not np.array_equal(before["picture"], after["picture"])
    assert np.array_equal(before["grid"], after["grid"])


def test_every_ratio_on_the_slider_is_obeyed(make):
    lab = make()
    for label, (d_steps, g_steps) in RATIOS.items():
        lab._controls.ratio.value = (d_steps, g_steps)
        lab.run(1)
        assert (lab.trainer.controls.d_steps, lab.trainer.controls.g_steps) == (d_steps, g_steps), label


def test_sliders_follow_python(make):
    lab = make()
    lab.set(d_steps=5, lr_g=3e-3, loss="lsgan")
    assert lab._controls.ratio.value == (5, 1)
    assert lab._controls._lr_g.value == 3e-3 and lab._controls._loss.value == "lsgan"
    lab.set(d_steps=3, g_steps=2)  # no such place on the slider
    assert lab._controls.ratio.value == (5, 1) and lab.trainer.controls.g_steps == 2


def test_a_refused_change_is_said_and_changes_nothing(make):
    lab = make()
    lab.set(label_smoothing=0.1)
    lab._controls._loss.value = "hinge"
    lab.run(0)
    assert "no labels to smooth" in frame(lab)[0]["message"]
    assert lab.trainer.controls.loss == "non-saturating"


def test_start_again_keeps_the_controls_and_the_old_recipe(make):
    lab = make()
    start = lab.trainer.sample(8)
    lab.set(d_steps=3)
    lab.run(12)
    lab.live.stop()  # so that what is posted happens here
    lab.restart()
    assert lab.trainer.steps == 0 and lab.trainer.controls.d_steps == 3
    assert torch.equal(lab.trainer.sample(8), start)
    assert [recipe.steps for recipe in lab.earlier] == [12]


def test_a_still_picture_stands_in_where_no_widget_can_be_shown(make):
    bundle = make()._repr_mimebundle_()
    assert bundle["text/plain"] == "GanLab('ring')"
    assert bundle["image/png"].startswith("iVBOR")
    assert "application/vnd.jupyter.widget-view+json" in bundle


def test_a_students_own_modules_and_data(make):
    generator, discriminator = torch.nn.Linear(3, 2), torch.nn.Linear(2, 1)
    data = torch.randn(100, 2)
    lab = make(Trainer(TrainConfig(latent_dim=3, batch_size=8), generator, discriminator, data))
    lab.run(5)
    assert lab.trainer.generator is generator and frame(lab)[0]["step"] == 5


def test_looking_does_not_touch_a_discriminator_with_batch_statistics(make):
    discriminator = torch.nn.Sequential(torch.nn.Linear(2, 8), torch.nn.BatchNorm1d(8), torch.nn.Linear(8, 1))
    lab = make(Trainer(RING, discriminator=discriminator))
    lab.run(3)
    before = discriminator[1].running_mean.clone()
    lab._arrays = {}
    lab.run(0)
    assert torch.equal(discriminator[1].running_mean, before) and discriminator.training
