"""The diagnosis line: each finding on short real runs that show it and on runs that don't, and each rule alone."""

import functools
import re
import time
from dataclasses import replace

import numpy as np
import pytest
import torch
from engine_runs import rng, same_run, tiny_run

from gan_course import Controls, TrainConfig, Trainer
from gan_course.data import ring
from gan_course.diagnosis import ENOUGH, WINDOW, Evidence, diagnose, energy_ratio, evidence_of, swings

SEEDS = (0, 1)

# what to set, how many rounds, what it leads to
SHOWN = {
    "balanced": (dict(d_steps=2), 350),
    "D too strong": (dict(lr_d=1e-2, lr_g=1e-5), 250),
    "D too strong, minimax": (dict(lr_d=1e-2, lr_g=1e-5, loss="minimax"), 250),
    "D too weak": (dict(g_steps=5), 200),
    "D too weak, slow": (dict(lr_d=1e-5), 250),
    "oscillation": (dict(beta1=0.8, lr_d=3e-3, lr_g=3e-3), 350),
}


@functools.cache
def shown(name, seed):
    settings, steps = SHOWN[name]
    run = Trainer(TrainConfig(seed=seed, threads=1, device="cpu", **settings))
    run.run(steps)
    return run


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", SHOWN)
def test_a_run_is_diagnosed_with_what_it_shows(name, seed):
    diagnosis = diagnose(evidence_of(shown(name, seed)))
    assert diagnosis.name == name.partition(",")[0], diagnosis.words


def after(name, steps, **controls):
    run = shown(name, 0).branch()
    run.set(**controls)
    run.run(steps)
    return diagnose(evidence_of(run))


@pytest.mark.parametrize("advice", [dict(lr_g=1e-3), dict(r1_gamma=1.0)])
def test_what_is_advised_against_a_strong_d_works(advice):
    assert after("D too strong", 400, **advice).name != "D too strong"


def test_what_is_advised_against_a_faint_push_works():
    evidence = evidence_of(shown("D too strong, minimax", 0))
    assert evidence.push < 0.02
    run = shown("D too strong, minimax", 0).branch()
    run.set(loss="non-saturating")
    assert evidence_of(run).push > 0.9


def test_what_is_advised_against_a_weak_d_works():
    assert after("D too weak", 300, g_steps=1, d_steps=5).name == "balanced"


def test_what_is_advised_against_oscillation_works():
    assert after("oscillation", 400, r1_gamma=1.0).name != "oscillation"


# --- evidence


def test_looking_for_evidence_disturbs_nothing():
    looked_at, alone = tiny_run(), tiny_run()
    for _ in range(4):
        diagnose(evidence_of(looked_at))
        looked_at.run(30)
    alone.run(120)
    assert same_run(looked_at, alone)


def test_evidence_is_of_the_rounds_since_the_last_change():
    run = tiny_run()
    run.run(40)
    assert (evidence_of(run).rounds, evidence_of(run).span, len(evidence_of(run).d_fake)) == (40, 40, 40)
    run.set(lr_d=0.5)
    run.run(15)
    evidence = evidence_of(run)
    assert (evidence.rounds, evidence.span) == (15, 15)
    np.testing.assert_array_equal(evidence.d_real, run.history.arrays()["d_real"][40:])
    np.testing.assert_array_equal(evidence.d_fake, run.history.arrays()["d_fake"][40:])
    run.run(WINDOW)
    assert evidence_of(run).span == len(evidence_of(run).d_real) == WINDOW


def test_evidence_of_a_long_run_whose_history_is_thinned():
    run = tiny_run()
    run.history = type(run.history)(capacity=16)
    run.run(50)
    evidence = evidence_of(run)
    assert len(evidence.d_fake) == len(run.history) < 16 and 40 < evidence.span <= 50


def test_evidence_of_a_run_that_has_not_begun():
    run = tiny_run()
    evidence = evidence_of(run)
    assert (evidence.rounds, evidence.span, len(evidence.d_real)) == (0, 0, 0)
    assert diagnose(evidence).name == "too early"


@pytest.mark.parametrize("loss, expected", [("minimax", 0.2), ("non-saturating", 0.8), ("wasserstein", 1.0)])
def test_push_is_the_share_of_ds_slope_that_reaches_g(loss, expected):
    run = tiny_run(loss=loss)
    logit = float(np.log(0.2 / 0.8))
    run.discriminator.forward = lambda x: torch.full((len(x), 1), logit)
    assert evidence_of(run).push == pytest.approx(expected, rel=1e-5)


def test_energy_of_two_draws_of_one_distribution_is_1_on_average():
    ratios = [energy_ratio(*(ring(128, rng=rng(seed)).samples for seed in (2 * i, 2 * i + 1))) for i in range(60)]
    assert np.mean(ratios) == pytest.approx(1, abs=0.15)
    assert max(ratios) < 5


def test_energy_is_the_published_distance():
    real, fake = torch.randn(6, 3, generator=rng(0)), torch.rand(6, 3, generator=rng(1))

    def mean_distance(a, b):
        return np.mean([np.linalg.norm(x - y) for x in a.numpy() for y in b.numpy()])

    distance = 2 * mean_distance(real, fake) - mean_distance(real, real) - mean_distance(fake, fake)
    chance = 2 / 6 * mean_distance(real, real) * 6 / 5  # over pairs of two different samples
    assert energy_ratio(real, fake) == pytest.approx(distance / chance, rel=1e-5)
    assert energy_ratio(real, real) == pytest.approx(0, abs=1e-5)


def test_energy_sees_a_missing_mode():
    data = ring(4_000, rng=rng(3))
    real, fake = data.samples[:128], data.samples[data.labels != 0][-128:]
    assert energy_ratio(real, fake[torch.randperm(128, generator=rng())]) > 1.5
    assert energy_ratio(real, data.samples[data.labels < 2][-128:]) > 20


def test_evidence_of_images_is_about_pictures():
    run = tiny_run(architecture="textbook", data=torch.randint(256, (64, 1, 8, 8), dtype=torch.uint8, generator=rng()))
    assert np.isfinite(evidence_of(run).difference)


def test_evidence_is_quick():
    """At most a millisecond on a quiet core; here ten times that, as the machine may be busy."""
    run = shown("balanced", 0)
    evidence_of(run)
    times = []
    for _ in range(20):
        start = time.perf_counter()
        diagnose(evidence_of(run))
        times.append(time.perf_counter() - start)
    assert min(times) < 0.01


# --- swings


def test_swings_counts_changes_of_sides():
    t = np.arange(300)
    low, high, turns = swings(0.5 + 0.2 * np.cos(2 * np.pi * t / 100))
    assert turns == 6 and low == pytest.approx(0.3, abs=0.01) and high == pytest.approx(0.7, abs=0.01)
    assert swings(np.linspace(0, 1, 100))[2] == 1
    assert swings(np.full(100, 0.3)) == (pytest.approx(0.3), pytest.approx(0.3), 0)


def test_noise_around_the_mean_is_no_change_of_sides():
    noise = 0.02 * np.random.default_rng(0).standard_normal(300)
    steps = np.repeat([0.3, 0.7], 150)
    assert swings(steps + noise)[2] == 1
    low, high, _ = swings(0.5 + noise)
    assert high - low < 0.05  # single rounds are averaged


# --- each rule alone


def evidence(real=0.5, fake=0.5, wave=0.0, turns=0, rounds=WINDOW, push=0.5, difference=1.0, **controls):
    t = np.arange(min(rounds, WINDOW))
    swing = wave / 2 * np.cos(np.pi * (turns + 0.5) * t / max(len(t), 1))
    return Evidence(
        controls=Controls(**controls),
        rounds=rounds,
        d_real=np.full(len(t), real),
        d_fake=fake + swing,
        span=len(t),
        push=push,
        difference=difference,
    )


RULES = [
    (dict(), "balanced", "real samples 0.50 and fakes 0.50"),
    (dict(), "balanced", "over the last 300 rounds"),
    (dict(difference=4.9), "balanced", "a coarse measure, .* hardly more than two sets of real ones"),
    (dict(difference=5.1), "balanced", "5 times as far apart as chance would put them: there is something left"),
    (dict(real=0.80, fake=0.10), "balanced", "real samples 0.80 and fakes 0.10"),
    (dict(rounds=ENOUGH - 1), "too early", "99 rounds under these controls, 100 show more"),
    (dict(rounds=ENOUGH), "balanced", "over the last 100 rounds"),
    (dict(lr_d=0.0), "D stands still", "discriminator stands still, since lr_d is 0. Try lr_d=0.001"),
    (dict(d_steps=0), "D stands still", "since d_steps is 0. Try d_steps=1"),
    (dict(lr_g=0.0, rounds=3), "G stands still", "generator stands still, since lr_g is 0. Try lr_g=0.001"),
    (dict(g_steps=0), "G stands still", "since g_steps is 0. Try g_steps=1"),
    (dict(loss="hinge", difference=33.0), "scores", "loss='hinge' D gives scores.* 33 times as far apart"),
    (dict(loss="lsgan"), "scores", "no probabilities"),
    (dict(loss="wasserstein", lr_d=0.0), "D stands still", ""),
    (dict(real=0.9, fake=0.1, push=0.9), "D too strong", "real samples 0.90 and fakes 0.10.*90.0% of D's slope"),
    (dict(real=0.9, fake=0.1, push=0.9), "D too strong", "can't keep up.*higher lr_g"),
    (dict(real=0.9, fake=0.1, push=0.09, loss="minimax"), "D too strong", "Only 9.0% .*minimax.*'non-saturating'"),
    (dict(real=1.0, fake=0.0, push=0.001), "D too strong", "Only|only 0.1%.*look at the loop"),
    (dict(real=0.9, fake=0.12, wave=0.2, turns=8), "D too strong", ""),
    (dict(wave=0.2, turns=3, difference=50.0), "oscillation", "between 0.40 and 0.60 and changed sides 3 times"),
    (dict(wave=0.2, turns=2), "unsettled", "anywhere between 0.40 and 0.60"),
    (dict(wave=0.1, turns=6), "balanced", ""),
    (dict(real=0.5, fake=0.46, difference=21.0), "D too weak", "21 times as far apart"),
    (dict(real=0.5, fake=0.44, difference=99.0), "balanced", ""),
    (dict(real=0.5, fake=0.5, difference=19.0), "balanced", ""),
    (dict(real=0.5, fake=1.0, difference=900.0), "D too weak", "real samples 0.50 and fakes 1.00"),
    (dict(wave=0.2, turns=2, difference=30.0), "D too weak", "g_steps=1 with d_steps=5"),
]


@pytest.mark.parametrize("found, name, words", RULES)
def test_each_rule(found, name, words):
    diagnosis = diagnose(evidence(**found))
    assert diagnosis.name == name
    assert re.search(words, diagnosis.words), diagnosis.words


def test_every_finding_is_tested_and_described():
    from gan_course.diagnosis import Diagnosis

    names = {name for _, name, _ in RULES}
    assert all(f'"{name}"' in Diagnosis.__doc__ for name in names) and len(names) == 9


def test_a_diagnosis_follows_from_the_evidence_alone():
    one = evidence(wave=0.2, turns=5)
    assert diagnose(one) == diagnose(replace(one))
