"""DensityLab without a browser: the page's maths against theory, its words against the numbers, what Python may set."""

import json
import math
import re
import subprocess

import numpy as np
import pytest
from scipy.stats import norm

from gan_course import plotting, plotting_density, theory
from gan_course.theory import Mixture, gaussian
from gan_course.theory.grid import integral
from gan_course.widgets import density_scene
from gan_course.widgets.density_lab import DensityLab
from gan_course.widgets.density_scene import MISSED, PRESETS, STORIES, X, number_text
from gan_course.widgets.esm import HERE

LOG_2 = math.log(2)
NUMBERS = ["value", "jsd", "w1", "minimax_pull", "non_saturating_pull"]
ASK = """
import { readFileSync } from "node:fs";
import * as maths from "%(maths)s";
import { BOUNDS, MOST_BUMPS } from "%(shapes)s";
const { pairs, stories, numbers } = JSON.parse(readFileSync(0, "utf8"));
const answers = pairs.map(({ p_data, p_g }) => {
  const [real, fake] = [maths.evaluate(p_data).values, maths.evaluate(p_g).values];
  const { dStar, fooled, numbers } = maths.compare(real, fake);
  const arrays = { p_data: real, p_g: fake, d_star: dStar, fooled };
  const listed = Object.entries(arrays).map(([name, array]) => [name, Array.from(array)]);
  return { ...Object.fromEntries(listed), numbers, words: maths.wordsOf(numbers, stories) };
});
const texts = numbers.map(maths.numberText);
console.log(JSON.stringify({ answers, texts, x: Array.from(maths.GRID), BOUNDS, MOST_BUMPS }));
"""


def ask_page(node, pairs=(), numbers=()):
    """What the page's maths makes of pairs of densities, and of numbers as text."""
    uris = {name: (HERE / f"density_{name}.mjs").as_uri() for name in ("maths", "shapes")}
    question = {"pairs": list(pairs), "numbers": list(numbers), "stories": {"stories": STORIES, "missed": MISSED}}
    done = subprocess.run(
        [node, "--input-type=module", "-e", ASK % uris], input=json.dumps(question), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def lab_of(p_data, p_g):
    lab = DensityLab()
    lab.set(p_data=p_data, p_g=p_g)
    return lab


def state_of(lab):
    return {"p_data": lab._canvas.p_data, "p_g": lab._canvas.p_g}


def random_mixture(rng):
    count = rng.integers(1, 4)
    weights = rng.dirichlet(np.ones(count))
    return Mixture(rng.uniform(-5, 5, count), rng.uniform(0.2, 1.5, count), weights)


def random_line(rng):
    """What a hand may draw: straight pieces, cut off at 0, with jumps."""
    values = np.interp(X, np.sort(rng.uniform(-8, 8, 9)), rng.uniform(-1, 2, 9))
    values[rng.random() * 16 - 8 < X] *= rng.uniform(0, 3)
    return np.maximum(values, 0) + 1e-6 * (rng.random() < 0.5)


def box(low, high):
    return ((low <= X) & (high >= X)).astype(float)


def edge_cases():
    spike, other = np.zeros(len(X)), np.zeros(len(X))
    spike[200], other[201] = 1, 1
    ends = np.zeros(len(X))
    ends[[0, -1]] = 1
    narrow, far = Mixture([-5], [0.2]), Mixture([5], [0.2])
    return [
        (box(-4, -2), box(2, 4)), (box(-2, 1), box(-1, 2)), (box(-1, 0), box(0, 1)), (spike, other), (spike, spike),
        (ends, spike), (box(-8, 8), box(-8, 8)), (narrow, far), (narrow, box(-8, 8)), (box(1, 2), far),
        (Mixture([0, 1], [0.5, 0.5], [1, 0]), Mixture([0], [0.5])), (1e-300 * box(0, 1), 1e300 * box(0, 2)),
        (Mixture([-5, 5], [1.5, 1.5]), Mixture([5], [1.5])),
    ]  # fmt: skip


def all_cases():
    rng = np.random.default_rng(0)
    makers = (random_mixture, random_line)
    return edge_cases() + [(makers[i % 2](rng), makers[i // 2 % 2](rng)) for i in range(120)]


# ---- the page's maths -----------------------------------------------------------------------------------------------


def test_the_page_computes_what_theory_does(node):
    labs = [lab_of(*pair) for pair in all_cases()] + [DensityLab(preset) for preset in PRESETS]
    answers = ask_page(node, (state_of(lab) for lab in labs))["answers"]
    assert len(answers) == len(labs) > 120
    for lab, answer in zip(labs, answers):
        for name in ("p_data", "p_g", "d_star"):
            np.testing.assert_allclose(answer[name], getattr(lab, name), atol=1e-9)
        pulls = density_scene.pulls(lab.p_data, lab.p_g)
        np.testing.assert_allclose(answer["d_star"], pulls["minimax"], atol=1e-9)
        np.testing.assert_allclose(answer["fooled"], pulls["non-saturating"], atol=1e-9)
        expected = lab.numbers | {"missed": density_scene.missed_mass(lab.p_data, lab.p_g)}
        assert answer["numbers"] == pytest.approx(expected, rel=0, abs=1e-6), lab
        assert answer["words"] == lab.words


def test_the_page_knows_the_same_grid_and_bounds(node):
    answer = ask_page(node)
    assert answer["x"] == X.tolist() == DensityLab().x.tolist()
    assert answer["BOUNDS"]["mean"] == list(density_scene.MEANS) and answer["BOUNDS"]["std"] == list(density_scene.STDS)
    assert answer["MOST_BUMPS"] == density_scene.MOST_BUMPS


def test_the_page_writes_numbers_as_python_does(node):
    numbers = [0, 1.23456, -1.38629, 12, 1e-12, 2e-7, 0.0004, 0.0006, -6e-9, -0.0004, -0.0006, 0.69315]
    texts = ask_page(node, numbers=numbers)["texts"]
    assert texts == [number_text(number) for number in numbers]
    assert texts[:6] == ["0.000", "1.235", "−1.386", "12.000", "0.000", "<0.001"] and texts[8] == "0.000"


# ---- the numbers ----------------------------------------------------------------------------------------------------


def test_a_shift_has_its_closed_forms():
    lab = lab_of(Mixture([-1.3], [0.7]), Mixture([2.2], [0.7]))
    numbers = lab.numbers
    assert list(numbers) == NUMBERS
    assert numbers["w1"] == pytest.approx(3.5, abs=1e-6)
    assert numbers["value"] == pytest.approx(2 * numbers["jsd"] - math.log(4), abs=1e-9)
    d_star = 1 / (1 + norm.pdf(X, 2.2, 0.7) / norm.pdf(X, -1.3, 0.7))
    np.testing.assert_allclose(lab.d_star, d_star, atol=1e-12)
    mean = norm.expect(lambda x: 1 / (1 + math.exp((x - 0.45) * 3.5 / 0.49)), loc=2.2, scale=0.7, lb=-8, ub=8)
    assert numbers["minimax_pull"] == pytest.approx(mean, abs=1e-6)
    assert numbers["non_saturating_pull"] == pytest.approx(1 - mean, abs=1e-6)


def test_the_presets_show_what_they_are_called():
    equal, shifted, apart, modes = (DensityLab(preset).numbers for preset in PRESETS)
    assert list(PRESETS) == ["equal", "shifted", "separate supports", "two modes against one"]
    assert equal == pytest.approx(dict(zip(NUMBERS, (-math.log(4), 0, 0, 0.5, 0.5))), abs=1e-9)
    assert shifted["w1"] == pytest.approx(2, abs=1e-6) and 0.1 < shifted["jsd"] < 0.6
    assert apart == pytest.approx(dict(zip(NUMBERS, (0, LOG_2, 6, 0, 1))), abs=1e-6)
    assert modes["w1"] == pytest.approx(2, abs=1e-3) and modes["minimax_pull"] == pytest.approx(1 / 3, abs=1e-3)


def test_what_lies_beyond_the_grid_is_cut_off_and_little():
    for mean in density_scene.MEANS:
        whole = gaussian(X, mean, density_scene.STDS[1])
        lab = lab_of(Mixture([mean], [density_scene.STDS[1]]), Mixture([0], [1]))
        assert integral(lab.p_data, X) == pytest.approx(1, abs=1e-12)
        np.testing.assert_allclose(lab.p_data / lab.p_data.max(), whole / whole.max(), atol=1e-12)
        assert 0.022 < 1 - integral(whole, X) < 0.0235


# ---- words ----------------------------------------------------------------------------------------------------------


def test_the_words_follow_the_numbers():
    beginnings = {
        0.0: "The densities are equal. D* is ½ everywhere",
        0.3: "The densities are nearly equal.",
        2.0: "The densities overlap in part.",
        3.5: "The densities hardly meet.",
        9.0: "The densities never meet. JSD is stuck at log 2 = 0.693",
    }
    for shift, beginning in beginnings.items():
        lab = lab_of(Mixture([-4.5], [1.0]), Mixture([-4.5 + shift], [1.0]))
        assert lab.words.startswith(beginning), shift
        for said in re.findall(r"W₁ = (\d+\.\d+)", lab.words):
            assert float(said) == pytest.approx(shift, abs=6e-3)  # a little of the left bump is beyond the grid


def test_the_words_say_that_a_mode_is_missed():
    assert "50 % of the real mass lies where hardly any fake ever comes" in DensityLab("two modes against one").words
    for preset in ("equal", "shifted", "separate supports"):
        assert "of the real mass" not in DensityLab(preset).words
    fakes_wide = lab_of(Mixture([2], [0.5]), Mixture([-2, 2], [0.5, 0.5]))
    assert "of the real mass" not in fakes_wide.words, "every real one is reached"


def test_strong_words_are_said_only_where_the_numbers_bear_them():
    for shift in np.linspace(0, 9, 361):
        lab = lab_of(Mixture([-4.5], [1.0]), Mixture([-4.5 + shift], [1.0]))
        numbers = lab.numbers
        assert ("never meet" in lab.words) == (numbers["minimax_pull"] < 1e-4)
        if "never meet" in lab.words:
            assert numbers["jsd"] == pytest.approx(LOG_2, abs=1e-3) and numbers["value"] == pytest.approx(0, abs=2e-3)
        assert ("are equal" in lab.words) == (shift == 0)


def test_every_story_can_be_filled_in():
    told = {lab_of(Mixture([-4.5], [1.0]), Mixture([m], [1.0])).words[:30] for m in np.linspace(-4.5, 4.5, 91)}
    assert len(told) == len(STORIES)
    assert not any("{" in words for words in told)


# ---- what Python sets -----------------------------------------------------------------------------------------------


def test_python_sets_mixtures_and_curves():
    lab = DensityLab()
    mixture = Mixture([-2, 0, 3], [0.5, 1, 0.3], [0.2, 0.5, 0.3])
    lab.set(p_g=mixture)
    np.testing.assert_allclose(lab.p_g, mixture.pdf(lab.x), atol=1e-9)
    assert state_of(lab)["p_data"] == PRESETS["shifted"]["p_data"], "the other one stays"
    lab.set(p_data=7 * box(-1, 3))
    np.testing.assert_allclose(lab.p_data, theory.normalize(box(-1, 3), X), atol=1e-12)
    lab.set("separate supports", p_g=mixture)
    expected = {"means": [-2, 0, 3], "stds": [0.5, 1, 0.3], "weights": [0.2, 0.5, 0.3]}
    assert state_of(lab) == {"p_data": PRESETS["separate supports"]["p_data"], "p_g": expected}


def test_both_densities_travel_in_one_message():
    lab, sent = DensityLab(), []
    lab._canvas.send_state = lambda key=None: sent.append(sorted(key))
    lab.set("equal")
    assert sent == [["p_data", "p_g"]]


def test_what_the_page_writes_is_what_python_reads():
    lab = DensityLab()
    state = {"means": [0.25, -1.0], "stds": [0.4, 0.3], "weights": [0.35, 0.65]}
    lab._canvas.set_state({"p_g": state})
    np.testing.assert_array_equal(lab.p_g, density_scene.values_of(state))
    lab._canvas.set_state({"p_data": {"values": box(0, 1).tolist()}})
    assert lab._canvas.p_g == state and lab.p_data[X < 0].max() == 0


def test_no_reader_can_change_the_grid():
    lab = DensityLab()
    lab.x[:] = 0
    assert lab.x[-1] == 8 and X[0] == -8


with_nan, negative = np.ones(801), np.ones(801)
with_nan[3], negative[5] = np.nan, -1
WRONG = [
    (dict(preset="shiftet"), "Unknown preset 'shiftet'. Did you mean 'shifted'"),
    (dict(p_g=np.ones(5)), r"p_g must be a Mixture, or hold one value for each of the 801.*got shape \(5,\).*lab\.x"),
    (dict(p_data=with_nan), "p_data holds a value that is not finite"),
    (dict(p_data=negative), r"p_data is a density and cannot be negative, got -1 at x = -7.9"),
    (dict(p_g=np.zeros(801)), "is 0 all over the grid"),
    (dict(p_g="equal"), "p_g must be a Mixture or numbers on lab.x, got 'equal'"),
    (dict(p_g=Mixture([0], [0.1])), "the stds of p_g must be from 0.2 to 1.5, got 0.1.*Change it, or give values"),
    (dict(p_data=Mixture([0, 6], [1, 1])), "the means of p_data must be from -5 to 5, got 6"),
    (dict(p_data=Mixture([0, 1, 2, 3], [1] * 4)), "p_data may have at most 3 components, got 4"),
]


@pytest.mark.parametrize("settings, said", WRONG)
def test_what_makes_no_sense_is_refused_and_changes_nothing(settings, said):
    lab = DensityLab()
    valid = {"p_data": box(0, 1), "p_g": box(0, 1)}
    with pytest.raises(ValueError, match=said):
        lab.set(**valid | settings)
    assert state_of(lab) == PRESETS["shifted"]


def test_an_unknown_preset_is_refused_from_the_start():
    with pytest.raises(ValueError, match="Unknown preset 'far'. Known: equal, shifted"):
        DensityLab("far")


def test_a_page_cannot_write_what_is_no_density():
    lab = DensityLab()
    with pytest.raises(ValueError, match="stds of p_g"):
        lab._canvas.p_g = {"means": [0.0], "stds": [9.0], "weights": [1.0]}
    assert state_of(lab) == PRESETS["shifted"]


# ---- where no widget can be shown -----------------------------------------------------------------------------------


def test_the_repr_says_what_is_shown():
    lab = DensityLab("separate supports")
    assert repr(lab) == "DensityLab('separate supports')"
    lab.set(p_data=Mixture([-2, 2], [0.5, 0.5]), p_g=box(0, 1))
    assert repr(lab) == "DensityLab(p_data: 0.5·N(-2, 0.5²) + 0.5·N(2, 0.5²); p_g: drawn by hand)"
    lab.set("equal", p_g=Mixture([1.25], [0.7]))
    assert repr(lab) == "DensityLab(p_data: N(0, 1²); p_g: N(1.25, 0.7²))"


def test_a_still_picture_stands_in_where_no_widget_can_be_shown():
    bundle = DensityLab("equal")._repr_mimebundle_()
    assert bundle["text/plain"] == "DensityLab('equal')" and bundle["image/png"].startswith("iVBOR")
    assert "application/vnd.jupyter.widget-view+json" in bundle


def test_the_figure_shows_the_densities_their_discriminator_and_the_numbers():
    lab = DensityLab("two modes against one")
    figure = lab.figure()
    densities, best, pulls = figure.axes
    assert [line.get_ydata().tolist() for line in densities.lines] == [lab.p_data.tolist(), lab.p_g.tolist()]
    np.testing.assert_array_equal(best.lines[1].get_ydata(), lab.d_star)
    seen = best.lines[2].get_ydata()
    assert np.isnan(seen[(abs(X) < 0.05)]).all() and np.isfinite(seen[abs(abs(X) - 2) < 1]).all()
    np.testing.assert_allclose(pulls.lines[0].get_ydata(), lab.d_star, atol=1e-12)
    np.testing.assert_allclose(pulls.lines[2].get_ydata(), 1 - lab.d_star, atol=1e-12)
    texts = [text.get_text() for part in figure.subfigs for text in part.texts]
    assert {number_text(lab.numbers[name]) for name in NUMBERS} <= set(texts)
    assert figure.get_suptitle().replace("\n", " ") == lab.words


def test_single_pictures_go_into_any_axes():
    lab, ax = DensityLab(), plotting.new_figure().subplots()
    assert plotting_density.plot_densities(X, lab.p_data, lab.p_g, ax) is ax
    assert ax.get_xlim() == (-8, 8) and ax.get_ylim()[0] == 0
