"""Many GANs at once: each is the run that a Trainer makes alone, nothing is lost, and what came out is told right."""

import csv
import io
import json
import math
import os
import shlex
import signal
from dataclasses import replace

import pytest
import torch
from engine_runs import TINY, images, rng
from PIL import Image
from rich.console import Console
from torch.nn.utils import parameters_to_vector

from gan_course import CheckpointError, Sweep, TrainConfig, Trainer, TrainingDiverged, replay
from gan_course.cli import main
from gan_course.commands.progress import SweepReport
from gan_course.data import ring
from gan_course.metrics.modes import mode_coverage
from gan_course.plotting_sweep import plot_phase_diagram
from gan_course.setup import FIRST_WEIGHTS
from gan_course.sweep import Table, cells, trial
from gan_course.sweep.engine import MODE_COLUMNS

ROUNDS = 50
WEIGHTS = {"generator": "generator.flat", "discriminator": "discriminator.flat", "average": "average"}
REMEDIES = [
    dict(pack=2, input_scale=4.0), dict(pack=4, r1_gamma=0.1), dict(minibatch_stddev=True), dict(spectral_norm=True),
    dict(spectral_norm=True, one_batch=True), dict(minibatch_stddev=True, one_batch=True), dict(unroll=3),
    dict(pack=2, minibatch_stddev=True, spectral_norm=True, unroll=2, g_steps=2, gp_weight=0.1, ema_decay=0.9),
    dict(unroll=3, unroll_backprop=True, loss="minimax", r1_gamma=0.1, r2_gamma=0.1, instance_noise=0.1),
    dict(unroll=2, unroll_backprop=True, pack=2, spectral_norm=True, g_steps=2),
]  # fmt: skip


def sweep_of(grid, seeds=2, at_once=None, **settings) -> Sweep:
    return Sweep(TrainConfig(**TINY | settings), grid, seeds, at_once=at_once)


def weights_of(sweep) -> list[dict[str, torch.Tensor]]:
    """Every member's weights by network: "generator", "discriminator" and "average"."""
    members = {}
    for i, numbers in enumerate(sweep._numbers):
        state = sweep._stack(i).state()
        for row, k in enumerate(numbers):
            members[k] = {name: state[key][row] for name, key in WEIGHTS.items()}
    return [members[k] for k in range(len(sweep))]


def assert_like_trainer(weights, config, rounds=ROUNDS, **tolerance):
    """That a member's weights are those of the run that a Trainer makes of the same config."""
    run = Trainer(config)
    run.run(rounds)
    networks = {"generator": run.generator, "discriminator": run.discriminator}
    networks |= {} if run.ema is None else {"average": run.ema.module}
    for name, network in networks.items():
        expected = parameters_to_vector(network.parameters()).detach()
        torch.testing.assert_close(weights[name][: len(expected)], expected, **tolerance)


def same_rows(table, other) -> bool:
    return [str(row) for row in table] == [str(row) for row in other]  # as text, where NaN equals itself


# --- a member is the run that a Trainer makes alone


@pytest.mark.parametrize(
    "settings",
    [
        dict(loss="non-saturating"),
        dict(loss="minimax"),
        dict(loss="lsgan"),
        dict(gp_weight=0.3),
        dict(r1_gamma=0.5),
        dict(r2_gamma=0.5),
        dict(label_smoothing=0.2),
        dict(instance_noise=0.2),
        dict(ema_decay=0.9),
        dict(loss="lsgan", gp_weight=0.1, r1_gamma=0.1, r2_gamma=0.1, instance_noise=0.1, ema_decay=0.5),
        dict(dataset="grid", latent_dim=3, width=5, batch_size=10, beta1=0.9, beta2=0.99),
        *REMEDIES,
    ],
    ids=lambda settings: "-".join(f"{name}={value}" for name, value in settings.items()),
)
def test_a_member_equals_the_run_alone(settings):
    sweep = sweep_of({"lr_d": [1e-3, 5e-3]}, 2, d_steps=2, **settings)
    sweep.run(ROUNDS)
    weights = weights_of(sweep)
    for k in (0, 3):  # they differ in seed and learning rate
        assert_like_trainer(weights[k], sweep.members[k])


@pytest.mark.parametrize("more", [{}, dict(pack=2, minibatch_stddev=True, unroll=1, ema_decay=0.9)], ids=str)
def test_the_papers_networks_equal_the_run_alone(more, monkeypatch):
    """With its own first weights D says ½ to all, and the gradients of its biases are 0 but for rounding."""
    monkeypatch.setitem(FIRST_WEIGHTS, "pacgan", dict(dense_std=0.5))
    settings = dict(architecture="pacgan", width=4, label_smoothing=0.2)
    sweep = sweep_of({"lr_d": [1e-4, 2e-4]}, 2, **settings | more)
    sweep.run(ROUNDS)
    weights, samples = weights_of(sweep), sweep._stack(0).sample(9)
    for k in (0, 3):
        assert_like_trainer(weights[k], sweep.members[k])
        run = Trainer(sweep.members[k])
        run.run(ROUNDS)
        torch.testing.assert_close(samples[k], run.sample(9), rtol=1e-4, atol=1e-5)  # BatchNorm as for use


@pytest.mark.parametrize("loss", ["hinge", "wasserstein", "relativistic"])
def test_a_critic_equals_the_run_alone(loss):
    """A unit that is active on real and fake alike gets a gradient of rounding errors; Adam makes whole steps of it.

    So the gradients are compared where they begin, and then what they do to G, which such units hardly touch.
    """
    sweep = sweep_of({"lr_d": [1e-3, 2e-3]}, 2, loss=loss, width=8)
    runs = [Trainer(member) for member in sweep.members]
    for rounds, tolerance in ((1, 1e-6), (ROUNDS, 5e-3)):
        sweep.run(rounds)
        for k, run in enumerate(runs):
            run.run(rounds - run.steps)
            moments = torch.cat([state["exp_avg"].flatten() for state in run._players.d_optimizer.state.values()])
            if rounds == 1:
                found = sweep._stack(0).state()["d_adam.0.exp_avg"][k][: len(moments)]
                torch.testing.assert_close(found, moments, rtol=1e-5, atol=tolerance)
            expected = parameters_to_vector(run.generator.parameters()).detach()
            found = weights_of(sweep)[k]["generator"][: len(expected)]
            torch.testing.assert_close(found, expected, rtol=0, atol=tolerance)


def test_members_of_every_kind_train_in_one_sweep():
    """Ratios, both rates, losses and seeds: each gets as many updates, at its own rate, as alone."""
    grid = {"ratio": [(1, 3), (2, 1), (0, 1)], "lr_d": [1e-3, 1e-2], "lr_g": [2e-3], "loss": ["minimax", "lsgan"]}
    sweep = sweep_of(grid, [3, 8])
    sweep.run(20)
    assert len({member for member in sweep.members}) == len(sweep) == 24
    for weights, member in zip(weights_of(sweep), sweep.members, strict=True):
        assert_like_trainer(weights, member, rounds=20)
    kinds = [(member.d_steps, member.g_steps, member.lr_d, member.loss, member.seed) for member in sweep.members]
    assert kinds[:3] == [(1, 3, 1e-3, "minimax", 3), (1, 3, 1e-3, "minimax", 8), (1, 3, 1e-3, "lsgan", 3)]


def test_who_has_no_updates_does_not_move():
    sweep = sweep_of({"ratio": [(0, 2), (2, 0), (1, 1)]}, 2)
    begin = weights_of(sweep)
    sweep.run(3)
    moved = [
        {name: not torch.equal(now[name], before[name]) for name in ("generator", "discriminator")}
        for now, before in zip(weights_of(sweep), begin)
    ]
    frozen_d, frozen_g, free = (
        {"generator": g, "discriminator": d} for g, d in ((True, False), (False, True), (True, True))
    )
    assert moved == [frozen_d] * 2 + [frozen_g] * 2 + [free] * 2
    for i, counts in enumerate([(0, 6), (6, 0), (3, 3)]):  # and neither does an optimizer
        state = sweep._stack(i).state()
        steps = tuple(int(state.get(f"{name}.0.step", 0)) for name in ("d_adam", "g_adam"))
        assert steps == counts


def test_the_first_weights_are_the_same_bit_by_bit():
    sweep = sweep_of({}, 3)
    for weights, member in zip(weights_of(sweep), sweep.members):
        assert_like_trainer(weights, member, rounds=0, rtol=0, atol=0)


def test_bfloat16_is_close_to_the_run_alone():
    sweep = sweep_of({}, 2, precision="bfloat16")
    sweep.run(5)
    for weights, member in zip(weights_of(sweep), sweep.members):
        assert member.precision == "bfloat16"
        assert_like_trainer(weights, member, rounds=5, rtol=0, atol=3e-3)
    full = sweep_of({}, 2)
    full.run(5)
    assert not torch.equal(weights_of(full)[0]["generator"], weights_of(sweep)[0]["generator"])


# --- stacks


@pytest.mark.parametrize("batch_size, least", [(8, 2), (6, 8), (128, 2), (3, 16)])
def test_stacks_are_powers_of_two_with_whole_vectors(batch_size, least):
    sweep = sweep_of({"g_steps": [1, 2]}, 11, at_once=5, batch_size=batch_size)
    sizes = [len(numbers) for numbers in sweep._numbers]
    assert all(size.bit_count() == 1 and least <= size <= max(4, least) for size in sizes)
    assert all(size * batch_size % 16 == 0 for size in sizes)
    assert sorted({k for numbers in sweep._numbers for k in numbers}) == list(range(22))


def test_how_members_are_stacked_changes_nothing():
    tables, weights = [], []
    for at_once in (2, 4, 64):
        sweep = sweep_of({"lr_g": [1e-3, 3e-3]}, 5, at_once=at_once, r1_gamma=0.1)
        sweep.run(ROUNDS)
        tables.append(sweep.table())
        weights.append(weights_of(sweep))
    for other in weights[1:]:
        torch.testing.assert_close(other, weights[0], rtol=0, atol=1e-5)  # here they are the same bit by bit
    for row, *others in zip(*tables, strict=True):
        for other in others:
            assert {name: row[name] for name in ("member", "seed", "lr_g", "steps")}.items() <= other.items()
            assert other["high_quality"] == pytest.approx(row["high_quality"], abs=2 / 2500)


def test_a_trial_takes_what_is_much_faster(monkeypatch):
    cost = {"at_once": {64: 2.0, 16: 1.0}, "threads": {1: 2.0, 2: 1.9}, "precision": {"float32": 2.0, "bfloat16": 1.0}}
    monkeypatch.setattr(trial, "has_bf16_units", lambda: True)
    monkeypatch.setattr(trial.runtime, "cpu_cores", lambda: 2)
    monkeypatch.setattr(trial, "_seconds", lambda plan, *_: math.prod(cost[name][getattr(plan, name)] for name in cost))
    free = TINY | dict(threads=None, precision="auto")
    sweep = Sweep(TrainConfig(**free), {}, 20)
    assert sweep.plan == trial.Plan(at_once=16, threads=1, precision="bfloat16")  # two threads aren't worth it
    assert {(member.threads, member.precision) for member in sweep.members} == {(1, "bfloat16")}
    assert Sweep(TrainConfig(**TINY), {}, 20, at_once=9).plan == trial.Plan(8, 1, "float32")  # as asked for
    monkeypatch.undo()
    monkeypatch.setattr(trial, "has_bf16_units", lambda: False)
    assert Sweep(TrainConfig(**free), {}, 17).plan.precision == "float32"  # a real trial


# --- divergence


def test_a_member_that_diverges_is_marked_and_disturbs_nobody():
    grid = {"lr_d": [1e-3, 10**30]}
    sweep, quiet = sweep_of(grid, 2), sweep_of({"lr_d": [1e-3]}, 4)
    sweep.run(30)
    quiet.run(30)
    assert len(sweep._numbers) == 1  # they share a stack
    for k in range(2):
        assert_like_trainer(weights_of(sweep)[k], sweep.members[k], rounds=30)
    table = sweep.table()
    assert [row["diverged"] for row in table] == [False, False, True, True]
    assert [row["steps"] for row in table[:2]] == [30, 30]
    for row in table[2:]:
        assert row["modes"] == row["modes_1_percent"] == row["high_quality"] == 0
        assert math.isnan(row["d_real"]) and math.isnan(row["d_fake"]) and math.isnan(row["reverse_kl"])
        run = replay(sweep.member(row["member"])[1])  # up to there the run alone has not diverged either
        with pytest.raises(TrainingDiverged):
            run.run(3)
    assert weights_of(sweep)[2]["generator"].isnan().all()


def test_a_member_whose_optimizer_overflows_has_diverged():
    sweep = sweep_of({"lr_d": [1e-3, 1e12]}, 1, loss="lsgan")
    sweep.run(30)
    assert [row["diverged"] for row in sweep.table()] == [False, True]
    with pytest.raises(TrainingDiverged, match="exp_avg_sq is no longer finite"):
        Trainer(sweep.members[1]).run(120)  # a Trainer looks at Adam's moments every 100 rounds


def test_a_stack_of_nothing_but_diverged_members_ends_early():
    sweep = sweep_of({"lr": [1e30]}, 2)
    calls = []
    sweep.run(1000, each=lambda done, total: calls.append((done, total)))
    assert 0 < len(calls) < 10 and sweep._stack(0).is_over
    sweep.run(1000, each=lambda done, total: calls.append(None))
    assert None not in calls


# --- the table


def test_the_table_measures_what_a_trainer_would_show(tmp_path):
    sweep = sweep_of({"ratio": [(1, 2), (2, 1)]}, [0, 4], width=16, ema_decay=0.9, lr_g=5e-3, lr_d=5e-3)
    sweep.run(60)
    table = sweep.table()
    assert [(row["member"], row["seed"], row["ratio"]) for row in table] == [
        (0, 0, "1:2"), (1, 4, "1:2"), (2, 0, "2:1"), (3, 4, "2:1"),
    ]  # fmt: skip
    for row, member in zip(table, sweep.members, strict=True):
        run = Trainer(member)
        run.run(60)
        found = mode_coverage(run.sample(2500), run.data.centers, run.data.std)
        assert [row[name] for name in ("modes", "modes_1_percent")] == [found.modes, found.modes_1_percent]
        assert [row[name] for name in ("high_quality", "reverse_kl")] == pytest.approx(
            [found.high_quality, found.reverse_kl], abs=1e-2, nan_ok=True
        )
        with torch.no_grad():
            real = run.discriminator(run.data.samples[:2500]).sigmoid().mean().item()
            fake = run.discriminator(run.generator(run.latents(2500))).sigmoid().mean().item()
        assert (row["d_real"], row["d_fake"]) == pytest.approx((real, fake), rel=1e-3)
        assert row["steps"] == 60 and row["diverged"] is False
        assert {name: getattr(member, name) for name in ("d_steps", "g_steps", "lr_d", "loss")}.items() <= row.items()
    assert len({row["d_real"] for row in table}) == 4
    table.to_csv(tmp_path / "table.csv")
    with (tmp_path / "table.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [{name: str(value) for name, value in row.items()} for row in table] == rows


def test_a_table_tells_of_betas_that_were_tried_and_of_data_without_modes():
    sweep = sweep_of({"beta1": [0.0, 0.5]}, 1, dataset="moons")
    table = sweep.table()
    assert [row["beta1"] for row in table] == [0.0, 0.5] and "beta2" not in table[0]
    assert [row["steps"] for row in table] == [0, 0]
    assert all(math.isnan(row[name]) for row in table for name in MODE_COLUMNS)


def test_cells_are_means_with_their_standard_error():
    values = {"1:1": [8, 6, 7], "1:10": [0], "2:1": [math.nan, 4, 6], "5:1": [math.nan]}
    table = Table({"ratio": ratio, "seed": i, "modes": m} for ratio, ms in values.items() for i, m in enumerate(ms))
    found = cells(table, ["ratio"], "modes")
    assert list(found) == [("1:1",), ("1:10",), ("2:1",), ("5:1",)]
    assert found["1:1",] == pytest.approx((7.0, 1 / 3**0.5, 3))
    assert found["1:10",] == pytest.approx((0.0, math.nan, 1), nan_ok=True)
    assert found["2:1",] == pytest.approx((5.0, 1.0, 2))
    assert found["5:1",] == pytest.approx((math.nan, math.nan, 0), nan_ok=True)


def test_the_phase_diagram_shows_mean_and_n_of_each_cell():
    means = {("1:10", 1e-3): [0, 1], ("1:10", 1e-4): [2], ("2:1", 1e-3): [8, 8]}  # and one cell is missing
    table = [{"ratio": x, "lr_g": y, "modes": v} for (x, y), values in means.items() for v in values]
    axes = plot_phase_diagram(table, value="modes")
    (mesh,) = axes.collections
    colours = mesh.get_array().reshape(2, 2)
    assert colours[0].tolist() == [2.0, None] and colours[1].tolist() == [0.5, 8.0]  # the lowest rate is at the bottom
    texts = {tuple(text.get_position()): text.get_text() for text in axes.texts}
    assert texts == {(0.5, 0.5): "2\nn=1", (0.5, 1.5): "0.5\nn=2", (1.5, 1.5): "8\nn=2"}
    assert {text.get_text(): text.get_color() for text in axes.texts}["8\nn=2"] == "black"  # on the lightest cell
    assert [label.get_text() for label in axes.get_xticklabels()] == ["1:10", "2:1"]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["0.0001", "0.001"]
    assert "D:G" in axes.get_xlabel() and "learning rate" in axes.get_ylabel()
    for wrong in (dict(x="ratios"), dict(y="lr"), dict(value="mode")):
        with pytest.raises(ValueError, match="Did you mean"):
            plot_phase_diagram(table, **dict(value="modes") | wrong)
    with pytest.raises(ValueError, match="no rows"):
        plot_phase_diagram([])


# --- recipes


@pytest.mark.filterwarnings("error::UserWarning")  # a replay warns where it drifts from its recipe
def test_a_members_recipe_makes_the_same_run_alone():
    sweep = sweep_of({"ratio": [(2, 1)], "lr": [1e-3, 4e-3]}, 2, instance_noise=0.1)
    assert sweep.member(3)[1].steps == 0
    sweep.run(20)
    for k, weights in enumerate(weights_of(sweep)):
        config, recipe = sweep.member(k)
        assert config == sweep.members[k] == recipe.config and recipe.steps == 20
        run = replay(type(recipe).from_json(recipe.to_json()))
        assert run.steps == 20
        expected = parameters_to_vector(run.generator.parameters()).detach()
        torch.testing.assert_close(weights["generator"][: len(expected)], expected)
    for wrong in (-1, 4, "0", True):
        with pytest.raises(IndexError, match="from 0 to 3, got"):
            sweep.member(wrong)


# --- interrupts and files


@pytest.mark.parametrize("struck", ["between stacks", "in a stack"])
def test_an_interrupted_sweep_goes_on_as_if_nothing_had_been(struck, tmp_path):
    grid, settings = {"g_steps": [1, 2], "loss": ["hinge", "lsgan"]}, dict(ema_decay=0.9, instance_noise=0.1, unroll=1)
    settings |= dict(architecture="pacgan", spectral_norm=True)  # which both keep more than weights
    quiet = sweep_of(grid, 2, **settings)
    quiet.run(12)
    sweep = sweep_of(grid, 2, **settings)
    when = {"between stacks": 12, "in a stack": 17}[struck]
    rounds = []

    def each(done, total):
        rounds.append(done)
        if len(rounds) == when:
            os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        sweep.run(12, each, folder=tmp_path)
    assert len(rounds) == when
    assert [row["steps"] for row in sweep.table()][::2] == [12, when - 12, 0, 0]
    for again in (sweep, Sweep.load(tmp_path)):
        more = []
        again.run(12, lambda done, total, more=more: more.append((done, total)))
        assert len(more) == 48 - when  # what was finished isn't done again
        assert more[-1][0] == more[-1][1] and len({total for _, total in more}) == 1
        assert same_rows(again.table(), quiet.table())
        for one, other in zip(weights_of(again), weights_of(quiet), strict=True):
            assert all(torch.equal(one[name], other[name]) for name in one)


def test_a_killed_sweep_loses_what_came_after_the_last_save(tmp_path, monkeypatch):
    monkeypatch.setattr("gan_course.sweep.engine.SAVE_EVERY", 0.0)
    sweep = sweep_of({"g_steps": [1, 2]}, 2)
    kept = []

    def each(done, total):
        kept.append(sorted(path.name for path in tmp_path.iterdir()))

    sweep.run(5, each, folder=tmp_path)
    assert kept[0] == ["sweep.json"] and kept[1] == ["stack-000.safetensors", "sweep.json"]
    (tmp_path / "stack-001.safetensors").unlink()  # as if it had been killed before it was written
    again = Sweep.load(tmp_path)
    assert [row["steps"] for row in again.table()] == [5, 5, 0, 0]
    again.run(5)
    assert same_rows(again.table(), sweep.table())


def test_only_what_changed_is_written_again(tmp_path):
    sweep = sweep_of({"g_steps": [1, 2]}, 2)
    sweep.run(3, folder=tmp_path / "a")
    stamps = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "a").iterdir()}
    sweep.save(tmp_path / "a")
    assert {path.name: path.stat().st_mtime_ns for path in (tmp_path / "a").iterdir()} == stamps
    sweep.save(tmp_path / "b")  # another folder gets all of it
    again = Sweep.load(tmp_path / "b")
    assert same_rows(again.table(), sweep.table()) and again.members == sweep.members and again.plan == sweep.plan
    again.run(4, folder=tmp_path / "b")
    assert [row["steps"] for row in Sweep.load(tmp_path / "b").table()] == [4] * 4
    assert [row["steps"] for row in Sweep.load(tmp_path / "a").table()] == [3] * 4


def test_a_saved_divergence_stays_one(tmp_path):
    sweep = sweep_of({"lr": [1e-3, 1e30]}, 2)
    sweep.run(4, folder=tmp_path)
    again = Sweep.load(tmp_path)
    assert same_rows(again.table(), sweep.table())
    again.run(6)
    assert [(row["steps"] == 6, row["diverged"]) for row in again.table()] == [(True, False)] * 2 + [(False, True)] * 2


def test_another_sweep_is_not_overwritten(tmp_path):
    sweep_of({}, 2).run(1, folder=tmp_path)
    with pytest.raises(ValueError, match="already holds a sweep: `Sweep.load` goes on with it"):
        sweep_of({}, 2).save(tmp_path)
    assert Sweep.load(tmp_path).table()[0]["steps"] == 1


def test_damaged_folders_are_refused_with_their_name(tmp_path):
    with pytest.raises(FileNotFoundError, match="No sweep in"):
        Sweep.load(tmp_path / "nowhere")
    sweep_of({}, 2).run(1, folder=tmp_path)
    about = (tmp_path / "sweep.json").read_text()
    parts = json.loads(about)
    damages = {
        "not JSON": about[:-20],
        "no sweep of this course": "{}",
        "has a part that can't be right": json.dumps({**parts, "seeds": "x"}),
        "can't be right: 'grid'": json.dumps({name: part for name, part in parts.items() if name != "grid"}),
        "other data": json.dumps({**parts, "data_digest": "0"}),
    }
    for message, text in damages.items():
        (tmp_path / "sweep.json").write_text(text)
        with pytest.raises(CheckpointError, match=message):
            Sweep.load(tmp_path)
    (tmp_path / "sweep.json").write_text(json.dumps({**parts, "config": parts["config"] | {"width": 50}}))
    with pytest.raises(CheckpointError, match="can't be right"):
        Sweep.load(tmp_path)
    (tmp_path / "sweep.json").write_text(about)
    stack = tmp_path / "stack-000.safetensors"
    stack.write_bytes(stack.read_bytes()[:-1] + b"x")
    with pytest.raises(CheckpointError, match="is damaged"):
        Sweep.load(tmp_path)


# --- bad input


@pytest.mark.parametrize(
    "grid, seeds, error, message",
    [
        ({"lr_gg": [1]}, 1, ValueError, "Unknown grid key 'lr_gg'. Did you mean 'lr_g'?"),
        ({"width": [8]}, 1, ValueError, "Unknown grid key 'width'"),
        ({"pack": [3]}, 1, ValueError, "pack=3 is impossible. batch_size must be a multiple of pack, got 8 and 3"),
        ([1e-3], 1, TypeError, "grid must be a dict of lists, got"),
        ({"lr_g": []}, 1, ValueError, r"grid\['lr_g'\] is empty: give at least one value"),
        ({"loss": "hinge"}, 1, TypeError, r"must be a list of values, got 'hinge': write \['hinge'\]"),
        ({"lr_g": [1e-3, 0.001]}, 1, ValueError, "0.001 twice"),
        ({"ratio": ["1:10"]}, 1, ValueError, r"pairs \(d_steps, g_steps\), got '1:10'"),
        ({"ratio": [(1, 2)], "d_steps": [1]}, 1, ValueError, "both 'ratio' and 'd_steps'"),
        ({"lr": [1], "lr_g": [1]}, 1, ValueError, "both 'lr' and 'lr_g'"),
        ({"ratio": [(0, 0)]}, 1, ValueError, "d_steps=0, g_steps=0 is impossible.*nobody would learn"),
        ({"loss": ["hinge"], "label_smoothing": [0.1]}, 1, ValueError, "no labels to smooth"),
        ({"lr_g": ["fast"]}, 1, TypeError, "lr_g must be a number, got 'fast'"),
        ({}, 0, ValueError, "seeds must be at least 1, got 0"),
        ({}, 1.5, TypeError, "seeds must be a whole number, or a list of whole numbers from 0, got 1.5"),
        ({}, [0, -1], TypeError, "whole numbers from 0, got"),
        ({}, True, TypeError, "seeds must be a whole number"),
        ({}, "12", TypeError, "seeds must be a whole number"),
        ({}, [], ValueError, "at least one, none of them twice"),
        ({}, [2, 2], ValueError, "none of them twice"),
    ],
)
def test_bad_grids_and_seeds_are_refused(grid, seeds, error, message):
    with pytest.raises(error, match=message):
        sweep_of(grid, seeds)


def test_other_bad_input_is_refused():
    with pytest.raises(ValueError, match="trains small networks on points, got dataset 'fashion-mnist'"):
        Sweep(TrainConfig(dataset="fashion-mnist"), {}, 1)
    with pytest.raises(TypeError, match="config must be a TrainConfig"):
        Sweep({"dataset": "ring"}, {}, 1)
    for wrong in (1, 2.0, "4"):
        with pytest.raises(ValueError, match="at_once must be a whole number, at least 2"):
            sweep_of({}, 1, at_once=wrong)
    for wrong in (-1, 2.0, None):
        with pytest.raises(ValueError, match="steps must be a whole number, at least 0, got"):
            sweep_of({}, 1).run(wrong)


def test_arrays_are_as_good_as_lists():
    numpy = pytest.importorskip("numpy")
    sweep = sweep_of({"lr_g": numpy.array([0.5, 0.25])}, numpy.arange(2))
    assert [(member.lr_g, member.seed) for member in sweep.members] == [(0.5, 0), (0.5, 1), (0.25, 0), (0.25, 1)]
    assert replace(sweep.members[0], seed=1) == sweep.members[1]


# --- the command


@pytest.fixture
def cli(tmp_path, monkeypatch, capsys):
    """Call `gan-course sweep` with tiny networks in an empty folder; gives exit status, output and errors."""
    monkeypatch.chdir(tmp_path)

    def call(*argv, tiny=("--width", "4", "--batch-size", "8", "--threads", "1")):
        try:
            code = main(["sweep", *([] if "--resume" in argv else tiny), *argv])
        except SystemExit as stop:
            code = stop.code
        return code, *capsys.readouterr()

    return call


def rows_of(folder) -> list[dict]:
    with (folder / "table.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_the_command_trains_the_grid_and_shows_its_cells(cli, tmp_path):
    code, out, err = cli("--ratio", "1:2,2:1", "--lr", "1e-3,1e-2", "--loss", "lsgan", "--seeds", "3", "--steps", "5")
    assert (code, err) == (0, "")
    rows = rows_of(tmp_path / "runs" / "sweep-ring")
    assert [(row["ratio"], row["lr_d"], row["lr_g"], row["seed"], row["steps"], row["loss"]) for row in rows] == [
        (ratio, lr, lr, seed, "5", "lsgan") for ratio in ("1:2", "2:1") for lr in ("0.001", "0.01") for seed in "012"
    ]
    sweep = sweep_of({"ratio": [(1, 2), (2, 1)], "lr": [1e-3, 1e-2]}, 3, loss="lsgan", device="auto")
    sweep.run(5)
    assert [{name: str(value) for name, value in row.items()} for row in sweep.table()] == rows
    lines = [line.split() for line in out.splitlines()]
    for (ratio, lr), (mean, error, n) in cells(sweep.table(), ("ratio", "lr_g"), "modes").items():
        (line,) = (line for line in lines if line[:2] == [ratio, f"{lr:g}"])
        assert line[2:6] == [str(n), f"{mean:.2f}", "±", f"{error:.2f}"]
    assert Image.open(tmp_path / "runs" / "sweep-ring" / "phase.png").size == (400, 400)


def test_the_command_tries_remedies(cli, tmp_path):
    code, out, err = cli("--pack", "1,2", "--spectral-norm", "off,on", "--unroll", "1", "--seeds", "2", "--steps", "2")
    assert (code, err) == (0, "")
    rows = rows_of(tmp_path / "runs" / "sweep-ring")
    assert [(row["pack"], row["spectral_norm"], row["unroll"]) for row in rows[::2]] == [
        ("1", "False", "1"), ("1", "True", "1"), ("2", "False", "1"), ("2", "True", "1"),
    ]  # fmt: skip
    assert ["2", "True", "2"] in [line.split()[:3] for line in out.splitlines()]


def test_the_command_goes_on_after_ctrl_c(cli, tmp_path, monkeypatch):
    whole = cli("--g-steps", "1,2", "--seeds", "2", "--steps", "6", "--out", "whole")
    rounds = iter(range(100))

    def strike(self, done, total):
        if next(rounds) == 8:
            os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr("gan_course.commands.progress.SweepReport.show", strike)
    code, out, _ = cli("--g-steps", "1,2", "--seeds", "2", "--steps", "6", "--out", "cut")
    assert code == 130
    assert [row["steps"] for row in rows_of(tmp_path / "cut")] == ["6", "6", "3", "3"]
    again = shlex.split(out.strip().rpartition("gan-course sweep ")[2])
    code, out, _ = cli(*again)
    assert code == whole[0] == 0 and next(rounds) == 12
    assert rows_of(tmp_path / "cut") == rows_of(tmp_path / "whole")


def test_the_command_explains_what_is_wrong(cli, tmp_path):
    for argv, message in (
        (("--ratio", "1-10"), "argument --ratio: invalid list of D:G value: '1-10'"),
        (("--lr", "fast"), "argument --lr: invalid list of float value: 'fast'"),
        (("--spectral-norm", "yes"), "argument --spectral-norm: invalid list of on/off value: 'yes'"),
        (("--seeds", "0"), "must be above 0, got 0"),
        (("--loss", "hing"), "Unknown loss 'hing'. Did you mean 'hinge'?"),
        (("--lr", "1", "--lr-d", "1"), "grid has both 'lr' and 'lr_d'"),
        (("--dataset", "fashion-mnist"), "trains small networks on points"),
        (("--resume", "--out", "nowhere"), "No sweep in"),
        (("--resume", "--lr", "1e-3"), "what a sweep has begun with can't change: leave out --lr"),
    ):
        code, _, err = cli(*argv)
        assert code == 2 and message in err
    assert not list(tmp_path.iterdir())
    assert cli("--seeds", "2", "--steps", "1", "--out", "kept")[0] == 0
    code, _, err = cli("--seeds", "2", "--steps", "1", "--out", "kept")
    assert code == 2 and "already holds a sweep. Go on with it: gan-course sweep --resume --out kept --steps 1" in err


def test_progress_is_told_with_the_time_left(monkeypatch):
    now = [0.0]
    monkeypatch.setattr("gan_course.commands.progress.time.monotonic", lambda: now[0])
    for terminal in (False, True):
        console = Console(file=io.StringIO(), force_terminal=terminal, width=80, highlight=False)
        with SweepReport(console) as report:
            for done in range(1000, 2001, 100):  # half of it was there already
                report.show(done, 4000)
                now[0] += 1
        seen = console.file.getvalue()
        assert "1,900 of 4,000 updates  100 updates/s  21 s left" in seen or not terminal
        assert "1,500 of 4,000 updates  100 updates/s  25 s left\n" in seen or terminal


# --- one's own points


def test_own_points_are_swept_saved_and_replayed(tmp_path):
    own = ring(500, std=0.01, rng=rng(3))
    sweep = Sweep(TrainConfig(**TINY), {"pack": [1, 2]}, 2, data=own)
    sweep.run(20, folder=tmp_path)
    for k in (0, 3):
        run = Trainer(sweep.members[k], data=own)
        run.run(20)
        expected = parameters_to_vector(run.generator.parameters()).detach()
        torch.testing.assert_close(weights_of(sweep)[k]["generator"][: len(expected)], expected)
    assert replay(sweep.member(3)[1], data=own).steps == 20
    assert same_rows(Sweep.load(tmp_path, own).table(), sweep.table())
    with pytest.raises(ValueError, match="made with its author's own points: pass data=data"):
        Sweep.load(tmp_path)
    with pytest.raises(CheckpointError, match="other data"):
        Sweep.load(tmp_path, ring(500, std=0.02, rng=rng(3)))
    with pytest.raises(ValueError, match="small networks on points, got dataset 'images', which is images"):
        Sweep(TrainConfig(**TINY), {}, 1, data=images())
