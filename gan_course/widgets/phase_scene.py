"""What a phase diagram shows of a sweep: colours, numbers and words for each cell. No network in here."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import matplotlib
import numpy as np
from matplotlib.axes import Axes

from gan_course.plotting_sweep import COLORS, WORDS, phase_map, place_text, plot_phase_diagram
from gan_course.sweep import Sweep
from gan_course.sweep.engine import NOTHING

WITH_MODES = ("modes_1_percent", "modes", "high_quality", "reverse_kl")
WITHOUT_MODES = ("d_fake", "d_real")
BOTH_RATES = "learning rate of both"
LEGEND = 64  # colours in the legend
TICKS = 5  # numbers beside it


@dataclass(frozen=True)
class Plane:
    """The two columns that a sweep's map lies over, and their names in words."""

    x: str
    y: str
    x_words: str
    y_words: str

    @classmethod
    def of(cls, sweep: Sweep) -> Self:
        """The ratio across and the next key of the grid up, as far as the grid has them."""
        keys = sorted(sweep.grid, key=lambda key: key != "ratio")
        words = {"lr_g" if key == "lr" else key: BOTH_RATES if key == "lr" else _words(key) for key in keys}
        columns = list(words | {key: _words(key) for key in ("ratio", "lr_g") if key not in words})[:2]
        return cls(*columns, *(words.get(column, _words(column)) for column in columns))


def _words(column):
    return WORDS.get(column, column.replace("_", " "))


def values_of(sweep: Sweep) -> tuple[str, ...]:
    """The columns that can be shown as colours, the usual one first."""
    return WITHOUT_MODES if sweep.data.centers is None else WITH_MODES


@dataclass(frozen=True)
class PhaseScene:
    """A table of a sweep as a map.

    Args:
        table: a row a member.
        plane: its columns.
        value: the column that gives the colours.
        n_modes: how many modes the data have; 0: none are known.
    """

    table: Sequence[dict]
    plane: Plane
    value: str
    n_modes: int

    @property
    def limits(self) -> tuple[float, float]:
        """What the darkest and the lightest colour stand for: the least and the most that can be."""
        if self.value in ("modes", "modes_1_percent"):
            return 0.0, float(self.n_modes)
        return 0.0, math.log(self.n_modes) if self.value == "reverse_kl" else 1.0

    def facts(self) -> dict:
        """Words and numbers; the rows of cells from the top down."""
        found, cells = self._map, self._members()
        low, high = self.limits
        return {
            "x_words": self.plane.x_words, "y_words": self.plane.y_words,
            "xs": [place_text(x) for x in found.xs], "ys": [place_text(y) for y in found.ys[::-1]],
            "value": self.value, "value_words": WORDS[self.value],
            "ticks": [self._text(tick) for tick in np.linspace(low, high, TICKS)],
            "cells": [
                [self._cell(found, row, column, cells[y, x]) for column, x in enumerate(found.xs)]
                for row, y in reversed(list(enumerate(found.ys)))
            ],
        }  # fmt: skip

    def arrays(self) -> dict[str, np.ndarray]:
        """`colors` (Y, X, 3) uint8 and `shades` (Y, X) from 0, dark, to 1, NaN where nothing is known; `legend`."""
        low, high = self.limits
        shades = ((self._map.mean[::-1] - low) / (high - low)).clip(0, 1)
        ramp = np.linspace(0, 1, LEGEND)[None]
        return {"colors": _painted(shades), "shades": shades.astype(np.float32), "legend": _painted(ramp)}

    def plot(self, ax: Axes) -> Axes:
        """The map as a picture that stands still."""
        plot_phase_diagram(self.table, self.plane.x, self.plane.y, self.value, ax, self.limits)
        ax.set(xlabel=self.plane.x_words, ylabel=self.plane.y_words)
        return ax

    # ---- a cell -----------------------------------------------------------------------------------------------------

    @cached_property
    def _map(self):
        return phase_map(self.table, self.plane.x, self.plane.y, self.value)

    def _members(self):
        """The rows of each cell."""
        cells: dict[tuple, list[dict]] = {}
        for row in self.table:
            cells.setdefault((row[self.plane.y], row[self.plane.x]), []).append(row)
        return cells

    def _cell(self, found, row, column, members):
        mean, error, n = found.mean[row, column], found.error[row, column], int(found.n[row, column])
        place = f"{self._named(self.plane.x, found.xs[column])}, {self._named(self.plane.y, found.ys[row])}"
        return {
            "text": self._text(mean) if n else "", "n": n,
            "words": f"{place}: {self._told(mean, error, n, members)}",
            "members": [[one["member"], self._called(one, members), self._of_one(one)] for one in members],
        }  # fmt: skip

    def _named(self, column, value):
        """A place on an axis in words: "D:G 1:10", "learning rate of both 0.001"."""
        words = {self.plane.x: self.plane.x_words, self.plane.y: self.plane.y_words}[column]
        return f"{words.split(' (')[0]} {place_text(value)}"

    def _told(self, mean, error, n, members):
        if not n:
            return "not begun."
        spread = f" ± {self._text(error)}" if n > 1 else ""
        whole = f" of {self.n_modes}" if self.value in ("modes", "modes_1_percent") else ""
        diverged = sum(one["diverged"] for one in members)
        return (
            f"{WORDS[self.value]} {self._text(mean)}{spread}{whole}, {'mean of ' * (n > 1)}{n} run{'s' * (n > 1)} "
            f"after {max(one['steps'] for one in members):,} rounds"
            + (f"; {diverged} of {len(members)} diverged." if diverged else ".")
        )

    def _called(self, one, members):
        """What tells a member from the others of its cell: the seed, and other keys of the grid if they differ."""
        settings = one.keys() - {*NOTHING, "member", "seed", "d_steps", "g_steps"}
        differing = sorted(key for key in settings if len({row[key] for row in members}) > 1)
        others = [f"{_words(key)} {place_text(one[key])}" for key in differing]
        return ", ".join([f"seed {one['seed']}", *others])

    def _of_one(self, one):
        if one["diverged"]:
            return "diverged"
        return self._text(one[self.value]) if math.isfinite(one[self.value]) else ""

    def _text(self, number):
        """A number of the value shown, in few characters."""
        if self.value == "high_quality":
            return f"{100 * number:.0f}%"
        if self.value in ("modes", "modes_1_percent"):
            return f"{number:.1f}".removesuffix(".0")
        return f"{number:.2f}"


def _painted(shades):
    """(..., 3) uint8: the colours of numbers from 0 to 1; black where there is none."""
    rgb = matplotlib.colormaps[COLORS](np.nan_to_num(shades), bytes=True)[..., :3]
    return np.where(np.isnan(shades)[..., None], np.uint8(0), rgb)
