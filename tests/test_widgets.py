"""GanLab without a browser: its controls steer, its frames show, its refusals are said."""

import time

import numpy as np
import pytest
import torch

from gan_course import GanLab, RecipeError, TrainConfig, Trainer, TrainingDiverged, plotting, replay
from gan_course.bugs import plant
from gan_course.data import as_dataset
from gan_course.frames import unpack
from gan_course.metrics import mode_coverage
from gan_course.probes import generator_gradient, logit_histograms
from gan_course.recording import read_recording
from gan_course.widgets.controls import RATIOS

RING = TrainConfig(dataset="ring", width=8, batch_size=8)
PICTURES = TrainConfig(dataset="fashion-mnist", width=4, batch_size=4, threads=1, precision="float32")


@pytest.fixture
def make():
    made = []

    def make_lab(config=RING, **kwargs):
        made.append(GanLab(config, play=False, **kwargs))
        return made[-1]

    yield make_lab
    for lab in made:
        lab.live.stop()


def frame(lab):
    return unpack(lab._page.canvas.frame)


def test_the_frame_shows_the_run(make):
    lab = make()
    lab.run(30)
    facts, arrays = frame(lab)
    assert (facts["kind"], facts["step"], facts["d_steps"], facts["playing"]) == ("points", 30, 1, False)
    history = lab.trainer.history.arrays()
    for name in ("step", "d_loss", "g_loss", "d_real", "d_fake"):
        assert np.allclose(arrays[name], history[name]), name
    assert np.allclose(arrays["fake"], lab.trainer.sample(z=lab.trainer.latents(len(arrays["fake"]))).numpy())


def test_the_frame_shows_the_modes_of_the_run_and_of_its_past(make):
    lab = make()
    for _ in range(3):
        lab.run(20)
    facts, arrays = frame(lab)
    expected = mode_coverage(lab.trainer.sample(2500), lab.trainer.data.centers, lab.trainer.data.std)
    assert (facts["modes"], facts["modes_of"]) == (expected.modes, 8)
    assert facts["high_quality"] == pytest.approx(expected.high_quality, abs=0.001)
    np.testing.assert_allclose(arrays["mode_shares"], expected.counts.numpy() / 2500, atol=1e-7)
    assert arrays["mode_step"].tolist() == [0, 20, 40, 60]
    lab.live.rate = 1000  # so that a look into the past is exact
    lab.look(25)
    assert frame(lab)[1]["mode_step"].tolist() == [0, 20, 25]
    lab.branch(40)
    _, arrays = frame(lab)
    assert arrays["mode_step"].tolist() == [0, 20, 25, 40] and arrays["other_mode_step"].tolist() == [0, 20, 25, 40, 60]
    lab.rewind(20)
    assert frame(lab)[1]["mode_step"].tolist() == [0, 20]


def test_data_without_known_modes_shows_none(make):
    facts, arrays = frame(make(TrainConfig(dataset="spiral", width=8, batch_size=8)))
    assert "modes" not in facts and "mode_shares" not in arrays


def test_the_field_is_what_d_says_and_lies_the_right_way_up(make):
    lab = make(Trainer(RING, discriminator=torch.nn.Linear(2, 1)))
    with torch.no_grad():  # D says real at the top right only
        lab.trainer.discriminator.weight.copy_(torch.tensor([[3.0, 9.0]]))
        lab.trainer.discriminator.bias.zero_()
    lab.redraw()
    facts, arrays = frame(lab)
    x0, x1, y0, y1 = facts["bounds"]
    field = arrays["field"].astype(float) / 255
    rows, columns = field.shape
    for row, column in ((0, 0), (rows - 1, 0), (rows // 3, columns - 1)):
        x, y = x0 + (x1 - x0) * column / (columns - 1), y0 + (y1 - y0) * row / (rows - 1)
        expected = torch.sigmoid(torch.tensor(3 * x + 9 * y)).item()
        assert field[row, column] == pytest.approx(expected, abs=0.01)


def test_the_image_grid_is_what_the_generator_makes(make):
    lab = make(PICTURES)
    facts, arrays = frame(lab)
    assert facts["kind"] == "images" and arrays["grid"].shape == (6 * 28, 6 * 28, 1)
    first = lab.trainer.sample(z=lab.trainer.latents(36))[7, 0]
    shown = arrays["grid"][28:56, 28:56, 0].astype(float) / 127.5 - 1
    assert np.allclose(shown, first.numpy(), atol=0.005)


def test_moving_z_changes_the_picture_and_nothing_else(make):
    lab = make(PICTURES)
    lab.run(20)
    _, before = frame(lab)
    lab._page.latent._sliders[0].value = 2.5
    lab.run(0)
    _, after = frame(lab)
    z = lab._page.latent.z()
    assert z[0, 0] == 2.5
    expected = lab.trainer.sample(z=z)[0, 0].numpy()
    assert np.allclose(after["picture"][..., 0] / 127.5 - 1, expected, atol=0.005)
    assert not np.array_equal(before["picture"], after["picture"])
    assert np.array_equal(before["grid"], after["grid"])


def test_every_ratio_on_the_slider_is_obeyed(make):
    lab = make()
    for d_steps, g_steps in RATIOS:
        lab._page.controls.ratio.value = (d_steps, g_steps)
        lab.run(1)
        assert (lab.trainer.controls.d_steps, lab.trainer.controls.g_steps) == (d_steps, g_steps)


def test_sliders_follow_python(make):
    lab = make()
    lab.set(d_steps=5, lr_g=3e-3, loss="lsgan")
    assert lab._page.controls.ratio.value == (5, 1)
    assert lab._page.controls._knobs["lr_g"].value == 3e-3 and lab._page.controls._knobs["loss"].value == "lsgan"
    lab.set(d_steps=3, g_steps=2, lr_g=0.00123)  # no such places on the sliders: they are made
    labels = [label for label, _ in lab._page.controls.ratio.options]
    assert lab._page.controls.ratio.value == (3, 2) and labels.index("1:1") < labels.index("3:2") < labels.index("2:1")
    assert lab._page.controls._knobs["lr_g"].label == "1.23e-3"
    assert (lab.trainer.controls.d_steps, lab.trainer.controls.g_steps, lab.trainer.controls.lr_g) == (3, 2, 0.00123)


def test_a_refused_change_is_said_and_changes_nothing(make):
    lab = make()
    lab.set(label_smoothing=0.1)
    lab._page.controls._knobs["loss"].value = "hinge"
    lab.run(0)
    assert "no labels to smooth" in frame(lab)[0]["message"]
    assert lab.trainer.controls.loss == "non-saturating"


def test_start_again_keeps_the_controls_and_the_old_run(make):
    lab = make()
    start = lab.trainer.sample(8)
    lab.set(d_steps=3)
    lab.run(12)
    lab.restart()
    assert lab.trainer.steps == 0 and lab.trainer.controls.d_steps == 3
    assert torch.equal(lab.trainer.sample(8), start)
    assert [run.steps for run in lab.runs] == [12, 0]


def test_steps_of_one_player_move_that_player_alone_and_are_replayed(make):
    lab = make()
    lab.set(d_steps=2, g_steps=3)
    lab.run(4)
    before = weights(lab)
    lab.d_step()
    after_d = weights(lab)
    lab.g_step()
    after_g = weights(lab)
    assert torch.equal(before[0], after_d[0]) and not torch.equal(before[1], after_d[1])
    assert torch.equal(after_d[1], after_g[1]) and not torch.equal(after_d[0], after_g[0])
    assert (lab.trainer.controls.d_steps, lab.trainer.controls.g_steps) == (2, 3) and lab.trainer.steps == 6
    assert torch.equal(replay(lab.trainer.recipe()).sample(8), lab.trainer.sample(8))


def weights(lab):
    networks = (lab.trainer.generator, lab.trainer.discriminator)
    return [torch.nn.utils.parameters_to_vector(n.parameters()).detach().clone() for n in networks]


def test_arrows_start_at_the_fakes_and_follow_the_loss_in_use(make):
    lab = make(TrainConfig(dataset="ring"))
    lab.run(50)
    _, arrays = frame(lab)
    at, push = generator_gradient(lab.trainer, lab.trainer.latents(512)[:80])
    assert np.allclose(arrays["arrows_at"], at, atol=1e-5)
    cosine = (arrays["arrows"] * push).sum(1) / np.linalg.norm(arrays["arrows"], axis=1) / np.linalg.norm(push, axis=1)
    assert np.allclose(cosine, 1, atol=1e-4)
    sizes = np.linalg.norm(push, axis=1)
    assert np.array_equal(np.argsort(sizes), np.argsort(np.linalg.norm(arrays["arrows"], axis=1)))


def test_layers_are_sent_only_if_they_are_ticked(make):
    lab = make()
    assert {"real", "fake", "field", "arrows"} <= set(frame(lab)[1])
    assert not {"warp", "fake_density"} & set(frame(lab)[1])
    lab.live.stop()  # what is ticked is done by the run's thread
    lab.live.run(0)
    lab._page.picture.shown = {"fake", "warp", "density"}
    lab.redraw()
    assert {"fake", "warp", "fake_density", "real_density"} <= set(frame(lab)[1])
    assert not {"real", "field", "arrows", "arrows_at"} & set(frame(lab)[1])


def test_while_it_trains_slow_parts_take_turns_and_a_standing_picture_is_whole(make):
    lab = make()
    scene = lab._view._scene
    seen = {name: 0 for name in ("field", "arrows", "histograms")}
    for name in seen:
        scene.__dict__[f"count_{name}"] = 0
    parts = scene._slow_parts

    def counted():
        def count(name, part):
            seen[name] = seen.get(name, 0) + 1
            return part()

        return {name: lambda name=name, part=part: count(name, part) for name, part in parts().items()}

    scene._slow_parts = counted
    for _ in range(6):
        scene.arrays({"field", "arrows"})
    assert seen == {"field": 2, "arrows": 2, "histograms": 2}
    scene.arrays({"field", "arrows"}, whole=True)
    assert seen == {"field": 3, "arrows": 3, "histograms": 3}


def test_histograms_are_shares_of_the_verdicts(make):
    lab = make()
    lab.run(20)
    _, arrays = frame(lab)
    for name, shares in zip(("real_shares", "fake_shares"), logit_histograms(lab.trainer, 160, 24)):
        assert np.allclose(arrays[name], shares) and arrays[name].sum() == pytest.approx(1)


def test_looking_back_shows_the_past_and_changes_nothing(make):
    lab = make(TrainConfig(dataset="ring", width=8, batch_size=8, snapshot_every=10))
    lab.run(20)
    past = lab.trainer.sample(z=lab.trainer.latents(512)).numpy()
    lab.run(13)
    present = frame(lab)[1]["fake"]
    lab.look(27)
    facts, arrays = frame(lab)
    assert facts["step"] == 20 and facts["looking"] and np.array_equal(arrays["fake"], past)
    assert arrays["step"][-1] == 20
    assert lab._page.timeline.state["looking"] == 20
    assert lab.trainer.steps == 33
    lab.now()
    facts, arrays = frame(lab)
    assert facts["step"] == 33 and not facts["looking"] and np.array_equal(arrays["fake"], present)
    lab.look(5)
    lab.run(1)  # training goes on from the present
    assert frame(lab)[0]["step"] == 34
    with pytest.raises(ValueError, match="steps 0 to 34"):
        lab.look(35)


def test_rewinding_is_exact_and_keeps_what_was_given_up(make):
    lab = make()
    lab.run(17)
    then = lab.trainer.sample(16)
    lab.set(lr_g=1e-2)
    lab.run(20)
    lab.rewind(17)
    assert torch.equal(lab.trainer.sample(16), then) and frame(lab)[0]["step"] == 17
    assert [recipe.steps for recipe in lab.earlier] == [37]
    assert lab._page.controls._knobs["lr_g"].value == 1e-3
    again = replay(lab.earlier[0])
    assert again.steps == 37 and again.controls.lr_g == 1e-2


def test_a_branch_differs_from_its_step_on_and_both_are_drawn(make):
    lab = make()
    lab.run(30)
    first = lab.trainer
    lab.branch(12)
    lab.set(d_steps=4)
    lab.run(30)
    assert lab.runs == [first, lab.trainer] and first.steps == 30 and lab.trainer.steps == 42
    own, other = lab.trainer.history.arrays(), first.history.arrays()
    assert np.array_equal(own["d_loss"][:12], other["d_loss"][:12])
    assert not np.array_equal(own["d_loss"][12:30], other["d_loss"][12:30])
    facts, arrays = frame(lab)
    assert facts["compared"].startswith("A:") and facts["run"] == "B: A from step 12"
    assert np.array_equal(arrays["other_fake"], first.sample(z=first.latents(512)).numpy())
    assert np.allclose(arrays["other_d_loss"], other["d_loss"])
    state = lab._page.timeline.state
    assert [(run["parent"], run["start"], run["steps"]) for run in state["runs"]] == [(None, 0, 30), (0, 12, 42)]
    assert state["runs"][1]["changes"] == [[12, "D:G 4:1"]] and (state["active"], state["compare"]) == (1, 0)
    lab.compare(None)
    assert "other_fake" not in frame(lab)[1]
    lab.choose(0)
    assert lab.trainer is first and frame(lab)[0]["step"] == 30
    for wrong, message in ((7, "runs 0 to 1"), (0, "compared with itself")):
        with pytest.raises(ValueError, match=message):
            lab.compare(wrong)


def test_a_new_run_stands_beside_the_old_one(make):
    lab = make()
    lab.run(5)
    lab.set(lr_d=3e-3)
    lab.new_run(dataset="grid", seed=4)
    assert (lab.trainer.config.dataset, lab.trainer.config.seed, lab.trainer.config.width) == ("grid", 4, 8)
    assert lab.trainer.controls.lr_d == 3e-3 and [run.steps for run in lab.runs] == [5, 0]
    lab.new_run(dataset="fashion-mnist", architecture="textbook", threads=1, precision="float32")
    assert frame(lab)[0]["kind"] == "images" and lab.trainer.config.latent_dim == 100
    assert lab.trainer.controls.lr_d == 2e-4, "rates that suit points do not suit images"
    assert lab._page.picture.shown == set() and len(lab._page.latent._sliders) == 4
    with pytest.raises(ValueError, match="can't be drawn beside images"):
        lab.compare(0)
    with pytest.raises(ValueError, match="ring"):
        lab.new_run(dataset="rings")
    assert len(lab.runs) == 3
    lab.choose(0)
    assert frame(lab)[0]["kind"] == "points" and len(lab._page.latent._sliders) == 2


def test_data_of_ones_own_stay_when_only_the_seed_changes(make):
    lab = make()
    lab.new_run(as_dataset(torch.randn(50, 2)))
    data = lab.trainer.data
    lab.new_run(seed=2)
    assert torch.equal(lab.trainer.data.samples, data.samples) and lab.trainer.config.seed == 2
    lab.new_run(dataset="ring")
    assert lab.trainer.data.name == "ring"


def test_what_was_drawn_is_learned(make):
    lab = make()
    lab.live.stop()
    lab._page._hear({"do": "learn", "strokes": [[[-1.0, 0.0], [1.0, 0.0]]], "thickness": 0.05})
    lab.pause()
    assert lab.trainer.data.name == "drawn" and lab.trainer.data.samples[:, 1].abs().max() < 0.5
    lab._page._hear({"do": "learn", "strokes": [], "thickness": 0.05})
    assert "no strokes" in lab.live.message


def test_recipes_go_to_files_and_come_back(make, tmp_path):
    lab = make()
    lab.run(6)
    lab.set(d_steps=3)
    lab.run(6)
    lab.save_recipe(tmp_path / "deep" / "run.json")
    other = make()
    other.load_recipe(tmp_path / "deep" / "run.json")
    other.run(30)
    other.pause()
    finished = other.runs[1].branch(12)
    assert torch.equal(finished.sample(8), lab.trainer.sample(8)) and finished.log == lab.trainer.log
    with pytest.raises(FileNotFoundError, match="No recipe at"):
        other.load_recipe(tmp_path / "nothing.json")


def test_drawn_data_travel_with_the_recipe(make, tmp_path):
    lab = make(Trainer(RING, data=torch.randn(60, 2)))
    lab.run(3)
    lab.save_recipe(tmp_path / "own.json")
    other = make()
    other.load_recipe(tmp_path / "own.json")
    other.run(3)
    assert torch.equal(other.trainer.branch(3).sample(8), lab.trainer.sample(8))
    (tmp_path / "own.npy").write_bytes(b"no array")
    with pytest.raises(RecipeError, match="can't be read"):
        other.load_recipe(tmp_path / "own.json")
    (tmp_path / "own.npy").unlink()
    with pytest.raises(RecipeError, match="pass data=data"):
        other.load_recipe(tmp_path / "own.json")


def test_the_code_makes_this_very_run(make):
    lab = make()
    lab.run(4)
    lab.set(loss="minimax")
    lab.run(3)
    space = {}
    exec(lab.code(), space)
    assert torch.equal(space["trainer"].sample(8), lab.trainer.sample(8))


def test_a_planted_bug_is_not_written_as_if_it_were_sound(make, tmp_path):
    lab = make(plant(Trainer(RING), "stale fakes"))
    lab.run(3)
    for refused in (lab.code, lambda: lab.save_recipe(tmp_path / "x.json")):
        with pytest.raises(ValueError, match="planted bug"):
            refused()
    assert not (tmp_path / "x.json").exists()


def test_a_recording_holds_what_was_shown(make, tmp_path):
    lab = make()
    with lab.record(tmp_path / "run.ganrec"):
        for _ in range(3):
            lab.run(5)
            time.sleep(0.11)
    lab.run(5)
    recorded = [unpack(bytes_)[0]["step"] for _, bytes_ in read_recording(tmp_path / "run.ganrec")]
    assert recorded[-1] == 15 and recorded == sorted(recorded)


def test_the_page_asks_and_refusals_are_said(make):
    lab = make()
    lab.run(20)
    lab.live.stop()
    for message in (
        {"do": "look", "step": 9},
        {"do": "now"},
        {"do": "branch", "step": 10},
        {"do": "compare", "run": None},
    ):
        lab._page._hear(message)
        assert lab.live.message == ""
    assert len(lab.runs) == 2 and lab.trainer.steps == 10
    lab._page._hear({"do": "rewind", "step": 99})
    assert "can't rewind to step 99" in lab.live.message and lab.trainer.steps == 10
    lab._page._hear({"do": "choose", "run": 0})
    assert lab.live.message == "" and lab.trainer.steps == 20


def test_piled_up_looks_do_only_the_last(make):
    lab = make()
    lab.run(20)
    looked = []
    lab.look = looked.append
    with lab.live._turn_taken():
        for step in (3, 4, 5):
            lab._page._hear({"do": "look", "step": step})
    end = time.monotonic() + 10
    while not looked and time.monotonic() < end:
        time.sleep(0.01)
    assert looked == [5]


def test_the_diagnosis_is_said_and_divergence_too(make):
    lab = make()
    assert lab.diagnosis.name == "too early"
    assert "Too early" in frame(lab)[0]["diagnosis"]
    lab.set(lr_g=1e30, lr_d=1e30)
    with pytest.raises(TrainingDiverged):
        lab.run(300)
    lab.live.stop()
    lab._page.controls._knobs["lr_d"].value = 0.1
    lab.trainer.set(lr_g=1e30, lr_d=1e30)
    lab.live._try(lambda: lab.live.play_rounds(300))
    lab.live.run(0)
    assert lab.diagnosis.name == "diverged" and "back at step" in frame(lab)[0]["message"]
    assert lab._page.controls._knobs["lr_d"].value == lab.trainer.controls.lr_d == 1e-3, "the sliders go back too"


def test_slow_motion_shows_each_players_turn(make):
    lab = make()
    seen = []
    lab.live._show = lambda moved: (seen.append((lab.live.phase, *weights(lab))), lab._show(moved))
    lab.live.stop()
    lab.live._wake.wait = lambda seconds: None
    lab.live._play_slowly()
    (first, g1, d1), (second, g2, d2) = seen[-2:]
    assert (first, second) == ("D", "G") and torch.equal(d1, d2) and not torch.equal(g1, g2)
    assert "fake_before" in frame(lab)[1] and frame(lab)[0]["phase"] == "G"


def test_a_still_picture_stands_in_where_no_widget_can_be_shown(make):
    bundle = make()._repr_mimebundle_()
    assert bundle["text/plain"] == "GanLab('ring')"
    assert bundle["image/png"].startswith("iVBOR")
    assert "application/vnd.jupyter.widget-view+json" in bundle


def test_training_waits_while_the_still_picture_is_made(make, monkeypatch):
    lab = make()
    lab.play()
    while not lab.trainer.steps:
        time.sleep(0.01)
    steps, plot = [], plotting.plot_verdicts

    def slowly(history, ax):
        steps.append(lab.trainer.steps)
        time.sleep(0.2)
        steps.append(lab.trainer.steps)
        return plot(history, ax)

    monkeypatch.setattr(plotting, "plot_verdicts", slowly)
    lab.figure()
    lab._repr_mimebundle_()
    lab.pause()
    assert steps[0] == steps[1] and steps[2] == steps[3]


def test_a_students_own_modules_and_data(make):
    generator, discriminator = torch.nn.Linear(3, 2), torch.nn.Linear(2, 1)
    data = torch.randn(100, 2)
    lab = make(Trainer(TrainConfig(latent_dim=3, batch_size=8), generator, discriminator, data))
    lab.run(5)
    assert lab.trainer.generator is generator and frame(lab)[0]["step"] == 5


def test_looking_does_not_touch_a_discriminator_with_batch_statistics(make):
    discriminator = torch.nn.Sequential(torch.nn.Linear(2, 8), torch.nn.BatchNorm1d(8), torch.nn.Linear(8, 1))
    lab = make(Trainer(RING, discriminator=discriminator))
    lab.run(3)
    before = discriminator[1].running_mean.clone()
    lab.redraw()
    assert torch.equal(discriminator[1].running_mean, before) and discriminator.training
