"""LatentLab and labels: what is asked for is what is made, z and label move apart, the data shown are the nearest."""

import time

import numpy as np
import pytest
import torch
from engine_runs import images, rng, tiny_run
from torch import nn

from gan_course import pretrained
from gan_course.data import Dataset
from gan_course.frames import unpack
from gan_course.latent import GeneratorCopy, nearest_images
from gan_course.pixels import tile, to_pixels
from gan_course.widgets.latent_beside import SHEET, STOPS
from gan_course.widgets.latent_lab import LatentLab
from gan_course.widgets.latent_view import View


class Labelled(nn.Module):
    """A generator whose pictures say which z and which weights it was given: (z, y) -> (N, 1, 4, 4)."""

    latent_dim, classes, class_names = 6, 3, ("Shirt", "Bag", "Sandal")

    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.tensor(0.1))

    def forward(self, z, y):
        parts = torch.cat((z * self.scale, y, y.new_zeros(len(z), 16 - 9)), 1)
        return parts.view(-1, 1, 4, 4).clamp(-1, 1)


@pytest.fixture
def make():
    made = []

    def make_lab(source=None, **kwargs):
        made.append(LatentLab(Labelled() if source is None else source, **kwargs))
        return made[-1]

    yield make_lab
    for lab in made:
        lab.stop()


def until(condition, seconds=20):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.005)


def strip(lab, name):
    """The pictures of a strip: waits for the first."""
    until(lambda: getattr(lab._labels, name))
    facts, arrays = unpack(getattr(lab._labels, name))
    return facts, arrays["pictures"]


def shows(lab, name, z, weights):
    """Wait until a strip shows what the generator makes of these."""
    expected = Labelled()(torch.as_tensor(z), torch.as_tensor(weights, dtype=torch.float32))
    pixels = tile(to_pixels(expected.detach()), len(expected))
    until(lambda: np.array_equal(strip(lab, name)[1], pixels))


# --- views and copies


def test_weights_are_made_to_sum_to_one_and_a_class_alone_has_all():
    view = View.first_of(6, 3)
    assert view.mixture.tolist() == [1, 0, 0] and view.ends == (0, 1)
    view = view.weighed({1: 0.5, 2: 0.5})
    np.testing.assert_allclose(view.mixture, [0.5, 0.25, 0.25])
    assert view.only(2).mixture.tolist() == [0, 0, 1]


def test_a_label_walk_goes_evenly_between_two_classes_and_leaves_z():
    view = View.first_of(6, 3)
    there = view.label_walked(0.25, (2, 1))
    np.testing.assert_allclose(there.mixture, [0, 0.25, 0.75])
    assert there.s == 0.25 and there.ends == (2, 1) and np.array_equal(there.z, view.z)
    assert there.only(0).s is None and there.weighed({0: 1}).s is None, "it is on the walk no longer"
    np.testing.assert_allclose(there.label_way([0, 0.5, 1]), [[0, 0, 1], [0, 0.5, 0.5], [0, 1, 0]])
    assert view.at(np.ones(6)).label_walked(0.5, (0, 2)).z.tolist() == [1] * 6


def test_another_generator_keeps_the_label_only_if_it_knows_as_many():
    view = View.first_of(6, 3).only(2)
    assert view.for_latent_dim(6, 3).mixture.tolist() == [0, 0, 1]
    assert view.for_latent_dim(6, 4).mixture.tolist() == [1, 0, 0, 0]
    assert view.for_latent_dim(6).mixture is None


@pytest.mark.parametrize(
    "ask, message",
    [
        (lambda view: view.labelled([1, 0]), "must be 3 weights from 0 on"),
        (lambda view: view.labelled([1, -1, 0]), "from 0 on"),
        (lambda view: view.labelled([0, 0, 0]), "at least one of them above 0"),
        (lambda view: view.labelled([np.nan, 0, 1]), "must be 3 weights"),
        (lambda view: view.only(3), "no class 3"),
        (lambda view: view.label_walked(1.5), "s goes from 0"),
        (lambda view: view.label_walked(0.5, (0, 7)), "no class 7"),
        (lambda view: View.first_of(6).labelled([1.0]), "knows no labels"),
        (lambda view: View.first_of(6).only(0), "no class 0"),
    ],
)
def test_labels_that_cannot_be(ask, message):
    with pytest.raises(ValueError, match=message):
        ask(View.first_of(6, 3))


def test_a_copy_hands_labels_on_one_for_all_or_one_for_each():
    copy, z = GeneratorCopy(Labelled(), 6, classes=3), torch.randn(2, 6, generator=rng())
    rows = np.array([[0, 1, 0], [0.5, 0, 0.5]], dtype=np.float32)
    torch.testing.assert_close(copy.sample(z, rows).flatten(1)[:, 6:9], torch.from_numpy(rows))
    assert copy.sample(z, rows[1]).flatten(1)[:, 6:9].tolist() == [[0.5, 0, 0.5]] * 2
    with pytest.raises(ValueError, match=r"weights \(1, 4\)"):
        GeneratorCopy(nn.Linear(6, 2), 6, classes=4)


# --- the lab


def test_the_picture_is_that_of_the_label(make):
    lab = make()
    assert lab.labels == {"Shirt": 1.0, "Bag": 0.0, "Sandal": 0.0}
    lab.label("Sandal")
    assert lab.labels["Sandal"] == 1 and lab.output.flatten()[6:9].tolist() == [0, 0, 1]
    lab.label([1.0, 3.0, 0.0])
    assert lab.output.flatten()[6:9].tolist() == [0.25, 0.75, 0]
    until(lambda: lab._pad.frame)
    until(lambda: np.array_equal(unpack(lab._pad.frame)[1]["picture"], to_pixels(lab.output[None])[0]))
    lab.label_walk(0.5, (1, 2))
    assert list(lab.labels.values()) == [0, 0.5, 0.5]
    with pytest.raises(ValueError, match="Did you mean 'Sandal'"):
        lab.label("Sandals")


def test_every_class_at_this_z_and_the_walk_between_two(make):
    lab = make()
    lab.z = np.full(6, 0.5)
    shows(lab, "classes", np.full((3, 6), 0.5, dtype=np.float32), np.eye(3))
    lab.label_walk(1.0, (2, 0))
    way = np.linspace([0, 0, 1], [1, 0, 0], STOPS)
    shows(lab, "walk", np.full((STOPS, 6), 0.5, dtype=np.float32), way)


def test_the_pad_and_the_walk_of_z_keep_the_label(make):
    lab = make()
    lab.label("Bag")

    def level(frame, name):
        pictures = unpack(frame)[1][name]
        return pictures[1, 2::4, 0], pictures[1, 3::4, 0]  # where the weights of Shirt and Bag are

    until(lambda: lab._walk.strips and set(level(lab._walk.strips, "straight")[1]) == {255})
    until(lambda: lab._pad.scenery and set(level(lab._pad.scenery, "map")[1]) == {255})
    assert set(level(lab._walk.strips, "straight")[0]) == {128}


def test_a_sample_of_the_sheet_can_be_taken_up(make):
    lab = make()
    latents = np.stack([lab._painter.beside.latent(i) for i in range(SHEET)])
    shows(lab, "sheet", latents, np.eye(1, 3).repeat(SHEET, 0))
    lab.take(5)
    np.testing.assert_array_equal(lab.z.numpy(), latents[5])
    lab.label("Sandal")
    shows(lab, "sheet", latents, np.eye(3)[[2] * SHEET])
    lab.other_samples()
    assert not np.array_equal(lab._painter.beside.latent(5), latents[5])
    with pytest.raises(ValueError, match="no sample 16"):
        lab.take(SHEET)


def test_what_the_page_asks_for(make):
    lab = make()
    number = 0

    def wish(**message):
        nonlocal number
        number += 1
        lab._hear(lab._labels, message | {"number": float(number)}, [])
        until(lambda: lab._labels.state.get("heard") == number)

    wish(do="only", label=1)
    assert lab._labels.state["shares"] == [0, 1, 0]
    wish(do="weigh", values={"0": 1.0})
    assert lab._labels.state["shares"] == [0.5, 0.5, 0] and lab._labels.state["weights"] == [1, 1, 0]
    wish(do="label_walk", s=0.5, ends=[0, 2])
    assert lab._labels.state["s"] == 0.5 and lab._labels.state["ends"] == [0, 2]
    wish(do="take", sample=3)
    np.testing.assert_array_equal(lab.z.numpy(), lab._painter.beside.latent(3))
    wish(do="weigh", values={"0": 0.0, "2": 0.0})
    assert "at least one of them above 0" in lab._painter.refusal and lab._labels.state["shares"] == [0.5, 0, 0.5]


def test_a_conditional_run_and_one_without_labels(make):
    data = Dataset("ten", images(40).samples, labels=torch.arange(40) % 4, class_names=tuple("abcd"))
    run = tiny_run(data=data, latent_dim=5, condition="concat")
    lab = make(run)
    assert list(lab.labels) == list("abcd")
    lab.label("c")
    torch.testing.assert_close(lab.output[None], run.sample(z=lab.z[None], labels=torch.tensor([2])))
    plain = make(tiny_run(data=images(8), latent_dim=5))
    assert plain.labels == {} and plain._labels.classes == b""
    until(lambda: plain._labels.sheet and plain._labels.nearest)
    with pytest.raises(ValueError, match="no class 1"):
        plain.label(1)


# --- the nearest images


@pytest.mark.parametrize("kind", ["uint8", "float"])
def test_the_nearest_images_against_a_plain_loop(kind, monkeypatch):
    monkeypatch.setattr("gan_course.latent.PART", 7)
    data = torch.randint(256, (40, 1, 5, 5), dtype=torch.uint8, generator=rng())
    plain = data.numpy() / 127.5 - 1
    picture = torch.rand(1, 5, 5, generator=rng(1)) * 2 - 1
    expected = np.sqrt([np.mean((one - picture.numpy()) ** 2) for one in plain])
    breaths = []
    given = data if kind == "uint8" else torch.from_numpy(plain)
    distances, indices = nearest_images(given, picture, 3, lambda: breaths.append(1))
    assert indices.tolist() == np.argsort(expected)[:3].tolist() and len(breaths) == 6
    np.testing.assert_allclose(distances, np.sort(expected)[:3], rtol=1e-5)


def test_a_copied_image_is_at_distance_zero_and_others_are_told_how_far_they_usually_lie(make):
    data = images(32, side=8)

    class Memory(nn.Module):
        latent_dim = 4

        def __init__(self):
            super().__init__()
            self.copied = nn.Parameter(data.samples[11:12].float() / 127.5 - 1)

        def forward(self, z):
            return self.copied.expand(len(z), -1, -1, -1)

    run = tiny_run(data=data, generator=Memory(), latent_dim=4)
    lab = make(run)
    distances, indices = lab.nearest(2)
    assert indices[0] == 11 and distances[0] < 1e-6 < 0.3 < distances[1]
    facts, pictures = strip(lab, "nearest")
    np.testing.assert_array_equal(pictures[:, :8], to_pixels(run.generator.copied.detach())[0])
    assert facts["of"] == 32 and facts["distances"][0] == pytest.approx(0, abs=1e-6)
    own = [nearest_images(data.samples, x.float() / 127.5 - 1, 2)[0][1] for x in data.samples]
    assert facts["usual"] == pytest.approx(float(torch.stack(own).median()), rel=1e-4)
    with pytest.raises(ValueError, match="not known here"):
        make().nearest()


def test_without_a_source_it_shows_the_generator_that_comes_with_the_course(make, monkeypatch):
    stand_in = pretrained.ClothesGenerator().eval()
    monkeypatch.setattr(pretrained, "generator", lambda: stand_in)
    lab = LatentLab()
    try:
        assert len(lab.z) == stand_in.latent_dim and list(lab.labels) == list(stand_in.class_names)
        lab.label("Sneaker")
        z = lab.z[None]
        torch.testing.assert_close(lab.output[None], stand_in(z, torch.tensor([7])).detach(), rtol=1e-4, atol=1e-5)
        assert len(lab._painter.taken.data) == 10_000
    finally:
        lab.stop()
