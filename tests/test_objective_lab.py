"""ObjectiveLab without a browser: formulas in Python and JavaScript against theory and PyTorch, and the live run."""

import json
import math
import subprocess
import threading
import time

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from gan_course import plotting_objective
from gan_course.config import TrainConfig
from gan_course.frames import unpack
from gan_course.live import LiveRun
from gan_course.losses import minimax_g_loss, non_saturating_g_loss
from gan_course.theory.generator import generator_gradient, generator_loss
from gan_course.widgets import objective_lab
from gan_course.widgets.esm import HERE
from gan_course.widgets.objective_lab import ObjectiveLab
from gan_course.widgets.objective_scene import Objective, digits, fixed, ratio_text

TINY = TrainConfig(dataset="ring", width=8, batch_size=16, threads=1)
VERDICTS = [
    (0.5, 0.5),
    (0.8, 0.2),
    (0.001, 0.999),
    (0.999, 0.001),
    (0.3, 0.000335),
    (0.99995, 0.00005),
    (1e-6, 1 - 1e-6),
]


@pytest.fixture
def lab():
    lab = ObjectiveLab(config=TINY)
    yield lab
    lab.live.stop()


def frame(lab):
    return unpack(lab._canvas.frame)


def hand(lab, **message):
    """What the page sends."""
    lab._canvas._handle_custom_msg(message, [])


def until(holds, seconds=10):
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.01)


# ---- formulas -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("d_real, d_fake", VERDICTS)
def test_the_terms_are_those_of_the_value_function_and_minus_its_cross_entropies(d_real, d_fake):
    n = Objective(d_real, d_fake).numbers
    assert n["real_term"] == pytest.approx(math.log(d_real), abs=1e-9)
    assert n["fake_term"] == pytest.approx(math.log1p(-d_fake), abs=1e-9)
    logits = torch.logit(torch.tensor([d_real, d_fake], dtype=torch.float64))
    entropies = F.binary_cross_entropy_with_logits(
        logits, torch.tensor([1.0, 0.0], dtype=torch.float64), reduction="sum"
    )
    assert n["value"] == pytest.approx(-entropies.item(), abs=1e-6) == n["real_term"] + n["fake_term"]


@pytest.mark.parametrize("d_real, d_fake", VERDICTS)
def test_the_slopes_are_the_gradients_of_the_packages_losses(d_real, d_fake):
    n = Objective(d_real, d_fake).numbers
    for name, loss in (("minimax_slope", minimax_g_loss), ("non_saturating_slope", non_saturating_g_loss)):
        logit = torch.logit(torch.tensor([d_fake], dtype=torch.float64)).requires_grad_()
        loss(logit).backward()
        assert n[name] == pytest.approx(logit.grad.item(), abs=1e-9)


def test_the_numbers_the_course_speaks_of(lab):
    lab.set(d_real=0.5, d_fake=0.5)
    assert lab.numbers["value"] == pytest.approx(-math.log(4), abs=1e-12)
    lab.set(d_fake=1 / (1 + math.exp(8)))
    n = lab.numbers
    assert n["non_saturating_slope"] / n["minimax_slope"] == pytest.approx(2981, abs=1)
    assert "2,981 times as hard" in lab.words


SETTINGS = [dict(d_real=r, d_fake=f, form=form) for r, f in VERDICTS for form in ("probability", "logit")]
LOGITS = [-800.0, -50.0, -13.8, -10.0, -8.0, -1.386, -1e-9, 0.0, 0.7, 8.0, 10.0, 36.0, 800.0]
SCRIPT = """
import * as m from "%s";
const { settings, logits } = JSON.parse(process.argv[1]);
console.log(JSON.stringify({
  terms: settings.map(m.valueTerms), words: settings.map(m.objectiveWords),
  losses: logits.map(m.generatorLosses), pulls: logits.map(m.generatorPulls),
  log_sigmoids: logits.map(m.logSigmoid), ratios: logits.filter((l) => Math.abs(l) < 50).map(m.pullRatio),
  logits: settings.map(({ d_fake }) => m.logitOf(d_fake)),
}));
"""


@pytest.fixture(scope="module")
def javascript(node):
    """What objective_maths.mjs says of SETTINGS and LOGITS."""
    script = SCRIPT % (HERE / "objective_maths.mjs").as_uri()
    asked = json.dumps({"settings": SETTINGS, "logits": LOGITS})
    done = subprocess.run([node, "--input-type=module", "-e", script, asked], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_pages_terms_are_pythons(javascript):
    for settings, terms in zip(SETTINGS, javascript["terms"], strict=True):
        numbers = Objective(**settings).numbers
        assert terms == pytest.approx({name: numbers[name] for name in ("real_term", "fake_term", "value")}, abs=1e-9)
    expected = [Objective(**settings).logits[1] for settings in SETTINGS]
    np.testing.assert_allclose(javascript["logits"], expected, atol=1e-9)


def test_the_pages_losses_and_pulls_are_those_of_theory_and_torch(javascript):
    logits = np.array(LOGITS)
    for name in ("minimax", "non-saturating"):
        losses, pulls = ([at[name] for at in javascript[what]] for what in ("losses", "pulls"))
        np.testing.assert_allclose(losses, generator_loss(logits, name), rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(pulls, -generator_gradient(logits, name), rtol=1e-9, atol=1e-15)
    with_torch = F.logsigmoid(torch.tensor(LOGITS, dtype=torch.float64)).numpy()
    np.testing.assert_allclose(javascript["log_sigmoids"], with_torch, rtol=1e-6, atol=1e-300)
    np.testing.assert_allclose(javascript["ratios"], np.exp(-logits[np.abs(logits) < 50]), rtol=1e-9)


def test_the_page_says_the_same_words_as_python(javascript):
    assert javascript["words"] == [Objective(**settings).words for settings in SETTINGS]


def test_numbers_as_texts():
    assert [digits(v) for v in (0.2, 0.000335, 4, 0.99995, 123)] == ["0.200", "0.000335", "4.00", "1.00", "123"]
    assert [ratio_text(v) for v in (2980.96, 999.4, 0.25)] == ["2,981", "999", "0.250"]
    assert (fixed(-0.0001, 3), fixed(-1.386, 3)) == ("0.000", "−1.386")


# ---- the lab --------------------------------------------------------------------------------------------------------


def test_set_is_obeyed_and_on_the_page(lab):
    lab.set(d_real=0.9, d_fake=0.01, form="logit")
    facts, _ = frame(lab)
    assert (facts["d_real"], facts["d_fake"], facts["form"]) == (0.9, 0.01, "logit")
    assert lab.numbers["minimax_slope"] == pytest.approx(-0.01)
    assert repr(lab) == "ObjectiveLab(d_real=0.9, d_fake=0.01, form='logit')"
    assert lab.words.startswith("−V = softplus(−2.20) + softplus(−4.60) = 0.105 + 0.010 = 0.115")


def test_a_hand_is_obeyed_and_answered(lab):
    hand(lab, set={"d_fake": 0.4}, number=5.0)
    until(lambda: frame(lab)[0]["heard"] == 5)
    assert frame(lab)[0]["d_fake"] == 0.4 and lab.numbers["minimax_slope"] == pytest.approx(-0.4)
    hand(lab, set={"d_fake": 0.9}, number=4.0)  # it was overtaken
    hand(lab, set={"d_real": 0.7}, number=6.0)
    until(lambda: frame(lab)[0]["heard"] == 6)
    assert lab._objective == Objective(0.7, 0.4)


def test_the_live_mark_is_the_runs_own_verdict(lab):
    assert frame(lab)[0]["live"] is None and "has not begun" in lab.words
    lab.run(7)
    facts, arrays = frame(lab)
    mean = lab.trainer.history.arrays()["d_fake"][-1]
    assert facts["step"] == 7 == lab.trainer.steps
    assert 1 / (1 + math.exp(-facts["live"])) == pytest.approx(mean, abs=1e-6)
    assert f"step 7: mean D(G(z)) = {mean:.3f}" in lab.words
    np.testing.assert_allclose(arrays["d_fake"], lab.trainer.history.arrays()["d_fake"], rtol=1e-6)
    with torch.no_grad():
        logits = lab.trainer.discriminator(lab.trainer.generator(lab.trainer.latents(64))).flatten()
    np.testing.assert_allclose(arrays["fake_logits"], logits.numpy(), rtol=1e-5)


def test_a_stronger_d_moves_the_mark_to_the_left():
    places = []
    for d_steps in (1, 20):
        lab = ObjectiveLab(config=TrainConfig(dataset="ring", d_steps=d_steps, threads=1))
        lab.run(60)
        places.append(lab.trainer.history.arrays()["d_fake"][-20:].mean())
        lab.live.stop()
    assert places[1] < places[0] - 0.1


def test_looking_does_not_disturb_the_run(lab):
    lab.run(20)
    other = ObjectiveLab(config=TINY)
    for _ in range(20):
        other.run(1)
        other.figure()
        other.set(d_fake=0.3)
    other.live.stop()
    pairs = zip(lab.trainer.generator.parameters(), other.trainer.generator.parameters())
    assert all(torch.equal(one, two) for one, two in pairs)


def test_play_and_pause_by_hand_and_by_method(lab):
    hand(lab, play=True)
    until(lambda: lab.trainer.steps > 3 and frame(lab)[0]["playing"])
    hand(lab, play=False)
    until(lambda: not frame(lab)[0]["playing"])
    lab.pause()  # the round has ended
    steps = lab.trainer.steps
    time.sleep(0.2)
    assert lab.trainer.steps == steps
    lab.play()
    until(lambda: lab.trainer.steps > steps)
    lab.pause()
    until(lambda: frame(lab)[0]["step"] == lab.trainer.steps and not frame(lab)[0]["playing"])


def test_the_ratio_by_hand(lab):
    hand(lab, ratio=[20, 1])
    until(lambda: frame(lab)[0]["ratio"] == "20:1")
    assert (lab.trainer.controls.d_steps, lab.trainer.controls.g_steps) == (20, 1)
    lab.run(1)
    assert lab.trainer.log[-1] == (0, {"d_steps": 20})


def test_play_at_once():
    lab = ObjectiveLab(config=TINY, play=True)
    until(lambda: lab.trainer.steps > 2)
    lab.live.stop()


def test_a_failing_run_says_so(lab, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError("no luck")

    monkeypatch.setattr(lab.trainer, "_play", fail)
    lab.play()
    until(lambda: "no luck" in frame(lab)[0]["message"])
    assert not frame(lab)[0]["playing"]


def test_running_the_cell_again_stops_the_older_lab(monkeypatch):
    monkeypatch.setattr(objective_lab, "cell_name", lambda: "cell 7/0")
    older = ObjectiveLab(config=TINY, play=True)
    until(lambda: older.trainer.steps > 0)
    newer = ObjectiveLab(config=TINY)
    assert not older.live.alive and newer.live.alive
    steps = older.trainer.steps
    time.sleep(0.1)
    assert older.trainer.steps == steps
    newer.live.stop()
    del LiveRun._named["cell 7/0"]


def test_one_thread_at_a_time_writes(lab, monkeypatch):
    inside, most = [], []
    real_pack = objective_lab.pack

    def slow_pack(facts, arrays):
        inside.append(None)
        time.sleep(0.002)
        most.append(len(inside))
        inside.pop()
        return real_pack(facts, arrays)

    monkeypatch.setattr(objective_lab, "pack", slow_pack)
    lab.play()

    def hammer(sign):
        for i in range(1, 21):
            lab.set(d_fake=0.5 + sign * i / 50)
            hand(lab, set={"d_real": i / 30}, number=float(i))

    threads = [threading.Thread(target=hammer, args=(sign,)) for sign in (-1, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lab.pause()
    until(lambda: frame(lab)[0]["heard"] == 20)
    assert len(most) > 20 and set(most) == {1}
    facts, now = frame(lab)[0], lab._objective
    assert (facts["d_real"], facts["d_fake"]) == (now.d_real, now.d_fake)


@pytest.mark.parametrize(
    "settings, error, said",
    [
        (dict(d_real=0), ValueError, "d_real .* from 0.000001 to 0.999999, got 0"),
        (dict(d_fake=1.0), ValueError, "d_fake .* got 1.0"),
        (dict(d_fake=math.nan), ValueError, "d_fake .* got nan"),
        (dict(d_real="½"), TypeError, "d_real must be a number above 0 and below 1, got '½'"),
        (dict(d_real=True), TypeError, "got True"),
        (dict(form="logits"), ValueError, "Unknown form 'logits'. Did you mean 'logit'"),
        (dict(d_reel=0.5), ValueError, "Unknown setting 'd_reel'. Did you mean 'd_real'"),
    ],
)
def test_what_makes_no_sense_is_refused_and_changes_nothing(lab, settings, error, said):
    before = lab._objective
    with pytest.raises(error, match=said):
        lab.set(**{"d_fake": 0.7} | settings)
    assert lab._objective == before and frame(lab)[0]["d_fake"] == before.d_fake


def test_a_config_that_does_not_fit_is_refused():
    with pytest.raises(
        TypeError, match='config must be a TrainConfig, for example TrainConfig.dataset="ring".*got .ring.'
    ):
        ObjectiveLab(config="ring")
    with pytest.raises(ValueError, match="'non-saturating' or 'minimax', got 'hinge'"):
        ObjectiveLab(config=TrainConfig(dataset="ring", loss="hinge"))


def test_a_still_picture_stands_in_where_no_widget_can_be_shown(lab):
    bundle = lab._repr_mimebundle_()
    assert bundle["text/plain"] == "ObjectiveLab(d_real=0.8, d_fake=0.2, form='probability')"
    assert bundle["image/png"].startswith("iVBOR") and "application/vnd.jupyter.widget-view+json" in bundle


def test_the_figure_shows_both_losses_and_both_pulls(lab):
    lab.run(3)
    losses, pulls = lab.figure().axes
    for ax, curve in ((losses, generator_loss), (pulls, lambda at, name: np.abs(generator_gradient(at, name)))):
        drawn = {line.get_label(): line for line in ax.lines}
        for loss, name in plotting_objective.LOSS_NAMES.items():
            x, y = drawn[name].get_data()
            np.testing.assert_allclose(y, curve(x, loss))
        assert drawn["live run"].get_xdata()[0] == pytest.approx(frame(lab)[0]["live"])
