"""Text that a stranger wrote, made harmless to look at."""

import unicodedata

LONGEST = 200  # characters of a name
_JOINERS = "\u200c\u200d"  # parts of words and emoji, though invisible
_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}


def visible(text: str, limit: int = LONGEST, lines: bool = False) -> str:
    r"""Show what can't be seen: `\x1b` for an escape character, `\u202e` for one that turns the reading direction.

    Args:
        text: anything, also with surrogates that no file can hold.
        limit: how many characters are kept; the rest is counted.
        lines: keep line breaks and tabs.
    """
    kept = "".join(_shown(letter, lines) for letter in text[:limit])
    more = len(text) - limit
    return kept if more <= 0 else f"{kept}… ({more} more characters)"


def _shown(letter, lines):
    if letter.isprintable() or letter in _JOINERS or (lines and letter in "\n\t"):
        return letter
    hidden = unicodedata.category(letter) in _HIDDEN
    return letter.encode("unicode_escape").decode() if hidden else letter
