"""The grader's pages in a browser: they run nothing, load nothing, and can be read on a phone, in light and in dark."""

import pytest

from gan_course.grading.reports import write_reports
from gan_course.grading.result import Mark, Result
from gan_course.grading.submission import Owner, Submission
from gan_course.grading.tally import Entry
from gan_course.quiz.question import NOT_ATTEMPTED, RIGHT, WRONG

HOSTILE = (
    "<script>alert(1)</script><img src=http://evil.test/x onerror=alert(2)><style>*{display:none}</style>" + "w" * 300
)
CONTRAST = """() => {
  const channel = c => { c /= 255; return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; };
  const light = colour => colour.match(/[\\d.]+/g).map(Number)
    .slice(0, 3).reduce((sum, c, i) => sum + [0.2126, 0.7152, 0.0722][i] * channel(c), 0);
  const behind = e => {
    const colour = getComputedStyle(e).backgroundColor;
    return colour === 'rgba(0, 0, 0, 0)' ? behind(e.parentElement) : colour;
  };
  const worst = [...document.querySelectorAll('h1, h2, h3, p, li, a, th, td, dt, dd, pre, .verdict')].map(e => {
    const [a, b] = [light(getComputedStyle(e).color), light(behind(e))].sort((x, y) => y - x);
    return (a + 0.05) / (b + 0.05);
  });
  return Math.min(...worst);
}"""


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    out = tmp_path_factory.mktemp("reports")
    owner = Owner("plain", "x", HOSTILE, frozenset())
    late = Submission(owner.id, "plain", "x", HOSTILE, frozenset(), 2, True, None, HOSTILE, (HOSTILE,), bytes)
    states = (RIGHT, WRONG, NOT_ATTEMPTED)
    marks = tuple(
        Mark(f"{i}{HOSTILE}", "number", f"*Asked*: {HOSTILE}", HOSTILE, each, HOSTILE) for i, each in enumerate(states)
    )
    entry = Entry(late, Result(late.id, 1, marks, (HOSTILE,), by_hand=True), 0.5, late=True)
    overview = write_reports(out, HOSTILE, [entry], missing=[HOSTILE], notes=[HOSTILE])
    return {"overview": overview, "student": out / "students" / f"{late.id}.html"}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("which", ["overview", "student"])
def test_a_hostile_page_is_calm_and_legible(chromium, pages, which, scheme):
    page = chromium.new_page(viewport={"width": 400, "height": 800}, color_scheme=scheme)
    requests, trouble = [], []
    page.on("request", lambda request: requests.append(request.url))
    page.on("dialog", lambda dialog: (trouble.append(dialog.message), dialog.dismiss()))
    page.on("console", lambda message: trouble.append(message.text))
    page.goto(pages[which].as_uri())
    assert requests == [pages[which].as_uri()] and trouble == []
    assert page.evaluate("document.documentElement.scrollWidth") == 400
    assert page.get_by_role("heading", level=1).is_visible() and page.get_by_role("main").count() == 1
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(28, 28, 28)"
    assert dark == (scheme == "dark")  # the style is in force, so the policy knows it
    assert page.evaluate(CONTRAST) >= 4.5
    page.close()


def test_the_overview_leads_to_each_student(chromium, pages):
    page = chromium.new_page()
    page.goto(pages["overview"].as_uri())
    page.get_by_role("row").get_by_role("link").first.press("Enter")
    page.wait_for_url(pages["student"].as_uri())
    assert page.get_by_text("0.5 of 3 points").is_visible()
    page.close()
