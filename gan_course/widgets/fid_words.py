"""What a FID lab says in words."""

from gan_course.digits import few_digits

ALL_REAL = "Both sides are real images, so there is nothing to find: the true distance is 0. What will FID say?"
WHAT_TO_SEE = {
    "blur": "Blur is a fault of each image.",
    "noise": "Noise is a fault of each image. Whether it counts depends on what the images are compared by.",
    "drop classes": "Every image here is a real one, nothing is wrong with any of them: others are missing.",
    "duplicate": "Every image here is a real one, again and again: mode collapse, with perfect pictures.",
    "memorise": "These are the very images that a generator would have learned from. It has invented nothing.",
}
TOLD = {"fid": "FID", "precision": "precision", "recall": "recall"}


def sample_words(own: dict) -> str:
    """What one draw of real against real images means.

    Args:
        own: n, one, fewest (for a line); where they are known mean, band, infinity, low and high.
    """
    n, one = own["n"], own["one"]
    text = (
        f"Nothing is wrong here: both sides are {n:,} real images, so the true distance is 0. "
        f"FID still says {few_digits(one)}: all of it comes from having few images."
    )
    if "infinity" in own:
        low, high = own["low"], own["high"]
        holds = "which holds the truth, 0" if low <= 0 <= high else "which misses the truth, 0, as 1 in 20 do"
        ends = f"{few_digits(own['infinity'])} ({few_digits(low)} to {few_digits(high)})"
        return f"{text} The line to endlessly many images ends at {ends}, {holds}."
    if n < own["fewest"]:
        return f"{text} {n:,} images are too few for a line to endlessly many: take {own['fewest']:,} or more."
    return text


def damage_words(facts: dict) -> str:
    """What the measures noticed.

    Args:
        facts: of, at; measures and floor, each None until they are known.
    """
    text, now, floor = WHAT_TO_SEE[facts["of"]], facts["measures"], facts["floor"]
    if now is None or floor is None:
        return text
    if facts["at"] == 0:
        return f"As they were: fresh real images against real ones. This is the floor: FID {few_digits(floor['fid'])}."
    steps = (f"{say}: {few_digits(floor[of])} → {few_digits(now[of])}" for of, say in TOLD.items())
    told = f"{text} {', '.join(steps)}."
    return f"{told} All look better than honest work, and nothing here tells." if _flattered(now, floor) else told


def _flattered(now, floor):
    return now["fid"] < floor["fid"] and min(now[name] - floor[name] for name in ("precision", "recall")) >= 0
