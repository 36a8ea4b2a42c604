"""Networks that come with the course, so that everything works in the first minute, without a network.

`classifier`, `classify` and `features` know clothes.
"""

from gan_course.pretrained.bundle import BundleError
from gan_course.pretrained.clothes_classifier import SHAPE, ClothesClassifier, classifier, classify, features

__all__ = ["SHAPE", "BundleError", "ClothesClassifier", "classifier", "classify", "features"]
