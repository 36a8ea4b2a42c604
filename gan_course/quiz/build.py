"""Keys and notebooks out of the bank: `python -m gan_course.quiz.build [--without-solutions]`.

It writes `gan_course/questions/keys.json`, `notebooks/quizzes/` (what students get) and `notebooks/solutions/` (what
teachers keep). Students need the package, which as a wheel (`pip wheel --no-deps .`) does not hold the bank, and the
quizzes; a clone of the repository holds the bank in clear.
"""

import argparse
import json
import sys
from pathlib import Path

from gan_course.files import write_atomically
from gan_course.notebooks import NOTEBOOKS
from gan_course.quiz.bank import EVERYWHERE, BankError, cases, entries, load_bank, variants
from gan_course.quiz.keys import KEYS
from gan_course.quiz.question import CLOSED, salt
from gan_course.quiz.seal import key_of, seal
from gan_course.quiz.sheets import file_name, sheet, to_json

_OPEN = ("type", "text", "options", "items", "tolerance", "unit", "function", "start", "may_change", "steps", "goals")


def keys(bank: dict[int, dict], solutions: bool = True) -> dict:
    """What a learner's computer needs to judge answers, without the answers: see `gan_course.quiz.seal`."""
    chapters = {str(number): chapter["file"].replace("_", " ") for number, chapter in bank.items()}
    questions = {
        question["key"]: {"chapter": number} | _sealed(question, solutions)
        for number, chapter in bank.items()
        for question in chapter["questions"]
    }
    return {"chapters": chapters, "questions": questions}


def _sealed(question, solutions):
    sealed = {name: question[name] for name in _OPEN if name in question}
    if question["type"] == "code":
        sealed["cases"] = cases(question)
    if question["type"] == "do it":
        sealed["start"] = question["start"] | EVERYWHERE
    sealed["variants"] = variants(question)
    sealed["entries"] = dict(sorted(_entries(question)))
    sealed["closed"] = [_closed(question, number, solutions) for number in range(len(sealed["variants"]))]
    return sealed


def _entries(question):
    known = {}  # (salt, part): what is said; the first one holds
    for number, numbers in enumerate(variants(question)):
        for part, words in entries(question, numbers):
            known.setdefault((salt(question["key"], number), part), words)
    length = max((len(words.encode()) for words in known.values()), default=0)
    for (salted, part), words in known.items():
        name, key = key_of(salted, part)
        yield name, seal(words, key, length)


def _closed(question, number, solutions):
    numbers = variants(question)[number]
    texts = {"hints": question["hints"]} | ({"solution": question["solution"]} if solutions else {})
    filled = json.dumps({name: _filled(text, numbers) for name, text in texts.items()}, ensure_ascii=False)
    _, key = key_of(salt(question["key"], number), CLOSED)
    return seal(filled, key)


def _filled(text, numbers):
    if isinstance(text, list):
        return [_filled(each, numbers) for each in text]
    return (text.format(**numbers) if numbers else text).strip()


def files(bank: dict[int, dict], notebooks: Path = NOTEBOOKS, solutions: bool = True) -> dict[Path, bytes]:
    """Every file that is made of the bank, with its content."""
    made = {KEYS: (json.dumps(keys(bank, solutions), indent=1, ensure_ascii=False) + "\n").encode()}
    for number, chapter in bank.items():
        for folder, solved in (("quizzes", False), ("solutions", True)):
            made[notebooks / folder / file_name(number, chapter)] = to_json(sheet(number, chapter, solved))
    return made


def main(arguments: list[str] | None = None) -> None:
    """Build everything and say what was written."""
    parser = argparse.ArgumentParser(prog="python -m gan_course.quiz.build", description=__doc__.splitlines()[0])
    parser.add_argument("--without-solutions", action="store_true", help="solution() then says that the teacher has it")
    chosen = parser.parse_args(arguments)
    try:
        bank = load_bank()
    except BankError as error:
        sys.exit(f"Nothing was built. {error}")
    for path, content in files(bank, solutions=not chosen.without_solutions).items():
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, content)
        print(path)


if __name__ == "__main__":
    main()
