"""One round: who is updated when, by what, and that it is the loop everyone would write."""

from dataclasses import replace

import pytest
import torch
from engine_runs import TINY, images, rng
from torch import nn

from gan_course import Controls, TrainConfig
from gan_course.data import points, ring
from gan_course.losses import LOSSES
from gan_course.penalties import gradient_penalty, zero_centered_penalty
from gan_course.rounds import d_update, draw, g_update, play_round
from gan_course.setup import make_networks, make_players

RATIOS = [(d, 1) for d in range(10, 0, -1)] + [(1, g) for g in range(2, 11)]
DATA = {"mlp": lambda: ring(200, rng=rng()), "textbook": lambda: images(64), "dcgan": lambda: images(64)}


def setting(architecture="mlp", generator=None, discriminator=None, **settings):
    """Players, data and config of a small run."""
    data = DATA[architecture]()
    config = TrainConfig(**TINY | dict(architecture=architecture) | settings).for_data(data.kind)
    players = make_players(config, *make_networks(config, data.sample_shape, generator, discriminator))
    for optimizer, rate in ((players.d_optimizer, config.lr_d), (players.g_optimizer, config.lr_g)):
        optimizer.param_groups[0]["lr"] = rate
    return players, data, config


def everything(module):
    """Weights, buffers and gradients."""
    state = {key: value.clone() for key, value in module.state_dict().items()}
    return state | {f"{name}.grad": None if w.grad is None else w.grad.clone() for name, w in module.named_parameters()}


def unchanged(before, module):
    after = everything(module)
    return all(after[key] is None if value is None else torch.equal(value, after[key]) for key, value in before.items())


class Watched(nn.Module):
    """A line that remembers what it was shown."""

    def __init__(self, dim=2):
        super().__init__()
        self.line = nn.Linear(dim, 1)
        self.seen = []

    def forward(self, x):
        self.seen.append(x.detach().clone())
        return self.line(x)


# --- how many updates, of whom


@pytest.mark.parametrize("d_steps, g_steps", [*RATIOS, (0, 1), (1, 0), (3, 4)])
def test_a_round_is_d_steps_updates_of_d_then_g_steps_of_g(d_steps, g_steps):
    players, data, config = setting(d_steps=d_steps, g_steps=g_steps)
    done = []
    players.d_optimizer.register_step_post_hook(lambda *_: done.append("D"))
    players.g_optimizer.register_step_post_hook(lambda *_: done.append("G"))
    for _ in range(2):
        stats = play_round(players, draw(data, config, config.controls, rng()), config.controls)
    assert done == 2 * (["D"] * d_steps + ["G"] * g_steps)
    assert stats.isnan().tolist() == [d_steps == 0, g_steps == 0, d_steps == 0, d_steps == 0]


@pytest.mark.parametrize("architecture", DATA)
def test_each_players_update_leaves_the_other_alone(architecture):
    players, data, config = setting(architecture)
    controls = config.controls
    draws = draw(data, config, controls, rng())
    for fresh in (True, False):  # without gradients from before, and with
        generator, discriminator = everything(players.generator), everything(players.discriminator)
        d_update(players, draws, controls, 0)
        assert unchanged(generator, players.generator)
        assert not unchanged(discriminator, players.discriminator)

        discriminator = everything(players.discriminator)
        g_update(players, draws, controls, 0)
        assert unchanged(discriminator, players.discriminator)
        assert not unchanged(generator, players.generator)
        assert all(weight.grad.abs().sum() > 0 for weight in players.generator.parameters()) or not fresh


def test_after_gs_step_alone_d_has_no_gradient_at_all():
    players, data, config = setting("dcgan")
    g_update(players, draw(data, config, config.controls, rng()), config.controls, 0)
    assert all(weight.grad is None and weight.requires_grad for weight in players.discriminator.parameters())
    assert all(module.training for module in (*players.generator.modules(), *players.discriminator.modules()))


@pytest.mark.parametrize("loss", LOSSES)
def test_the_generators_gradient_flows_through_d(loss):
    players, data, config = setting("textbook", loss=loss)
    draws = draw(data, config, config.controls, rng())
    expected = torch.autograd.grad(
        LOSSES[loss].g_loss(players.discriminator(players.generator(draws.g_z[0])).flatten()),
        list(players.generator.parameters()),
    )
    g_update(players, draws, config.controls, 0)
    for weight, gradient in zip(players.generator.parameters(), expected):
        assert gradient.abs().sum() > 0
        torch.testing.assert_close(weight.grad, gradient)


# --- the same as an ordinary loop


def ordinary_loop(generator, discriminator, rounds, config):
    """As in any tutorial: detach, D's gradients computed in G's step too, default Adam; (rounds, 2) losses."""
    bce = nn.BCEWithLogitsLoss()
    betas = (config.beta1, config.beta2)
    opt_d = torch.optim.Adam(discriminator.parameters(), lr=config.lr_d, betas=betas)
    opt_g = torch.optim.Adam(generator.parameters(), lr=config.lr_g, betas=betas)
    losses = []
    for draws in rounds:
        for real, z in zip(draws.real, draws.d_z):
            opt_d.zero_grad()
            real_logits, fake_logits = discriminator(real), discriminator(generator(z).detach())
            d_loss = bce(real_logits, torch.ones_like(real_logits)) + bce(fake_logits, torch.zeros_like(fake_logits))
            d_loss.backward()
            opt_d.step()
        for z in draws.g_z:
            opt_g.zero_grad()
            logits = discriminator(generator(z))
            g_loss = bce(logits, torch.ones_like(logits))
            g_loss.backward()
            opt_g.step()
        losses.append([d_loss.item(), g_loss.item()])
    return torch.tensor(losses)


@pytest.mark.parametrize("d_steps, g_steps", [(1, 1), (2, 1), (1, 3)])
@pytest.mark.parametrize("architecture", DATA)
def test_twenty_rounds_agree_with_an_ordinary_loop(architecture, d_steps, g_steps):
    """At DCGAN's own rates: at ten times these, two ordinary loops 1e-7 apart are 0.1 apart after 20 rounds."""
    rates = dict(lr_d=2e-4, lr_g=2e-4) if architecture == "dcgan" else {}
    players, data, config = setting(architecture, d_steps=d_steps, g_steps=g_steps, **rates)
    twin, _, _ = setting(architecture)
    random = rng()
    rounds = [draw(data, config, config.controls, random) for _ in range(20)]
    ours = torch.stack([play_round(players, draws, config.controls) for draws in rounds])[:, :2]
    theirs = ordinary_loop(twin.generator, twin.discriminator, rounds, config)
    torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-4)
    assert (theirs[-1] - theirs[0]).abs().max() > 1e-3  # it did learn in between


@pytest.mark.parametrize("architecture", ["mlp", "textbook"])
def test_one_call_of_d_equals_two(architecture):
    controls = Controls(instance_noise=0.1, label_smoothing=0.1, gp_weight=0.3, r1_gamma=0.2)
    results = []
    for one_call in (True, False):
        players, data, config = setting(architecture)
        assert players.one_call
        players = replace(players, one_call=one_call)
        stats = torch.stack(d_update(players, draw(data, config, controls, rng()), controls, 0))
        results.append([stats, *(weight.grad for weight in players.discriminator.parameters())])
    for one, two in zip(*results):
        torch.testing.assert_close(one, two, rtol=1e-5, atol=1e-7)


def test_a_discriminator_with_batch_statistics_is_called_twice():
    players, data, config = setting("dcgan")
    assert not players.one_call
    sizes = []
    players.discriminator.register_forward_pre_hook(lambda _, x: sizes.append(len(x[0])))
    d_update(players, draw(data, config, config.controls, rng()), config.controls, 0)
    assert sizes == [config.batch_size, config.batch_size]


# --- controls inside a round


def test_instance_noise_is_on_all_that_d_sees_and_only_there():
    players, data, config = setting(discriminator=Watched(), d_steps=2, g_steps=2, instance_noise=0.3)
    controls = config.controls
    draws = draw(data, config, controls, rng())
    with torch.no_grad():
        first_fakes = [players.generator(z) for z in draws.d_z]
    play_round(players, draws, controls)
    seen = players.discriminator.seen  # real, fake, real, fake, then G's two
    assert len(seen) == 6
    for i in range(2):
        torch.testing.assert_close(seen[2 * i], draws.real[i] + 0.3 * draws.real_noise[i])
        torch.testing.assert_close(seen[2 * i + 1], first_fakes[i] + 0.3 * draws.fake_noise[i])
    after = setting(discriminator=Watched(), instance_noise=0.3)[0]
    torch.testing.assert_close(seen[4], after.generator(draws.g_z[0]).detach() + 0.3 * draws.fake_noise[2])
    noise = torch.cat((draws.real_noise, draws.fake_noise)).flatten()
    assert noise.unique().numel() == noise.numel()  # nothing is used twice
    assert noise.std().item() == pytest.approx(1, abs=0.2)


@pytest.mark.parametrize("loss", ["non-saturating", "minimax", "lsgan"])
def test_smoothing_touches_the_real_labels_of_d_alone(loss):
    players, data, config = setting(loss=loss, label_smoothing=0.2)
    draws = draw(data, config, config.controls, rng())
    with torch.no_grad():
        real = players.discriminator(draws.real[0]).flatten()
        fake = players.discriminator(players.generator(draws.d_z[0])).flatten()
    expected = LOSSES[loss].d_loss(real, fake, 0.8)
    torch.testing.assert_close(d_update(players, draws, config.controls, 0)[0], expected)

    with torch.no_grad():
        expected = LOSSES[loss].g_loss(players.discriminator(players.generator(draws.g_z[0])).flatten())
    torch.testing.assert_close(g_update(players, draws, config.controls, 0), expected)


@pytest.mark.parametrize("name", ["gp_weight", "r1_gamma", "r2_gamma"])
def test_a_penalty_is_added_to_what_d_minimises_but_not_to_its_loss(name):
    players, data, config = setting(**{name: 0.7, "instance_noise": 0.1})
    draws = draw(data, config, config.controls, rng())
    d = players.discriminator
    real = draws.real[0] + 0.1 * draws.real_noise[0]
    fake = (players.generator(draws.d_z[0]) + 0.1 * draws.fake_noise[0]).detach()
    penalty = {
        "gp_weight": lambda: gradient_penalty(d, real, fake, draws.mixes[0], 0.7),
        "r1_gamma": lambda: zero_centered_penalty(d, real, 0.7),
        "r2_gamma": lambda: zero_centered_penalty(d, fake, 0.7),
    }[name]()
    d_loss = LOSSES["non-saturating"].d_loss(d(real), d(fake))
    weights = list(d.parameters())
    expected = torch.autograd.grad(d_loss + penalty, weights, materialize_grads=True)
    stats = d_update(players, draws, config.controls, 0)
    torch.testing.assert_close(stats[0], d_loss.detach())
    for weight, gradient in zip(weights, expected):
        torch.testing.assert_close(weight.grad, gradient, rtol=1e-4, atol=1e-6)


def test_the_stats_are_of_the_last_update_before_it():
    players, data, config = setting(d_steps=3, g_steps=2)
    draws = draw(data, config, config.controls, rng())
    twin, _, _ = setting(d_steps=3, g_steps=2)
    for i in range(2):
        d_update(twin, draws, config.controls, i)
    with torch.no_grad():
        real = twin.discriminator(draws.real[2]).flatten()
        fake = twin.discriminator(twin.generator(draws.d_z[2])).flatten()
    d_loss, _, d_real, d_fake = play_round(players, draws, config.controls)
    torch.testing.assert_close(d_loss, LOSSES["non-saturating"].d_loss(real, fake))
    torch.testing.assert_close(d_real, real.sigmoid().mean())
    torch.testing.assert_close(d_fake, fake.sigmoid().mean())


# --- draws


def test_draws_have_their_shapes_and_nothing_that_was_not_asked_for():
    _, data, config = setting("dcgan")
    draws = draw(data, config, Controls(d_steps=2, g_steps=3), rng())
    assert draws.real.shape == (2, 8, 1, 8, 8) and draws.d_z.shape == (2, 8, 64) and draws.g_z.shape == (3, 8, 64)
    assert draws.real_noise is draws.fake_noise is draws.mixes is None
    draws = draw(data, config, Controls(d_steps=2, g_steps=3, instance_noise=0.1, gp_weight=1.0), rng())
    assert draws.real_noise.shape == (2, 8, 1, 8, 8) and draws.fake_noise.shape == (5, 8, 1, 8, 8)
    assert draws.mixes.shape == (2, 8) and 0 <= draws.mixes.min() < draws.mixes.max() < 1


def test_draws_come_from_the_rng_alone():
    _, data, config = setting()
    controls = Controls(instance_noise=0.1, gp_weight=1.0, unroll=2)
    before = torch.get_rng_state()
    one, two, other = (dict(vars(draw(data, config, controls, rng(seed)))) for seed in (1, 1, 2))
    for draws in (one, two, other):
        (ahead,) = draws.pop("ahead")
        draws |= {f"ahead_{name}": drawn for name, drawn in vars(ahead).items() if name not in ("ahead", "g_z")}
        for name in [name for name, drawn in draws.items() if drawn is None]:  # labels, which this run has none of
            del draws[name]
    assert torch.equal(torch.get_rng_state(), before)
    assert all(torch.equal(one[name], two[name]) and not torch.equal(one[name], other[name]) for name in one)


def test_every_sample_is_drawn_equally_often():
    data = points(torch.arange(20.0)[:, None])
    config = TrainConfig(**TINY | dict(batch_size=10_000)).for_data("points")
    drawn = draw(data, config, Controls(), rng()).real.flatten().long().bincount(minlength=20)
    assert len(drawn) == 20 and (drawn - 500).abs().max() < 5 * 500**0.5
