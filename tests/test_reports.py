"""What the grader came to, and the reports it writes."""

import base64
import csv
import hashlib
import io
import json
import re
import unicodedata
from collections import Counter
from html.parser import HTMLParser

import pytest

from gan_course.grading.attempts import Chosen, Lateness
from gan_course.grading.reports import write_reports
from gan_course.grading.result import Mark, Result, ResultError
from gan_course.grading.submission import Owner, Submission
from gan_course.grading.table import safe
from gan_course.grading.tally import Entry, tally
from gan_course.quiz.question import NOT_ATTEMPTED, RIGHT, WRONG


def mark(key="ch1-role", state=RIGHT, **changes) -> Mark:
    parts = {"type": "choose one", "text": "What is *G*?", "answer": '"c"', "words": ""} | changes
    return Mark(key=key, state=state, **parts)


def result(*marks: Mark, **changes) -> Result:
    return Result(**{"id": "ada", "chapter": 1, "marks": marks, "notes": (), "by_hand": False} | changes)


def test_a_result_counts_its_points_and_survives_json():
    graded = result(mark(), mark("b", WRONG, words="No: ½."), mark("c", NOT_ATTEMPTED), notes=("late",), by_hand=True)
    assert (graded.points, graded.of) == (1, 3)
    assert Result.from_json(json.loads(json.dumps(graded.to_json()))) == graded


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"chapter": "1"}, "Result.chapter: expected int, got str '1'"),
        ({"by_hand": 1}, "Result.by_hand: expected bool, got int 1"),
        ({"notes": [7]}, "Result.notes: expected str, got int 7"),
        ({"marks": {}}, "Result.marks: expected list, got dict"),
        ({"marks": [7]}, "Mark.JSON: expected dict, got int 7"),
        ({"marks": [{"key": "a"}]}, "A Mark has answer, key, state, text, type, words; got key"),
        ({"marks": [mark().__dict__ | {"state": "RIGHT"}]}, "The state of ch1-role is 'RIGHT', expected one of not"),
        ({"marks": [mark().__dict__ | {"answer": None}]}, "Mark.answer: expected str, got NoneType None"),
        ({"points": 9}, "A Result has by_hand, chapter, id, marks, notes; got"),
    ],
)
def test_kept_data_that_is_no_result_is_refused(change, message):
    with pytest.raises(ResultError, match=message):
        Result.from_json(result().to_json() | change)


def submission(who="ada", /, **changes) -> Submission:
    owner = Owner("plain", who, who, frozenset({who}))
    parts = dict(student=who, name=who, identities=owner.identities, attempt=1, late=False, when=None)
    return Submission(owner.id, "plain", origin=f"'{who}.ipynb'", notes=(), reader=bytes, **parts | changes)


def entry(who="ada", /, *marks: Mark, points=None, late=False, by_hand=False, notes=(), **changes) -> Entry:
    handed_in = submission(who, **changes)
    graded = result(*marks or (mark(),), id=handed_in.id, by_hand=by_hand, notes=("kernel died",) if by_hand else ())
    return Entry(handed_in, graded, graded.points if points is None else points, late, notes)


def page_of(out, each: Entry) -> str:
    return (out / "students" / f"{each.submission.id}.html").read_text()


class Outline(HTMLParser):
    """The elements of a page, its attributes and its text; complains about what isn't closed."""

    EMPTY = {"meta", "rect", "link", "img", "br", "hr"}
    INLINE = {"em", "strong", "code", "bdi", "span", "small", "a"}

    def __init__(self, page: str):
        super().__init__()
        self.tags, self.attributes, self.text, self._open = Counter(), [], "", []
        self.feed(page)
        assert not self._open

    def handle_starttag(self, tag, attrs):
        self.tags[tag] += 1
        self.attributes += attrs
        if tag not in self.EMPTY:
            self._open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags[tag] += 1
        self.attributes += attrs

    def handle_endtag(self, tag):
        assert self._open.pop() == tag
        self.text += "" if tag in self.INLINE else " "

    def handle_data(self, data):
        self.text += "" if self._open[-1:] == ["style"] else data


def words(text: str) -> str:
    return " ".join(text.split())


# ------------------------------------------------------------------------------------------------ the class in numbers


def test_the_class_in_numbers():
    numbers = [mark("sum", WRONG, text="2 + 2?", words="add"), mark("sum", WRONG, text="3 + 3?", words="add")]
    entries = [
        entry("ada", mark("role"), mark("sum"), points=1.5),
        entry("bob", mark("role"), numbers[0]),
        entry("eve", mark("role", NOT_ATTEMPTED), numbers[1]),
        entry("jo", mark("role"), mark("sum", WRONG, words="don't add")),
        Entry(submission("zoe"), result(id=submission("zoe").id), 0),  # a notebook that could not be read
    ]
    told = tally(entries)
    assert (told.of, told.middle, told.spread) == (2, 1, ((2, 0), (1, 3), (0, 2)))
    hardest, easiest = told.questions
    assert (hardest.key, hardest.right, hardest.wrong, hardest.open, hardest.share) == ("sum", 1, 3, 1, 0.2)
    assert hardest.misconceptions == (("add", 2), ("don't add", 1)) and hardest.differs
    assert (easiest.key, easiest.right, easiest.wrong, easiest.open, easiest.differs) == ("role", 3, 0, 2, False)


def test_a_class_without_submissions(tmp_path):
    told = tally([])
    assert (told.of, told.middle, told.questions) == (0, None, ())
    overview = write_reports(tmp_path, "Quiz 1", [], missing=["Ada"])
    assert "Nothing handed in Ada" in words(Outline(overview.read_text()).text)


def test_a_result_beside_another_submission_is_refused():
    with pytest.raises(ValueError, match="The result of ada was put beside the submission bob-"):
        Entry(submission("bob"), result(), 0)


def test_an_entry_of_what_was_chosen():
    late = submission(late=True, attempt=2)
    graded = result(mark(), mark("b"), id=late.id)
    made = Entry.of(Chosen(late, ("Attempt 2 counts.",)), graded, Lateness.parse("25"))
    assert (made.points, made.late) == (1.5, True)
    assert made.all_notes == ("Attempt 2 counts.", "Late: 2 less 25 % leaves 1.5.")


# ------------------------------------------------------------------------------------------------ what is written


def test_the_table_holds_a_line_for_each_student(tmp_path):
    ada = entry("ada", mark("role"), mark("sum", WRONG), points=0.5, late=True, attempt=2, notes=("Late.", "Half."))
    bob = Entry(submission("bob"), result(id=submission("bob").id, notes=("can't be read",)), 0)
    write_reports(tmp_path, "Quiz 1", [bob, ada])
    content = (tmp_path / "results.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    header, *lines = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    assert header == "student,name,chapter,points,of,per cent,late,attempt,notes,role,sum".split(",")
    assert lines == [
        ["ada", "ada", "1", "0.5", "2", "25", "late", "2", "Late. Half.", "1", "0"],
        ["bob", "bob", "1", "0", "2", "0", "", "1", "can't be read", "0", "0"],
    ]
    assert b'"ada","ada",1,0.5,2,25,"late",2,' in content  # numbers without quotes


def test_a_students_page(tmp_path):
    marks = mark("a"), mark("b", WRONG, words="Not so."), mark("c", NOT_ATTEMPTED, answer="")
    ada = entry("ada", *marks, notes=("Hi.",))
    write_reports(tmp_path, "Quiz 1 · The game", [ada])
    outline = Outline(page_of(tmp_path, ada))
    text = words(outline.text)
    assert "Quiz 1 · The game ada 1 of 3 points Hi." in text
    assert 'Question 1 ✓ right What is G? Your answer "c"' in text
    assert 'Question 2 ✗ wrong What is G? Your answer "c" Feedback Not so.' in text
    assert "Question 3 – not attempted What is G? Your answer Nothing was handed in." in text
    assert outline.tags["h1"] == outline.tags["main"] == outline.tags["header"] == 1
    assert outline.tags["em"] == 3 and ("lang", "en") in outline.attributes


def test_the_overview(tmp_path):
    entries = [
        entry("ada", mark("role"), mark("sum", WRONG, words="Add them.")),
        entry("bob", mark("role"), mark("sum", WRONG, words="Add them."), by_hand=True),
        entry("eve", mark("role"), mark("sum"), late=True),
    ]
    overview = write_reports(tmp_path, "Quiz 1", entries, missing=["Zoe"], notes=["Read as Canvas: 3."])
    outline = Outline(overview.read_text())
    text = words(outline.text)
    assert overview == tmp_path / "overview.html"
    assert "students 3 median 1 of 2 to look at 1 late 1 missing 1" in text
    assert "To look at by hand bob: kernel died Points" in text
    assert "points students 2 1 1 2 0 0 Questions" in text
    assert text.index("sum 33 % right") < text.index("role 100 % right")
    assert "1 right, 2 wrong, 0 not attempted 2× Add them." in text
    assert "Nothing handed in Zoe Notes Read as Canvas: 3." in text
    links = {value for name, value in outline.attributes if name == "href"}
    assert links == {f"students/{each.submission.id}.html" for each in entries}
    assert all((tmp_path / link).is_file() for link in links)


def test_written_twice_the_reports_are_the_same(tmp_path):
    def written():
        write_reports(tmp_path, "Quiz 1", [entry("ada"), entry("bob", mark(state=WRONG))])
        return {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}

    assert len(written()) == 4 and written() == written()


# ------------------------------------------------------------------------------------------------ hostile

SCRIPT = '<script>alert(1)</script><img src=x onerror=alert(2)>"><svg/onload=alert(3)>{{ 7*7 }}'
UNSEEN = "\x1b[2J\x1b]8;;http://evil\x07\x00\u202e\u2066\ud800\u2028\x9b"
HOSTILE = SCRIPT + UNSEEN + "[a](javascript:alert(4)) ![i](http://evil/x.png)" + "&" * 50_000


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    out = tmp_path_factory.mktemp("hostile")
    marks = [mark(HOSTILE, WRONG, answer=HOSTILE, words=HOSTILE, text=f"*Asked* {HOSTILE}")]
    each = entry("x", *marks, by_hand=True, late=True, notes=(HOSTILE,), name=HOSTILE, student=HOSTILE)
    write_reports(out, HOSTILE, [each], missing=[HOSTILE], notes=[HOSTILE])
    return out, each


@pytest.mark.parametrize("which", ["student", "overview"])
def test_nothing_of_a_student_becomes_part_of_a_page(hostile, which):
    out, each = hostile
    page = page_of(out, each) if which == "student" else (out / "overview.html").read_text()
    honest = entry("x", mark(state=WRONG, words="w"), by_hand=True, late=True, notes=("n",))
    write_reports(out / "honest", "Quiz", [honest], missing=["m"], notes=["n"])
    plain = page_of(out / "honest", honest) if which == "student" else (out / "honest/overview.html").read_text()
    got, expected = Outline(page), Outline(plain)
    assert got.tags == expected.tags
    allowed = {value for _, value in expected.attributes}
    assert {value for _, value in got.attributes} - allowed <= {f"students/{each.submission.id}.html"}
    assert "{{ 7*7 }}" in got.text and "<script>alert(1)</script>" in got.text
    assert len(page) < 200_000


def test_what_can_not_be_seen_is_shown(hostile):
    out, each = hostile
    table = (out / "results.csv").read_text("utf-8-sig")
    for content in (page_of(out, each), (out / "overview.html").read_text(), table):
        assert not {letter for letter in content if unicodedata.category(letter) in ("Cc", "Cf", "Cs")} - {"\n"}
        assert r"\x1b[2J" in content and r"\u202e\u2066\ud800\u2028\x9b" in content


def test_pages_run_and_load_nothing(hostile):
    out, each = hostile
    for page in (page_of(out, each), (out / "overview.html").read_text()):
        style = re.search("<style>(.*?)</style>", page, re.DOTALL).group(1)
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
        assert ("content", policy) in Outline(page).attributes
        assert "url(" not in style and "@import" not in style
        assert not {"src", "style"} & {name for name, _ in Outline(page).attributes}


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", r"\t=1"),
        ("\r=1", r"\r=1"),
        ("  =1", "'  =1"),
        ('"=1', "'\"=1"),
        ("'=1", "''=1"),
        ("＝1", "'＝1"),
        ("a;=1", "a;'=1"),
        ('a; "@x', "a;' \"@x"),
        ("a=1, b-2; c", "a=1, b-2; c"),
        ("O'Hara", "O'Hara"),
    ],
)
def test_no_cell_is_a_formula(tmp_path, text, cell):
    assert safe(text) == cell
    each = entry("x", mark(text), name=text, student=text, notes=(text,))
    write_reports(tmp_path, "Quiz", [each])
    header, line = csv.reader(io.StringIO((tmp_path / "results.csv").read_text("utf-8-sig"), newline=""))
    assert [line[0], line[1], line[8], header[9]] == [cell] * 4


def test_a_report_that_can_not_be_written_leaves_the_old_one(tmp_path, monkeypatch):
    write_reports(tmp_path, "Quiz", [entry("ada")])
    old = (tmp_path / "results.csv").read_bytes()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="what was there before is unchanged"):
        write_reports(tmp_path, "Quiz", [entry("ada", mark(state=WRONG))])
    assert (tmp_path / "results.csv").read_bytes() == old
