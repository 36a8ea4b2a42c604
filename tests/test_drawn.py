"""Points about drawn lines: where they lie, how many about each line, and what is refused."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from traitlets import TraitError

from gan_course import TrainConfig, Trainer
from gan_course.data.drawn import drawn_points
from gan_course.widgets.data_pad import DataPad

LINE = [[-1.0, 0.5], [-0.9, 0.5], [1.0, 0.5]]  # its middle knot must not show in the density
N = 40_000


def samples(strokes, n=N, **kwargs):
    return drawn_points(strokes, n, **kwargs).samples.double()


def test_about_a_straight_stroke_points_are_uniform_along_it_and_normal_across():
    x, y = samples([LINE], thickness=0.05).T
    across = y - 0.5
    error = 5 / math.sqrt(N)  # five standard errors, of a variable of standard deviation 1
    assert abs(across.mean()) < 0.05 * error
    assert across.std() == pytest.approx(0.05, rel=error)
    assert (across**4).mean() / across.var() ** 2 == pytest.approx(3, abs=5 * math.sqrt(24 / N))
    assert abs(x.mean()) < math.sqrt(1 / 3) * error
    assert x.var() == pytest.approx(1 / 3 + 0.05**2, abs=0.3 * error)  # uniform on [-1, 1], plus the blur
    assert abs((x * across).mean()) < 0.05 * error
    shares = torch.histc(x, 8, -0.8, 0.8) / N
    assert torch.allclose(shares, torch.full((8,), 0.1, dtype=torch.double), atol=0.4 * error)


def test_points_turn_the_corner_with_the_stroke():
    near = samples([[[0, 0], [1, 0], [1, 1]]], thickness=0.001)
    on_first, on_second = near[:, 1].abs() < 0.006, (near[:, 0] - 1).abs() < 0.006
    assert (on_first | on_second).all()
    assert on_first.double().mean() == pytest.approx(0.5, abs=0.02)


def test_strokes_get_points_in_proportion_to_their_length():
    above = samples([[[-1, 1], [0, 1]], [[-1, -1], [1, -1], [1, -1], [-1, -1]]])[:, 1] > 0
    assert above.double().mean() == pytest.approx(1 / 5, abs=5 * math.sqrt(0.16 / N))


@pytest.mark.parametrize(
    "dot", [[[1, 0]], [[1, 0], [1, 0]], [[1, 0], [1.01, 0]]], ids=["one point", "the same point twice", "a short slip"]
)
def test_a_dot_counts_as_four_thicknesses(dot):
    points = samples([[[-1, 0], [-0.2, 0]], dot], thickness=0.05)  # 0.8 long, and 4 * 0.05 = 0.2
    dotted = points[points[:, 0] > 0.4]
    assert len(dotted) / N == pytest.approx(0.2, abs=5 * math.sqrt(0.16 / N))
    assert dotted.mean(dim=0).tolist() == pytest.approx([np.mean([x for x, _ in dot]), 0], abs=0.004)
    assert dotted.std(dim=0).tolist() == pytest.approx([0.05, 0.05], rel=0.06)


def test_the_order_tells_nothing():
    above = samples([[[0, 1], [1, 1]], [[0, -1], [1, -1]]])[:, 1] > 0
    assert above[: N // 10].double().mean() == pytest.approx(0.5, abs=0.05)


def test_the_data_set():
    drawn = drawn_points([LINE])
    assert (drawn.name, drawn.kind, drawn.samples.dtype) == ("drawn", "points", torch.float32)
    assert drawn.samples.shape == (5000, 2)
    assert drawn.labels is None and drawn.centers is None


def test_same_seed_same_bits_and_other_seeds_others():
    state = torch.get_rng_state()
    first, again, other = (drawn_points([LINE], 100, seed=seed) for seed in (3, 3, 4))
    assert first.digest == again.digest != other.digest
    assert torch.equal(torch.get_rng_state(), state), "PyTorch's own generator was touched"


@settings(deadline=None, max_examples=50)
@given(
    st.lists(
        st.lists(st.tuples(*[st.floats(-1.5, 1.5)] * 2), min_size=1, max_size=5), min_size=1, max_size=4,
    ),
    st.floats(0.01, 0.2),
)  # fmt: skip
def test_any_drawing_gives_finite_points_near_it(strokes, thickness):
    points = drawn_points(strokes, 200, thickness).samples
    assert points.shape == (200, 2) and points.isfinite().all()
    low, high = (torch.tensor([end(xy) for xy in zip(*sum(strokes, []))]) for end in (min, max))
    assert (points > low - 6 * thickness).all() and (points < high + 6 * thickness).all()


@pytest.mark.parametrize(
    ("strokes", "kwargs", "message"),
    [
        ([], {}, "no strokes to learn from: draw"),
        ([LINE, []], {}, r"stroke 1 has shape \(0,\)\.$"),
        (LINE, {}, r"shape \(K, 2\).*stroke 0 has shape \(2,\)\. A single stroke goes into a list"),
        ([[[0, 0, 0]]], {}, r"stroke 0 has shape \(1, 3\)"),
        ([LINE, [[0, 0], [1]]], {}, "stroke 1 is not"),
        ([["one"]], {}, "stroke 0 is not"),
        ([{}], {}, "stroke 0 is not"),
        ([LINE, [[0, math.nan]]], {}, "finite coordinates, stroke 1"),
        ([[[0, math.inf]]], {}, "finite coordinates, stroke 0"),
        ([[[0, 1e39]]], {}, "finite coordinates, stroke 0"),
        ([LINE], {"thickness": 0}, "thickness to be above 0 and finite, got 0"),
        ([LINE], {"thickness": -0.1}, "thickness.*got -0.1"),
        ([LINE], {"thickness": math.nan}, "thickness.*got nan"),
        ([LINE], {"thickness": math.inf}, "thickness.*got inf"),
        ([LINE], {"n": 1}, "n, the number of points, to be at least 2, got 1"),
    ],
)
def test_refusals_say_what_was_got(strokes, kwargs, message):
    with pytest.raises(ValueError, match=message):
        drawn_points(strokes, **kwargs)


def test_a_drawing_can_be_learned():
    trainer = Trainer(TrainConfig(), data=drawn_points([LINE, [[0, -1]]]))
    trainer.run(5)
    assert trainer.steps == 5
    assert trainer.sample(7).shape == (7, 2)


@pytest.mark.parametrize(
    "wrong", [{"strokes": [[[0, 0, 0]]]}, {"strokes": [[]]}, {"strokes": [[0, 0]]}, {"thickness": 0.3}]
)
def test_a_pad_takes_nothing_that_it_cannot_show(wrong):
    with pytest.raises(TraitError):
        DataPad(**wrong)
    assert repr(DataPad(strokes=[LINE, [[0, 1]]])) == "DataPad()"
