"""Many GANs on points at once, over a grid of controls and seeds."""

from gan_course.sweep.engine import Sweep
from gan_course.sweep.slices import Slices
from gan_course.sweep.table import Table, cells

__all__ = ["Slices", "Sweep", "Table", "cells"]
