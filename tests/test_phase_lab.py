"""PhaseLab: the map shows what its sweep does, slice by slice, and opens the very run that a cell is made of."""

import math
import time

import matplotlib
import numpy as np
import pytest
from engine_runs import TINY, same_run
from matplotlib.figure import Figure

from gan_course import GanLab, PhaseLab, Sweep, TrainConfig, replay
from gan_course.frames import unpack
from gan_course.live import LiveRun
from gan_course.sweep import Slices
from gan_course.sweep.table import Table
from gan_course.widgets.phase_scene import PhaseScene, Plane

GRID = {"ratio": [(1, 2), (1, 1)], "lr": [1e-3, 1e-2]}
CONFIG = TrainConfig(dataset="ring", **TINY)


@pytest.fixture
def make(monkeypatch):
    monkeypatch.setenv("CI", "true")
    made = []

    def make_lab(config=CONFIG, grid=GRID, seeds=2, **settings):
        made.append(PhaseLab(config, grid, seeds, **dict(steps=6) | settings))
        return made[-1]

    yield make_lab
    for lab in made:
        for live in (lab.live, lab.lab and lab.lab.live):
            if live:
                live.stop()


def shown(lab):
    return unpack(lab._map.frame)


def until(condition, seconds=20):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.005)


def same_rows(table, other):
    return [str(row) for row in table] == [str(row) for row in other]  # as text, where NaN equals itself


# --- slices


def test_slices_end_where_the_sweep_itself_does():
    sweep, whole = Sweep(CONFIG, GRID, 2), Sweep(CONFIG, GRID, 2)
    slices = Slices(sweep, 7)
    while slices.left:
        slices.run(3)
    whole.run(7)
    assert same_rows(slices.table(), whole.table()) and same_rows(sweep.table(), whole.table())
    assert slices.steps == slices.total == 14 and slices.share == 1.0 and slices.seconds_left == 0
    slices.run(100)
    assert slices.steps == 14, "nothing is left to play"


def test_all_stacks_keep_about_the_same_round_and_each_is_looked_at():
    slices = Slices(Sweep(CONFIG, {"ratio": [(1, 2), (1, 1), (2, 1)]}, 2), 1000)
    assert all(row["steps"] == 0 and math.isnan(row["modes"]) and not row["diverged"] for row in slices.table())
    assert slices.seconds_left is None and slices.share == 0 and not slices.sweep._stacks, "nothing has begun"
    slices.run(2)  # of the first stack
    assert [row["steps"] for row in slices.table()] == [2, 2, 0, 0, 0, 0]
    slices.run(4)
    assert [row["steps"] for row in slices.table()] == [2] * 6
    assert all(math.isfinite(row["modes"]) for row in slices.table())
    for _ in range(40):
        slices.run(1)
        done = [slices.target - slices.sweep.left(i, slices.target) for i in range(3)]
        assert max(done) - min(done) <= slices._slice
    assert 0 < slices.share < 1 and slices.seconds_left > 0
    assert slices.share == pytest.approx(sum(d * u for d, u in zip(done, (3, 2, 3))) / 8000, rel=1e-3)


def test_slices_go_on_with_a_sweep_that_was_begun_and_pass_over_what_diverged():
    sweep = Sweep(CONFIG, GRID, 2)
    sweep.run(3)
    slices = Slices(sweep, 5)
    assert {row["steps"] for row in slices.table()} == {3} and slices.left == 4
    stack = sweep._stack(0)
    stack.good_steps[:] = 2
    assert slices.left == 2
    slices.run(100)
    assert slices.left == 0 and stack.steps == 3
    assert {row["steps"] for row in slices.table()} == {3, 5}


def test_a_target_raised_later_is_played_to():
    slices = Slices(Sweep(CONFIG, {"lr": [1e-3]}, 2), 2)
    slices.run(100)
    slices.target = 5
    assert slices.left == 3
    slices.run(100)
    assert {row["steps"] for row in slices.table()} == {5}


# --- the map


def table_of(cells, value="modes_1_percent"):
    """A table with the given values: {(ratio, rate): [value of each seed]}."""
    rows = []
    for (ratio, rate), values in cells.items():
        for seed, number in enumerate(values):
            about = dict(member=len(rows), seed=seed, ratio=ratio, lr_g=rate, steps=40, diverged=number == "diverged")
            rows.append(about | {value: 0 if number == "diverged" else number})
    return Table(rows)


PLANE = Plane("ratio", "lr_g", "D:G (updates)", "learning rate of G")
CELLS = {
    ("1:10", 1e-4): [1, 2], ("1:1", 1e-4): [math.nan, math.nan], ("1:10", 1e-3): [0, "diverged"], ("1:1", 1e-3): [8, 7],
}  # fmt: skip


def test_the_highest_row_comes_first_and_colours_are_those_of_cividis():
    scene = PhaseScene(table_of(CELLS), PLANE, "modes_1_percent", 8)
    facts, arrays = scene.facts(), scene.arrays()
    assert (facts["xs"], facts["ys"]) == (["1:10", "1:1"], ["0.001", "0.0001"])
    assert [[cell["text"] for cell in row] for row in facts["cells"]] == [["0", "7.5"], ["1.5", ""]]
    assert facts["ticks"] == ["0", "2", "4", "6", "8"]
    np.testing.assert_allclose(arrays["shades"], [[0, 7.5 / 8], [1.5 / 8, np.nan]])
    expected = np.array(matplotlib.colormaps["cividis"](7.5 / 8, bytes=True))[:3]
    np.testing.assert_array_equal(arrays["colors"][0, 1], expected)
    assert arrays["legend"].shape == (1, 64, 3) and arrays["legend"].dtype == np.uint8


def test_a_cell_says_what_it_is_made_of():
    cells = PhaseScene(table_of(CELLS), PLANE, "modes_1_percent", 8).facts()["cells"]
    assert cells[1][0]["words"] == (
        "D:G 1:10, learning rate of G 0.0001: modes with ≥ 1% of samples 1.5 ± 0.5 of 8, "
        "mean of 2 runs after 40 rounds."
    )
    assert cells[1][1]["words"].endswith("not begun.") and cells[1][1]["n"] == 0
    assert "1 of 2 diverged" in cells[0][0]["words"]
    assert cells[0][1]["members"] == [[6, "seed 0", "8"], [7, "seed 1", "7"]]
    assert cells[0][0]["members"][1] == [5, "seed 1", "diverged"]


def test_members_that_differ_in_more_than_the_seed_are_told_apart():
    rows = [row | {"loss": loss} for row in table_of({("1:1", 1e-3): [8]}) for loss in ("hinge", "non-saturating")]
    (((cell,),)) = PhaseScene(rows, PLANE, "modes_1_percent", 8).facts()["cells"]
    assert [name for _, name, _ in cell["members"]] == ["seed 0, loss hinge", "seed 0, loss non-saturating"]


@pytest.mark.parametrize(
    "value, number, text, limits",
    [
        ("modes", 7.25, "7.2", (0, 8)),
        ("high_quality", 0.834, "83%", (0, 1)),
        ("reverse_kl", 1.5, "1.50", (0, math.log(8))),
        ("d_fake", 0.5, "0.50", (0, 1)),
    ],
)
def test_each_value_has_its_scale_and_its_way_of_writing(value, number, text, limits):
    scene = PhaseScene(table_of({("1:1", 1e-3): [number]}, value), PLANE, value, 8)
    assert scene.limits == pytest.approx(limits)
    assert scene.facts()["cells"][0][0]["text"] == text
    assert scene.arrays()["shades"][0, 0] == pytest.approx(number / limits[1])


@pytest.mark.parametrize(
    "grid, columns, words",
    [
        (GRID, ("ratio", "lr_g"), "learning rate of both"),
        ({"lr_d": [1e-3], "ratio": [(1, 1)]}, ("ratio", "lr_d"), "learning rate of D"),
        ({"lr": [1e-3, 1e-4]}, ("lr_g", "ratio"), "D:G (updates of D : updates of G a round)"),
        ({"r1_gamma": [0.0, 1.0]}, ("r1_gamma", "ratio"), "D:G (updates of D : updates of G a round)"),
    ],
)
def test_the_axes_are_the_ratio_and_the_next_key_of_the_grid(grid, columns, words):
    plane = Plane.of(Sweep(CONFIG, grid, 2))
    assert (plane.x, plane.y) == columns and plane.y_words == words


# --- the lab


def test_a_lab_runs_in_its_cell_and_shows_its_sweep(make):
    lab = make()
    facts, arrays = shown(lab)
    assert np.isnan(arrays["shades"]).all() and not any(cell["n"] for row in facts["cells"] for cell in row)
    lab.run()
    facts, arrays = shown(lab)
    assert np.isfinite(arrays["shades"]).all() and {cell["n"] for row in facts["cells"] for cell in row} == {2}
    assert same_rows(lab.table(), lab.sweep.table())
    status = lab._map.status
    assert status["over"] and status["share"] == 1 and status["round"] == 6 and not status["playing"]
    lab.run(8)
    assert {row["steps"] for row in lab.table()} == {8}


def test_it_trains_in_the_background_stops_and_goes_on(make):
    lab = make(steps=4000)
    lab.start()
    until(lambda: lab._map.status["share"] > 0)
    lab.stop()
    done = lab._slices.share
    until(lambda: not lab._map.status["playing"])
    time.sleep(0.1)
    assert 0 < lab._slices.share == done < 1 and not lab.live.playing, "it goes on though it was stopped"
    kept = lab.sweep.table()
    assert any(row["steps"] > 0 for row in kept), "what was done is lost"
    lab.start()
    until(lambda: lab._slices.share > done)
    assert lab.live.message == ""


def test_when_it_is_done_it_pauses_and_starting_again_trains_as_long_again(make):
    lab = make(steps=3)
    lab.start()
    until(lambda: lab._map.status["over"])
    assert not lab.live.playing and {row["steps"] for row in lab.table()} == {3}
    lab.start()
    until(lambda: lab._map.status["target"] == 6 and lab._map.status["over"])
    assert {row["steps"] for row in lab.table()} == {6}


def test_the_map_is_sent_when_a_stack_was_looked_at_and_else_only_the_progress(make):
    lab = make(steps=50)
    frames, statuses = [], []
    lab._map.observe(lambda change: frames.append(change.new), "frame")
    lab._map.observe(lambda change: statuses.append(change.new), "status")
    lab.live.do(lambda: None)
    assert len(statuses) == 1 and not frames
    lab.value = "modes"
    until(lambda: frames)
    assert unpack(frames[0])[0]["value"] == "modes"


def test_what_the_page_asks_for(make):
    lab = make(steps=3)
    lab._map._handle_custom_msg({"do": "show", "value": "reverse_kl"}, [])
    until(lambda: shown(lab)[0]["value"] == lab.value == "reverse_kl")
    lab._map._handle_custom_msg({"do": "toggle"}, [])
    until(lambda: lab._map.status["over"])
    lab._map._handle_custom_msg({"do": "open", "member": 3}, [])
    until(lambda: lab._map.status["opened"])
    assert lab._map.status["opened"]["member"] == 3 and lab.lab in lab.children


def test_a_loaded_run_is_the_very_run_of_its_recipe(make):
    lab = make(steps=9)
    lab.run()
    opened = lab.load(ratio="1:1", lr_g=1e-2, seed=1)
    config, recipe = lab.sweep.member(7)
    assert opened.trainer.config == config and opened.trainer.steps == 0
    opened.run(9)
    again = replay(recipe)
    assert again.steps == 9 and same_run(opened.trainer, again)
    assert opened.trainer.recipe().end_digest == again.recipe().end_digest
    assert all(word in lab._map.status["opened"]["words"] for word in ("D:G 1:1", "lr_g 0.01", "seed 1", "round 9"))


def test_a_loaded_run_plays_to_the_end_of_the_map_and_pauses(make, monkeypatch):
    lab = make(steps=9)
    opened = lab.load(member=0)
    opened.play()
    until(lambda: opened.trainer.steps == 9 and not opened.live.playing)
    opened.play()
    until(lambda: opened.trainer.steps > 12)
    opened.pause()
    second = lab.load(member=2)
    assert second is opened and len(opened.runs) == 2 and opened.trainer.config == lab.sweep.members[2]


def test_a_run_opens_in_a_lab_of_ones_own(make):
    own = GanLab(CONFIG, name="own")
    lab = make(lab=own)
    assert lab.load(member=1) is own and lab.children == (lab._map,)
    assert own.trainer.config == lab.sweep.members[1]
    own.live.stop()


def test_a_new_lab_of_the_same_name_stops_the_old_one_and_the_run_it_opened(make):
    old = make(name="same")
    old.load(member=0)
    assert old.live.alive and old.lab.live.alive
    make(name="same")
    assert not old.live.alive and not old.lab.live.alive


def test_a_sweep_of_ones_own_is_gone_on_with_and_data_without_modes_show_verdicts(make):
    sweep = Sweep(TrainConfig(dataset="moons", **TINY), {"lr": [1e-3, 1e-2]}, 2)
    sweep.run(2)
    lab = make(sweep, None, None)
    assert lab.sweep is sweep and lab.values == ("d_fake", "d_real") and lab.value == "d_fake"
    assert np.isfinite(shown(lab)[1]["shades"]).all(), "what it had learned before is shown at once"


def test_the_usual_lab():
    lab = PhaseLab(start=False)
    assert len(lab.sweep) == 80 and {len(stack) for stack in lab.sweep.stacks} == {16}
    assert repr(lab) == "PhaseLab(Sweep(80 runs on 'ring', 5 stacks))"
    lab.live.stop()


@pytest.mark.parametrize(
    "ask, message",
    [
        (lambda lab: setattr(lab, "value", "modez"), "Did you mean 'modes'"),
        (lambda lab: lab.load(rato="1:1"), "Did you mean 'ratio'"),
        (lambda lab: lab.load(ratio="1:3", seed=0), "no run of this sweep has ratio='1:3', seed=0"),
        (lambda lab: lab.run(-1), "steps must be a whole number, at least 0, got -1"),
        (lambda lab: PhaseLab(lab.sweep, steps=0), "steps must be a whole number, at least 1, got 0"),
        (lambda lab: PhaseLab(lab.sweep, value="loss"), "value"),
    ],
)
def test_refusals(make, ask, message):
    with pytest.raises(ValueError, match=message):
        ask(make())


def test_a_sweep_with_a_grid_beside_it_is_refused(make):
    with pytest.raises(TypeError, match="has its grid and its seeds"):
        PhaseLab(make().sweep, GRID)


def test_an_error_while_training_is_said_and_what_was_done_is_kept(make, monkeypatch):
    lab = make(steps=4000)

    def fails(i):
        raise RuntimeError("out of memory")

    lab.run(2)
    monkeypatch.setattr(lab.sweep, "play", fails)
    lab.start()
    until(lambda: lab._map.status["message"])
    assert "out of memory" in lab._map.status["message"] and not lab.live.playing
    assert {row["steps"] for row in lab.table()} == {2}


def test_the_still_picture(make):
    lab = make()
    lab.run()
    figure = lab.figure()
    assert isinstance(figure, Figure)
    axes = figure.axes[0]
    assert axes.get_ylabel() == "learning rate of both" and "D:G" in axes.get_xlabel()
    assert sorted(text.get_text().split("\n")[1] for text in axes.texts) == ["n=2"] * 4
    (mesh,) = axes.collections
    assert mesh.get_clim() == (0, 8)
    assert "image/png" in lab._repr_mimebundle_()


def test_no_lab_of_no_name_stops_another(make):
    one, other = make(), make()
    assert one.live.alive and other.live.alive and not LiveRun._named.get(None)
