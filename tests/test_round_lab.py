"""RoundLab without a browser: buttons, words with measured numbers, and the frame against the networks."""

import re
import threading

import numpy as np
import pytest
import torch

from gan_course import plotting_round
from gan_course.by_hand import STEPS, TURNS, RoundByHand
from gan_course.frames import unpack
from gan_course.widgets.esm import HERE
from gan_course.widgets.round_lab import RoundLab

NETWORKS = {"G": "generator", "D": "discriminator"}


def frame(lab):
    return unpack(lab._canvas.frame)


def hand(lab, press):
    """What the page sends."""
    lab._canvas._handle_custom_msg({"press": press}, [])


def press(lab, *steps):
    for step in steps:
        lab.press(step)
    return lab


# ---- buttons --------------------------------------------------------------------------------------------------------


def test_the_buttons_do_what_the_hand_does():
    lab, alone = RoundLab(3), RoundByHand(3)
    for step in (*TURNS["D"], *TURNS["G"], *TURNS["D"]):
        lab.press(step)
        getattr(alone, step)()
    for name in NETWORKS.values():
        pairs = zip(getattr(lab.hand, name).parameters(), getattr(alone, name).parameters())
        assert all(torch.equal(one, other) for one, other in pairs)


def test_a_hand_on_the_page_does_the_same():
    lab, other = RoundLab(), RoundLab()
    for step in STEPS:
        hand(lab, step)
    press(other, *STEPS)
    assert lab.words == other.words and lab._canvas.frame == other._canvas.frame
    hand(lab, "whole")
    assert (lab.hand.rounds, lab.hand.turn) == (1, "D")
    hand(lab, "restart")
    assert (lab.hand.rounds, lab.hand.turn, lab.moved) == (0, "D", {"G": 0, "D": 0})


@pytest.mark.parametrize("before", [(), ("real",), ("real", "noise", "fake", "judge"), STEPS, (*STEPS, "noise")])
def test_a_whole_round_plays_what_is_left_of_it(before):
    lab, stepwise = press(RoundLab(), *before), press(RoundLab(), *TURNS["D"], *TURNS["G"])
    lab.whole_round()
    assert lab.hand.rounds == 1 and lab.hand.next_step == "real" and lab.words == stepwise.words
    lab.whole_round()
    assert lab.hand.rounds == 2


def test_again_from_the_start_is_the_same_game():
    lab = RoundLab(5)
    first = lab._canvas.frame
    lab.whole_round()
    once = lab._canvas.frame
    lab.restart()
    assert lab._canvas.frame == first
    lab.whole_round()
    assert lab._canvas.frame == once


def test_moved_counts_whose_turn_it_was():
    lab = press(RoundLab(), *STEPS)
    assert lab.moved == {"G": 0, "D": 33} and "33 of 33 weights of D moved, 0 of 42 of G." in lab.words
    press(lab, *TURNS["G"])
    assert lab.moved == {"G": 42, "D": 0} and "42 of 42 weights of G moved, 0 of 33 of D." in lab.words


# ---- words ----------------------------------------------------------------------------------------------------------


def said_number(lab, pattern):
    return float(re.search(pattern, lab.words)[1])


def test_the_words_say_what_was_measured():
    lab = press(RoundLab(), "real", "noise", "fake", "judge")
    x, z, fakes = lab.hand.x, lab.hand.z, lab.hand.fakes

    def mean(points):
        return lab.hand.discriminator(points).sigmoid().mean().item()

    assert said_number(lab, r"D\(x\) = ([\d.]+)") == pytest.approx(mean(x), abs=6e-4)
    assert said_number(lab, r"D\(G\(z\)\) = ([\d.]+)") == pytest.approx(mean(fakes), abs=6e-4)
    cost = (
        -(lab.hand.discriminator(x).sigmoid().log() + (1 - lab.hand.discriminator(fakes).sigmoid()).log()).mean().item()
    )
    assert said_number(lab, r"d_loss = ([\d.]+);") == pytest.approx(cost, abs=6e-4)
    lab.press("update")
    assert said_number(lab, r"get D\(x\) = ([\d.]+)") == pytest.approx(mean(x), abs=6e-4), "judged by the new D"
    press(lab, "noise", "fake", "judge")
    z, before = lab.hand.z, lab.hand.fakes
    assert said_number(lab, r"g_loss = ([\d.]+);") == pytest.approx(
        -lab.hand.discriminator(before).sigmoid().log().mean().item(), abs=6e-4
    )
    lab.press("update")
    assert said_number(lab, r"D\(G\(z\)\) = ([\d.]+)") == pytest.approx(mean(lab.hand.generator(z)), abs=6e-4)


def test_every_step_says_what_comes_next():
    lab = RoundLab()
    assert "Press 1" in lab.words
    for step in (*TURNS["D"], *TURNS["G"]):
        lab.press(step)
        number = STEPS.index(lab.hand.next_step) + 1
        assert f"Next: {number}, " in lab.words
    assert "Round 1 is done" in lab.words


def test_g_needs_no_real_points_and_the_lab_says_so():
    lab = press(RoundLab(), *STEPS)
    assert "Now it is G's turn, which needs no real x" in lab.words


@pytest.mark.parametrize(
    "before, step, said", [((), "judge", "needs real points"), (STEPS, "real", "G never sees real data")]
)
def test_out_of_order_is_answered_in_words_and_changes_nothing(before, step, said):
    lab = press(RoundLab(), *before)
    before, arrays = frame(lab)
    lab.press(step)
    assert said in lab.words
    facts, now = frame(lab)
    assert facts.pop("refused") and not before.pop("refused")
    assert facts.pop("words") == lab.words != before.pop("words")
    assert facts == before and all(np.array_equal(arrays[name], now[name], equal_nan=True) for name in arrays | now)
    lab.press(facts["next"])
    assert not frame(lab)[0]["refused"]


def test_an_unknown_button_names_the_nearest():
    with pytest.raises(ValueError, match="Unknown step 'juge'. Did you mean 'judge'"):
        RoundLab().press("juge")


# ---- the picture ----------------------------------------------------------------------------------------------------


def test_the_frame_holds_what_lies_on_the_table():
    lab = RoundLab()
    assert set(frame(lab)[1]) == {"change_G", "change_D"}
    press(lab, "real", "noise", "fake")
    _, arrays = frame(lab)
    assert "field" not in arrays and "fakes_now" not in arrays
    for name, tensor in (("x", lab.hand.x), ("z", lab.hand.z), ("fakes", lab.hand.fakes)):
        np.testing.assert_allclose(arrays[name], tensor.numpy(), rtol=1e-6)
    lab.press("judge")
    _, arrays = frame(lab)
    np.testing.assert_allclose(arrays["real_verdicts"], lab.hand.verdict.real.numpy(), rtol=1e-6)
    assert arrays["field"].shape == (41, 41) and arrays["field"].dtype == np.uint8


def test_after_an_update_the_frame_holds_what_it_moved():
    lab = press(RoundLab(), *STEPS, "noise", "fake", "judge")
    z, fakes = lab.hand.z, lab.hand.fakes.detach().numpy()
    lab.press("update")
    facts, arrays = frame(lab)
    np.testing.assert_allclose(arrays["fakes"], fakes, rtol=1e-6)
    now = lab.hand.generator(z).detach().numpy()
    np.testing.assert_allclose(arrays["fakes_now"], now, rtol=1e-6)
    assert np.abs(now - fakes).max() > 0.01 and "x" not in arrays and facts["updated"] == facts["learned"] == "G"
    assert facts["numbers"]["g_loss"].count(" → ") == 1 and "→" not in facts["numbers"]["d_loss"]
    lab.press("real")
    facts, arrays = frame(lab)
    assert "fakes" not in arrays and facts["updated"] == "" and facts["learned"] == "G"
    assert np.nanmax(np.abs(arrays["change_G"])) > 0, "the weights keep the last update's colours"


@pytest.mark.parametrize("steps, moved, still", [(STEPS, "D", "G"), ((*STEPS, *TURNS["G"]), "G", "D")])
def test_only_the_cells_of_whose_turn_it_was_have_changed(steps, moved, still):
    lab = press(RoundLab(), *steps)
    _, arrays = frame(lab)
    cells = arrays[f"change_{moved}"]
    assert np.isfinite(cells).sum() == lab.moved[moved] == (cells[np.isfinite(cells)] != 0).sum()
    assert not np.nan_to_num(arrays[f"change_{still}"]).any()


def test_cells_stand_in_the_column_of_their_hidden_unit():
    into, bias, out, out_bias = (
        np.arange(6.0).reshape(3, 2),
        np.array([6, 7, 8.0]),
        np.array([[9, 10, 11.0]]),
        np.array([12.0]),
    )
    table = plotting_round.cells([into, bias, out, out_bias])
    expected = [[0, 2, 4, np.nan], [1, 3, 5, np.nan], [6, 7, 8, np.nan], [9, 10, 11, 12]]
    np.testing.assert_array_equal(table, expected)


def test_shades_of_the_field():
    shades = plotting_round.field_shades(np.array([0.0, 0.35, 0.5, 0.575, 0.65, 1.0]))
    assert shades.tolist() == [0, 0, 128, 191, 255, 255]


@pytest.mark.parametrize(
    "steps, lit",
    [((), []), (STEPS[:1], ["x"]), (STEPS[:2], ["z"]), (STEPS[:3], ["z", "G", "fake"]), (STEPS[:4], ["x", "fake", "D"]),
     (STEPS, ["D"]), ((*STEPS, "noise", "fake", "judge"), ["fake", "D"]), ((*STEPS, *TURNS["G"]), ["G"])],
)  # fmt: skip
def test_the_diagram_is_lit_where_the_step_acts(steps, lit):
    assert frame(press(RoundLab(), *steps))[0]["lit"] == lit


def test_the_page_names_the_sizes_that_the_networks_have():
    page = (HERE / "round_canvas.mjs").read_text()
    for name, role in NETWORKS.items():
        size = sum(p.numel() for p in getattr(RoundLab().hand, role).parameters())
        assert f'node("{name}", "{name}", "{size} weights")' in page and f"{name}: {size}" in page


def test_one_thread_at_a_time_presses():
    lab, failures = RoundLab(), []

    def hammer():
        try:
            for _ in range(15):
                hand(lab, "whole")
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=hammer) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures and lab.hand.rounds == 45 and frame(lab)[0]["round"] == 46


# ---- where no widget can be shown -----------------------------------------------------------------------------------


def test_a_still_picture_stands_in_where_no_widget_can_be_shown():
    lab = RoundLab(2)
    bundle = lab._repr_mimebundle_()
    assert bundle["text/plain"] == "RoundLab(seed=2)" and bundle["image/png"].startswith("iVBOR")
    assert "application/vnd.jupyter.widget-view+json" in bundle


def test_the_figure_shows_the_points_and_the_weights():
    lab = press(RoundLab(), "real", "noise", "fake", "judge")
    noise, table, g_cells, d_cells = lab.figure().axes
    np.testing.assert_allclose(noise.collections[0].get_offsets(), lab.hand.z.numpy(), rtol=1e-6)
    np.testing.assert_allclose(table.collections[0].get_offsets(), lab.hand.x.numpy(), rtol=1e-6)
    assert len(table.images) == 1
    lab.press("update")
    titles = [ax.get_title() for ax in lab.figure().axes[2:]]
    assert titles == ["G: 0 of 42 weights moved", "D: 33 of 33 weights moved"]


def test_a_bad_seed_is_refused():
    with pytest.raises(TypeError, match="seed must be a whole number, at least 0, got 1.5"):
        RoundLab(1.5)
