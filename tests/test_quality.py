"""FID and classes of a run, measured beside it: the same numbers as the metrics', and a run that is left alone."""

import threading
import time

import numpy as np
import pytest
import torch

from gan_course import TrainConfig, Trainer, metrics, pretrained, quality
from gan_course.frames import unpack
from gan_course.quality import Measured, QualityLog, Snapshot, Watch, can_measure, measure
from gan_course.widgets import lab_quality
from gan_course.widgets.gan_lab import GanLab

SMALL = dict(dataset="fashion-mnist", width=8, latent_dim=4, threads=1, precision="float32")


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Few images and no pauses."""
    for name, number in (("FAKES", 120), ("GLANCE", 60), ("IDLE", 0.0), ("REALS", 150)):
        monkeypatch.setattr(quality, name, number)
    for name in ("FAKES", "GLANCE"):
        monkeypatch.setattr(lab_quality, name, getattr(quality, name))
    monkeypatch.setattr(quality, "_known", {})


@pytest.fixture(scope="module")
def trainer():
    trainer = Trainer(TrainConfig(**SMALL))
    trainer.run(2)
    return trainer


def measured(step, fid=None):
    return Measured(step, np.full(10, 0.1), 10, 10, 60, fid)


def test_an_fid_is_that_of_the_metrics(trainer):
    shares = []
    found = measure(Snapshot(trainer, 120), True, shares.append)
    fakes = trainer.sample(z=trainer.latents(120, seed=1))
    reals = trainer.data.batch(torch.arange(150))
    assert found.fid == pytest.approx(
        metrics.frechet_from_features(pretrained.features(reals), pretrained.features(fakes)), rel=1e-6
    )
    assert found.shares.tolist() == (torch.bincount(pretrained.classify(fakes), minlength=10) / 120).tolist()
    assert (found.step, found.fakes, found.reals) == (2, 120, 150)
    assert shares == sorted(shares) and shares[-1] == 1


def test_a_snapshot_stands_still_while_the_run_goes_on():
    trainer = Trainer(TrainConfig(**SMALL))
    twin = Trainer(TrainConfig(**SMALL))
    snapshot = Snapshot(trainer, 60)
    before = measure(snapshot, True)
    trainer.run(2)
    assert measure(snapshot, True).fid == before.fid
    assert measure(Snapshot(trainer, 60), True).fid != before.fid
    twin.run(2)
    assert trainer.recipe().end_digest == twin.recipe().end_digest, "measuring changes no run"


def test_a_conditional_run_makes_each_class_in_turn():
    trainer = Trainer(TrainConfig(**SMALL, condition="concat"))
    assert Snapshot(trainer, 60).sample(50).shape == (10, 1, 28, 28)


def test_a_log_forgets_what_is_undone():
    log = QualityLog()
    for each in (measured(10, 5.0), measured(30), measured(20, 4.0)):
        log.add(each)
    assert log.newest.step == 30 and [each.fid for each in log.fids] == [5.0, 4.0]
    assert log.until(20).newest.fid == 4.0 and log.until(5).newest is None
    assert log.newest.step == 30


def test_what_can_be_measured(trainer):
    assert can_measure(trainer)
    assert not can_measure(Trainer(TrainConfig(dataset="ring")))


def test_an_error_reaches_the_lab():
    failed = threading.Event()
    watch = Watch(lambda *found: None, lambda error: failed.set())
    watch.begin(None, True, None)
    assert failed.wait(10) and watch.done is None


def until(holds, seconds=30):
    end = time.monotonic() + seconds
    while not holds() and time.monotonic() < end:
        time.sleep(0.02)
    return holds()


@pytest.fixture
def lab():
    lab = GanLab(TrainConfig(**SMALL), play=False)
    yield lab
    lab.live.stop()


def facts(lab):
    return unpack(lab._page.canvas.frame)[0]


def test_a_lab_measures_while_it_trains(lab):
    lab.play()
    assert until(lambda: lab.trainer.steps > 0)
    asked = lab.trainer.steps
    lab.measure_fid()
    assert until(lambda: lab.fids)
    (step, fid), *_ = lab.fids
    assert asked <= step < lab.trainer.steps and fid > 0
    assert until(lambda: facts(lab).get("fid") == round(fid, 2))
    now, arrays = unpack(lab._page.canvas.frame)
    assert now["fid_n"] == [120, 150] and now["fid_step"] == step
    assert arrays["class_shares"].sum() == pytest.approx(1, abs=1e-5) and arrays["fids"].tolist() == [np.float32(fid)]


def test_a_rewind_takes_back_what_was_measured(lab):
    lab.run(3)
    lab.measure_fid()
    assert until(lambda: lab.fids)
    lab.rewind(1)
    assert lab.fids == [] and "fid" not in facts(lab)


def test_again_and_again(lab, monkeypatch):
    monkeypatch.setattr(lab_quality, "FID_EVERY", 0.05)
    lab.fid_again = True
    lab.play()
    assert until(lambda: len(lab.fids) >= 2)
    steps = [step for step, _ in lab.fids]
    assert steps == sorted(set(steps)) and lab.fid_again


def test_points_have_no_fid():
    lab = GanLab("ring", play=False)
    with pytest.raises(ValueError, match="images of clothes"):
        lab.measure_fid()
    assert lab._page._quality.layout.display == "none" and "classes" not in facts(lab)
    lab.live.stop()
