"""The trainer: steered, looked at, interrupted, side by side with others, and with a student's own parts."""

import copy
import itertools
import os
import random
import signal
import sys
import threading

import numpy as np
import pytest
import torch
from engine_runs import StudentGenerator, images, is_finite, rng, same, same_run, student_networks, tiny_run
from torch import nn

from gan_course import LOSSES, Controls, TrainConfig, Trainer, replay
from gan_course.rounds import draw
from gan_course.runtime import compute, make_rng

main_thread_only = pytest.mark.skipif(
    threading.current_thread() is not threading.main_thread(), reason="signals reach the main thread only"
)


# --- steering


def test_a_change_takes_effect_at_the_next_round_and_is_logged_with_its_step():
    run = tiny_run()
    rounds = []
    for optimizer, name in ((run._players.d_optimizer, "D"), (run._players.g_optimizer, "G")):
        optimizer.register_step_post_hook(lambda o, *_, name=name: rounds[-1].append((name, o.param_groups[0]["lr"])))

    def play():
        rounds.append([])
        run.step()

    play()
    run.set(d_steps=2, lr_d=0.5)
    assert run.controls == Controls(d_steps=2, lr_d=0.5) and run.log == []  # nothing happened yet
    play()
    play()
    run.set(g_steps=3, lr_g=0.25)
    run.set(g_steps=2)  # the last one before the round counts
    play()
    assert rounds == [
        [("D", 1e-3), ("G", 1e-3)],
        [("D", 0.5), ("D", 0.5), ("G", 1e-3)],
        [("D", 0.5), ("D", 0.5), ("G", 1e-3)],
        [("D", 0.5), ("D", 0.5), ("G", 0.25), ("G", 0.25)],
    ]
    assert run.log == [(1, {"d_steps": 2, "lr_d": 0.5}), (3, {"g_steps": 2, "lr_g": 0.25})]


def test_a_change_that_is_undone_before_the_round_leaves_no_trace():
    run = tiny_run()
    run.set(d_steps=5)
    run.set(d_steps=1)
    run.set()
    run.step()
    assert run.log == []


@pytest.mark.parametrize(
    "change, error",
    [
        (dict(d_steps=2, g_steps=-1), ValueError),
        (dict(d_steps=2, lr_g="fast"), TypeError),
        (dict(d_steps=2, lr_d=None), TypeError),
        (dict(d_steps=2, batch_size=4), ValueError),
        (dict(d_steps=0, g_steps=0), ValueError),
        (dict(loss="hinge", label_smoothing=0.1), ValueError),
    ],
)
def test_a_refused_change_changes_nothing(change, error):
    run = tiny_run()
    with pytest.raises(error):
        run.set(**change)
    assert run.controls == Controls()


def test_changes_from_another_thread_are_all_obeyed_and_logged():
    run = tiny_run()
    wanted, seen = itertools.count(2), []
    stop = threading.Event()

    def turn_knobs():
        while not stop.is_set():
            run.set(d_steps=next(wanted) % 3 + 1, lr_g=1e-4)
            stop.wait(0.002)

    turner = threading.Thread(target=turn_knobs)
    run._players.d_optimizer.register_step_post_hook(lambda *_: seen.append(run.steps))
    turner.start()
    run.run(100)
    stop.set()
    turner.join()
    in_force = [1] * 100
    for step, change in run.log:
        in_force[step:] = [change.get("d_steps", in_force[step])] * (100 - step)
    assert [seen.count(step) for step in range(100)] == in_force
    assert len({step for step, _ in run.log}) == len(run.log) > 5


def test_a_change_made_while_a_round_is_shown_holds_from_the_next():
    run = tiny_run()
    run.run(3, each=lambda stats: run.set(instance_noise=stats.step / 10))
    assert run.log == [(1, {"instance_noise": 0.1}), (2, {"instance_noise": 0.2})]


# --- what a round reports


def test_stats_are_what_the_round_was_like():
    run = tiny_run(label_smoothing=0.1)
    run.run(2)
    twin = run.branch()
    draws = draw(twin.data, twin.config, twin.controls, twin._rng)
    with torch.no_grad():
        real_logits = twin.discriminator(draws.real[0]).flatten()
        fake_logits = twin.discriminator(twin.generator(draws.d_z[0])).flatten()
    stats = run.step()
    assert stats.step == 3
    assert stats.d_loss == pytest.approx(
        LOSSES["non-saturating"].d_loss(real_logits, fake_logits, 0.9).item(), rel=1e-5
    )
    assert stats.d_real == pytest.approx(real_logits.sigmoid().mean().item(), rel=1e-5)
    assert stats.d_fake == pytest.approx(fake_logits.sigmoid().mean().item(), rel=1e-5)
    assert f"step 3: d_loss {stats.d_loss:.3f}, g_loss {stats.g_loss:.3f}" in str(stats)
    assert repr(stats) == "StepStats(step=3)"
    assert stats != type(stats)(3, stats.values.clone())  # comparing is no error


def test_history_holds_the_stats_of_every_round():
    run = tiny_run()
    shown = []
    last = run.run(5, each=shown.append)
    arrays = run.history.arrays()
    assert arrays["step"].tolist() == [stats.step for stats in shown] == [1, 2, 3, 4, 5]
    for name in ("d_loss", "g_loss", "d_real", "d_fake"):
        np.testing.assert_allclose(arrays[name], [getattr(stats, name) for stats in shown])
    assert last is shown[-1] and run.run(0) is None


@pytest.mark.parametrize("steps", [-1, 1.5, "3", None])
def test_a_number_of_rounds_is_a_whole_number(steps):
    with pytest.raises(ValueError, match="steps must be a whole number, at least 0, got"):
        tiny_run().run(steps)


# --- side by side


def two_runs(kind):
    if kind == "student":
        return [tiny_run(**student_networks(1), seed=1), tiny_run(**student_networks(2), seed=2, ema_decay=0.9)]
    return [tiny_run(seed=1, instance_noise=0.1), tiny_run(seed=2, gp_weight=0.1, ema_decay=0.9)]


@pytest.mark.parametrize("kind", ["made", "student"])
def test_two_runs_side_by_side_equal_each_alone(kind):
    alone = two_runs(kind)
    for run in alone:
        run.run(20)
    interleaved = two_runs(kind)
    for _ in range(10):
        for run in interleaved:
            run.run(2)
            run.sample(3)
    threaded = two_runs(kind)
    threads = [threading.Thread(target=run.run, args=(20,)) for run in threaded]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for one, between, beside in zip(alone, interleaved, threaded):
        assert same_run(one, between)
        assert same_run(one, beside)
    assert not same(alone[0]._state(), alone[1]._state())


def test_the_seed_decides_and_one_purpose_does_not_disturb_another():
    assert same_run(tiny_run(seed=3), tiny_run(seed=3))
    one, other = tiny_run(seed=3)._state(), tiny_run(seed=4)._state()
    assert not any(torch.equal(one[name], other[name]) for name in one)
    numbers = [torch.randn(4, generator=make_rng(0, purpose)).tolist() for purpose in ("training", "latents 0", "x")]
    assert len({tuple(row) for row in numbers}) == 3


def test_nothing_touches_the_global_random_states(tmp_path):
    def states():
        return torch.get_rng_state().tolist(), np.random.get_state()[1].tolist(), random.getstate()

    before = states()
    for networks in ({}, student_networks()):
        run = tiny_run(**networks, ema_decay=0.9, instance_noise=0.1, gp_weight=0.1)
        run.run(3)
        run.sample(4)
        run.set(d_steps=2)
        run.run(3)
        run.branch(4).run(1)
        run.rewind(5)
        run.save(tmp_path / "run.safetensors")
        again = student_networks() if networks else {}
        Trainer.load(tmp_path / "run.safetensors", **again).run(1)
        replay(run.recipe(), **(student_networks() if networks else {}))
        assert states() == before


# --- looking


def test_looking_does_not_disturb(tmp_path):
    for networks in ({}, student_networks()):
        quiet = tiny_run(**copy.deepcopy(networks), ema_decay=0.9)
        quiet.run(6)
        watched = tiny_run(**copy.deepcopy(networks), ema_decay=0.9)
        watched.run(6, each=lambda stats, run=watched: (run.sample(5), run.recipe(), run.history.arrays()))
        watched.save(tmp_path / "run.safetensors")
        watched.latents(3)
        assert same_run(quiet, watched)


@pytest.mark.parametrize("student", [False, True])
def test_samples_are_the_same_at_every_call(student):
    run = tiny_run(**student_networks() if student else {})
    run.run(2)
    first = run.sample(6)
    assert first.shape == (6, 2) and first.dtype == torch.float32 and not first.requires_grad
    assert torch.equal(run.sample(6), first)
    if not student:
        assert torch.equal(run.sample(z=run.latents(6)), first)
        assert torch.equal(run.sample(z=run.latents(6).tolist()), first)
    run.step()
    assert not torch.equal(run.sample(6), first)
    assert all(module.training for module in (*run.generator.modules(), *run.discriminator.modules()))


def test_image_samples_are_images():
    run = tiny_run(data=images(), architecture="dcgan", lr_g=0.1)
    run.run(3)
    samples = run.sample(5)
    assert samples.shape == (5, 1, 8, 8) and samples.abs().max() <= 1
    assert run.sample().shape == (64, 1, 8, 8) and run.sample(0).shape == (0, 1, 8, 8)


def test_latents_depend_on_their_seed_alone():
    run = tiny_run()
    first = run.latents(4)
    run.run(2)
    assert torch.equal(run.latents(4), first) and first.shape == (4, 2)
    assert not torch.equal(run.latents(4, seed=1), first)
    assert not torch.equal(tiny_run(seed=1).latents(4), first)


def test_wrong_latents_are_refused():
    run = tiny_run()
    for z in (torch.zeros(3), torch.zeros(3, 5), torch.zeros(1, 3, 2)):
        with pytest.raises(ValueError, match=r"z must have shape \(n, 2\), got"):
            run.sample(z=z)
    for n in (-1, 2.5, "4"):
        with pytest.raises(ValueError, match="n must be a whole number, at least 0, got"):
            run.sample(n)


def test_a_sample_that_fails_leaves_the_generator_in_training():
    class Picky(StudentGenerator):
        def forward(self, z):
            if not self.training and len(z) == 3:
                raise RuntimeError("not three")
            return super().forward(z)

    run = tiny_run(generator=Picky())
    with pytest.raises(RuntimeError, match="not three"):
        run.sample(3)
    assert run.generator.training and run.generator.norm.training


# --- the averaged generator


def test_the_averaged_generator_is_the_average_it_says():
    run = tiny_run(ema_decay=0.6)
    weights = [list(copy.deepcopy(run.generator).parameters())]
    expected = None
    for step in range(12):
        run.step()
        now = [weight.detach().clone() for weight in run.generator.parameters()]
        decay = min(0.6, (1 + step) / (10 + step))  # step rounds are in the average so far
        expected = now if expected is None else [decay * e + (1 - decay) * w for e, w in zip(expected, now)]
        weights.append(now)
    for average, value in zip(run.ema.parameters(), expected):
        torch.testing.assert_close(average, value)
    z = run.latents(5)
    with torch.no_grad():
        assert torch.equal(run.sample(z=z), run.ema(z))
        assert not torch.equal(run.sample(z=z), run.generator(z))


def test_no_average_without_a_decay_or_without_an_update():
    assert tiny_run(ema_decay=0.0).ema is None
    run = tiny_run(ema_decay=0.9, g_steps=0)
    run.run(3)
    assert run.ema.n_averaged == 0
    assert torch.equal(run.sample(4), tiny_run(ema_decay=0.9).sample(4))


def test_batch_statistics_follow_into_the_average():
    run = tiny_run(data=images(), architecture="dcgan", ema_decay=0.9)
    run.run(3)
    for ours, theirs in zip(run.ema.module.buffers(), run.generator.buffers()):
        assert torch.equal(ours, theirs)
    assert not run.ema.training and not any(weight.requires_grad for weight in run.ema.parameters())
    copy.deepcopy(run.ema)  # a learner may keep one


# --- interrupts and settings of the machine


def press_ctrl_c():
    os.kill(os.getpid(), signal.SIGINT)


@main_thread_only
def test_an_interrupt_ends_the_run_after_a_whole_round():
    before = signal.getsignal(signal.SIGINT)
    quiet = tiny_run()
    quiet.run(10)

    run = tiny_run()
    in_round = iter(range(100))

    def strike(*_):
        if next(in_round) == 7:  # in the middle of the fourth round
            press_ctrl_c()

    hook = run.discriminator.register_forward_hook(strike)
    with pytest.raises(KeyboardInterrupt):
        run.run(10)
    hook.remove()
    assert run.steps == 4 and signal.getsignal(signal.SIGINT) is before
    run.run(6)
    assert same_run(run, quiet)


@main_thread_only
def test_a_background_job_goes_on_ignoring_ctrl_c():
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        run = tiny_run()
        run.discriminator.register_forward_hook(lambda *_: press_ctrl_c())
        run.run(3)
    finally:
        signal.signal(signal.SIGINT, before)
    assert run.steps == 3


@main_thread_only
def test_an_interrupt_during_one_step_or_a_rewind():
    quiet = tiny_run(snapshot_every=4)
    quiet.run(10)
    run = tiny_run(snapshot_every=4)
    run.run(10)
    hook = run.discriminator.register_forward_hook(lambda *_: press_ctrl_c())
    with pytest.raises(KeyboardInterrupt):
        run.step()
    assert run.steps == 11
    with pytest.raises(KeyboardInterrupt):
        run.rewind(7)
    assert run.steps == 5
    hook.remove()

    restore = run._load_state

    def restore_and_strike(state):
        press_ctrl_c()  # half of it restored, as far as anyone knows
        restore(state)

    run._load_state = restore_and_strike
    with pytest.raises(KeyboardInterrupt):
        run.rewind(2)
    del run._load_state
    assert run.steps == 0
    run.run(10)
    assert same_run(run, quiet)


def flushing():
    """Whether this thread takes subnormal numbers for 0."""
    return sys.float_info.min / 2 == 0


def test_settings_of_the_machine_are_undone():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        run = tiny_run(threads=1)
        during = []
        run.run(2, each=lambda _: during.append((torch.get_num_threads(), flushing())))
        assert during == [(1, True)] * 2
        run.sample(2)
        assert torch.get_num_threads() == 2 and not flushing()
        with pytest.raises(ZeroDivisionError):
            run.run(2, each=lambda _: 1 / 0)
        assert torch.get_num_threads() == 2 and not flushing()
    finally:
        torch.set_num_threads(before)


def test_a_look_within_a_run_does_not_end_the_runs_settings():
    run = tiny_run()
    during = []
    run.run(2, each=lambda _: (run.sample(2), during.append(flushing())))
    assert during == [True, True] and not flushing()
    torch.set_flush_denormal(True)
    try:
        with compute(1):
            pass
        assert flushing()  # it was the caller's choice
    finally:
        torch.set_flush_denormal(False)


# --- own parts


def test_own_data_of_every_kind():
    points = torch.randn(50, 2, generator=rng())
    before = points.clone()
    for data in (points, points.numpy(), points.double(), points.tolist()):
        run = tiny_run(data=data)
        assert run.data.kind == "points" and torch.allclose(run.data.samples, before)
        run.run(2)
        assert run.recipe().own == ("data",) and is_finite(run)
    pixels = images(channels=3).samples
    for data in (pixels, pixels.float() / 127.5 - 1):
        run = tiny_run(data=data)
        assert run.config.architecture == "dcgan" and run.data.sample_shape == (3, 8, 8)
        run.run(2)
    assert torch.equal(points, before)


def test_own_networks_for_data_of_any_shape():
    generator = nn.Sequential(nn.Linear(4, 3 * 5 * 7), nn.Tanh(), nn.Unflatten(1, (3, 5, 7)))
    discriminator = nn.Sequential(nn.Flatten(), nn.Linear(3 * 5 * 7, 1))
    data = torch.rand(20, 3, 5, 7, generator=rng()) * 2 - 1
    run = tiny_run(generator=generator, discriminator=discriminator, data=data, latent_dim=4)
    run.run(2)
    assert run.generator is generator and run.discriminator is discriminator
    assert run.sample(2).shape == (2, 3, 5, 7)


def test_a_students_networks_are_trained_as_they_are():
    networks = student_networks()
    before = {role: copy.deepcopy(network).state_dict() for role, network in networks.items()}
    run = tiny_run(**networks)
    for role, network in networks.items():
        assert getattr(run, role) is network and network.training
        assert same(before[role], network.state_dict())  # trying them changed nothing
    run.run(5)
    assert torch.equal(run.generator.forgotten.weight, before["generator"]["forgotten.weight"])
    assert not torch.equal(run.generator.hidden.weight, before["generator"]["hidden.weight"])
    assert not torch.equal(run.generator.norm.running_mean, before["generator"]["norm.running_mean"])
    assert not torch.equal(run.discriminator.hidden.weight_u, before["discriminator"]["hidden.weight_u"])


def test_dropout_falls_elsewhere_every_round():
    masks = []
    run = tiny_run(**student_networks())
    run.discriminator.dropout.register_forward_hook(lambda _, x, y: masks.append((y == 0) & (x[0] != 0)))
    run.run(2)
    assert len(masks) == 6 and not any(torch.equal(a, b) for a, b in itertools.combinations(masks, 2))


def test_frozen_weights_stay():
    discriminator = student_networks()["discriminator"]
    discriminator.hidden.weight_orig.requires_grad_(False)
    before = discriminator.hidden.weight_orig.clone()
    run = tiny_run(discriminator=discriminator)
    run.run(3)
    assert torch.equal(discriminator.hidden.weight_orig, before)


class Lazy(nn.Module):
    """Its layers learn their sizes from the first batch."""

    def __init__(self, n_out):
        super().__init__()
        self.layers = nn.Sequential(nn.LazyLinear(8), nn.ReLU(), nn.LazyLinear(n_out))

    def forward(self, x):
        return self.layers(x)


def test_lazy_layers_get_their_weights_from_the_seed():
    one, other = (tiny_run(generator=Lazy(2), discriminator=Lazy(1)) for _ in range(2))
    one.run(2)
    other.run(2)
    assert same_run(one, other)


@pytest.mark.parametrize(
    "networks, error, message",
    [
        (dict(generator=StudentGenerator), TypeError, "The generator must be an object made from a torch.nn.Module"),
        (dict(discriminator="dcgan"), TypeError, "The discriminator must be an object.*'dcgan'"),
        (dict(generator=nn.Identity()), ValueError, "The generator has no weight to train"),
        (dict(generator=nn.Linear(2, 3)), ValueError, r"made shape \(2, 3\) from 2 latents; the data need \(2, 2\)"),
        (dict(generator=nn.Linear(7, 2)), ValueError, r"generator could not take z of shape \(2, 2\).*latent_dim"),
        (dict(discriminator=nn.Linear(5, 1)), ValueError, r"discriminator could not take samples of shape \(2, 2\)"),
        (dict(discriminator=nn.Linear(2, 2)), ValueError, r"made shape \(2, 2\) from 2 samples; .*one logit each"),
        (dict(discriminator=nn.Sequential(nn.Linear(2, 1), nn.Sigmoid())), ValueError, "ends in a sigmoid"),
    ],
)
def test_networks_that_do_not_fit_are_refused(networks, error, message):
    with pytest.raises(error, match=message):
        tiny_run(**networks)


def test_data_that_do_not_fit_are_refused():
    for data, message in (
        (torch.zeros(5, 2, 2), "Expected points"),
        (torch.tensor([[0.0, 1.0], [torch.nan, 0.0]]), "1 that are NaN or infinite"),
        (torch.full((4, 1, 8, 8), 3.0), r"in \[-1, 1\]"),
    ):
        with pytest.raises(ValueError, match=message):
            tiny_run(data=data)
    with pytest.raises(ValueError, match="multiple of 4"):
        tiny_run(data=images(side=6))
    with pytest.raises(ValueError, match="architecture 'dcgan' does not make points"):
        tiny_run(architecture="dcgan")


def test_everything_automatic_is_decided_and_shown():
    config = Trainer(TrainConfig(device="auto")).config
    left_open = {name for name, value in config.as_dict().items() if value is None}
    assert left_open == {"condition", "data_dir", "image_size"}
    assert "auto" not in config.as_dict().values()
