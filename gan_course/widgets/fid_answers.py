"""What a FID lab finds out, piece by piece: between two pieces another wish may come first."""

from collections.abc import Iterator

import numpy as np
import torch

from gan_course.damage import DAMAGES, damaged
from gan_course.metrics import density_coverage, fid_infinity, frechet_from_features, kid, precision_recall
from gan_course.metrics.feature_distance import fewest_for_infinity
from gan_course.metrics.floor import fid_floor, two_halves
from gan_course.pixels import tile, to_pixels
from gan_course.widgets.fid_gaussians import is_narrower, terms_of, words_of
from gan_course.widgets.fid_pool import COMPARED, Pool
from gan_course.widgets.fid_words import ALL_REAL, damage_words, sample_words

SIZES = (100, 150, 200, 300, 500, 700, 1_000, 1_500, 2_000, 3_000, 5_000)
DRAWS = 20  # at each size
MEASURES = ("fid", "kid", "precision", "recall", "density", "coverage")
KID_SUBSETS, KID_SIZE = 20, 500
COLUMNS, ROWS = 10, 8  # of the images shown

Answer = tuple[dict, dict[str, np.ndarray]]  # facts and arrays of a frame


class Answers:
    """Finds out what is asked and keeps what it found.

    Each method yields the answer again whenever more of it is known; its fact `busy` says what is still being done,
    and is "" in the last.

    Args:
        pool: the real images.
    """

    def __init__(self, pool: Pool):
        self._pool = pool
        self._floors: dict[int, np.ndarray] = {}  # distances of all draws, by size
        self._measured: dict[tuple[str, int], dict] = {}  # by damage and level

    # ---- two Gaussians ----------------------------------------------------------------------------------------------

    def gaussians(self, real: dict, fake: dict, dimension: int) -> Iterator[Answer]:
        """Both terms of the distance."""
        terms = terms_of(real, fake, dimension)
        yield {"terms": terms, "words": words_of(terms, is_narrower(real, fake, dimension)), "busy": ""}, {}

    # ---- real against real ------------------------------------------------------------------------------------------

    def sample_size(self, n: int, draw: int) -> Iterator[Answer]:
        """One draw of n against n real images, many draws at all sizes, and where the one draw's line leads."""
        yield from self._filling()
        real, fake = two_halves(self._pool.features, n, draw)
        own = {"n": n, "one": frechet_from_features(real, fake), "fewest": fewest_for_infinity(real.shape[1])}
        yield self._sizes(own, f"drawing {DRAWS} times {n:,} against {n:,} images")
        for size in sorted(SIZES, key=lambda size: size != n):
            if size not in self._floors:
                self._floors[size] = fid_floor(self._pool.features, size, DRAWS).numpy()
                yield self._sizes(own, f"drawing {DRAWS} times each size: {len(self._floors)} of {len(SIZES)}")
        if n >= own["fewest"]:
            yield self._sizes(own, "drawing the line to endlessly many images")
            line = fid_infinity(real, fake, both=True)
            own |= {"infinity": line.value, "low": line.low, "high": line.high}
            own |= {"line_sizes": line.sizes, "line_fids": line.fids, "line_end": _end_of(line)}
        yield self._sizes(own, "")

    def _sizes(self, own, busy) -> Answer:
        known = sorted(self._floors)
        draws = np.array([self._floors[size] for size in known]).reshape(len(known), DRAWS)
        mean, low, high = (draws.mean(1), *np.quantile(draws, [0.05, 0.95], axis=1)) if known else 3 * (np.zeros(0),)
        band = {"size": np.array(known, np.float32), "mean": mean, "low": low, "high": high}
        here = {}
        if own["n"] in self._floors:
            at = known.index(own["n"])
            here = {"mean": float(mean[at]), "band": [float(low[at]), float(high[at])]}
        facts = {"own": own | here, "draws": DRAWS, "busy": busy}
        return facts | {"words": sample_words(facts["own"])}, band

    def _filling(self, n=None):
        for share in self._pool.fill(n):
            yield {"busy": f"looking at the images: {share:.0%}", "words": ALL_REAL}, {}

    # ---- images made worse ------------------------------------------------------------------------------------------

    def damage(self, kind: str, level: int) -> Iterator[Answer]:
        """The images at this level and all measures of them, then the same measures at the other levels."""
        yield self._seen(kind, level, "making the images worse")
        for facts, _ in self._filling(COMPARED):
            yield self._seen(kind, level, facts["busy"])
        levels = range(len(DAMAGES[kind].amounts))
        for at in sorted(levels, key=lambda at: (at != level, at != 0)):
            if (kind, at) not in self._measured:
                self._measured[kind, at] = self._measure(kind, at)
                yield self._seen(kind, level, f"measuring the other levels: {self._known(kind)} of {len(levels)}")
        yield self._seen(kind, level, "")

    def _known(self, kind):
        return sum(known == kind for known, _ in self._measured)

    def _make(self, kind, level):
        images = self._pool.images
        return damaged(images.fresh, images.train, kind, DAMAGES[kind].amounts[level], COMPARED)

    def _measure(self, kind, level):
        real, fake = self._pool.features[:COMPARED], self._pool.features_of(self._make(kind, level).images)
        kernel, both = kid(real, fake, KID_SUBSETS, KID_SIZE), precision_recall(real, fake)
        dense = density_coverage(real, fake)
        numbers = frechet_from_features(real, fake), kernel.mean, *both, *dense
        return dict(zip(MEASURES, numbers))

    def _seen(self, kind, level, busy) -> Answer:
        known = {at: found for (of, at), found in self._measured.items() if of == kind}
        facts = {"of": kind, "at": level, "describe": DAMAGES[kind].describe, "n": COMPARED, "busy": busy}
        facts |= {"measures": known.get(level), "floor": known.get(0)}
        curves = {"level": np.array(list(known), np.float32)}
        curves |= {name: np.array([found[name] for found in known.values()], np.float32) for name in MEASURES}
        return facts | {"words": damage_words(facts)}, curves | self._picture(kind, level)

    def _picture(self, kind, level):
        """A few of the images, the kinds of clothes one after the other, and which of them are copies."""
        made = self._make(kind, level)
        shown = torch.linspace(0, COMPARED - 1, COLUMNS * ROWS).long()
        shown = shown[made.labels[shown].sort(stable=True).indices]
        copied = made.copied[shown].numpy().astype(np.uint8)
        return {"picture": tile(to_pixels(made.images[shown]), COLUMNS), "copied": copied.reshape(ROWS, COLUMNS)}


def _end_of(line):
    """[1/n, FID] on the line, at the smallest n."""
    inverse = 1 / np.array(line.sizes)
    slope, start = np.polyfit(inverse, line.fids, 1)
    return [float(inverse.max()), float(start + slope * inverse.max())]
