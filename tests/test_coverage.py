"""Modes covered as a run goes on: what is counted, what a branch inherits, and when the alarm is raised."""

import numpy as np
import pytest
import torch

from gan_course import TrainConfig, Trainer
from gan_course.coverage import MOST, Coverage, Look
from gan_course.metrics import mode_coverage
from gan_course.plotting import new_figure
from gan_course.plotting_coverage import plot_classes, plot_mode_history, plot_remedies
from gan_course.results import remedies

TINY = TrainConfig(dataset="ring", width=8, batch_size=8)


class Chosen(torch.nn.Module):
    """A generator whose samples lie on some modes of the ring."""

    def __init__(self, centers):
        super().__init__()
        self.centers = centers
        self.weight = torch.nn.Parameter(torch.zeros(1))

    def forward(self, z):
        which = ((z[:, :1] > 0).long() + 2 * (z[:, 1:] > 0).long()).flatten() % len(self.centers)
        return self.centers[which] + 0.001 * z + 0 * self.weight


def run_on(modes):
    run = Trainer(TINY)
    generator = Chosen(run.data.centers[modes])
    return Trainer(TINY, generator=generator)


def seen(counts, of=8):
    """A coverage with a look every 100 steps that found so many modes."""
    coverage = Coverage()
    for i, count in enumerate(counts):
        shares = np.zeros(of)
        shares[:count] = 1 / max(count, 1)
        coverage._looks.append(Look(100 * (i + 1), count, count, 1.0, shares))
    return coverage


def test_a_look_counts_as_the_metric_does_and_disturbs_nothing():
    run, twin = Trainer(TINY), Trainer(TINY)
    coverage = Coverage()
    for _ in range(3):
        run.run(5)
        twin.run(5)
        coverage.look(run)
    expected = mode_coverage(run.sample(2500), run.data.centers, run.data.std)
    look = coverage._looks[-1]
    assert (look.step, look.modes, look.high_quality) == (15, expected.modes, expected.high_quality)
    assert (look.shares == expected.counts.numpy() / 2500).all()
    assert run.recipe().end_digest == twin.recipe().end_digest


@pytest.mark.parametrize("modes", [[0], [2, 5], [1, 3, 4, 7]])
def test_the_modes_that_are_there_are_found(modes):
    look = Coverage().look(run_on(modes))
    assert look.modes == look.modes_1_percent == len(modes)
    assert look.high_quality == pytest.approx(1) and sorted(np.flatnonzero(look.shares)) == modes


def test_looks_come_in_the_order_of_their_steps_and_each_step_once():
    coverage, run = Coverage(), Trainer(TINY)
    for steps in (10, 10):
        run.run(steps)
        coverage.look(run)
    past = run.branch(10)
    coverage.look(past)
    past.run(5)
    coverage.look(past)
    assert coverage.arrays(100)["mode_step"].tolist() == [10, 15, 20]
    assert coverage.arrays(12)["mode_step"].tolist() == [10]


def test_a_branch_has_the_past_and_a_rewind_forgets_the_future():
    coverage = seen([8, 6, 4])
    branch = coverage.until(200)
    coverage.cut(100)
    assert branch.arrays(999)["modes_covered"].tolist() == [1, 0.75]
    assert coverage.arrays(999)["modes_covered"].tolist() == [1]


def test_the_looks_stay_few_and_the_last_one_stays():
    coverage, run = seen([8] * MOST), Trainer(TINY)
    run.steps = 100 * MOST + 1
    last = coverage.look(run)
    assert len(coverage._looks) <= MOST // 2 + 1 and coverage._looks[-1] is last


@pytest.mark.parametrize(
    "counts, said",
    [
        ([2], ""),  # too early
        ([2, 2, 2], "after 300 steps G makes 2 modes of 8"),
        ([0, 0, 1], "after 300 steps G makes 1 mode of 8"),
        ([0, 0, 0], "G makes not one mode of 8"),
        ([3, 3, 3], ""),
        ([8, 8, 5], ""),
        ([8, 4], "G makes 4 modes of 8 now; at step 100 it was 8. Rewind"),
        ([3, 8, 7, 3], "G makes 3 modes of 8 now; at step 200 it was 8"),
        ([8, 2, 8], ""),  # it recovered
        ([], ""),
    ],
)
def test_the_alarm(counts, said):
    alarm = seen(counts).alarm(10_000)
    assert said in alarm and bool(alarm) == bool(said)


def test_the_alarm_of_a_step_knows_no_future():
    coverage = seen([8, 3])
    assert coverage.alarm(100) == "" and coverage.alarm(200) != ""


def test_a_run_that_collapses_raises_it():
    """At a D:G ratio of 1:10 on the ring."""
    run, coverage = Trainer(TrainConfig(dataset="ring", g_steps=10)), Coverage()
    run.run(400)
    coverage.look(run)
    assert coverage.alarm(400).startswith("Mode collapse")


@pytest.mark.parametrize("looks, edges", [([2], [99.5, 100.5]), ([2, 1, 3], [50, 150, 250, 350])])
def test_a_picture_of_the_modes_has_a_column_for_each_look(looks, edges):
    ax = plot_mode_history(seen(looks), new_figure().subplots())
    mesh = ax.collections[0]
    assert mesh.get_coordinates()[0, :, 0].tolist() == edges
    assert mesh.get_array().reshape(8, -1)[:, 0].tolist() == [0.5, 0.5] + 6 * [0]


def test_there_is_no_picture_of_nothing():
    with pytest.raises(ValueError, match="look at the run first"):
        plot_mode_history(Coverage(), new_figure().subplots())


def test_a_picture_of_classes_has_a_bar_for_each_and_the_share_of_the_data():
    ax = plot_classes([30, 10, 0], ["a", "b", "c"], new_figure().subplots())
    assert [bar.get_width() for bar in ax.patches] == [0.75, 0.25, 0]
    assert ax.lines[0].get_xdata()[0] == pytest.approx(1 / 3)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["a", "b", "c"]


def test_remedies_are_drawn_with_the_best_on_top_and_their_intervals():
    row = {"modes_low": 1, "modes_high": 3, "seeds": 4}
    rows = [
        row | {"remedy": "good", "modes": 8.0, "seeds_with_all": 4},
        row | {"remedy": "bad", "modes": 2.0, "seeds_with_all": 2},
    ]
    ax = plot_remedies(rows, new_figure().subplots())
    assert [label.get_text() for label in ax.get_yticklabels()] == ["bad", "good"]
    interval, mean = ax.lines[:2]
    assert list(interval.get_xdata()) == [1, 3] and mean.get_xdata()[0] == 2
    assert [text.get_text() for text in ax.texts] == ["2/4", "4/4", "all 8"]
    assert ax.lines[1].get_color() != ax.lines[3].get_color()


def test_the_words_below_the_remedies_are_not_cut_off():
    ax = plot_remedies(remedies(), new_figure("tall").subplots())
    ax.figure.draw_without_rendering()
    assert ax.xaxis.label.get_window_extent().x1 <= ax.figure.bbox.x1
