"""Going back and forth: replay, rewind, branch, save and load land on the same bits; damage and faults lose nothing."""

import copy
import errno
import json
import math
import os
import pickle
import random
import tempfile
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from engine_runs import is_finite, rng, same, same_run, student_networks, tiny_run
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from torch import nn

from gan_course import (
    CheckpointError,
    Recipe,
    RecipeError,
    TrainConfig,
    Trainer,
    TrainingDiverged,
    TrainingFailed,
    replay,
    trainer,
)
from gan_course.files import write_atomically
from gan_course.timeline import History, StepStats, Thinned

few = settings(deadline=None, max_examples=12, phases=set(Phase) - {Phase.shrink, Phase.explain})  # a run is slow

# --- random runs

changes = st.fixed_dictionaries(
    {},
    optional={
        "d_steps": st.integers(0, 3),
        "g_steps": st.integers(0, 3),
        "lr_d": st.sampled_from([0, 1e-4, 3e-3, 0.05]),
        "lr_g": st.floats(0, 0.05),
        "loss": st.sampled_from(["non-saturating", "minimax", "lsgan", "hinge", "wasserstein", "relativistic"]),
        "label_smoothing": st.sampled_from([0.0, 0.1, 0.25]),
        "instance_noise": st.sampled_from([0.0, 0.3]),
        "gp_weight": st.sampled_from([0.0, 0.1]),
        "r1_gamma": st.sampled_from([0.0, 0.5]),
        "r2_gamma": st.sampled_from([0.0, 0.5]),
    },
)
scripts = st.lists(st.tuples(changes, st.integers(0, 6)), min_size=1, max_size=5)
runs = st.fixed_dictionaries(
    {"seed": st.integers(0, 3), "snapshot_every": st.integers(1, 7), "ema_decay": st.sampled_from([0.0, 0.9])}
)


def perform(run, script, each=None):
    """Turn the knobs as a learner may, impossible positions included."""
    for change, steps in script:
        try:
            run.set(**change)
        except ValueError:
            pass
        run.run(steps, each)


@few
@given(runs, scripts)
def test_replay_and_code_and_file_make_the_same_run(config, script):
    run = tiny_run(**config)
    perform(run, script)
    recipe = run.recipe()
    assert Recipe.from_json(recipe.to_json()) == recipe
    names = {}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        again = replay(Recipe.from_json(recipe.to_json()))
    exec(recipe.to_code(), names)
    for other in (again, names["trainer"]):
        assert same(other._state(), run._state())
        assert (other.steps, other.log, other.recipe()) == (run.steps, run.log, recipe)


@few
@given(runs, scripts, st.data())
def test_rewind_and_branch_land_on_the_exact_step(config, script, data):
    run = tiny_run(**config)
    states = [(run._state(), run._controls)]
    perform(run, script, each=lambda _: states.append((run._state(), run._controls)))
    whole, log, history = run._state(), list(run.log), run.history.tensors()
    step = data.draw(st.integers(0, run.steps))

    branch = run.branch(step)
    assert same(branch._state(), states[step][0]) and branch.steps == step
    branch.set(d_steps=2, lr_g=0.02)
    branch.run(8)
    assert same(run._state(), whole) and run.log == log and run.steps == len(states) - 1
    assert same(run.history.tensors(), history)

    run.rewind(step)
    assert same(run._state(), states[step][0]) and run.steps == step
    assert run._controls == states[step][1] == run.controls
    assert run.log == [change for change in log if change[0] < step]
    assert run.history.arrays()["step"].tolist() == list(range(1, step + 1))


@few
@given(runs, scripts, st.data())
def test_what_came_after_a_rewind_is_another_story(config, script, data):
    """States kept along the first story never come up in the second."""
    run = tiny_run(**config)
    perform(run, script)
    steps = run.steps
    run.rewind(data.draw(st.integers(0, steps)))
    run.set(d_steps=1, g_steps=2, lr_d=0.02)
    states = {run.steps: run._state()}
    run.run(steps + 2 - run.steps, each=lambda _: states.update({run.steps: run._state()}))
    assert same(replay(run.recipe())._state(), run._state())
    step = data.draw(st.sampled_from(list(states)))
    run.rewind(step)
    assert same(run._state(), states[step])


@few
@given(runs, scripts, scripts)
def test_a_saved_run_goes_on_as_if_nothing_happened(config, first, second):
    run = tiny_run(**config)
    perform(run, first)
    run.set(instance_noise=0.2)  # set, but not yet in force
    with tempfile.TemporaryDirectory() as folder:
        run.save(Path(folder) / "run.safetensors")
        loaded = Trainer.load(Path(folder) / "run.safetensors")
    assert same_run(loaded, run) and loaded.config == run.config
    for one in (run, loaded):
        perform(one, second)
    assert same_run(loaded, run) and loaded.recipe() == run.recipe()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert same(replay(loaded.recipe())._state(), run._state())


def test_images_and_batch_statistics_are_restored_too(tmp_path):
    data = torch.randint(256, (32, 1, 8, 8), dtype=torch.uint8, generator=rng())
    run = tiny_run(data=data, architecture="dcgan", snapshot_every=3, precision="bfloat16")
    states = [run._state()]
    run.run(8, each=lambda _: states.append(run._state()))
    run.save(tmp_path / "run.safetensors")
    loaded = Trainer.load(tmp_path / "run.safetensors", data=data)
    assert same_run(loaded, run)
    loaded.run(2)
    run.rewind(5)
    assert same(run._state(), states[5])
    run.run(5)
    assert same(run._state(), loaded._state())
    assert same(replay(loaded.recipe(), data=data)._state(), run._state())


def test_a_students_networks_work_unchanged_in_all_of_it(tmp_path):
    run = tiny_run(**student_networks(), snapshot_every=3, ema_decay=0.9)
    states = [run._state()]
    run.run(4, each=lambda _: states.append(run._state()))
    run.set(d_steps=2, gp_weight=0.1)
    run.run(4, each=lambda _: states.append(run._state()))
    recipe = run.recipe()
    assert recipe.own == ("generator", "discriminator")

    run.save(tmp_path / "run.safetensors")
    loaded = Trainer.load(tmp_path / "run.safetensors", **student_networks(seed=7))  # any weights will do
    assert same_run(loaded, run)
    assert same(replay(recipe, **student_networks())._state(), run._state())
    names = student_networks()
    exec(recipe.to_code(), names)
    assert same(names["trainer"]._state(), run._state())

    whole = run._state()
    branch = run.branch(5)
    assert same(branch._state(), states[5]) and type(branch.generator) is type(run.generator)
    branch.run(2)
    assert same(run._state(), whole)
    for one in (run, loaded, branch := run.branch()):
        one.run(2)
    assert same(run._state(), loaded._state()) and same(run._state(), branch._state())
    run.rewind(2)
    assert same(run._state(), states[2])


def test_a_branch_now_takes_what_was_set_along():
    run = tiny_run()
    run.run(2)
    run.set(d_steps=3)
    twin = run.branch()
    assert twin.controls == run.controls and twin.log == []
    assert run.branch(2).controls.d_steps == 1  # what was set after step 2 is forgotten
    run.run(2)
    twin.run(2)
    assert same_run(run, twin)


def test_a_branch_and_its_parent_keep_their_own_snapshots():
    run = tiny_run(snapshot_every=1)
    states = [run._state()]
    run.run(10, each=lambda _: states.append(run._state()))
    branch = run.branch(3)
    branch.set(lr_g=0.02)
    branch.run(7)
    run.rewind(8)
    assert same(run._state(), states[8]) and not same(run._state(), branch._state())


@pytest.mark.parametrize("step", [-1, 4, 1.5, None, "2"])
def test_only_steps_of_the_run_can_be_reached(step):
    run = tiny_run()
    run.run(3)
    with pytest.raises(ValueError, match="this run has steps 0 to 3"):
        run.rewind(step)
    assert run.steps == 3


def test_a_loaded_run_knows_nothing_before_its_checkpoint(tmp_path):
    run = tiny_run(snapshot_every=2)
    run.run(5)
    run.save(tmp_path / "run.safetensors")
    loaded = Trainer.load(tmp_path / "run.safetensors")
    for _ in range(2):
        with pytest.raises(ValueError, match="can't rewind to step 4: .*checkpoint at step 5.*replay"):
            loaded.rewind(4)
        loaded.rewind(5)
        assert same_run(loaded, run)
        loaded.run(3)
    loaded.rewind(6)
    run.step()
    assert same(loaded._state(), run._state())


# --- bounded memory


def snapshot_bytes(run):
    return [sum(value.nbytes for value in state.values()) for state, _ in run._snapshots.items.values()]


def test_snapshots_stay_within_their_memory_and_rewind_stays_exact():
    run = tiny_run(width=48, snapshot_every=1, snapshot_memory=1, g_steps=0)  # G's moments come later
    states = {}
    for until, change in ((20, {"g_steps": 1}), (45, {"d_steps": 2}), (90, {})):
        while run.steps < until:
            run.step()
            states[run.steps] = run._state()
            assert sum(snapshot_bytes(run)) <= 2**20
        run.set(**change)
    kept = list(run._snapshots.items)
    assert 2 < len(kept) < 20 and kept[0] == 0
    spacing = {b - a for a, b in zip(kept, kept[1:])}
    assert len(spacing) == 1
    for step in (89, 50, 44, 3):
        run.rewind(step)
        assert same(run._state(), states[step])


def test_two_snapshots_are_kept_whatever_they_weigh():
    run = tiny_run(width=400, snapshot_memory=1, snapshot_every=2)
    run.run(9)
    assert len(run._snapshots) == 2 and min(snapshot_bytes(run)) > 2**20
    run.rewind(3)
    assert run.steps == 3


@given(st.integers(2, 9), st.integers(1, 5), st.integers(1, 200))
def test_thinned_keeps_few_and_evenly(capacity, every, steps):
    thinned = Thinned(capacity, every)
    for step in range(steps):
        if thinned.wants(step):
            thinned.add(step, f"item {step}")
    kept = list(thinned.items)
    assert len(kept) <= capacity and kept[0] == 0 and thinned.items[kept[-1]] == f"item {kept[-1]}"
    assert {b - a for a, b in zip(kept, kept[1:])} <= {thinned.every}
    assert steps - kept[-1] <= thinned.every
    assert len(kept) >= min(capacity // 2, (steps - 1) // every)
    middle = steps // 2
    assert thinned.latest(middle) == max(step for step in kept if step <= middle)
    thinned.cut(middle)
    assert list(thinned.items) == [step for step in kept if step <= middle]


@settings(deadline=None)
@given(st.integers(2, 9), st.integers(0, 60), st.integers(0, 60))
def test_history_keeps_few_and_evenly(capacity, steps, cut):
    def stats(step):
        return StepStats(step, torch.tensor([step, step + 0.25, step + 0.5, math.nan]))

    history = History(capacity)
    for step in range(1, steps + 1):
        history.add(stats(step))
    arrays = history.arrays()
    kept = arrays["step"].tolist()
    assert len(history) == len(kept) <= capacity
    assert len({b - a for a, b in zip([0, *kept], kept)}) <= 1
    np.testing.assert_array_equal(arrays["g_loss"], np.array(kept) + 0.25)
    assert np.isnan(arrays["d_fake"]).all()

    copied = copy.deepcopy(history)
    loaded = History(capacity)
    loaded.load_tensors(**{name.split(".")[1] + "s" * (name == "history.step"): value for name, value in
                           history.tensors().items()})  # fmt: skip
    history.cut(cut)
    assert history.arrays()["step"].tolist() == [step for step in kept if step <= cut]
    for later in range(steps + 1, steps + 20):
        copied.add(stats(later))
        loaded.add(stats(later))
    assert len(copied) <= capacity
    if steps > capacity:  # before the first thinning, a single round shows no spacing
        assert loaded.arrays()["step"].tolist() == copied.arrays()["step"].tolist()


# --- faults in training


def test_a_rate_far_too_high_is_survived():
    for snapshot_every in (1, 2, 100):
        run = tiny_run(snapshot_every=snapshot_every)
        run.run(5)
        run.set(lr_d=1e30, lr_g=1e30)
        with pytest.raises(TrainingDiverged, match=r"(loss|\.\d\.\w+) is .*(nan|inf|finite).* at step \d.*lr_d=1e\+30"):
            run.run(20)
        assert is_finite(run) and run.steps <= 5 and run.controls.lr_d == 1e-3
        assert run.history.arrays()["step"].tolist() == list(range(1, run.steps + 1))
        run.set(lr_d=1e-4)
        run.run(10)
        assert is_finite(run)
        assert same(replay(run.recipe())._state(), run._state())


def test_the_message_names_the_reason_and_the_step():
    run = tiny_run(lr_d=1e30, loss="wasserstein")
    with pytest.raises(TrainingDiverged) as caught:
        run.run(20)
    for part in ("_loss is nan at step ", "d_steps=1", "loss='wasserstein'", "back at step 0", "trainer.set("):
        assert part in str(caught.value)


class Breaks(nn.Module):
    """A line that does something bad at its n-th call in training."""

    def __init__(self, n, fault):
        super().__init__()
        self.line = nn.Linear(2, 1)
        nn.init.constant_(self.line.weight, 0.1)
        nn.init.constant_(self.line.bias, 0.0)
        self.left, self.fault = n, fault

    def forward(self, x):
        self.left -= self.training
        y = self.line(x)
        return self.fault(y) if self.left == 0 else y


@pytest.mark.parametrize("snapshot_every", [1, 4])
def test_nan_from_a_students_network(snapshot_every):
    run = tiny_run(discriminator=Breaks(20, lambda y: y * math.nan), snapshot_every=snapshot_every)
    with pytest.raises(TrainingDiverged, match="loss is nan at step 7"):
        run.run(30)
    assert is_finite(run) and 0 < run.steps < 7
    run.run(30)
    quiet = tiny_run(discriminator=Breaks(-1, None))
    quiet.run(run.steps)
    assert same(run._state(), quiet._state())


def test_weights_that_spoil_while_the_losses_stay_finite_are_found_at_the_next_snapshot():
    run = tiny_run(snapshot_every=4)
    run.run(5)
    with torch.no_grad():
        run.ema = None
        run._players.g_optimizer.state[run.generator[0].weight]["exp_avg_sq"][0, 0] = math.inf
    with pytest.raises(TrainingDiverged, match=r"g_adam\.0\.exp_avg_sq is no longer finite at step 8"):
        run.run(10)
    assert run.steps == 4 and is_finite(run)


@pytest.mark.parametrize("updates", [dict(d_steps=0), dict(g_steps=0)])
def test_a_player_who_rests_is_no_divergence(updates):
    run = tiny_run(**updates)
    run.run(3)
    assert run.steps == 3 and is_finite(run)


def test_out_of_memory_keeps_the_state_and_gives_advice(monkeypatch):
    run = tiny_run(snapshot_every=2, batch_size=64)
    run.run(5)
    quiet = run.branch(4)
    play_round = trainer.play_round

    def starved(*args):
        play_round(*args)  # it broke off late, with weights and statistics already moved
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")

    monkeypatch.setattr(trainer, "play_round", starved)
    with pytest.raises(TrainingFailed, match="ran out of memory with batch_size=64: .*batch_size=32.*back at step 4"):
        run.run(3)
    monkeypatch.undo()
    assert same_run(run, quiet)
    run.run(3)
    quiet.run(3)
    assert same_run(run, quiet)


def test_an_error_in_a_students_network_keeps_the_state():
    def fault(y):
        raise IndexError("list index out of range")

    run = tiny_run(discriminator=Breaks(20, fault), snapshot_every=5)
    before = torch.get_rng_state()
    with pytest.raises(
        TrainingFailed, match=r"after step 6 broke off \(IndexError: list index.*back at step 5"
    ) as caught:
        run.run(30)
    assert isinstance(caught.value.__cause__, IndexError)
    assert torch.equal(torch.get_rng_state(), before) and run.discriminator.training
    run.run(30)
    quiet = tiny_run(discriminator=Breaks(-1, None))
    quiet.run(35)
    assert same(run._state(), quiet._state())


# --- faults in saving


@pytest.mark.parametrize("what", ["checkpoint", "recipe"])
@pytest.mark.parametrize("fault", ["fsync", "replace", "write", "open", "interrupt"])
def test_an_older_file_survives_a_full_or_read_only_disk(tmp_path, monkeypatch, what, fault):
    run = tiny_run()
    save = run.save if what == "checkpoint" else run.recipe().save
    path = tmp_path / "run.file"
    save(path)
    before = path.read_bytes()
    run.run(2)
    save = run.save if what == "checkpoint" else run.recipe().save

    number = errno.EROFS if fault == "open" else errno.ENOSPC

    def fail(*args, **kwargs):
        raise KeyboardInterrupt if fault == "interrupt" else OSError(number, os.strerror(number))

    if fault in ("fsync", "replace", "interrupt"):
        monkeypatch.setattr(os, "fsync" if fault == "interrupt" else fault, fail)
    elif fault == "open":
        monkeypatch.setattr("builtins.open", fail)
    else:
        monkeypatch.setattr("builtins.open", full_disk(open, fail))
    with pytest.raises(KeyboardInterrupt if fault == "interrupt" else OSError) as caught:
        save(path)
    monkeypatch.undo()
    if fault != "interrupt":
        assert caught.value.errno == number
        for part in ("could not save", "run.file", os.strerror(number), "what was there before is unchanged"):
            assert part in str(caught.value)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def full_disk(real_open, fail):
    """`open`, but half of what is written arrives and then the disk is full."""

    def opened(*args, **kwargs):
        file = real_open(*args, **kwargs)

        class Full:
            def __enter__(self):
                return self

            def __exit__(self, *error):
                file.close()

            def write(self, content):
                file.write(content[: len(content) // 2])
                fail()

        return Full()

    return opened


def test_a_first_save_that_fails_says_that_nothing_was_written(tmp_path):
    with pytest.raises(FileNotFoundError, match="could not save .*nowhere.*; nothing was written"):
        tiny_run().save(tmp_path / "nowhere" / "run.safetensors")
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="could not save .*nothing was written"):
        write_atomically(tmp_path / "file" / "run.safetensors", b"x")
    with pytest.raises(OSError, match="could not save"):
        write_atomically(tmp_path, b"x")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_saved_file_can_be_read_by_those_who_may(tmp_path):
    """A recipe is made to be handed on: it is created like any other file, not for its owner alone."""
    write_atomically(tmp_path / "ours", b"x")
    (tmp_path / "theirs").write_bytes(b"x")
    assert (tmp_path / "ours").stat().st_mode == (tmp_path / "theirs").stat().st_mode


# --- damaged and foreign files


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    run = tiny_run()
    run.run(3)
    path = tmp_path_factory.mktemp("checkpoint") / "run.safetensors"
    run.save(path)
    return run, path.read_bytes()


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_a_checkpoint_with_any_byte_changed_is_refused(checkpoint, data):
    run, content = checkpoint
    place = data.draw(st.integers(0, len(content) - 1) | st.integers(0, 3000))
    damaged = bytearray(content)
    damaged[place] ^= data.draw(st.integers(1, 255))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run.safetensors"
        path.write_bytes(damaged)
        try:
            loaded = Trainer.load(path)
        except CheckpointError as error:
            assert str(path) in str(error) and ("damaged" in str(error) or "no checkpoint of this course" in str(error))
        else:  # the padding of the header means nothing
            assert same_run(loaded, run)


@settings(deadline=None, max_examples=20)
@given(st.data())
def test_a_checkpoint_cut_short_is_refused(checkpoint, data):
    _, content = checkpoint
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run.safetensors"
        path.write_bytes(content[: data.draw(st.integers(0, len(content) - 1))])
        with pytest.raises(CheckpointError, match="damaged, cut short"):
            Trainer.load(path)


class Trap:
    """Whoever unpickles it leaves a mark."""

    def __init__(self, mark):
        self.mark = mark

    def __reduce__(self):
        return Path.write_text, (self.mark, "unpickled")


@pytest.mark.parametrize("load, error", [(Trainer.load, CheckpointError), (Recipe.load, RecipeError)])
@pytest.mark.parametrize("kind", ["pickle", "torch", "safetensors", "text", "empty", "json"])
def test_foreign_files_are_refused_and_never_unpickled(tmp_path, load, error, kind):
    import safetensors.torch

    mark, path = tmp_path / "mark", tmp_path / "file"
    trap = Trap(mark)
    {
        "pickle": lambda: path.write_bytes(pickle.dumps(trap)),
        "torch": lambda: torch.save({"format": trap}, path),
        "safetensors": lambda: safetensors.torch.save_file({"x": torch.zeros(3)}, path, {"format": "pt"}),
        "text": lambda: path.write_text("hello"),
        "empty": lambda: path.write_bytes(b""),
        "json": lambda: path.write_text('{"format": "another"}'),
    }[kind]()
    with pytest.raises(error, match=str(path)) as caught:
        load(path)
    assert not mark.exists()
    if error is CheckpointError and kind == "safetensors":
        assert "no checkpoint of this course: its format is 'pt'" in str(caught.value)


@pytest.mark.parametrize("load", [Trainer.load, Recipe.load])
def test_a_missing_file_is_named_with_what_makes_one(tmp_path, load):
    with pytest.raises(FileNotFoundError, match=r"nothing.*save\(path\)"):
        load(tmp_path / "nothing")


def test_a_checkpoint_of_other_networks_is_refused(tmp_path):
    run = tiny_run(**student_networks())
    run.run(2)
    path = tmp_path / "run.safetensors"
    run.save(path)
    with pytest.raises(RecipeError, match="own generator and discriminator: pass generator=generator, discriminator="):
        Trainer.load(path)
    networks = student_networks()
    with pytest.raises(CheckpointError, match="saved discriminator does not fit"):
        Trainer.load(path, generator=networks["generator"], discriminator=nn.Linear(2, 1))
    networks["generator"].hidden.weight.requires_grad_(False)
    with pytest.raises(CheckpointError, match="saved g_adam does not fit"):
        Trainer.load(path, **networks)


# --- recipes


def learners_changes(random, n=100, top=99_999):
    """What a learner's sliders leave behind."""
    position, log = {"d_steps": 1, "g_steps": 1, "loss": "non-saturating"}, []
    for step in sorted(random.sample(range(top), n)):
        change = {}
        while not change:
            knob = random.choice(["ratio", "ratio", "lr_d", "lr_g", "label_smoothing", "loss"])
            if knob == "ratio":
                ratio = random.randint(1, 10)
                wanted = {"d_steps": ratio, "g_steps": 1} if random.random() < 0.5 else {"d_steps": 1, "g_steps": ratio}
            elif knob == "loss":
                wanted = {"loss": random.choice(["non-saturating", "minimax", "lsgan", position["loss"]])}
            elif knob == "label_smoothing":
                wanted = {knob: random.randrange(10) * 5 / 100}
            else:
                wanted = {knob: float(f"{10 ** random.uniform(-5, -1):.3g}")}
            change = {name: value for name, value in wanted.items() if position.get(name) != value}
        position |= change
        log.append((step, change))
    return tuple(log)


@pytest.mark.parametrize("seed", range(5))
def test_a_recipe_of_a_hundred_changes_is_short_readable_and_whole(tmp_path, seed):
    config = replace(
        TrainConfig(device="cpu", dataset="fashion-mnist", threads=2, precision="bfloat16").for_data("images"),
    )
    like = tiny_run().recipe()
    recipe = replace(like, config=config, steps=100_000, changes=learners_changes(random.Random(seed)))
    recipe.save(tmp_path / "recipe.json")
    text = (tmp_path / "recipe.json").read_text()
    assert len(text.encode()) < 2048
    assert Recipe.load(tmp_path / "recipe.json") == recipe
    assert '"dataset":"fashion-mnist"' in text and len(text.splitlines()) > 8
    assert json.loads(text)["steps"] == 100_000


def test_numpy_numbers_and_paths_survive_file_and_code():
    run = tiny_run(lr_d=np.float64(1e-4))
    run.set(lr_g=np.linspace(1e-4, 1e-3, 3)[1])
    run.run(2)
    recipe = run.recipe()
    assert Recipe.from_json(recipe.to_json()) == recipe
    names = {}
    exec(recipe.to_code(), names)
    assert same_run(names["trainer"], run)
    assert Recipe(TrainConfig(data_dir=Path("a") / "b"), 0).to_json()


def test_a_recipe_needs_its_authors_own():
    data = torch.randn(40, 2, generator=rng())
    run = tiny_run(**student_networks(), data=data)
    run.run(2)
    recipe = run.recipe()
    assert recipe.own == ("generator", "discriminator", "data")
    with pytest.raises(
        RecipeError, match="author's own discriminator and data: pass discriminator=discriminator, data="
    ):
        replay(recipe, generator=student_networks()["generator"])
    with pytest.raises(RecipeError, match="trained on other data than the 40 samples"):
        replay(recipe, **student_networks(), data=data + 1)
    with pytest.raises(RecipeError, match="do not start from the weights"):
        replay(recipe, **student_networks(seed=1), data=data)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert same(replay(recipe, **student_networks(), data=data)._state(), run._state())


def test_another_build_is_told_of():
    run = tiny_run()
    run.run(2)
    with pytest.warns(UserWarning, match="another build of PyTorch or on another kind of processor"):
        replay(replace(run.recipe(), end_digest="0" * 16))
    with pytest.warns(UserWarning, match="another build of PyTorch or on another kind of processor"):
        replay(replace(run.recipe(), start_digest="0" * 16))


def test_a_device_that_is_not_here_is_exchanged_with_a_warning():
    run = tiny_run()
    run.run(2)
    away = replace(run.recipe(), config=replace(run.config, device="cuda:77"))
    with pytest.warns(UserWarning, match="'cuda:77' is not on this machine.*will differ"):
        assert replay(away).device.type in ("cpu", "cuda", "mps")


def test_a_replay_shows_every_round():
    run = tiny_run()
    run.run(2)
    run.set(d_steps=2)
    run.run(2)
    seen = []
    replay(run.recipe(), each=lambda stats: seen.append(stats.step))
    assert seen == [1, 2, 3, 4]


RECIPE = json.loads(Recipe(TrainConfig(), 10, ((4, {"lr_d": 0.1}),)).to_json())


@pytest.mark.parametrize(
    "part, value, message",
    [
        ("format", "gan-course recipe 9", "no recipe of this course"),
        ("steps", -1, "steps must be a whole number"),
        ("steps", 1.5, "steps must be a whole number"),
        ("steps", "10", "steps must be a whole number"),
        ("config", {"lr_d": -1.0}, "lr_d must be a finite number"),
        ("config", {"lr_d": math.nan}, "lr_d must be a finite number"),
        ("config", {"learning_rate": 1.0}, "learning_rate"),
        ("config", {"loss": "hing"}, "Did you mean 'hinge'"),
        ("config", None, "can't be right"),
        ("changes", {"lr_d": [11, 0.1]}, "a change at step 11 is not at one of the run's 10 steps"),
        ("changes", {"lr_d": [-1, 0.1]}, "a change at step -1"),
        ("changes", {"lr_d": [1.5, 0.1]}, "a change at step 1.5"),
        ("changes", {"lr_d": ["3", 0.1]}, "a change at step '3'"),
        ("changes", {"lr_d": [3]}, "can't be right"),
        ("changes", {"lr_d": 3}, "can't be right"),
        ("changes", {"lr_d": [3, -0.1]}, "lr_d must be a finite number"),
        ("changes", {"width": [3, 8]}, "width"),
        ("changes", {"d_steps": [3, 0], "g_steps": [3, 0]}, "both 0"),
        ("changes", [1, 2], "can't be right"),
        ("own", ["optimizer"], "Unknown part of its author's own 'optimizer'"),
        ("own", None, "can't be right"),
        ("extra", 1, "extra"),
    ],
)
def test_an_impossible_recipe_is_refused(tmp_path, part, value, message):
    path = tmp_path / "recipe.json"
    path.write_text(json.dumps(RECIPE | {part: value}))
    with pytest.raises(RecipeError, match=message) as caught:
        Recipe.load(path)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("part", ["format", "config", "changes", "own", "steps"])
def test_a_recipe_with_a_part_missing_is_refused(part):
    with pytest.raises(RecipeError):
        Recipe.from_json(json.dumps({name: value for name, value in RECIPE.items() if name != part}))


def test_other_text_is_no_recipe():
    whole = json.dumps(RECIPE)
    for text in (whole[:-10], whole[:40], "[" * 100_000, "[]", "3", "null", '"recipe"', ""):
        with pytest.raises(RecipeError, match="no recipe"):
            Recipe.from_json(text)
