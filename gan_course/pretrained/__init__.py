"""Networks that come with the course, so that everything works in the first minute, without a network.

`classifier`, `classify` and `features` know clothes; `generator` makes the clothes it is asked for.
"""

from gan_course.pretrained.bundle import BundleError
from gan_course.pretrained.clothes_classifier import CLASSES, SHAPE, ClothesClassifier, classifier, classify, features
from gan_course.pretrained.clothes_generator import ClothesGenerator, generator

__all__ = [
    "CLASSES", "SHAPE", "BundleError", "ClothesClassifier", "ClothesGenerator", "classifier", "classify", "features",
    "generator",
]  # fmt: skip
