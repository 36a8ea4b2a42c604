"""An interactive course on generative adversarial networks.

The names below are loaded when first used, so importing the package costs nothing.
"""

import importlib
import os
import sys

__version__ = "0.1.0"

# Two OpenMP threads that wait for each other by spinning make a busy 2-core machine tens of times
# slower. This bounds the spinning; it works only if it is set before PyTorch is loaded.
if "torch" not in sys.modules:
    os.environ.setdefault("GOMP_SPINCOUNT", "1000")

_HOME = {
    "TrainConfig": "config",
    "Controls": "config",
    "Trainer": "trainer",
    "TrainingDiverged": "time_machine",
    "TrainingFailed": "time_machine",
    "StepStats": "timeline",
    "Recipe": "recipe",
    "RecipeError": "recipe",
    "CheckpointError": "checkpoint",
    "replay": "replaying",
    "Sweep": "sweep",
    "Dataset": "data",
    "DATASETS": "data",
    "LOSSES": "losses",
    "GanLab": "widgets",
    "LatentLab": "widgets",
    "DynamicsLab": "widgets",
    "FidLab": "widgets",
    "ObjectiveLab": "widgets",
    "PhaseLab": "widgets",
    "RoundLab": "widgets",
    "DensityLab": "widgets",
    "Predict": "widgets",
    "Quiz": "quiz",
    "progress": "quiz",
}
__all__ = ["__version__", *_HOME]


def __getattr__(name):
    if name not in _HOME:
        raise AttributeError(f"module 'gan_course' has no attribute {name!r}")
    return getattr(importlib.import_module(f"gan_course.{_HOME[name]}"), name)


def __dir__():
    return sorted({*globals(), *__all__})
