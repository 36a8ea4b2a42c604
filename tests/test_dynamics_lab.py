"""DynamicsLab without a browser: its words against measured runs, its picture against the run, its controls."""

import json
import re
import threading
import time
import warnings

import numpy as np
import pytest

from gan_course import plotting, plotting_dynamics
from gan_course.dynamics import GAMES, METHODS, growth, simulate, velocity
from gan_course.frames import pack, unpack
from gan_course.widgets import dynamics_lab
from gan_course.widgets.dynamics_lab import DynamicsLab
from gan_course.widgets.dynamics_scene import DRAG_STEPS, Scene, Settings, factor_text

TINY = (1e-6, 5e-7)  # so close to the equilibrium that the game is linear


def frame(lab):
    return unpack(lab._canvas.frame)


def hand(lab, number, held=False, **settings):
    """What the page sends."""
    lab._canvas._handle_custom_msg({"set": settings, "held": held, "number": number}, [])


# ---- words ----------------------------------------------------------------------------------------------------------

SAID = [  # settings, the factor in the words, the fate in the words
    (dict(), 1.0198, "spirals outwards"),
    (dict(step_size=0.05), 1.00125, "spirals outwards"),
    (dict(step_size=0.01, steps=2000), 1.00005, "spirals outwards"),
    (dict(method="alternating"), 1, "circles for ever"),
    (dict(r1_gamma=0.2), 1, "circles for ever"),  # γ = ha² balances the simultaneous drift
    (dict(r1_gamma=0.3), 0.9899, "spirals in and comes to rest"),
    (dict(game="dirac-minimax"), 1.00499, "spirals outwards"),
    (dict(game="dirac-minimax", r1_gamma=0.3), 0.9747, "spirals in and comes to rest"),
    (dict(game="dirac-non-saturating", method="alternating"), 1, "circles for ever"),
    (dict(game="dirac-minimax", r1_gamma=1.0), 0.9, "comes to rest without circling"),
    (dict(game="dirac-minimax", r1_gamma=1.6, method="alternating"), 0.9662, "comes to rest without circling"),
    (dict(step_size=1.0, r1_gamma=1.5, method="alternating", steps=60), 1, "jumps to and fro and never comes to rest"),
    (dict(step_size=1.0, r1_gamma=2.0, method="alternating", steps=60), 1.618, "jumps to and fro, ever farther"),
]


def measured_factor(trajectory):
    """The slope of log r over the second half of a run, by least squares."""
    logs = np.log(np.hypot(*trajectory.T))
    half = len(logs) // 2
    return np.exp(np.polyfit(np.arange(half), logs[-half:], 1)[0])


def measured_fate(trajectory, factor):
    theta, psi = trajectory[len(trajectory) // 2 :].T
    if (np.sign(theta[1:]) == -np.sign(theta[:-1])).all():
        return "to and fro"
    angle = np.unwrap(np.arctan2(psi, theta))
    round_and_round = abs(angle[-1] - angle[0]) > 2 * np.pi
    if abs(factor - 1) < 2e-5:
        return "circles"
    return ("spirals" if round_and_round else "without circling") + (" outwards" if factor > 1 else "")


@pytest.mark.parametrize("settings, factor, fate", SAID)
def test_the_words_agree_with_the_measured_tail_of_the_run(settings, factor, fate):
    lab = DynamicsLab(start=TINY, **{"steps": 1000} | settings)
    said = float(re.search(r"distance by (?:exactly )?([\d.]+), so the run", lab.words)[1])
    assert said == factor and f"so the run {fate}." in lab.words
    measured = measured_factor(lab.trajectory)
    assert measured == pytest.approx(said, abs=max(3e-5, 0.03 * abs(said - 1)))
    if abs(said - 1) > 1e-5:
        assert (measured > 1) == (said > 1)
    assert all(word in fate for word in measured_fate(lab.trajectory, said).split())


@pytest.mark.parametrize("game", GAMES)
@pytest.mark.parametrize("method", METHODS)
def test_a_run_turns_where_the_eigenvalues_of_one_step_are_complex(game, method):
    for h in (0.01, 0.2, 1.0, 3.0, 5.0):
        for gamma in (0.0, 0.3, 0.85, 1.1, 1.6, 2.2):
            steps = [simulate(game, start, h, 1, method, gamma)[1] * 1e6 for start in ((1e-6, 0.0), (0.0, 1e-6))]
            complex_pair = bool(np.linalg.eigvals(np.stack(steps, 1)).imag.any())
            assert Settings(game, (1, 1), h, 1, method, gamma).turns == complex_pair, (h, gamma)


def test_at_its_critical_penalty_the_dirac_gan_does_not_turn():
    assert not Settings("dirac-minimax", r1_gamma=1.0).turns
    assert Settings("dirac-minimax", r1_gamma=0.99).turns


def test_what_happens_only_in_the_long_run_is_said_to():
    assert "near the middle every step stretches" in DynamicsLab().words
    for settings in (dict(method="alternating"), dict(r1_gamma=0.3)):
        assert "near the middle, in the long run, every step" in DynamicsLab(**settings).words


def test_the_words_say_how_the_run_went():
    assert DynamicsLab().words.endswith(
        "This run: distance 1.41 at the start, 508 after 300 steps; it left the picture at step 138."
    )
    assert DynamicsLab(method="alternating").words.endswith("1.44 after 300 steps.")
    assert "too large for a float after 2,000 steps" in DynamicsLab(step_size=3.0, steps=2000).words
    assert "starts at the equilibrium and stays there" in DynamicsLab(start=(0, 0)).words


def test_factors_close_to_1_keep_their_difference():
    assert factor_text(1.0000125) == "1.0000125"
    assert factor_text(0.9) == "0.9"
    assert factor_text(0.0) == "0"
    assert factor_text(1.41421356) == "1.4142"


# ---- the picture ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "trajectory, reach",
    [
        ([(0.1, 0.0), (0.0, -0.1)], 1.5),  # at least
        ([(1, 1), (-1.9, 0)], 2),
        ([(1, 1), (0, 2.0)], 3),  # some room is left
        ([(1, 1), (7.5, 0)], 8),
        ([(1, 1), (0, 999)], 20),  # at most
        ([(0, 1.2), (0, 999)], 20),  # 24 is not a round number
        ([(0.01, 0), (np.inf, np.nan)], 1.5),
        ([(0, 0), (0, 0)], 1.5),
        ([(2, 1), (0, -37)], 40),
    ],
)
def test_bounds_are_round_and_hold_the_run_if_they_may(trajectory, reach):
    assert plotting_dynamics.picture_reach(np.array(trajectory, float)) == pytest.approx(reach)


def test_left_at_is_the_first_step_outside():
    scene = Scene(Settings())
    expected = next(i for i, place in enumerate(scene.trajectory) if max(map(abs, place)) > scene.reach)
    assert scene.left_at == expected == 138
    assert Scene(Settings(method="alternating")).left_at is None


@pytest.mark.parametrize("game", GAMES)
def test_the_arrows_point_where_the_game_flows_and_keep_apart(game):
    x, y, across, up = plotting_dynamics.flow(game, 3.0, 0.4).T
    theta_rate, psi_rate = velocity(game, x, y, 0.4)
    np.testing.assert_allclose(across * psi_rate, up * theta_rate, atol=1e-12)
    moving = np.hypot(theta_rate, psi_rate) > 0
    assert (across * theta_rate + up * psi_rate)[moving].min() > 0 and not moving.all()
    lengths, speeds = np.hypot(across, up), np.hypot(theta_rate, psi_rate)
    assert lengths.max() < np.diff(np.unique(x)).min()
    np.testing.assert_allclose(lengths**2 / lengths.max() ** 2, speeds / speeds.max(), atol=1e-12)
    assert max(abs(x).max(), abs(y).max()) + lengths.max() / 2 < 3


@pytest.mark.parametrize("steps", [0, 1, 10, 300, 2000])
def test_dots_thin_out_in_time(steps):
    dots = plotting_dynamics.dot_steps(steps)
    assert dots[0] == 0 and dots[-1] == steps and len(dots) <= 40
    gaps = np.diff(dots)
    assert (gaps > 0).all() and (np.diff(gaps) >= -1).all()  # rounding may make a gap shorter by one


def test_the_frame_holds_the_run():
    lab = DynamicsLab("dirac-minimax", (0.5, -1.0), 0.1, 250, "alternating", 0.2)
    expected = simulate("dirac-minimax", (0.5, -1.0), 0.1, 250, "alternating", 0.2)
    np.testing.assert_array_equal(lab.trajectory, expected)
    facts, arrays = frame(lab)
    np.testing.assert_allclose(arrays["path"], expected, rtol=1e-6)
    assert facts["start"] == [0.5, -1.0] and facts["points"] and facts["words"] == lab.words and not facts["log"]
    np.testing.assert_allclose(arrays["distance"], np.hypot(*expected.T), rtol=1e-6)
    foretold = np.hypot(0.5, 1) * growth("dirac-minimax", 0.1, "alternating", 0.2) ** np.arange(251)
    np.testing.assert_allclose(arrays["theory"], foretold, rtol=1e-5)
    assert "other" not in arrays


def test_a_chart_over_decades_is_logarithmic():
    facts, arrays = frame(DynamicsLab())
    assert facts["log"] and facts["low"] < np.log10(2**0.5) and facts["high"] > np.log10(508)
    distance = np.hypot(*simulate("bilinear", (1, 1), 0.2, 300).T)
    np.testing.assert_allclose(arrays["distance"], np.log10(distance), rtol=1e-5)
    np.testing.assert_allclose(arrays["theory"], arrays["distance"], atol=1e-5)  # on xy theory holds everywhere


def test_both_methods_on_request():
    lab = DynamicsLab(method="alternating")
    lab.set(both=True)
    facts, arrays = frame(lab)
    inside = np.abs(arrays["other"]).max(1) < 100
    expected = simulate("bilinear", (1, 1), 0.2, 300, "simultaneous")
    np.testing.assert_allclose(arrays["other"][inside], expected[inside], rtol=1e-6)
    assert inside.sum() > 200 and facts["other"] == "simultaneous"
    assert facts["log"], "the chart has room for the other run"


EXTREME = [
    dict(step_size=3.0, steps=2000), dict(start=(0, 0)), dict(steps=0), dict(step_size=1.0, r1_gamma=2.0),
    dict(game="dirac-non-saturating", step_size=3.0, steps=2000, method="alternating"),
    dict(game="dirac-minimax", r1_gamma=2.0, steps=2000), dict(start=(1e-300, 0), steps=2000, r1_gamma=1.0),
    dict(step_size=50.0, r1_gamma=50.0, steps=2000), dict(game="dirac-minimax", step_size=1.0, steps=2000),
]  # fmt: skip


@pytest.mark.parametrize("settings", EXTREME)
def test_what_floats_cannot_hold_is_drawn_as_far_as_it_goes(settings):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        lab = DynamicsLab(**settings)
        lab.set(both=True)
        lab._repr_mimebundle_()
    facts, arrays = frame(lab)
    json.dumps(facts, allow_nan=False)
    assert facts["low"] < facts["high"]
    assert not np.isinf(arrays["path"]).any() and np.isfinite(arrays["path"][0]).all()
    assert np.nan_to_num(np.abs(arrays["path"])).max() <= 1e3 * facts["reach"]


# ---- the lab --------------------------------------------------------------------------------------------------------


def test_every_control_is_obeyed():
    lab = DynamicsLab()
    for name, value in dict(game="dirac-minimax", method="alternating", both=True).items():
        lab._menus[name].value = value
    for number, (name, value) in enumerate(dict(start=[-0.5, 2], steps=120, step_size=0.1, r1_gamma=0.5).items(), 1):
        hand(lab, number, **{name: value})
    assert lab._settings == Settings("dirac-minimax", (-0.5, 2.0), 0.1, 120, "alternating", 0.5, True)
    expected = simulate("dirac-minimax", (-0.5, 2.0), 0.1, 120, "alternating", 0.5)
    np.testing.assert_array_equal(lab.trajectory, expected)
    facts, arrays = frame(lab)
    np.testing.assert_allclose(arrays["path"], expected, rtol=1e-6)
    assert facts["heard"] == 4


def test_menus_and_sliders_follow_python():
    lab = DynamicsLab()
    lab.set(game="dirac-non-saturating", start=(8.0, -0.25), step_size=0.123, steps=305, r1_gamma=0.3, both=True)
    values = {name: menu.value for name, menu in lab._menus.items()}
    assert values == dict(game="dirac-non-saturating", method="simultaneous", both=True)
    facts, _ = frame(lab)
    assert [facts[name] for name in ("start", "step_size", "steps", "r1_gamma")] == [[8.0, -0.25], 0.123, 305, 0.3]
    assert lab.trajectory.shape == (306, 2) and lab.trajectory[0].tolist() == [8.0, -0.25]


def test_a_held_start_keeps_the_bounds_and_a_short_run():
    lab = DynamicsLab("dirac-minimax", steps=2000, r1_gamma=0.2)
    reach = frame(lab)[0]["reach"]
    hand(lab, 10, held=True, start=[4.0, 3.0])
    facts, arrays = frame(lab)
    assert (facts["reach"], facts["heard"], facts["start"]) == (reach, 10, [4, 3])
    assert len(arrays["path"]) == DRAG_STEPS + 1 and facts["steps"] == 2000
    assert lab.trajectory.shape == (2001, 2)
    hand(lab, 11, start=[4.0, 3.0])
    facts, arrays = frame(lab)
    assert facts["reach"] > 4 and len(arrays["path"]) == 2001


def test_a_move_that_was_overtaken_is_dropped():
    lab = DynamicsLab()
    hand(lab, 20, held=True, start=[2.0, 0.0])
    hand(lab, 19, held=True, start=[0.5, 0.0])
    assert lab._settings.start == (2.0, 0.0)


def test_one_thread_at_a_time_writes_and_the_last_word_wins(monkeypatch):
    lab, inside, failures = DynamicsLab("dirac-minimax"), [], []

    def slow_pack(facts, arrays):
        inside.append(len(inside))
        time.sleep(0.002)
        most.append(len(inside))
        inside.pop()
        return pack(facts, arrays)

    def hammer(sign):
        try:
            for i in range(1, 11):
                lab.set(start=(sign * i / 10, 1.0), method=METHODS[i % 2])
                hand(lab, 100 * i + sign, held=True, start=[sign, i / 10], both=sign > 0)
        except Exception as error:
            failures.append(error)

    most: list[int] = []
    monkeypatch.setattr(dynamics_lab, "pack", slow_pack)
    threads = [threading.Thread(target=hammer, args=(sign,)) for sign in (-1, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures and set(most) == {1}
    now, (facts, arrays) = lab._settings, frame(lab)
    assert (facts["start"], facts["both"], facts["other"]) == (list(now.start), now.both, now.other_method)
    np.testing.assert_allclose(arrays["path"], now.play()[: len(arrays["path"])], rtol=1e-6)
    assert {name: menu.value for name, menu in lab._menus.items()} == {n: getattr(now, n) for n in lab._menus}


@pytest.mark.parametrize(
    "settings, said",
    [
        (dict(game="dirac"), r"Unknown game 'dirac'.*dirac-minimax"),
        (dict(method="both"), "Unknown method 'both'.*simultaneous, alternating"),
        (dict(step_size=0), "step_size must be a finite number above 0, got 0"),
        (dict(r1_gamma=-1), "r1_gamma must be a finite number, at least 0, got -1"),
        (dict(steps=-1), "steps must be a whole number, at least 0, got -1"),
        (dict(steps=2.5), "steps must be a whole number"),
        (dict(start=(1.0,)), r"start must be two finite numbers \(θ, ψ\), got \(1.0,\)"),
        (dict(start=(1.0, np.nan)), "start must be two finite numbers"),
    ],
)
def test_what_makes_no_sense_is_refused_and_changes_nothing(settings, said):
    with pytest.raises(ValueError, match=said):
        DynamicsLab(**settings)
    lab = DynamicsLab()
    before = lab._canvas.frame
    with pytest.raises(ValueError, match=said):
        lab.set(start=(0.3, 0.3), **settings) if "start" not in settings else lab.set(**settings)
    assert lab._canvas.frame == before and lab._settings == Settings()


def test_an_unknown_setting_names_the_nearest():
    with pytest.raises(ValueError, match="Unknown setting 'step'.*Did you mean 'steps'"):
        DynamicsLab().set(step=3)


def test_a_still_picture_stands_in_where_no_widget_can_be_shown():
    lab = DynamicsLab("dirac-minimax", r1_gamma=0.3)
    bundle = lab._repr_mimebundle_()
    assert bundle["text/plain"] == (
        "DynamicsLab('dirac-minimax', start=(1.0, 1.0), step_size=0.2, steps=300, method='simultaneous', r1_gamma=0.3)"
    )
    assert bundle["image/png"].startswith("iVBOR")
    assert "application/vnd.jupyter.widget-view+json" in bundle


def test_the_static_figures_show_the_run_and_theory():
    run = simulate("bilinear", (1.0, 1.0), 0.2, 300)
    phase, chart = plotting.new_figure("lab").subplots(1, 2)
    plotting_dynamics.plot_phase("bilinear", run, phase)
    plotting_dynamics.plot_distance(run, growth("bilinear", 0.2), chart)
    assert phase.get_xlim() == phase.get_ylim() == (-20, 20)
    assert any(np.array_equal(line.get_xydata(), run) for line in phase.lines)
    measured, theory = (line.get_ydata() for line in chart.lines)
    np.testing.assert_allclose(measured, theory, rtol=1e-9)
    assert chart.get_yscale() == "log"
