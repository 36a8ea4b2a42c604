"""The exercises of chapter 3: right answers of every style pass, and each usual mistake is named."""

import re

import pytest
import torch
import torch.nn.functional as F

from gan_course.exercises import EXERCISES, RIGHT, check, conv, loss, order, step
from gan_course.losses import bce_d_loss, non_saturating_g_loss


def bce(logits, target):
    return F.binary_cross_entropy_with_logits(logits, torch.full_like(logits, target))


# --- the discriminator's loss


def by_logsigmoid(real_logits, fake_logits, real_target):
    real = real_target * F.logsigmoid(real_logits) + (1 - real_target) * F.logsigmoid(-real_logits)
    return -real.mean() - F.logsigmoid(-fake_logits).mean()


def in_place(real_logits, fake_logits, real_target):
    value = bce_d_loss(real_logits, fake_logits, real_target)
    if not real_logits.requires_grad:
        real_logits.zero_()
    return value


LOSSES_RIGHT = [bce_d_loss, by_logsigmoid, lambda r, f, t: bce(r, t) + bce(f, 0.0), in_place]


@pytest.mark.parametrize("solution", LOSSES_RIGHT)
def test_a_right_discriminator_loss_passes(solution):
    assert check("discriminator_loss", solution) == RIGHT == check("discriminator_loss", solution)


LOSSES_WRONG = {
    "sign flipped": (lambda r, f, t: -bce_d_loss(r, f, t), "sign is the wrong way round"),
    "sum for mean": (lambda r, f, t: bce(r, t) * len(r) + bce(f, 0.0) * len(f), "mean over each batch, not the sum"),
    "fakes smoothed": (lambda r, f, t: bce(r, t) + bce(f, 1 - t), "one-sided"),
    "labels swapped": (lambda r, f, t: bce(r, 0.0) + bce(f, t), "labels are swapped"),
    "no smoothing": (lambda r, f, t: bce(r, 1.0) + bce(f, 0.0), "real_target is not used"),
    "smoothing as weight": (
        lambda r, f, t: -t * F.logsigmoid(r).mean() - F.logsigmoid(-f).mean(),
        "For t = real_target below 1 a part is missing",
    ),
    "sigmoid twice": (lambda r, f, t: bce_d_loss(r.sigmoid(), f.sigmoid(), t), "one sigmoid too many"),
    "logs of logits": (lambda r, f, t: -(r.log().mean() + (1 - f).log().mean()), "logits, not probabilities"),
    "BCE of logits": (
        lambda r, f, t: F.binary_cross_entropy(r, torch.ones_like(r)) + F.binary_cross_entropy(f, torch.zeros_like(f)),
        "It stops with RuntimeError: all elements of input should be between 0 and 1",
    ),
    "half": (lambda r, f, t: bce_d_loss(r, f, t) / 2, "this is half of it"),
    "real alone": (lambda r, f, t: bce(r, t), "Only the real part"),
    "fake alone": (lambda r, f, t: bce(f, 0.0), "Only the fake part"),
    "overflow": (
        lambda r, f, t: (
            -(t * r.sigmoid().log() + (1 - t) * (1 - r.sigmoid()).log()).mean() - (1 - f.sigmoid()).log().mean()
        ),
        "logits of ±200",
    ),
    "clamped": (
        lambda r, f, t: bce(r, t) + bce(f, 0.0) if r.abs().max() < 50 else -(r.sigmoid() + 1e-12).log().mean(),
        "logits of ±200",
    ),
    "a number": (lambda r, f, t: bce_d_loss(r, f, t).item(), "this is float"),
    "not reduced": (lambda r, f, t: F.softplus(-r), r"shape \(5,\)"),
    "detached": (lambda r, f, t: bce_d_loss(r.detach(), f.detach(), t), "no gradient flows back"),
    "half detached": (lambda r, f, t: bce_d_loss(r, f.detach(), t), "one of the two parts"),
    "something else": (lambda r, f, t: (r - f.mean()).mean(), "it should be 2.2269, this gives -0.7820"),
    "an error": (lambda r, f: 0, "It stops with TypeError"),
}


@pytest.mark.parametrize("mistake", LOSSES_WRONG)
def test_a_wrong_discriminator_loss_is_told_what_is_wrong(mistake, said):
    solution, words = LOSSES_WRONG[mistake]
    said(check("discriminator_loss", solution), words)


# --- one update of the generator


def g_step(
    generator, discriminator, optimizer, z, loss=non_saturating_g_loss, zero=True, cut=lambda x: x, times=1, step=True
):
    for _ in range(times):
        value = loss(cut(discriminator(generator(z))).flatten())
        if zero:
            optimizer.zero_grad()
        value.backward()
        if step:
            optimizer.step()


def freezing_a_layer(generator, discriminator, optimizer, z):
    g_step(generator, discriminator, optimizer, z)
    discriminator[0].requires_grad_(False)


def freezing(generator, discriminator, optimizer, z, thaw=True):
    discriminator.requires_grad_(False)
    g_step(generator, discriminator, optimizer, z)
    discriminator.requires_grad_(thaw)


def with_one(generator, discriminator, optimizer, z):
    optimizer.zero_grad(set_to_none=False)
    logits = discriminator(generator(z))
    F.binary_cross_entropy_with_logits(logits, torch.ones_like(logits)).backward()
    optimizer.step()


@pytest.mark.parametrize("solution", [g_step, freezing, with_one])
def test_a_right_generator_step_passes(solution):
    assert check("generator_step", solution) == RIGHT


def having(**wrong):
    return lambda *scene: g_step(*scene, **wrong)


def d_learns_too(generator, discriminator, optimizer, z):
    g_step(generator, discriminator, optimizer, z)
    torch.optim.SGD(discriminator.parameters(), lr=0.1).step()


def detached_fakes(generator, discriminator, optimizer, z):
    optimizer.zero_grad()
    non_saturating_g_loss(discriminator(generator(z).detach())).backward()
    optimizer.step()


def detached_and_not_zeroed(generator, discriminator, optimizer, z):
    non_saturating_g_loss(discriminator(generator(z).detach())).backward()
    optimizer.step()


def in_eval(generator, discriminator, optimizer, z):
    discriminator.eval()
    g_step(generator, discriminator, optimizer, z)


STEPS_WRONG = {
    "D updated": (d_learns_too, "D's weights changed"),
    "no zero_grad": (having(zero=False), "zero_grad is missing"),
    "sign flipped": (having(loss=lambda logits: -non_saturating_g_loss(logits)), "sign is the wrong way round"),
    "label 0": (having(loss=lambda logits: bce(logits, 0.0)), "The label is wrong"),
    "minimax": (having(loss=lambda logits: -bce(logits, 0.0)), "This is the minimax loss"),
    "sum for mean": (having(loss=lambda logits: F.softplus(-logits).sum()), "Take the mean over the batch"),
    "sigmoid twice": (having(loss=lambda logits: bce(logits.sigmoid(), 1.0)), "one sigmoid too many"),
    "probability": (having(loss=lambda logits: -logits.log().mean()), "σ is missing"),
    "twice": (having(times=2), "step is taken twice"),
    "detached": (detached_fakes, "no gradient reached it"),
    "detached, old gradient": (detached_and_not_zeroed, "the gradient was cut or old on its way"),
    "no step": (having(step=False), r"optimizer.step\(\) is missing"),
    "nothing": (lambda *scene: None, "Nothing happened to G"),
    "another z": (lambda g, d, o, z: g_step(g, d, o, z + 1), "not made from the z handed in"),
    "left frozen": (lambda *scene: freezing(*scene, thaw=False), "D is left frozen"),
    "a layer left frozen": (freezing_a_layer, "D is left frozen"),
    "left in eval": (in_eval, r"left in eval\(\)"),
    "no graph": (torch.no_grad()(g_step), "It stops with RuntimeError"),
}


@pytest.mark.parametrize("mistake", STEPS_WRONG)
def test_a_wrong_generator_step_is_told_what_is_wrong(mistake, said):
    solution, words = STEPS_WRONG[mistake]
    said(check("generator_step", solution), words)


def test_the_exercise_leaves_the_global_random_numbers_alone():
    before = torch.get_rng_state()
    check("generator_step", g_step)
    check("discriminator_loss", bce_d_loss)
    assert torch.equal(before, torch.get_rng_state())


# --- counting weights

COUNTS_WRONG = {
    "no biases": (lambda i, o, k: i * o * k**2, "biases are missing"),
    "a bias per input": (lambda i, o, k: i * o * k**2 + i, "not for each input channel"),
    "one bias": (lambda i, o, k: i * o * k**2 + 1, "not a single one"),
    "one side": (lambda i, o, k: i * o * k + o, "two sides"),
    "c_in forgotten": (lambda i, o, k: o * k**2 + o, "c_in has to be a factor"),
    "added": (lambda i, o, k: (i + o) * k**2 + o, "c_in and c_out multiply"),
    "a float": (lambda i, o, k: (i * k**2 + 1) * o / 1, "whole number; this gives float"),
    "something else": (lambda i, o, k: i * o * 28**2, r"conv_weights\(1, 32, 4\) should be 544, this gives 25088"),
}


def test_a_right_count_passes():
    assert check("conv_weights", lambda c_in, c_out, kernel: (c_in * kernel**2 + 1) * c_out) == RIGHT


@pytest.mark.parametrize("mistake", COUNTS_WRONG)
def test_a_wrong_count_is_told_what_is_wrong(mistake, said):
    solution, words = COUNTS_WRONG[mistake]
    said(check("conv_weights", solution), words)


# --- the order of a round


def in_order(d_steps, g_steps, update_d, update_g):
    for _ in range(d_steps):
        update_d()
    for _ in range(g_steps):
        update_g()


def by_turns(d_steps, g_steps, update_d, update_g):
    for turn in range(max(d_steps, g_steps)):
        if turn < d_steps:
            update_d()
        if turn < g_steps:
            update_g()


def nested(d_steps, g_steps, update_d, update_g):
    for _ in range(d_steps):
        update_d()
        for _ in range(g_steps):
            update_g()


ORDERS_WRONG = {
    "G first": (lambda d, g, update_d, update_g: in_order(g, d, update_g, update_d), "G goes first"),
    "counts swapped": (lambda d, g, *updates: in_order(g, d, *updates), "counts are swapped"),
    "counts unused": (lambda d, g, *updates: in_order(1, 1, *updates), "counts are not used"),
    "G once": (lambda d, g, *updates: in_order(d, 1, *updates), "G once, whatever g_steps"),
    "D once": (lambda d, g, *updates: in_order(1, g, *updates), "D learns once"),
    "by turns": (by_turns, "The turns alternate"),
    "nested": (nested, "G learns after each"),
    "nothing": (lambda *_: None, "should be DG, this plays nothing"),
    "at least one": (
        lambda d, g, *updates: in_order(max(d, 1), max(g, 1), *updates),
        "with d_steps=0 and g_steps=2 it should be GG, this plays DGG",
    ),
    "one more": (lambda d, g, *updates: in_order(d, g + 1, *updates), "should be DG, this plays DGG"),
}


def test_a_right_round_passes():
    assert check("play_round", in_order) == RIGHT


@pytest.mark.parametrize("mistake", ORDERS_WRONG)
def test_a_wrong_round_is_told_what_is_wrong(mistake, said):
    solution, words = ORDERS_WRONG[mistake]
    said(check("play_round", solution), words)


# --- all of them


@pytest.fixture
def said():
    def assert_said(answer, words):
        assert answer != RIGHT and re.search(words, answer), answer

    return assert_said


@pytest.mark.parametrize(
    "module, wrong", [(loss, LOSSES_WRONG), (step, STEPS_WRONG), (conv, COUNTS_WRONG), (order, ORDERS_WRONG)]
)
def test_each_mistake_that_is_known_is_tried_here(module, wrong):
    name = next(name for name, exercise in EXERCISES.items() if exercise.examine is module.examine)
    assert set(module._MISTAKES) <= {check(name, solution) for solution, _ in wrong.values()}


@pytest.mark.parametrize("name", EXERCISES)
def test_a_result_is_not_a_function(name):
    assert check(name, 3.0) == f"Hand in the function itself, check('{name}', {name}) without parentheses behind " + (
        "it; this is a value."
    )


def test_an_unknown_exercise_is_refused():
    with pytest.raises(ValueError, match="Unknown exercise 'generator'. Did you mean 'generator_step'"):
        check("generator", g_step)
