"""A recording as a page: it plays from a file, with no network and no kernel, what the lab showed."""

import base64
import re

import pytest

from gan_course import GanLab, TrainConfig
from gan_course.frames import unpack
from gan_course.recording import RecordingError, read_recording
from gan_course.widgets.esm import esm
from gan_course.widgets.player import write_page

TITLE = "A ring & </script><b>eight</b> modes"
FRAMES = 30
DRAW_LIVE = """async ([module, frame]) => {
  const { default: { render } } = await import(`data:text/javascript;base64,${module}`);
  const bytes = Uint8Array.from(atob(frame), c => c.charCodeAt(0));
  const model = { get: name => name === 'frame' ? new DataView(bytes.buffer) : 0,
    set() {}, on() {}, off() {}, save_changes() {}, send() {} };
  const el = document.createElement('div');
  document.querySelector('main').append(el);
  const remove = render({ model, el });
  await new Promise(done => setTimeout(done, 300));
  const pictures = [...el.querySelectorAll('canvas')].map(c => c.toDataURL());
  remove();
  el.remove();
  return pictures;
}"""
FOCUSED = "(document.activeElement.closest('label') ?? document.activeElement).textContent"


@pytest.fixture(scope="module")
def recording(tmp_path_factory):
    """A recording of a lab whose D:G ratio and loss were changed on the way."""
    path = tmp_path_factory.mktemp("player") / "ring.ganrec"
    lab = GanLab(TrainConfig(dataset="ring", width=16, batch_size=16), play=False)
    with lab.record(path):
        lab.run(1)
        while (count := len(read_recording(path))) < FRAMES:
            lab.set(d_steps=5 if count >= 10 else 1, loss="hinge" if count >= 20 else "non-saturating")
            lab.run(4)
    lab.live.stop()
    return path


@pytest.fixture(scope="module")
def frames(recording):
    return [frame for _, frame in read_recording(recording)]


@pytest.fixture(scope="module")
def facts(frames):
    return [unpack(frame)[0] for frame in frames]


@pytest.fixture(scope="module")
def file(recording):
    path = recording.with_name("ring.html")
    write_page(recording, path, TITLE)
    return path


@pytest.fixture(scope="module")
def open_page(chromium, file):
    """Open the page with the network off, and see that it asks for nothing and complains of nothing."""
    contexts, wrong = [], []

    def open_it(path=file, wait=".gan-canvas[data-step]", clock=False, **options):
        contexts.append(chromium.new_context(offline=True, **{"viewport": {"width": 1280, "height": 900}} | options))
        page = contexts[-1].new_page()
        page.set_default_timeout(30_000)
        page.on("request", lambda r: r.url.startswith(("file:", "data:")) or wrong.append(r.url))
        page.on("console", lambda message: wrong.append(message.text))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        if clock:
            page.clock.install(time=0)
        page.goto(path.as_uri())
        page.wait_for_selector(wait)
        if clock:
            page.clock.pause_at(60_000)
        return page

    yield open_it
    for context in contexts:
        context.close()
    assert wrong == []


@pytest.fixture(scope="module")
def still(open_page):
    """A page that is not playing, for the tests that only scrub."""
    return open_page(reduced_motion="reduce")


def step(page):
    return int(page.locator(".gan-canvas").get_attribute("data-step"))


def wait_step(page, value):
    page.wait_for_selector(f".gan-canvas[data-step='{value}']")


def bar(page):
    return page.get_by_role("slider", name="Place in the recording")


def place(page, steps, index):
    """Scrub to a frame, and wait until it is drawn."""
    bar(page).fill(str(index))
    wait_step(page, steps[index])


def pictures(page):
    return page.evaluate("[...document.querySelectorAll('.gp-picture canvas')].map(c => c.toDataURL())")


def steps_of(facts):
    return [fact["step"] for fact in facts]


# ---- playing ------------------------------------------------------------------------------------------------------


def test_it_plays_to_its_end_at_the_chosen_speed(open_page, facts):
    page = open_page()
    first = step(page)
    page.wait_for_function(f"Number(document.querySelector('.gan-canvas').dataset.step) > {first}")
    second = step(page)
    page.wait_for_function(f"Number(document.querySelector('.gan-canvas').dataset.step) > {second}")
    page.get_by_label("Speed").select_option("4×")
    wait_step(page, facts[-1]["step"])
    page.get_by_role("button", name="Play").wait_for()
    assert bar(page).input_value() == str(len(facts) - 1)
    page.get_by_label("Speed").select_option("0.5×")
    page.get_by_role("button", name="Play").click()  # from the beginning
    page.wait_for_function("document.querySelector('[type=range]').valueAsNumber < 15")
    page.get_by_role("button", name="Pause").click()
    page.wait_for_timeout(50)
    before = step(page)
    page.wait_for_timeout(300)
    assert step(page) == before


@pytest.mark.parametrize("speed", [0.5, 2])
def test_a_second_of_the_recording_takes_a_second_over_speed(open_page, recording, speed):
    page = open_page(reduced_motion="reduce", clock=True)
    page.get_by_label("Speed").select_option(f"{speed}×")
    page.get_by_role("button", name="Play").click()
    page.clock.run_for(1000)
    shown = float(re.match(r"0:(\d\d\.\d)", page.locator(".gp-place").inner_text())[1])
    assert shown == pytest.approx(speed, abs=0.11)
    times = [at for at, _ in read_recording(recording)]
    assert abs(int(bar(page).input_value()) - sum(at <= shown for at in times) + 1) <= 1


def test_a_loop_begins_again(open_page, facts):
    page = open_page(reduced_motion="reduce")
    place(page, steps_of(facts), len(facts) - 2)
    page.get_by_label("Loop").check()
    page.get_by_label("Speed").select_option("4×")
    page.get_by_role("button", name="Play").click()
    wait_step(page, facts[-1]["step"])
    page.wait_for_function("document.querySelector('[type=range]').valueAsNumber < 15")
    assert page.get_by_role("button", name="Pause").is_visible()


def test_it_waits_for_a_reader_who_wants_no_motion(open_page, facts):
    page = open_page(reduced_motion="reduce")
    page.wait_for_timeout(500)
    assert step(page) == facts[0]["step"]
    assert page.get_by_role("button", name="Play").is_visible()


def test_a_paused_recording_is_not_called_a_dead_kernel(open_page):
    page = open_page(reduced_motion="reduce", clock=True)
    page.clock.run_for(20_000)
    assert re.match(r"Step [\d,]+ · recorded at ", page.locator(".gan-canvas .gc-text").inner_text())


# ---- scrubbing ----------------------------------------------------------------------------------------------------


def test_scrubbing_shows_the_frame_its_step_and_its_controls(still, facts):
    for index in (len(facts) - 1, 3, 12, 0, 22):
        place(still, steps_of(facts), index)
        now = facts[index]
        assert f"· step {now['step']:,}" in still.locator(".gp-place").inner_text()
        controls = f"D:G {now['d_steps']}:1 · lr_d 1e-3 · lr_g 1e-3 · loss {now['loss']}"
        assert still.locator(".gp-controls").inner_text() == controls
        assert f"step {now['step']:,}" in bar(still).get_attribute("aria-valuetext")


def test_scrubbing_while_it_plays_pauses_it(open_page, facts):
    page = open_page()
    place(page, steps_of(facts), 5)
    page.wait_for_timeout(400)
    assert step(page) == facts[5]["step"] and page.get_by_role("button", name="Play").is_visible()


def test_changes_of_controls_are_marked_and_told(still, facts):
    ratio, loss = (
        next(i for i, f in enumerate(facts) if f[name] == v) for name, v in (("d_steps", 5), ("loss", "hinge"))
    )
    marks = still.locator(".gp-marks i")
    assert marks.count() == 2
    expected = f"By step {facts[loss]['step']:,}: loss non-saturating → hinge"
    assert marks.nth(1).get_attribute("title") == expected
    place(still, steps_of(facts), ratio)
    mark, thumb = marks.nth(0).bounding_box(), bar(still).bounding_box()
    assert mark["x"] + 1 == pytest.approx(thumb["x"] + 8 + ratio / (len(facts) - 1) * (thumb["width"] - 16), abs=0.6)
    assert still.locator(".gp-change").inner_text() == f"Last change, by step {facts[ratio]['step']:,}: D:G 1:1 → 5:1"
    place(still, steps_of(facts), ratio - 1)
    assert still.locator(".gp-change").inner_text() == ""


def test_the_pixels_are_those_of_the_live_drawing(still, frames, facts):
    module = base64.b64encode(esm("gan_canvas.mjs").encode()).decode()
    seen = []
    for index in (0, len(frames) - 1):
        place(still, steps_of(facts), index)
        live = still.evaluate(DRAW_LIVE, [module, base64.b64encode(frames[index]).decode()])
        seen.append(pictures(still))
        assert seen[-1] == live and len(live[0]) > 10_000
    assert seen[0][0] != seen[1][0]


def test_the_keyboard_does_it_all(open_page, facts):
    page, steps = open_page(reduced_motion="reduce"), steps_of(facts)
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    for key, index in (("ArrowRight", 1), ("ArrowRight", 2), ("ArrowLeft", 1), ("End", len(steps) - 1), ("Home", 0)):
        page.keyboard.press(key)
        wait_step(page, steps[index])
    page.keyboard.press("Space")
    page.get_by_role("button", name="Pause").wait_for()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Play").wait_for()
    for name in ("Speed", "Loop", "Dark colours"):
        page.keyboard.press("Tab")
        assert page.evaluate(FOCUSED).strip().startswith(name)
    page.keyboard.press("Enter")
    assert page.evaluate("document.body.dataset.jpThemeLight") == "false"


# ---- the page -----------------------------------------------------------------------------------------------------


def test_light_and_dark_follow_the_system_until_the_button_is_pressed(open_page):
    page = open_page(reduced_motion="reduce", color_scheme="dark")
    theme, dark = "document.body.dataset.jpThemeLight", pictures(page)[0]
    background = "getComputedStyle(document.documentElement).backgroundColor"
    assert page.evaluate(theme) == "false" and page.evaluate(background) == "rgb(30, 30, 30)"
    page.emulate_media(color_scheme="light")
    page.wait_for_function(f"{theme} === 'true' && {background} === 'rgb(255, 255, 255)'")
    page.wait_for_timeout(100)
    assert pictures(page)[0] != dark
    page.get_by_role("button", name="Dark colours").click()
    page.emulate_media(color_scheme="dark")
    page.emulate_media(color_scheme="light")
    page.wait_for_timeout(100)
    assert page.evaluate(theme) == "false" and pictures(page)[0] == dark
    assert page.get_by_role("button", name="Light colours").is_visible()


def test_the_title_is_plain_text(still):
    assert still.title() == TITLE
    assert still.get_by_role("heading").inner_text() == TITLE


@pytest.mark.parametrize("width", [360, 800, 1280])
def test_it_fits(open_page, width):
    page = open_page(viewport={"width": width, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert bar(page).bounding_box()["width"] >= 280


def test_every_control_has_a_name_and_no_element_an_id(still):
    nameless = still.evaluate(
        """[...document.querySelectorAll('.gp-bar :is(input, select, button)')].filter(e => !(e.ariaLabel
          || e.textContent.trim() && e.tagName === 'BUTTON' || e.closest('label'))).map(e => e.outerHTML)"""
    )
    assert nameless == []
    assert still.locator("[id]").count() == 0


def test_a_damaged_page_says_so(open_page, file, tmp_path):
    damaged = tmp_path / "damaged.html"
    damaged.write_text(
        re.sub(r"(<script type=\"application/gzip\">.{4000}).*?</script>", r"\1</script>", file.read_text())
    )
    page = open_page(damaged, wait="[role=alert]")
    assert "can't play its recording" in page.get_by_role("alert").inner_text()


def test_the_same_recording_makes_the_same_page(file, recording, tmp_path):
    write_page(recording, tmp_path / "again.html", TITLE)
    assert (tmp_path / "again.html").read_bytes() == file.read_bytes()


def test_without_a_recording_there_is_no_page(tmp_path):
    with pytest.raises(FileNotFoundError, match="No recording at"):
        write_page(tmp_path / "none.ganrec", tmp_path / "page.html")
    (tmp_path / "none.ganrec").write_bytes(b"<html>")
    with pytest.raises(RecordingError, match="is no recording"):
        write_page(tmp_path / "none.ganrec", tmp_path / "page.html")
    assert not (tmp_path / "page.html").exists()
