"""What moves in the notebooks. Python owns the truth, the page owns the pixels."""

from gan_course.widgets.gan_lab import GanLab
from gan_course.widgets.latent_lab import LatentLab

__all__ = ["GanLab", "LatentLab"]
