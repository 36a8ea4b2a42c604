"""FidLab without a browser: its answers against closed forms and the metrics, its thread, its pictures."""

import math
import threading
import time

import numpy as np
import pytest
import torch
from matplotlib.axes import Axes

from gan_course import metrics, pretrained
from gan_course.damage import DAMAGES
from gan_course.digits import few_digits
from gan_course.frames import unpack
from gan_course.metrics.floor import fid_floor, two_halves
from gan_course.widgets import fid_answers, fid_pool
from gan_course.widgets.fid_answers import MEASURES, SIZES, Answers
from gan_course.widgets.fid_features import patches
from gan_course.widgets.fid_gaussians import PRESETS, is_narrower, moments_of, terms_of, words_of
from gan_course.widgets.fid_lab import FidLab
from gan_course.widgets.fid_pool import Pool
from gan_course.widgets.fid_words import damage_words, sample_words
from gan_course.widgets.fid_worker import Worker


def coarse(images):
    """A quick stand-in for a network: 16 means of patches."""
    return torch.nn.functional.avg_pool2d(images, 7).flatten(1)


def gaussian(x=0.0, y=0.0, along=1.0, across=1.0, angle=0.0):
    return {"mean": [x, y], "stds": [along, across], "angle": angle}


@pytest.fixture
def small(monkeypatch):
    """A lab's data, so small that each answer takes no time."""
    monkeypatch.setattr(fid_answers, "SIZES", (20, 100, 200))
    for module in (fid_answers, fid_pool):
        monkeypatch.setattr(module, "COMPARED", 120)
    monkeypatch.setattr(fid_answers, "KID_SIZE", 50)
    data = fid_pool.load("fashion-mnist")
    part = fid_pool.Dataset(data.name, data.samples[:600], data.labels[:600], data.class_names)
    monkeypatch.setattr(fid_pool, "load", lambda name: part)
    return Answers(Pool(coarse))


# ---- two Gaussians --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dimension", [1, 2])
@pytest.mark.parametrize(
    "real, fake",
    [
        (gaussian(-1.5), gaussian(1.5)),
        (gaussian(along=1.6, across=0.5), gaussian(1, 2, along=0.6, across=2.0)),
        (gaussian(along=1.8, across=0.5, angle=90), gaussian(along=0.5, across=1.8)),
    ],
)
def test_terms_of_gaussians_along_the_axes(real, fake, dimension):
    means = [(a - b) ** 2 for a, b in zip(real["mean"], fake["mean"])][:dimension]
    stds = [g["stds"][::-1] if g["angle"] and dimension == 2 else g["stds"] for g in (real, fake)]
    spreads = [(a - b) ** 2 for a, b in zip(*stds)][:dimension]
    terms = terms_of(real, fake, dimension)
    assert terms["mean_term"] == pytest.approx(sum(means), abs=1e-12)
    assert terms["cov_term"] == pytest.approx(sum(spreads), abs=1e-9)
    assert terms["distance"] == pytest.approx(sum(means) + sum(spreads), abs=1e-9)


def test_turned_gaussians_by_the_closed_form_of_two_by_two():
    """tr (Σ₁Σ₂)^½ = √(tr Σ₁Σ₂ + 2 √(det Σ₁ det Σ₂)) in the plane."""
    angle = math.radians(30)
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    cov1, cov2 = turn @ np.diag([1.8**2, 0.5**2]) @ turn.T, np.diag([1.2**2, 0.7**2])
    cross = math.sqrt(np.trace(cov1 @ cov2) + 2 * math.sqrt(np.linalg.det(cov1) * np.linalg.det(cov2)))
    expected = np.trace(cov1) + np.trace(cov2) - 2 * cross
    assert moments_of(gaussian(along=1.8, across=0.5, angle=30), 2)[1] == pytest.approx(cov1), "towards the y axis"
    terms = terms_of(gaussian(along=1.8, across=0.5, angle=30), gaussian(along=1.2, across=0.7), 2)
    assert terms["cov_term"] == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(
    "preset, said",
    [("the same", "only then"), ("moved", "3.00² = 9.00"), ("narrower", "too narrow"), ("turned", "in direction")],
)
def test_words_of_the_presets(preset, said):
    pair = PRESETS[preset]
    real, fake = pair["real"], pair["fake"]
    words = words_of(terms_of(real, fake, 2), is_narrower(real, fake, 2))
    assert said in words
    assert ("too narrow" in words) == (preset == "narrower")


# ---- real against real ----------------------------------------------------------------------------------------------


def test_two_halves_share_nothing():
    features = torch.arange(50.0)[:, None].repeat(1, 2)
    one, other = two_halves(features, 25, seed=3)
    assert sorted(torch.cat([one, other])[:, 0].tolist()) == list(range(50))
    assert not torch.equal(one, two_halves(features, 25, seed=4)[0])
    with pytest.raises(ValueError, match="n from 2 to 25, half of the 50 samples, got 26"):
        two_halves(features, 26)


def test_the_floor_is_bias_alone_and_falls_as_one_over_n():
    features = torch.randn(4_000, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    means = [fid_floor(features, n, draws=30).mean().item() for n in (100, 400)]
    assert means[0] / means[1] == pytest.approx(4, rel=0.25)
    assert fid_floor(features, 100, draws=3).tolist() == fid_floor(features, 100, draws=3).tolist()


def test_an_extrapolation_from_both_sides_loses_the_bias_of_both():
    rng = torch.Generator().manual_seed(1)
    real, fake = (torch.randn(800, 8, dtype=torch.float64, generator=rng) for _ in range(2))
    from_fakes, from_both = metrics.fid_infinity(real, fake), metrics.fid_infinity(real, fake, both=True)
    assert from_both.low <= 0 <= from_both.high
    assert abs(from_both.value) < from_fakes.value
    with pytest.raises(ValueError, match="at least 200 fakes.*got 150"):
        metrics.fid_infinity(real[:150], fake, both=True)


def test_a_sample_size_is_answered_in_parts(small):
    answers = list(small.sample_size(200, draw=0))
    assert [facts["busy"] for facts, _ in answers][-1] == "" and answers[0][0]["busy"].startswith(
        "looking at the images"
    )
    facts, arrays = answers[-1]
    assert arrays["size"].tolist() == [20, 100, 200]
    assert (arrays["low"] <= arrays["mean"]).all() and (arrays["mean"] <= arrays["high"]).all()
    features = small._pool.features
    expected = fid_floor(features, 200, fid_answers.DRAWS)
    assert facts["own"]["mean"] == pytest.approx(expected.mean().item())
    real, fake = two_halves(features, 200, seed=0)
    assert facts["own"]["one"] == metrics.frechet_from_features(real, fake)
    assert facts["own"]["low"] < facts["own"]["infinity"] < facts["own"]["high"]
    assert list(small.sample_size(20, draw=0))[-1][0]["own"].get("infinity") is None, "too few for a line"


def test_what_is_said_of_a_sample_size():
    own = {"n": 500, "one": 3.0, "fewest": 256}
    assert "the true distance is 0" in sample_words(own)
    assert "holds the truth" in sample_words(own | {"infinity": 1.0, "low": -1.0, "high": 2.0})
    assert "misses the truth" in sample_words(own | {"infinity": 1.0, "low": 0.5, "high": 2.0})
    assert "take 256 or more" in sample_words(own | {"n": 100})


# ---- damage ---------------------------------------------------------------------------------------------------------


def test_measures_of_a_damage_are_the_metrics(small):
    facts, arrays = list(small.damage("noise", 5))[-1]
    real, fake = small._pool.features[:120], coarse(small._make("noise", 5).images).double()
    assert facts["measures"]["fid"] == pytest.approx(metrics.frechet_from_features(real, fake), rel=1e-6)
    assert facts["measures"]["kid"] == pytest.approx(metrics.kid(real, fake, 20, 50).mean, rel=1e-5)
    quality = (*metrics.precision_recall(real, fake), *metrics.density_coverage(real, fake))
    assert [facts["measures"][name] for name in MEASURES[2:]] == pytest.approx(list(quality))
    assert sorted(arrays["level"]) == list(range(len(DAMAGES["noise"].amounts)))
    at = arrays["level"].tolist().index(5)
    assert arrays["fid"][at] == pytest.approx(facts["measures"]["fid"], rel=1e-6)
    assert facts["floor"]["fid"] < facts["measures"]["fid"]


def test_copies_of_the_training_set_look_perfect_and_are_framed(small):
    facts, arrays = list(small.damage("memorise", 7))[-1]
    assert facts["measures"]["fid"] < 1e-6 and facts["measures"]["precision"] == facts["measures"]["recall"] == 1
    assert arrays["copied"].all() and arrays["picture"].shape == (8 * 28, 10 * 28, 1)
    assert "nothing here tells" in facts["words"]


def test_the_level_that_is_asked_comes_first(small):
    first = next(facts for facts, _ in small.damage("blur", 3) if facts["measures"])
    assert first["busy"] and first["floor"] is None


def test_no_words_of_praise_where_one_measure_fell():
    floor = {"fid": 2.0, "precision": 0.8, "recall": 0.8}
    facts = {"of": "memorise", "at": 3, "floor": floor, "measures": {"fid": 1.0, "precision": 0.9, "recall": 0.7}}
    assert "nothing here tells" not in damage_words(facts)
    assert "floor" in damage_words(facts | {"at": 0, "measures": floor})


def test_the_words_have_the_digits_of_the_page():
    values = [0, -0.00004, -0.00123, 0.0149, 0.134, -11.84, 143.94]
    assert [few_digits(value) for value in values] == ["0.00", "0.00", "−0.0012", "0.015", "0.13", "−11.8", "144"]
    own = {"n": 5_000, "one": 0.0160, "fewest": 256, "infinity": 0.0052, "low": -0.0287, "high": 0.0396}
    assert "FID still says 0.016" in sample_words(own) and "ends at 0.0052 (−0.029 to 0.040)" in sample_words(own)


# ---- the lab --------------------------------------------------------------------------------------------------------


def shown(lab, holds, seconds=20):
    """The first frame of which something holds."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if lab._canvas.frame and holds((frame := unpack(lab._canvas.frame))[0]):
            return frame
        time.sleep(0.01)
    raise AssertionError(f"not shown: {unpack(lab._canvas.frame)[0]}")


@pytest.fixture
def lab(small):
    lab = FidLab(features=coarse)
    yield lab
    lab._worker.stop()


def test_a_hand_is_answered_and_an_overtaken_wish_is_not(lab):
    lab._canvas._handle_custom_msg({"set": {"fake": gaussian(2.0)}, "number": 5.0}, [])
    facts, _ = shown(lab, lambda facts: facts["heard"] == 5)
    assert facts["terms"]["mean_term"] == pytest.approx(3.5**2)
    lab._canvas._handle_custom_msg({"set": {"fake": gaussian(0.0)}, "number": 4.0}, [])
    lab._canvas._handle_custom_msg({"set": {"tab": "damage"}, "number": 6.0}, [])
    facts, arrays = shown(lab, lambda facts: facts["heard"] == 6 and not facts["busy"])
    assert facts["fake"]["mean"] == [2.0, 0.0] and arrays["picture"].dtype == np.uint8


def test_the_newest_wish_drops_the_one_before():
    began, go, seen = threading.Event(), threading.Event(), []

    def work(wish):
        for part in range(3):
            yield wish, part
            if wish == "old":
                began.set()
                go.wait(10)

    worker = Worker(work, lambda wish, answer: seen.append(answer), None)
    worker.ask("old")
    assert began.wait(10)
    worker.ask("new")
    go.set()
    until = time.monotonic() + 10
    while len(seen) < 4 and time.monotonic() < until:
        time.sleep(0.01)
    worker.stop()
    assert seen == [("old", 0), ("new", 0), ("new", 1), ("new", 2)]


def test_an_error_is_said_in_the_lab(small):
    lab = FidLab("damage", features=lambda images: images)
    facts, _ = shown(lab, lambda facts: facts["trouble"])
    assert "let it end in flatten(1)" in facts["trouble"]
    lab.set(tab="gaussians")
    assert shown(lab, lambda facts: not facts["trouble"])
    lab._worker.stop()


def test_set_and_what_it_refuses(lab):
    lab.set(preset="turned", tab="gaussians")
    assert lab.answer["terms"]["mean_term"] == 0
    lab.set(dimension=1)
    lab.set(preset="turned")
    assert lab._settings.dimension == 2
    before = lab._settings
    for settings, said in [
        (dict(tab="gausians"), "gaussians"), (dict(kind="blurr"), "blur"), (dict(leevl=1), "level"),
        (dict(preset="move"), "moved"), (dict(n=123), f"n must be one of {SIZES[0]}"), (dict(level=8), "level must be"),
        (dict(dimension=3), "1, 2, got 3"), (dict(draw=-1), "draw must be"), (dict(fake=gaussian(9)), "mean of fake"),
        (dict(real=gaussian(along=0.1)), "stds of real"), (dict(real={"mean": [0, 0]}), "a dict of mean"),
        (dict(real=gaussian(angle=math.nan)), "angle of real"),
    ]:  # fmt: skip
        with pytest.raises(ValueError, match=said):
            lab.set(**settings)
    assert lab._settings == before


def test_other_features_give_other_numbers_of_the_same_images(small):
    lab = FidLab("damage")
    lab.set(kind="blur", level=4)
    measured = {}
    for name, network in (("network", pretrained.features), ("patches", patches)):
        lab.set(features=name)
        images = lab._answers[name]._make("blur", 4).images
        real = network(lab._answers[name]._pool.images.train.batch(torch.arange(120)))
        measured[name] = lab.answer["measures"]["fid"]
        expected = metrics.frechet_from_features(real, network(images))
        assert measured[name] == pytest.approx(expected, rel=1e-4)
    assert measured["network"] > 50 * measured["patches"]
    assert shown(lab, lambda facts: facts["features"] == "patches" and facts["measures"])
    lab._worker.stop()


def test_a_patch_is_the_mean_of_its_pixels():
    images = torch.randn(3, 1, 28, 28)
    expected = torch.stack([images[:, 0, 4 * (i // 7) :, 4 * (i % 7) :][:, :4, :4].mean((1, 2)) for i in range(49)], 1)
    torch.testing.assert_close(patches(images), expected)


def test_a_network_of_ones_own_comes_first_and_the_others_can_be_chosen(lab):
    assert list(lab._canvas.features) == ["yours", "network", "patches"] and lab._settings.features == "yours"
    assert list(FidLab()._canvas.features) == ["network", "patches"]
    assert FidLab(features="patches")._settings.features == "patches"
    for wrong in ("patch", "yours", 7):
        with pytest.raises(ValueError, match="Unknown features .*network, patches"):
            FidLab(features=wrong)
    with pytest.raises(ValueError, match="patches"):
        lab.set(features="patch")
    assert lab._settings.features == "yours"


@pytest.mark.parametrize("settings", [dict(), dict(dimension=1), dict(tab="sample size", n=100), dict(tab="damage")])
def test_it_stands_still_as_a_picture(lab, settings):
    lab.set(**settings)
    assert {"image/png", "application/vnd.jupyter.widget-view+json"} <= set(lab._repr_mimebundle_())
    figure = lab.figure()
    assert len(figure.axes) >= 2
    if lab._settings.tab != "gaussians":  # an FID belongs to its features
        said = [ax.get_ylabel() + ax.get_title() for ax in figure.findobj(Axes)]
        assert any("by yours" in text for text in said)


def test_repr(lab):
    assert repr(lab) == "FidLab('gaussians')" and repr(lab._canvas) == "FidCanvas()"


def test_two_threads_that_fill_the_pool_add_each_image_once(monkeypatch):
    monkeypatch.setattr(fid_pool, "PORTION", 50)

    def slow(images):
        time.sleep(0.01)
        return coarse(images)

    pool = Pool(slow)
    threads = [threading.Thread(target=lambda: list(pool.fill(1000))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert torch.equal(pool.features, coarse(pool.images.all.batch(torch.arange(1000))).double())
