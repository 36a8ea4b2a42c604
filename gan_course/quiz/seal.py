"""Keys that can judge an answer without showing it.

Each answer that a question knows, right or wrong, is an *entry*: its name is a slow salted hash of the answer, and
what is said of the answer is encrypted with a key that only this answer gives. Whoever has the file sees neither
which entry is the right one (all have the same length, in the order of their names) nor what any of them says.

What that protects: nobody reads an answer out of the file, by eye or by search. What it does not: there are few
possible answers, and a program that tries them all with `Question.check` finds each choice at once, and a number in
minutes. The inputs that a function is tried on stand in the clear. Hints and solutions must open for a learner who
was wrong, so their key stands beside them; a build with `--without-solutions` leaves the solutions out. So keys are
for learning. For marks, a grader must judge by itself.
"""

import base64
import hashlib

ROUNDS = 1500  # of PBKDF2: about a millisecond or two for each guess


def key_of(salt: str, text: str) -> tuple[str, bytes]:
    """The name of an entry, 16 hexadecimal digits, and the key to what it says.

    Source: PBKDF2 (RFC 8018) with HMAC-SHA-512; the salt is the question's own.
    """
    derived = hashlib.pbkdf2_hmac("sha512", text.encode(), salt.encode(), ROUNDS)
    return derived[:8].hex(), derived[8:]


def seal(plain: str, key: bytes, length: int = 0) -> str:
    """Encrypt a text, filled up with spaces to `length` bytes; a key must be used once only."""
    return base64.b85encode(_mix(plain.encode().ljust(length), key)).decode()


def unseal(sealed: str, key: bytes) -> str:
    """The reverse of `seal`."""
    return _mix(base64.b85decode(sealed), key).decode().rstrip(" ")


def _mix(content, key):
    """Exclusive or with a stream of bytes that SHAKE-256 makes of the key."""
    stream = hashlib.shake_256(key).digest(len(content))
    return bytes(a ^ b for a, b in zip(content, stream))
