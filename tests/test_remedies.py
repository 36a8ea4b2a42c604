"""Remedies against mode collapse: each against a computation by hand, and as part of a run."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from gan_course import Recipe, TrainConfig, Trainer, replay
from gan_course.remedies import MinibatchStddev, Packed, Unrolled, looked_ahead, with_spectral_norm, with_stddev
from gan_course.rounds import d_update, draw, unrolled

TINY = TrainConfig(dataset="ring", width=8, batch_size=8)
PICTURES = dict(dataset="fashion-mnist", width=4, batch_size=4, threads=1, precision="float32")
REMEDIES = [dict(pack=2), dict(minibatch_stddev=True), dict(spectral_norm=True), dict(unroll=3)]
REMEDIES += [dict(unroll_backprop=True, unroll=2)]


def weights(network):
    return torch.cat([weight.detach().flatten().clone() for weight in network.parameters()])


# ---- what D sees ----------------------------------------------------------------------------------------------------


def test_minibatch_stddev_by_hand():
    features = torch.tensor([[1.0, 10.0], [3.0, 10.0], [5.0, 40.0]])
    by_hand = ((8 / 3) ** 0.5 + 200**0.5) / 2  # standard deviations of (1, 3, 5) and of (10, 10, 40)
    out = MinibatchStddev()(features)
    assert torch.equal(out[:, :2], features)
    torch.testing.assert_close(out[:, 2], torch.full((3,), by_hand))


def test_stddev_of_a_collapsed_batch_is_0_and_has_a_gradient():
    features = torch.ones(4, 3, requires_grad=True)
    spread = MinibatchStddev()(features)[:, 3]
    assert spread.max() < 1e-3
    spread.sum().backward()
    assert features.grad.isfinite().all()


def test_a_stddev_stands_before_the_last_layer():
    network = with_stddev(nn.Sequential(nn.Linear(2, 5), nn.ReLU(), nn.Linear(5, 1)))
    assert [type(layer).__name__ for layer in network] == ["Linear", "ReLU", "MinibatchStddev", "Linear"]
    assert network[-1].in_features == 6 and network(torch.zeros(3, 2)).shape == (3, 1)


@pytest.mark.parametrize("shape", [(2,), (1, 4, 4)])
def test_packs_are_judged_together(shape):
    channels = shape[0]
    inner = nn.Sequential(nn.Flatten(), nn.Linear(3 * torch.Size(shape).numel(), 1))
    x = torch.randn(6, *shape)
    logits = Packed(inner, 3)(x)
    by_hand = [inner(torch.cat(list(x[i : i + 3])).view(1, 3 * channels, *shape[1:])) for i in (0, 3)]
    torch.testing.assert_close(logits.flatten(), torch.stack(by_hand).flatten().repeat_interleave(3))


def test_a_pack_that_is_not_full_takes_the_first_samples():
    inner = nn.Linear(6, 1)
    x = torch.randn(4, 2)
    logits = Packed(inner, 3)(x)
    assert logits.shape == (4, 1)
    torch.testing.assert_close(logits[3], inner(torch.cat([x[3], x[0], x[1]])))


def test_spectral_norm_brings_the_largest_singular_value_to_1():
    torch.manual_seed(0)
    network = with_spectral_norm(nn.Sequential(nn.Linear(6, 9), nn.ReLU(), nn.Linear(9, 4)))
    for _ in range(50):
        network(torch.randn(3, 6))  # each call in training refines the estimate
    for layer in (network[0], network[2]):
        assert torch.linalg.svdvals(layer.weight)[0].item() == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize("more", [{}, dict(pack=2, minibatch_stddev=True), PICTURES], ids=["plain", "pack", "pictures"])
def test_d_divides_what_it_sees(more):
    plain, divided = (Trainer(TrainConfig(**vars(TINY) | more | dict(input_scale=scale))) for scale in (1, 4.0))
    x = plain.data.batch(torch.arange(8))
    torch.testing.assert_close(divided.discriminator(x), plain.discriminator(x / 4))
    assert torch.equal(weights(divided.generator), weights(plain.generator))


# ---- looking ahead --------------------------------------------------------------------------------------------------


def test_g_answers_the_d_of_three_updates_later_and_d_is_back_afterwards():
    run, twin = (Trainer(replace(TINY, unroll=unroll)) for unroll in (3, 0))
    rng = torch.Generator().manual_seed(5)
    draws = draw(run.data, run.config, run.controls, rng)
    # by hand: the twin's D really makes the three updates, then G learns from it
    for j in range(3):
        d_update(twin._players, draws.ahead[0], twin.controls, j)
    twin.turns.g_update(twin._players, draws, twin.controls, 0)
    before = weights(run.discriminator)
    run.turns.g_update(run._players, draws, run.controls, 0)
    assert torch.equal(weights(run.generator), weights(twin.generator))
    assert torch.equal(weights(run.discriminator), before) and not torch.equal(weights(twin.discriminator), before)
    assert not run._players.d_optimizer.state, "it had made no update yet"


def test_the_optimizer_is_back_too_and_so_it_is_after_an_error():
    network = nn.Linear(2, 1)
    adam = torch.optim.Adam(network.parameters(), lr=0.1)

    def update(i):
        adam.zero_grad()
        network(torch.ones(1, 2)).sum().backward()
        adam.step()

    update(0)
    kept, moments = weights(network), [state["exp_avg"].clone() for state in adam.state.values()]
    with looked_ahead(network, adam, 2, update):
        assert not torch.equal(weights(network), kept)
    with pytest.raises(RuntimeError, match="as it happens"), looked_ahead(network, adam, 2, update):
        raise RuntimeError("as it happens")
    assert torch.equal(weights(network), kept)
    for state, moment in zip(adam.state.values(), moments):
        assert torch.equal(state["exp_avg"], moment) and state["step"] == 1


@pytest.mark.parametrize("g_steps", [0, 2])
def test_each_g_update_looks_ahead_with_draws_of_its_own(g_steps):
    run = Trainer(replace(TINY, unroll=4, instance_noise=0.1, g_steps=g_steps))
    ahead = draw(run.data, run.config, run.controls, torch.Generator().manual_seed(0)).ahead
    assert len(ahead) == g_steps and all(len(draws.real) == len(draws.d_z) == 4 for draws in ahead)
    assert len({draws.d_z.sum().item() for draws in ahead}) == g_steps


# ---- the gradient through it ----------------------------------------------------------------------------------------


class Shift(nn.Module):
    """(N, 2) -> (N, 2): z + θ."""

    def __init__(self):
        super().__init__()
        self.theta = nn.Parameter(torch.tensor([0.3, -0.2]))

    def forward(self, z):
        return z + self.theta


def one_update_by_hand(run, draws):
    """The gradient of G's loss w¹·(x̄ - ḡ) in θ, for D(x) = w·x, which one step of Adam down w·(ḡ - x̄) makes w¹.

    x̄ and ḡ are the means of the real samples and of z + θ; those that D learns from come first.
    """
    (w,), theta = run.discriminator.weight.detach().double(), run.generator.theta.detach().double()
    memory = run._players.d_optimizer.state[run.discriminator.weight]
    t, lr, eps, (beta1, beta2) = int(memory["step"]) + 1, run.controls.lr_d, 1e-8, (0.5, 0.999)
    g = draws.ahead[0].d_z[0].double().mean(0) + theta - draws.ahead[0].real[0].double().mean(0)
    m = (beta1 * memory["exp_avg"][0] + (1 - beta1) * g) / (1 - beta1**t)
    root = ((beta2 * memory["exp_avg_sq"][0] + (1 - beta2) * g**2) / (1 - beta2**t)).sqrt()
    dm, droot = (1 - beta1) / (1 - beta1**t), (1 - beta2) / (1 - beta2**t) * g / root
    w1 = w - lr * m / (root + eps)
    dw1 = -lr * (dm / (root + eps) - m * droot / (root + eps) ** 2)
    return -w1 + (draws.real[1].double().mean(0) - draws.g_z[0].double().mean(0) - theta) * dw1


def test_the_gradient_through_one_update_of_adam_by_hand():
    config = replace(TINY, loss="wasserstein", lr_d=0.3, unroll=1, unroll_backprop=True)
    run = Trainer(config, generator=Shift(), discriminator=nn.Linear(2, 1))
    run.run(3)  # so that Adam remembers something
    draws = draw(run.data, run.config, run.controls, torch.Generator().manual_seed(5))
    expected = one_update_by_hand(run, draws)
    before, memory = weights(run.discriminator), [value.clone() for value in moments(run)]
    run.turns.g_update(run._players, draws, run.controls, 0)
    torch.testing.assert_close(run.generator.theta.grad.double(), expected, rtol=1e-5, atol=1e-6)
    assert torch.equal(weights(run.discriminator), before) and all(map(torch.equal, moments(run), memory))


def moments(run):
    return [value for state in run._players.d_optimizer.state.values() for value in state.values()]


def test_the_gradient_through_three_updates_agrees_with_finite_differences():
    torch.manual_seed(0)
    network = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1)).double()
    adam = torch.optim.Adam(network.parameters(), lr=0.1, betas=(0.5, 0.9))
    x, target = torch.randn(6, 2).double(), torch.randn(6, 1).double()
    (network(x) - target).square().mean().backward()
    adam.step()

    def reached(x):
        later = Unrolled(network, [name for name, _ in network.named_parameters()], adam)
        for _ in range(3):
            later.descend((later(x) - target).square().mean())
        return later(x)

    assert torch.autograd.gradcheck(reached, x.requires_grad_())


@pytest.mark.parametrize(
    "more",
    [
        dict(loss="minimax", label_smoothing=0.1, instance_noise=0.1),
        dict(loss="relativistic", r1_gamma=0.1, r2_gamma=0.1),
        dict(pack=2, minibatch_stddev=True, spectral_norm=True, gp_weight=0.1),
        dict(condition="projection"),
        PICTURES,
    ],
    ids=lambda more: next(iter(more)),
)
def test_an_unrolled_d_is_where_its_updates_would_bring_it(more):
    run = Trainer(TrainConfig(**vars(TINY) | more | dict(unroll=3, unroll_backprop=True)))
    run.run(2)
    draws = draw(run.data, run.config, run.controls, torch.Generator().manual_seed(5))
    players, before = run._players, {name: value.clone() for name, value in run.generator.state_dict().items()}
    found = unrolled(players, draws.ahead[0], run.controls).discriminator
    for j in range(3):
        d_update(players, draws.ahead[0], run.controls, j)
    x, y = run.data.batch(torch.arange(8)), [] if run.config.condition is None else [run.data.labels[:8]]
    torch.testing.assert_close(found(x, *y), players.discriminator(x, *y), rtol=1e-4, atol=1e-5)
    assert all(torch.equal(run.generator.state_dict()[name], value) for name, value in before.items())


def test_a_unit_that_learns_nothing_leaves_the_gradient_finite():
    config = replace(TINY, unroll=2, unroll_backprop=True)
    dead = nn.Sequential(nn.Linear(2, 4), nn.ReLU(), nn.Linear(4, 1))
    with torch.no_grad():
        dead[0].bias[0] = -100.0
    run = Trainer(config, discriminator=dead)
    run.run(2)
    assert weights(run.generator).isfinite().all()


def test_gs_loss_sees_real_samples_where_they_say_how_d_reacts():
    def real(**controls):
        run = Trainer(replace(TINY, g_steps=2, **controls))
        return len(draw(run.data, run.config, run.controls, torch.Generator()).real)

    ahead = dict(unroll=1, unroll_backprop=True)
    assert [real(loss=loss, **ahead) for loss in ("minimax", "wasserstein", "non-saturating")] == [3, 3, 1]
    assert [real(loss="minimax", unroll=k, unroll_backprop=k == 0) for k in (0, 1)] == [1, 1]


# ---- in a run -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("remedy", REMEDIES, ids=lambda remedy: next(iter(remedy)))
@pytest.mark.parametrize("base", [vars(TINY), PICTURES], ids=["points", "pictures"])
def test_a_run_with_a_remedy_differs_is_replayed_and_rewound(base, remedy):
    config = TrainConfig(**base | remedy)
    run = Trainer(config)
    run.run(3)
    middle = run.recipe().end_digest
    run.run(3)
    again = replay(Recipe.from_json(run.recipe().to_json()))
    assert again.recipe().end_digest == run.recipe().end_digest
    run.rewind(3)
    assert run.recipe().end_digest == middle
    plain = Trainer(TrainConfig(**base))
    plain.run(3)
    assert not torch.equal(plain.sample(4), run.sample(4))


def test_a_recipe_names_a_remedy_only_where_it_is_in_use():
    assert '"pack"' not in Trainer(TINY).recipe().to_json()
    text = Trainer(replace(TINY, pack=2, unroll=1)).recipe().to_json()
    assert '"pack":2' in text and '"unroll":1' in text
    assert not any(f'"{name}"' in text for name in ("spectral_norm", "unroll_backprop", "input_scale"))


def test_without_updates_ahead_there_is_nothing_to_flow_through():
    runs = [Trainer(replace(TINY, unroll_backprop=on)) for on in (False, True)]
    for run in runs:
        run.run(5)
    assert torch.equal(*(weights(run.generator) for run in runs))


def test_unroll_is_switched_on_mid_run():
    run, plain = Trainer(TINY), Trainer(TINY)
    for each in (run, plain):
        each.run(4)
    run.set(unroll=2)
    run.step()
    plain.step()
    assert run.log == [(4, {"unroll": 2})] and not torch.equal(weights(run.generator), weights(plain.generator))


@pytest.mark.parametrize(
    "wrong, error, said",
    [
        (dict(pack=0), ValueError, "pack must be at least 1, got 0"),
        (dict(pack=3), ValueError, "batch_size must be a multiple of pack, got 8 and 3"),
        (dict(spectral_norm=1), TypeError, "spectral_norm must be True or False, got 1"),
        (dict(input_scale=0), ValueError, "input_scale must be above 0, got 0"),
        (dict(input_scale=-4.0), ValueError, "input_scale must be a finite number, at least 0"),
        (dict(unroll_backprop=1), TypeError, "unroll_backprop must be True or False, got 1"),
        (dict(unroll=-1), ValueError, "unroll must be at least 0, got -1"),
        (dict(unroll=1.5), TypeError, "unroll must be a whole number, got 1.5"),
    ],
)
def test_what_makes_no_sense_is_refused(wrong, error, said):
    with pytest.raises(error, match=said):
        replace(TINY, **wrong)
