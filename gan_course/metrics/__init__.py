"""Numbers that tell how good samples are, and in which respect.

`mode_coverage` where the modes are known, `class_coverage` through a classifier; `fid`, `kid`,
`precision_recall` and `density_coverage` between sets of features.
"""

from gan_course.metrics.feature_distance import FidInfinity, fid, fid_infinity, fid_per_class
from gan_course.metrics.features import extract_features
from gan_course.metrics.frechet import frechet_distance, frechet_from_features
from gan_course.metrics.kernel import Kid, kid
from gan_course.metrics.modes import ClassCoverage, ModeCoverage, class_coverage, mode_coverage
from gan_course.metrics.moments import Moments
from gan_course.metrics.neighbours import DensityCoverage, PrecisionRecall, density_coverage, precision_recall

__all__ = [
    "ClassCoverage", "DensityCoverage", "FidInfinity", "Kid", "ModeCoverage", "Moments", "PrecisionRecall",
    "class_coverage", "density_coverage", "extract_features", "fid", "fid_infinity", "fid_per_class",
    "frechet_distance", "frechet_from_features", "kid", "mode_coverage", "precision_recall",
]  # fmt: skip
