"""The planted bugs: each is the slip it says it is, shows as it says, and breaks nothing else."""

import functools

import pytest
import torch
from engine_runs import images, rng, same_run, student_networks, tiny_run
from torch import nn

from gan_course import TrainConfig, Trainer
from gan_course.bugs import BUGS, Bug, BuggyTrainer, lettered, plant
from gan_course.loop_facts import facts
from gan_course.rounds import draw

EVERYTHING = dict(
    d_steps=2, g_steps=3, label_smoothing=0.1, instance_noise=0.1, gp_weight=0.3, r1_gamma=0.2, r2_gamma=0.1
)
SMALL = {
    "points": lambda: tiny_run(snapshot_every=4),
    "everything": lambda: tiny_run(snapshot_every=4, **EVERYTHING),
    "students": lambda: tiny_run(snapshot_every=4, **student_networks()),
    "images": lambda: tiny_run(snapshot_every=4, architecture="dcgan", ema_decay=0.9, data=images()),
}


# --- the bugs are what they say: the loop as a beginner writes it


def beginners_loop(name, generator, discriminator, rounds, config):
    """The plain loop with the slip in it. Returns (rounds, 4): d_loss, g_loss, mean D(x), mean D(G(z))."""
    bce, betas = nn.BCEWithLogitsLoss(), (config.beta1, config.beta2)
    opt_d = torch.optim.Adam(discriminator.parameters(), lr=config.lr_d, betas=betas)
    opt_g = torch.optim.Adam(generator.parameters(), lr=config.lr_g, betas=betas)
    real_label, fake_label = (0.0, 1.0) if name == "flipped labels" else (1.0, 0.0)
    stats, first_fakes = [], generator(rounds[0].d_z[0]).detach()
    for draws in rounds:
        for real, z in zip(draws.real, draws.d_z):
            fake = first_fakes if name == "stale fakes" else generator(z)
            if name != "D's step trains G too":
                fake = fake.detach()
            real_logits, fake_logits = discriminator(real), discriminator(fake)
            d_loss = bce(real_logits, torch.full_like(real_logits, real_label))
            d_loss = d_loss + bce(fake_logits, torch.full_like(fake_logits, fake_label))
            if name != "no zero_grad":
                opt_d.zero_grad()
                opt_g.zero_grad()
            d_loss.backward()
            opt_d.step()
            if name == "D's step trains G too":
                opt_g.step()
        for z in draws.g_z:
            logits = discriminator(generator(z))
            g_loss = bce(logits, torch.ones_like(logits))
            if name != "no zero_grad":
                opt_d.zero_grad()
                opt_g.zero_grad()
            g_loss.backward(inputs=list((discriminator if name == "wrong optimizer" else generator).parameters()))
            (opt_d if name == "wrong optimizer" else opt_g).step()
        stats.append(torch.stack((d_loss, g_loss, real_logits.sigmoid().mean(), fake_logits.sigmoid().mean())))
    return torch.stack(stats).detach()


@pytest.mark.parametrize("d_steps, g_steps", [(1, 1), (2, 1), (1, 2)])
@pytest.mark.parametrize("name", ["sound", *BUGS])
def test_a_bug_is_the_slip_it_says_it_is(name, d_steps, g_steps):
    run, twin = (tiny_run(d_steps=d_steps, g_steps=g_steps) for _ in range(2))
    rounds = [draw(twin.data, twin.config, twin.controls, twin._rng) for _ in range(12)]
    if name != "sound":
        plant(run, name)
    run.run(12)
    theirs = beginners_loop(name, twin.generator, twin.discriminator, rounds, twin.config)
    history = run.history.arrays()
    for i, key in enumerate(("d_loss", "g_loss", "d_real", "d_fake")):
        torch.testing.assert_close(torch.tensor(history[key]), theirs[:, i], rtol=1e-4, atol=1e-4)
    sound = tiny_run(d_steps=d_steps, g_steps=g_steps)
    sound.run(12)
    assert same_run(sound, run) == (name == "sound")


def test_without_a_bug_a_buggy_trainer_is_a_trainer():
    for small in SMALL.values():
        run, sound = small(), small()
        run.__class__ = type("Sound", (BuggyTrainer,), {"bug": Bug("", "")})
        run._memory = {}
        for each in (run, sound):
            each.run(3)
            each.set(d_steps=0)
            each.run(2)
            each.set(d_steps=1, g_steps=0, lr_d=1e-4)
            each.run(2)
        state = {key: value for key, value in run._state().items() if not key.startswith("gradient.")}
        assert torch.equal(run.history.tensors()["history.values"].nan_to_num(-1),
                           sound.history.tensors()["history.values"].nan_to_num(-1))  # fmt: skip
        assert all(torch.equal(value, sound._state()[key]) for key, value in state.items())


# --- nothing else is broken


@pytest.mark.parametrize("kind", ["points", "students", "images"])
@pytest.mark.parametrize("name", BUGS)
def test_a_run_with_a_bug_can_be_rewound_branched_and_played_again(name, kind):
    run = plant(SMALL[kind](), name)
    run.run(6)
    run.set(lr_g=5e-4)
    at_6 = run._state()
    run.run(3)
    twin = run.branch(6)
    assert type(twin) is type(run) and twin._state().keys() == at_6.keys()
    assert all(torch.equal(value, twin._state()[key]) for key, value in at_6.items())
    twin.set(lr_g=5e-4)
    twin.run(3)
    assert same_run(twin, run)
    run.rewind(0)
    run.run(6)
    run.set(lr_g=5e-4)
    run.run(3)
    assert same_run(twin, run)


@pytest.mark.parametrize("name", BUGS)
def test_a_run_with_a_bug_can_be_saved_and_made_again_by_its_own_class(name, tmp_path):
    run = plant(tiny_run(), name)
    run.run(5)
    run.save(tmp_path / "run.safetensors")
    loaded = type(run).load(tmp_path / "run.safetensors")
    again = type(run).from_recipe(run.recipe())
    again.run(5)
    for other in (loaded, again):
        run_on = run.branch()
        for each in (run_on, other):
            each.run(3)
        assert same_run(run_on, other)


def test_a_bug_takes_hold_of_what_is_set_as_well():
    run = tiny_run()
    run.set(g_steps=2)
    run = plant(run, "stale fakes")
    run.run(1)
    assert run.controls.g_steps == 2 and run.log == [(0, {"g_steps": 2})]


@pytest.mark.parametrize("name", BUGS)
def test_a_player_that_only_helps_keeps_its_batch_statistics(name):
    run = plant(SMALL["images"](), name)
    draws = draw(run.data, run.config, run.controls, rng())
    for turn, helper in zip((run.turns.d_update, run.turns.g_update), (run.generator, run.discriminator)):
        before = [buffer.clone() for buffer in helper.buffers()]
        turn(run._players, draws, run.controls, 0)
        assert before and all(torch.equal(one, other) for one, other in zip(before, helper.buffers()))


def test_the_first_fakes_stay_whatever_is_rewound():
    run = plant(tiny_run(), "stale fakes")
    with torch.no_grad():
        first = run.generator(draw(run.data, run.config, run.controls, tiny_run()._rng).d_z[0])
    run.run(3)
    assert torch.equal(run._memory["fakes"], first)
    run.rewind(1)
    run.run(1)
    assert torch.equal(run._memory["fakes"], first)


def test_only_a_sound_run_that_has_not_begun_takes_a_bug():
    run = tiny_run()
    assert plant(run, "flipped labels") is run
    with pytest.raises(ValueError, match="has a bug already: make a new Trainer"):
        plant(run, "stale fakes")
    begun = tiny_run()
    begun.run(2)
    with pytest.raises(ValueError, match="at step 0 only; this one is at step 2"):
        plant(begun, "stale fakes")
    with pytest.raises(ValueError, match="Unknown bug 'flipped'. Did you mean 'flipped labels'"):
        plant(tiny_run(), "flipped")


def test_the_bugs_name_is_not_on_show():
    assert {type(plant(tiny_run(), name)).__name__ for name in BUGS} == {"BuggyTrainer"}


def test_letters_are_shuffled_by_the_seed():
    drawn = [lettered(seed) for seed in range(200)]
    assert lettered(7) == lettered(7)
    for letter in "ABCDE":
        assert {names[letter] for names in drawn} == set(BUGS)
    assert all(list(names) == list("ABCDE") and set(names.values()) == set(BUGS) for names in drawn)


# --- facts

D_D, D_G, G_D, G_G = (f"after {turn}'s turn, {of}'s weights have moved" for turn in "DG" for of in "DG")
OLD, NEW, REAL = "old gradients change the step", "D is shown what G makes now", "D's step favours real over fake"
SOUND = {D_D: True, D_G: False, G_D: False, G_G: True, OLD: False, NEW: True, REAL: True}
DIFFERENT = {
    "no zero_grad": {OLD: True},
    "D's step trains G too": {D_G: True},
    "stale fakes": {NEW: False},
    "wrong optimizer": {G_D: True, G_G: False},
    "flipped labels": {REAL: False},
}


@pytest.mark.parametrize("kind", SMALL)
def test_facts_of_a_sound_loop(kind):
    run = SMALL[kind]()
    assert facts(run) == SOUND
    run.run(3)
    twin = run.branch()
    assert facts(run) == SOUND
    assert same_run(twin, run)  # it was not touched


@pytest.mark.parametrize("kind", SMALL)
@pytest.mark.parametrize("name", BUGS)
def test_each_bug_has_a_fact_that_gives_it_away(name, kind):
    assert facts(plant(SMALL[kind](), name)) == SOUND | DIFFERENT[name]


def test_facts_do_not_depend_on_the_controls():
    assert facts(tiny_run(lr_d=0.0, lr_g=0.0, d_steps=0)) == SOUND


# --- what is seen

SEEDS = (0, 1)


@functools.cache
def seen(name, seed, d_steps=2):
    """Means of rounds 101 to 200, the modes that at least 1% of 1,000 samples are near to, and their mean radius."""
    run = Trainer(TrainConfig(seed=seed, d_steps=d_steps, threads=1, device="cpu"))
    if name != "sound":
        plant(run, name)
    start = run.sample(1_000)
    run.run(200)
    means = {key: values[-100:].mean() for key, values in run.history.arrays().items()}
    means["swing"] = run.history.arrays()["d_fake"][-100:].std()
    samples = run.sample(1_000)
    distance, nearest = torch.cdist(samples, run.data.centers).min(1)
    modes = (torch.bincount(nearest[distance < 3 * run.data.std], minlength=8) >= 10).sum().item()
    return means | {"modes": modes, "radius": samples.norm(dim=1).mean().item(), "moved": not samples.equal(start)}


@pytest.mark.parametrize("seed", SEEDS)
def test_a_sound_run_is_quiet_on_all_modes(seed):
    found = seen("sound", seed)
    assert found["modes"] >= 7 and 0.45 < found["d_fake"] < 0.5 < found["d_real"] < 0.58 and found["swing"] < 0.03


@pytest.mark.parametrize("seed", SEEDS)
def test_without_zero_grad_the_players_lurch(seed):
    found = seen("no zero_grad", seed)
    assert found["modes"] <= 3 and found["swing"] > 0.03


@pytest.mark.parametrize("seed", SEEDS)
def test_with_g_trained_in_ds_turn_d_stays_ahead_and_modes_are_missing(seed):
    found = seen("D's step trains G too", seed)
    assert 1 <= found["modes"] <= 5 and found["d_real"] > 0.7 and found["d_fake"] < 0.3 and found["g_loss"] < 3


def test_with_one_d_step_that_bug_is_no_more_than_a_gap():
    found = seen("D's step trains G too", 0, d_steps=1)
    assert found["modes"] >= 3 and 0.55 < found["d_real"] < 0.75


@pytest.mark.parametrize("seed", SEEDS)
def test_with_stale_fakes_both_players_win(seed):
    found = seen("stale fakes", seed)
    assert found["d_real"] > 0.98 and found["d_fake"] < 0.02 and found["d_loss"] < 0.05 and found["g_loss"] < 0.05
    assert found["modes"] == 0 and found["radius"] > 1.8


@pytest.mark.parametrize("seed", SEEDS)
def test_with_the_wrong_optimizer_the_points_stand_still(seed):
    found = seen("wrong optimizer", seed)
    assert not found["moved"] and found["d_real"] > 0.98 and found["g_loss"] == pytest.approx(1.1, abs=0.1)
    assert found["d_fake"] == pytest.approx(1 / 3, abs=0.05) and found["d_loss"] == pytest.approx(0.41, abs=0.05)


@pytest.mark.parametrize("seed", SEEDS)
def test_with_flipped_labels_the_players_agree_on_the_wrong_thing(seed):
    found = seen("flipped labels", seed)
    assert found["d_real"] < 0.02 and found["d_fake"] > 0.98 and max(found["d_loss"], found["g_loss"]) < 0.05
    assert found["modes"] == 0
