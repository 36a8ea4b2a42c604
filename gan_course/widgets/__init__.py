"""What moves in the notebooks. Python owns the truth, the page owns the pixels."""

from gan_course.widgets.density_lab import DensityLab
from gan_course.widgets.dynamics_lab import DynamicsLab
from gan_course.widgets.fid_lab import FidLab
from gan_course.widgets.gan_lab import GanLab
from gan_course.widgets.latent_lab import LatentLab
from gan_course.widgets.objective_lab import ObjectiveLab
from gan_course.widgets.phase_lab import PhaseLab
from gan_course.widgets.predict import Predict
from gan_course.widgets.round_lab import RoundLab

__all__ = [
    "DensityLab", "DynamicsLab", "FidLab", "GanLab", "LatentLab", "ObjectiveLab", "PhaseLab", "Predict", "RoundLab",
]  # fmt: skip
