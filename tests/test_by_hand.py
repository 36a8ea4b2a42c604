"""A round by hand: the same updates by the package's rounds and by plain arithmetic, and what is refused."""

import copy

import numpy as np
import pytest
import torch

from gan_course.by_hand import BATCH, LEARNING_RATES, STEPS, TURNS, NotYet, RoundByHand
from gan_course.config import Controls
from gan_course.rounds import Draws, Players, d_update, g_update


def take(hand, *steps):
    for step in steps:
        getattr(hand, step)()
    return hand


def ready(turn, rounds=3, seed=0):
    """A hand before the update of a turn, some rounds into the game."""
    hand = RoundByHand(seed)
    for _ in range(rounds):
        take(hand, *TURNS["D"], *TURNS["G"])
    if turn == "G":
        take(hand, *TURNS["D"])
    return take(hand, *TURNS[turn][:-1])


def weights(network):
    return [p.detach().clone() for p in network.parameters()]


@pytest.mark.parametrize("seed", [0, 1, 7])
@pytest.mark.parametrize("turn", "DG")
def test_an_update_is_the_one_of_the_packages_own_round(turn, seed):
    hand = ready(turn, seed=seed)
    generator, discriminator = copy.deepcopy(hand.generator), copy.deepcopy(hand.discriminator)
    players = Players(
        generator, discriminator,
        torch.optim.SGD(generator.parameters(), LEARNING_RATES["G"]),
        torch.optim.SGD(discriminator.parameters(), LEARNING_RATES["D"]),
        torch.device("cpu"), "float32", one_call=False,
    )  # fmt: skip
    said = hand.verdict
    if turn == "D":
        draws = Draws(hand.x[None], hand.z[None], hand.z[None])
        loss, real_mean, fake_mean = d_update(players, draws, Controls(), 0)
        assert said.real.mean().item() == pytest.approx(real_mean.item(), abs=1e-6)
        assert said.fake.mean().item() == pytest.approx(fake_mean.item(), abs=1e-6)
    else:
        loss = g_update(players, Draws(torch.empty(1), hand.z[None], hand.z[None]), Controls(), 0)
    assert said.loss == pytest.approx(loss.item(), abs=1e-6)
    hand.update()
    for mine, theirs in ((hand.generator, generator), (hand.discriminator, discriminator)):
        for one, other in zip(weights(mine), weights(theirs)):
            torch.testing.assert_close(one, other, rtol=0, atol=1e-6)


def hidden(into, bias, x):
    """(N, H) before and after the leaky ReLU."""
    before = x @ into.T + bias
    return before, np.where(before > 0, before, 0.2 * before)


def test_the_update_of_d_by_hand_calculation():
    """Backpropagation through D written out with numpy: (σ(l) - label) / N is the slope of the loss at a logit."""
    hand = ready("D")
    into, bias, out, out_bias = (w.numpy().astype(float) for w in weights(hand.discriminator))
    gradients = [0, 0, 0, 0]
    for points, label in ((hand.x.numpy(), 1), (hand.fakes.numpy(), 0)):
        before, after = hidden(into, bias, points)
        logits = after @ out[0] + out_bias[0]
        slope = (1 / (1 + np.exp(-logits)) - label) / len(points)
        back = slope[:, None] * out[0] * np.where(before > 0, 1, 0.2)
        parts = (back.T @ points, back.sum(0), (slope @ after)[None], slope.sum()[None])
        gradients = [one + other for one, other in zip(gradients, parts)]
    hand.update()
    for change, gradient in zip(hand.changes["D"], gradients):
        np.testing.assert_allclose(change.numpy(), -LEARNING_RATES["D"] * gradient, atol=1e-6)


def test_only_whose_turn_it_is_moves_and_every_one_of_its_weights():
    hand = RoundByHand()
    assert hand.moved == {"G": 0, "D": 0}
    for _ in range(5):
        g_before = weights(hand.generator)
        take(hand, *TURNS["D"])
        assert hand.moved == {"G": 0, "D": 33} and hand.turn == "G"
        assert all(torch.equal(a, b) for a, b in zip(g_before, weights(hand.generator)))
        d_before = weights(hand.discriminator)
        take(hand, *TURNS["G"])
        assert hand.moved == {"G": 42, "D": 0} and hand.turn == "D"
        assert all(torch.equal(a, b) for a, b in zip(d_before, weights(hand.discriminator)))
    assert hand.rounds == 5


def test_changes_are_new_minus_old():
    hand = ready("G")
    before = weights(hand.generator)
    hand.update()
    for change, old, new in zip(hand.changes["G"], before, weights(hand.generator)):
        torch.testing.assert_close(old + change, new)


def test_an_update_makes_its_players_loss_smaller():
    """With fresh networks a step down the gradient must pay."""
    for seed in range(10):
        for turn in "DG":
            hand = ready(turn, rounds=0, seed=seed)
            x, z, before = hand.x, hand.z, hand.verdict
            hand.update()
            _, after = hand.judge_again(x, z)
            assert after.loss < before.loss, (seed, turn)


def test_what_lies_on_the_table():
    hand = RoundByHand()
    assert (hand.x, hand.z, hand.fakes, hand.verdict, hand.done) == (None, None, None, None, ())
    take(hand, "real")
    assert hand.x.shape == (BATCH, 2) and (hand.x.norm(dim=1) - 1).abs().max() < 0.3, "points of the ring"
    take(hand, "noise", "fake")
    assert hand.z.shape == (BATCH, 2)
    torch.testing.assert_close(hand.fakes, hand.generator(hand.z).detach())
    assert not hand.fakes.requires_grad, "in D's turn nothing flows back to G"
    take(hand, "judge")
    assert hand.verdict.real.shape == hand.verdict.fake.shape == (BATCH,)
    assert hand.done == STEPS[:-1] and hand.next_step == "update"
    torch.testing.assert_close(hand.verdict.real, hand.discriminator(hand.x).flatten().sigmoid().detach())
    take(hand, "update")
    assert (hand.x, hand.z, hand.fakes, hand.verdict, hand.next_step) == (None, None, None, None, "noise")
    take(hand, "noise", "fake", "judge")
    assert hand.fakes.requires_grad and hand.verdict.real is None


def test_looking_changes_nothing():
    hand, other = ready("D"), ready("D")
    hand.field(1.8, 5)
    hand.judge_again(hand.x, hand.z)
    for one in (hand, other):
        take(one, "update", *TURNS["G"], *TURNS["D"])
    assert all(torch.equal(a, b) for a, b in zip(weights(hand.discriminator), weights(other.discriminator)))


def test_the_field_is_d_on_a_lattice():
    hand = ready("D")
    field = hand.field(2.0, 5)
    assert field.shape == (5, 5)
    corner = hand.discriminator(torch.tensor([[-2.0, 1.0]])).sigmoid().item()
    assert field[3, 0].item() == pytest.approx(corner, abs=1e-6), "rows go up, columns to the right"


def test_the_same_seed_makes_the_same_game_whatever_else_draws():
    def play(seed):
        torch.manual_seed(seed)
        torch.rand(3)
        return ready("G", rounds=2, seed=4)

    state = torch.get_rng_state()
    one, other = play(1), play(2)
    assert torch.equal(one.fakes, other.fakes) and one.verdict.loss == other.verdict.loss
    assert not torch.equal(one.fakes, ready("G", rounds=2, seed=5).fakes)
    torch.set_rng_state(state)
    ready("D")
    assert torch.equal(torch.get_rng_state(), state), "the global generator is left alone"


# ---- out of order ---------------------------------------------------------------------------------------------------

REFUSED = [  # the steps before, the step, what is said
    ((), "fake", r"needs noise z \(2\) first. Next is 1, real x"),
    ((), "judge", r"needs real points \(1\) and fakes \(3\) first"),
    ((), "update", r"needs the judgement \(4\) first"),
    (("noise", "fake"), "judge", r"needs real points \(1\) first. Next is 1, real x"),
    (("real",), "real", "already. Next is 2, noise z"),
    (("real", "noise", "fake", "judge"), "judge", "would say the same again. Next is 5, update"),
    (STEPS, "real", "G never sees real data.*Next is 2, noise z"),
    ((*STEPS, "noise"), "judge", r"needs fakes \(3\) first"),
]


@pytest.mark.parametrize("before, step, said", REFUSED)
def test_out_of_order_says_what_is_missing_and_changes_nothing(before, step, said):
    hand = take(RoundByHand(), *before)
    table = (hand.x, hand.z, hand.fakes, hand.verdict, hand.turn, hand.done)
    with pytest.raises(NotYet, match=said):
        getattr(hand, step)()
    assert all(
        a is b or a == b for a, b in zip(table, (hand.x, hand.z, hand.fakes, hand.verdict, hand.turn, hand.done))
    )


def test_noise_may_come_before_real_points():
    assert take(RoundByHand(), "noise", "fake", "real", "judge").next_step == "update"


def test_what_is_no_seed_or_no_step():
    with pytest.raises(TypeError, match="seed must be a whole number, at least 0, got 'a'"):
        RoundByHand("a")
    with pytest.raises(TypeError, match="got True"):
        RoundByHand(True)
    with pytest.raises(ValueError, match="seed must be at least 0, got -1"):
        RoundByHand(-1)
    with pytest.raises(ValueError, match="Unknown step 'reel'. Did you mean 'real'"):
        RoundByHand().why_not("reel")
    assert repr(RoundByHand()) == "RoundByHand(turn='D', rounds=0, next_step='real')"
