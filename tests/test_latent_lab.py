"""LatentLab without a browser: what it draws is what the generator makes, while it trains and when it rests."""

import base64
import contextlib
import threading
import time

import numpy as np
import pytest
import torch
from engine_runs import StudentGenerator, images, same_run, student_networks, tiny_run
from torch import nn

from gan_course import GanLab
from gan_course.frames import unpack
from gan_course.live import LiveRun
from gan_course.pixels import to_pixels
from gan_course.widgets import latent_leisure
from gan_course.widgets.latent_lab import LatentLab
from gan_course.widgets.latent_painter import FPS, WINDOW

PICTURES = dict(data=images(side=8), latent_dim=12, ema_decay=0.9, lr_g=0.02)


def picture_run():
    """A run whose pictures differ by now."""
    run = tiny_run(**PICTURES)
    run.run(30)
    return run


@pytest.fixture
def make():
    made = []

    def make_lab(source=None, **kwargs):
        source = picture_run() if source is None else source
        made.append(LatentLab(source, **kwargs))
        return made[-1]

    yield make_lab
    for lab in made:
        lab.stop()


@pytest.fixture
def live():
    made = []

    def make_live(run):
        made.append(LiveRun(run, show=lambda moved: None))
        made[-1].start()
        return made[-1]

    yield make_live
    for run in made:
        run.stop()


def frame(lab):
    return unpack(lab._pad.frame)


def until(condition, seconds=30):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.005)


def settled(lab):
    """Wait until all is drawn, then return the frame."""
    painter = lab._painter
    until(lambda: not (painter._answers or painter._slow_jobs() or painter._search))
    until(lambda: painter._sent_facts == painter._facts(painter.view))
    return frame(lab)


def page(lab, do, number=1.0, part="_pad", **wish):
    """What the page sends when a hand does something."""
    lab._hear(getattr(lab, part), {"do": do, "number": number, **wish}, [])


def lab_threads():
    return [thread for thread in threading.enumerate() if thread.name == "gan-course latent lab"]


# ---- what is drawn -------------------------------------------------------------------------------------------------


def test_the_picture_is_what_the_trainer_samples_at_z(make):
    run = picture_run()
    lab = make(run)
    for z in (lab.z, torch.zeros(12), run.latents(1)[0]):
        lab.z = z
        facts, arrays = settled(lab)
        assert np.array_equal(arrays["picture"], to_pixels(run.sample(z=z[None]))[0]) and arrays["picture"].std() > 2
        assert torch.equal(lab.output, run.sample(z=z[None])[0])
        assert (facts["kind"], facts["step"], facts["state"], facts["message"]) == ("images", 30, "still", "")


def test_the_map_is_the_plane_through_z_with_its_middle_at_the_origin_of_the_pad(make):
    lab = make()
    settled(lab)
    lab.show("raw", first=8)
    lab.pad(across=9, up=11)
    settled(lab)
    shown = unpack(lab._pad.scenery)[1]["map"].reshape(5, 8, 5, 8)
    for row, up in enumerate((2.4, 1.2, 0, -1.2, -2.4)):
        for column, across in enumerate((-2.4, -1.2, 0, 1.2, 2.4)):
            lab.move({9: across, 11: up})
            expected = to_pixels(lab.output[None])[0, :, :, 0].astype(int)
            assert np.abs(shown[row, :, column].astype(int) - expected).max() <= 1


def test_moving_within_the_plane_leaves_the_map_as_it_is(make):
    lab = make()
    settled(lab)
    before = lab._pad.scenery
    lab.move({0: 1.5, 1: -2.0})
    settled(lab)
    assert lab._pad.scenery is before
    lab.move({2: 2.9})
    settled(lab)
    assert lab._pad.scenery != before


def test_the_strips_show_both_walks_and_their_lengths(make):
    lab = make()
    lab.pin("A", torch.eye(12)[0] * 3)
    lab.pin("B", torch.eye(12)[1] * 3)
    settled(lab)
    _, arrays = unpack(lab._walk.strips)
    assert np.allclose(arrays["spherical_length"], 3, atol=1e-5)
    assert arrays["straight_length"].min() == pytest.approx(3 / np.sqrt(2), abs=1e-5)
    for path in ("straight", "spherical"):
        lab.walk(0.25, path)
        expected = to_pixels(lab.output[None])[0, :, :, 0].astype(int)
        assert np.abs(arrays[path][:, 2 * 8 : 3 * 8, 0].astype(int) - expected).max() <= 1


def test_points_are_drawn_among_real_and_fake_ones_with_the_net_of_the_pad(make):
    run = tiny_run()
    run.run(20)
    lab = make(run)
    facts, arrays = settled(lab)
    assert facts["kind"] == "points"
    assert np.array_equal(arrays["picture"], run.sample(z=lab.z[None]).numpy())
    scenery = unpack(lab._pad.scenery)[1]
    lab.move({0: 0.0, 1: 3.0})
    assert np.allclose(scenery["upright"][6, -1], lab.output, atol=1e-5)  # the line across = 0, at its upper end
    lab.move({0: -3.0, 1: 0.0})
    assert np.allclose(scenery["level"][6, 0], lab.output, atol=1e-5)
    x0, x1, y0, y1 = scenery["bounds"]
    for points in (scenery["real"], scenery["cloud"]):
        assert ((points > [x0, y0]) & (points < [x1, y1])).all()


def test_a_generator_of_ones_own_works_without_a_trainer(make):
    for generator, shape in (
        (nn.Linear(3, 2), (2,)),
        (nn.Sequential(nn.Linear(3, 48), nn.Unflatten(1, (3, 4, 4))), None),
    ):
        lab = make(generator, latent_dim=3)
        facts, _ = settled(lab)
        with torch.no_grad():
            expected = generator(lab.z[None])[0]
        assert torch.equal(lab.output, expected) and facts["step"] is None
        assert shape is None or lab.output.shape == shape


def test_a_latent_space_of_one_dimension(make):
    lab = make(nn.Linear(1, 2), latent_dim=1)
    facts, _ = settled(lab)
    assert facts["total"] == 1 and len(facts["coordinates"]) == 1 and facts["message"] == ""
    lab.move({0: 2.0})
    assert lab.z.abs().item() == pytest.approx(2)


# ---- hands ---------------------------------------------------------------------------------------------------------


def test_z_can_be_set_and_read_exactly(make):
    lab = make()
    z = torch.randn(12)
    lab.z = z
    assert torch.equal(lab.z, z)
    lab.zero()
    assert not lab.z.any()
    for wrong in (torch.zeros(11), [float("nan")] * 12, 3):
        with pytest.raises(ValueError, match="12 finite numbers"):
            lab.z = wrong


def test_a_slider_moves_one_coordinate_and_leaves_the_others(make):
    lab = make()
    settled(lab)
    lab.show("raw")
    before = lab.z
    page(lab, "move", part="_sliders", basis="raw", values={"4": -1.25})
    assert lab.z[4] == -1.25 and torch.equal(lab.z[torch.arange(12) != 4], before[torch.arange(12) != 4])
    lab.show("directions", first=8)
    page(lab, "move", part="_sliders", basis="directions", values={"9": 2.0, "11": 0.5})
    directions = torch.from_numpy(lab._painter.view.directions.vectors)
    assert torch.allclose(directions[[9, 11]] @ lab.z, torch.tensor([2.0, 0.5]), atol=1e-5)
    assert settled(lab)[0]["coordinates"][1] == pytest.approx(2.0, abs=1e-5)


def test_the_picture_follows_a_hand_at_once_and_what_lies_around_it_when_the_hand_rests(make, monkeypatch):
    lab = make()
    settled(lab)
    before, scenery = frame(lab)[1]["picture"], lab._pad.scenery
    with monkeypatch.context() as restless:
        restless.setattr(latent_leisure, "REST", 30)
        restless.setattr(latent_leisure, "MOST_PATIENCE", 30)
        lab.another()
        until(lambda: not np.array_equal(frame(lab)[1]["picture"], before))
        time.sleep(2 * latent_leisure.LONGEST_BREAK)
        assert lab._pad.scenery == scenery
    settled(lab)
    assert lab._pad.scenery != scenery


def test_sliders_turn_to_the_directions_when_they_are_known_unless_a_hand_chose_others(make):
    assert settled(make())[0]["basis"] == "directions"
    chosen = make()
    chosen.show("raw", first=8)
    facts, _ = settled(chosen)
    assert (facts["basis"], facts["first"], facts["known"]) == ("raw", 8, True)
    assert (facts["across"], facts["up"], len(facts["coordinates"])) == (8, 9, 4)


def test_another_z_is_another_one_each_time_and_the_same_ones_in_each_lab(make):
    one, other = make(), make()
    drawn = []
    for _ in range(3):
        one.another()
        other.another()
        assert torch.equal(one.z, other.z)
        drawn.append(one.z)
    assert not torch.equal(drawn[0], drawn[1]) and not torch.equal(drawn[1], drawn[2])


def test_the_walk_goes_from_pin_to_pin(make):
    lab = make()
    a, b = lab.z, torch.randn(12)
    lab.pin("A")
    page(lab, "pin", part="_walk", end="B")
    lab.pin("B", b)
    lab.walk(0)
    assert torch.allclose(lab.z, a, atol=1e-6)
    page(lab, "walk", 7.0, part="_walk", t=1, path="straight")
    assert torch.allclose(lab.z, b, atol=1e-6)
    lab.walk(0.5)
    assert torch.allclose(lab.z, (a + b) / 2, atol=1e-6)
    settled(lab)
    assert lab._walk.place == {"t": 0.5, "path": "straight", "heard": 7.0}
    lab.another()
    settled(lab)
    assert lab._walk.place["t"] is None


def test_refusals_name_what_would_do_and_change_nothing(make):
    lab = make()
    settled(lab)
    view = lab._painter.view
    refused = [
        (lambda: lab.walk(1.5), "t goes from 0"),
        (lambda: lab.walk(0.5, "curly"), "path"),
        (lambda: lab.pin("C"), "end"),
        (lambda: lab.move({12: 0.0}), "no axis 12"),
        (lambda: lab.move({0: float("inf")}), "finite"),
        (lambda: lab.show("columns"), "basis"),
        (lambda: lab.show(first=12), "no axis 12"),
        (lambda: lab.pad(0, 0), "two different axes"),
        (lambda: lab.pad(0, 9), "two different axes of those shown"),
    ]
    for action, message in refused:
        with pytest.raises(ValueError, match=message):
            action()
        assert lab._painter.view is view


def test_a_refusal_to_the_page_is_said_in_the_lab_until_the_next_wish(make):
    lab = make()
    lab.pin("A", torch.ones(12))
    lab.pin("B", -torch.ones(12))
    page(lab, "walk", 5.0, part="_walk", t=0.5, path="spherical")
    facts, _ = settled(lab)
    assert "opposite" in facts["message"] and facts["heard"] == 5.0
    assert "spherical" not in unpack(lab._walk.strips)[1] and "straight" in unpack(lab._walk.strips)[1]
    page(lab, "walk", 6.0, part="_walk", t=0.5, path="straight")
    assert settled(lab)[0]["message"] == "" and not lab.z.any()
    for broken in (
        {"do": "dance"},
        {"do": "move", "values": {"x": 1}},
        {"do": "walk"},
        {"do": "move", "values": {"0": "a"}},
    ):
        page(lab, broken.pop("do"), 8.0, **broken)
        assert settled(lab)[0]["message"]


# ---- pace ----------------------------------------------------------------------------------------------------------


def test_the_newest_z_wins_and_pictures_come_no_faster_than_the_eye_needs_them(make):
    lab = make()
    settled(lab)
    lab.show("raw")
    settled(lab)
    lab._pad.observe(lambda change: setattr(lab._pad, "drawn", unpack(change.new)[0]["number"]), "frame")
    first, start = lab._painter._sent, time.perf_counter()
    for i in range(300):
        page(lab, "move", float(i), basis="raw", values={"0": i / 100})
        time.sleep(0.002)
    facts, _ = settled(lab)
    elapsed = time.perf_counter() - start
    assert facts["coordinates"][0] == pytest.approx(2.99) and facts["heard"] == 299
    assert 5 <= lab._painter._sent - first <= FPS * elapsed + 2


def test_a_page_that_does_not_draw_gets_fewer_pictures(make):
    lab = make()
    settled(lab)
    lab._pad.drawn = lab._painter._sent
    first, start = lab._painter._sent, time.perf_counter()
    while time.perf_counter() - start < 1.2:
        lab.another()
        time.sleep(0.01)
    assert lab._painter._sent - first <= WINDOW + 3
    lab._pad.drawn = lab._painter._sent
    lab.zero()
    settled(lab)


def test_nothing_is_drawn_while_nothing_changes_but_the_heart_beats(make):
    lab = make()
    settled(lab)
    sent, beat = lab._painter._sent, lab._pad.beat
    scenery, strips = lab._pad.scenery, lab._walk.strips
    time.sleep(2.2)
    assert lab._painter._sent == sent and lab._pad.scenery is scenery and lab._walk.strips is strips
    assert lab._pad.beat > beat


# ---- a generator that trains ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("run_of", [tiny_run, picture_run])
def test_while_a_run_trains_each_picture_is_exactly_that_of_a_whole_round(make, live, run_of):
    run = run_of()
    training = live(run)
    lab = make(training)
    frames = []
    lab._pad.observe(lambda change: frames.append((lab.z, *unpack(change.new))), "frame")
    lab._pad.observe(lambda change: setattr(lab._pad, "drawn", unpack(change.new)[0]["number"]), "frame")
    training.play()
    until(lambda: len({facts["step"] for _, facts, _ in frames}) >= 6)
    training.pause()
    until(lambda: settled(lab)[0]["step"] == run.steps)
    assert settled(lab)[0]["state"] == "paused"
    z = lab.z
    assert any(facts["state"] == "training" for _, facts, _ in frames)
    for step in sorted({facts["step"] for _, facts, _ in frames})[-3:]:
        shown = [arrays["picture"] for _, facts, arrays in frames if facts["step"] == step][-1]
        sample = run.branch(step).sample(z=z[None])
        assert np.array_equal(shown, to_pixels(sample)[0] if sample.dim() == 4 else sample.numpy()), step


def test_looking_does_not_disturb_the_training(make, live):
    """Also not where the networks draw from PyTorch's global random numbers."""
    run = tiny_run(**student_networks())
    training = live(run)
    lab = make(training)
    training.play()
    while run.steps < 150:
        lab.another()
        time.sleep(0.01)
    training.pause()
    alone = tiny_run(**student_networks())
    alone.run(run.steps)
    assert same_run(run, alone)


def test_a_stopped_run_is_said_to_be_stopped_and_can_still_be_looked_at(make, live):
    run = picture_run()
    training = live(run)
    lab = make(training)
    training.play()
    until(lambda: frame(lab)[0]["state"] == "training" if lab._pad.frame else False)
    training.stop()
    until(lambda: frame(lab)[0]["state"] == "ended" and frame(lab)[0]["step"] == run.steps)
    lab.another()
    assert np.array_equal(settled(lab)[1]["picture"], to_pixels(run.sample(z=lab.z[None]))[0])


def test_starting_again_shows_the_new_run(make):
    gan = GanLab(tiny_run(), play=False)
    try:
        gan.run(30)
        lab = make(gan)
        settled(lab)
        assert lab.directions_step == 30
        z = lab.z
        gan.restart()
        until(lambda: lab.step == 0)
        settled(lab)
        assert lab.directions_step == 0 and torch.equal(lab.z, z)
        assert torch.equal(lab.output, gan.trainer.sample(z=z[None])[0])
    finally:
        gan.live.stop()


def test_another_latent_space_gets_another_z(make, live):
    training = live(tiny_run())
    lab = make(training)
    settled(lab)
    training.post(lambda: setattr(training, "trainer", tiny_run(latent_dim=5)))
    until(lambda: len(lab.z) == 5)
    facts, _ = settled(lab)
    assert facts["total"] == 5 and facts["message"] == ""
    assert torch.equal(lab.output, training.trainer.sample(z=lab.z[None])[0])


def test_a_run_in_a_cell_is_followed_when_told(make):
    run = picture_run()
    lab = make(run)
    run.run(20)
    settled(lab)
    assert lab.step == 30
    run.run(25, each=lab.update)
    until(lambda: lab.step == run.steps)
    assert torch.equal(lab.output, run.sample(z=lab.z[None])[0])


def test_numbers_that_are_not_finite_are_said_and_forgotten_when_they_are_gone(make):
    generator = nn.Linear(2, 2)
    lab = make(generator, latent_dim=2)
    settled(lab)
    good = generator.bias.detach().clone()
    with torch.no_grad():
        generator.bias.fill_(float("nan"))
    lab.update()
    until(lambda: "not finite" in frame(lab)[0]["message"])
    with torch.no_grad():
        generator.bias.copy_(good)
    lab.update()
    until(lambda: frame(lab)[0]["message"] == "")


def test_an_error_in_the_generator_is_said_and_the_lab_lives_on(make):
    class Moody(nn.Module):
        bad = False

        def forward(self, z):
            if self.bad:
                raise RuntimeError("not today")
            return z[:, :2]

    generator = Moody()
    lab = make(generator, latent_dim=3)
    settled(lab)
    lab._painter.taken.copy._twin.bad = True
    lab.another()
    until(lambda: "not today" in frame(lab)[0]["message"])
    lab._painter.taken.copy._twin.bad = False
    lab.another()
    until(lambda: frame(lab)[0]["message"] == "")


# ---- coming and going ----------------------------------------------------------------------------------------------


def test_a_lab_of_the_same_name_stops_the_older_one(make):
    before = len(lab_threads())
    run = tiny_run()
    labs = [make(run, name="cell") for _ in range(3)]
    assert len(lab_threads()) == before + 1
    labs[-1].another()
    settled(labs[-1])
    labs[-1].stop()
    assert len(lab_threads()) == before
    labs[-1].stop()  # twice does no harm


def test_closing_ends_the_thread_also_in_the_middle_of_a_search(make):
    class Slow(nn.Module):
        def forward(self, z):
            time.sleep(0.0005 * len(z))
            return z[:, :2]

    lab = make(Slow(), latent_dim=50)
    until(lambda: lab._painter._search == "running")
    start = time.perf_counter()
    lab.close()
    assert time.perf_counter() - start < 5 and not lab._painter._thread.is_alive()


def test_what_is_no_generator_is_refused():
    for source, latent_dim in ((3, None), (nn.Linear(2, 2), None), (tiny_run(), 2), ("ring", None)):
        with pytest.raises(TypeError, match="latent_dim|expected a GanLab"):
            LatentLab(source, latent_dim)
    with pytest.raises(ValueError, match="could not take z"):
        LatentLab(StudentGenerator(), latent_dim=3)


def test_a_lab_of_a_run_that_was_stopped_before(make, live):
    training = live(tiny_run())
    training.stop()
    assert settled(make(training))[0]["step"] == 0


def test_its_text_is_the_same_each_time_and_a_still_picture_stands_in(make):
    lab = make(tiny_run())
    assert repr(lab) == "LatentLab('ring')"
    bundle = lab._repr_mimebundle_()
    assert base64.b64decode(bundle["image/png"]).startswith(b"\x89PNG")
    assert "application/vnd.jupyter.widget-view+json" in bundle and bundle["text/plain"] == repr(lab)
    assert repr(make(nn.Linear(2, 2), latent_dim=2)) == "LatentLab('Linear')"


def test_the_still_picture_of_images_does_without_a_spherical_walk_too(make):
    lab = make()
    lab.pin("A", torch.ones(12))
    lab.pin("B", -torch.ones(12))
    with contextlib.closing(lab):
        assert len(lab.figure().subfigs) == 2
