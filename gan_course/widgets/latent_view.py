"""Where a latent lab stands: z, the axes that its controls move z along, and the walk. No network in here."""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from torch import Tensor

from gan_course.latent import WALKS, Directions
from gan_course.names import check_name

SHOWN = 8  # sliders
BASES = ("directions", "raw")


@dataclass(frozen=True, eq=False)
class View:
    """What the controls of a latent lab say. It never changes: every move makes a new one.

    Attributes:
        z: (Z,) float32.
        pins: (2, Z), the ends A and B of the walk.
        directions: None while they are not known.
        basis: what an axis is: one of the "directions", or a "raw" coordinate of z.
        first: the first axis that has a slider.
        across, up: the axes of the pad; the same one where Z is 1.
        path: "straight" or "spherical".
        t: where z stands on the walk, 0 at A and 1 at B; None if it was moved elsewhere.
        weights: (K,) of the classes, from 0 on, as the sliders stand; None for a generator without labels.
        ends: the two classes between which the label walks.
        s: where the label stands on that walk, from 0 to 1; None if it was chosen otherwise.
        heard: the number of the last wish of the page that it fulfils.
        walk_heard, labels_heard: the same, of the walk's and of the labels' own wishes.
    """

    z: np.ndarray
    pins: np.ndarray
    directions: Directions | None = None
    basis: str = "raw"
    first: int = 0
    across: int = 0
    up: int = 0
    path: str = "spherical"
    t: float | None = None
    weights: np.ndarray | None = None
    ends: tuple[int, int] = (0, 1)
    s: float | None = None
    heard: float = 0.0
    walk_heard: float = 0.0
    labels_heard: float = 0.0

    @classmethod
    def first_of(cls, latent_dim: int, classes: int = 0) -> Self:
        """Three z drawn by chance, the same ones each time: where to stand, and both ends of the walk; class 0."""
        z, *pins = np.random.default_rng(0).standard_normal((3, latent_dim)).astype(np.float32)
        weights = np.eye(1, classes, dtype=np.float32)[0] if classes else None
        return cls(z, np.stack(pins), up=min(1, latent_dim - 1), weights=weights, ends=(0, min(1, max(classes - 1, 0))))

    def for_latent_dim(self, latent_dim: int, classes: int = 0) -> Self:
        """For another generator: z, label and walk stay where they fit, its directions are not known."""
        if latent_dim != len(self.z) or classes != self.classes:
            return View.first_of(latent_dim, classes)
        return replace(self, directions=None).showing("raw")

    @property
    def shown(self) -> range:
        """The axes that have a slider."""
        return range(self.first, min(self.first + SHOWN, len(self.z)))

    def axis(self, i: int, basis: str | None = None) -> np.ndarray:
        """(Z,): the unit vector of axis i, in this basis if none is named."""
        if not 0 <= i < len(self.z):
            raise ValueError(f"there is no axis {i}: z has {len(self.z)}, counted from 0.")
        if check_name(basis or self.basis, BASES, "basis") == "raw":
            return np.eye(1, len(self.z), i, dtype=np.float32)[0]
        if self.directions is None:
            raise ValueError("the directions are not known yet.")
        return self.directions.vectors[i]

    def name(self, i: int) -> str:
        """What axis i is called."""
        return f"z[{i}]" if self.basis == "raw" else f"direction {i + 1}"

    def coordinate(self, i: int) -> float:
        """How far z lies along axis i."""
        return float(self.axis(i) @ self.z)

    def plane(self, across: np.ndarray, up: np.ndarray) -> np.ndarray:
        """(N, Z): z moved to the coordinates `across` (N,) and `up` (N,) of the pad."""
        a, b = self.axis(self.across), self.axis(self.up) * (self.up != self.across)
        rest = self.z - (a @ self.z) * a - (b @ self.z) * b
        return (rest + np.outer(across, a) + np.outer(up, b)).astype(np.float32)

    def way(self, path: str, t: np.ndarray) -> np.ndarray:
        """(T, Z): the walk from A to B; errors as for `spherical`."""
        return WALKS[check_name(path, WALKS, "path")](*self.pins, np.asarray(t))

    # ---- the label --------------------------------------------------------------------------------------------------

    @property
    def classes(self) -> int:
        """K; 0 without labels."""
        return 0 if self.weights is None else len(self.weights)

    @property
    def mixture(self) -> np.ndarray | None:
        """(K,): the weights, made to sum to 1."""
        return None if self.weights is None else (self.weights / self.weights.sum()).astype(np.float32)

    def labelled(self, weights) -> Self:
        """With other weights of the classes.

        Raises:
            ValueError: no labels here, or not K finite numbers from 0 on, at least one of them above 0.
        """
        weights = np.array(weights, dtype=np.float32).reshape(-1)
        fine = weights.shape == (self.classes,) and np.isfinite(weights).all() and (weights >= 0).all()
        if not (fine and weights.sum() > 0):
            raise ValueError(
                f"the label must be {self.classes} weights from 0 on, at least one of them above 0, got {weights}."
                if self.classes
                else "this generator knows no labels."
            )
        return replace(self, weights=weights, s=None)

    def weighed(self, values: dict[int, float]) -> Self:
        """With some of the weights changed."""
        weights = np.array([] if self.weights is None else self.weights)
        for i, value in values.items():
            weights[self._class(i)] = value
        return self.labelled(weights)

    def only(self, i: int) -> Self:
        """With one class alone."""
        return self.labelled(np.eye(1, self.classes, self._class(i))[0])

    def label_way(self, s: np.ndarray) -> np.ndarray:
        """(S, K): the mixtures at s (S,) on the way from the first of `ends`, at 0, to the second, at 1."""
        s = np.asarray(s, dtype=np.float32)[:, None]
        first, second = np.eye(self.classes, dtype=np.float32)[list(self.ends)]
        return (1 - s) * first + s * second

    def label_walked(self, s: float, ends: tuple[int, int] | None = None) -> Self:
        """With the label on the walk between two classes, at s from 0 to 1; z stays."""
        if not 0 <= s <= 1:
            raise ValueError(f"s goes from 0 (the first class) to 1 (the second), got {s!r}.")
        there = replace(self, ends=tuple(self._class(i) for i in ends or self.ends))
        return replace(there.labelled(there.label_way([s])[0]), s=float(s))

    def _class(self, i):
        if not 0 <= int(i) < self.classes:
            raise ValueError(f"there is no class {i!r}: this generator knows {self.classes}, counted from 0.")
        return int(i)

    # ---- moves ------------------------------------------------------------------------------------------------------

    def at(self, z, t: float | None = None) -> Self:
        """With another z.

        Raises:
            ValueError: not Z finite numbers.
        """
        return replace(self, z=checked_z(z, len(self.z)), t=t)

    def moved(self, values: dict[int, float], basis: str | None = None) -> Self:
        """With z moved along axes to the coordinates `values`."""
        z = self.z.copy()
        for i, value in values.items():
            axis = self.axis(int(i), basis)
            z += (float(value) - axis @ z) * axis
        return self.at(z)

    def showing(self, basis: str | None = None, first: int | None = None) -> Self:
        """With sliders for other axes; the pad moves along the first two of them."""
        basis, first = basis or self.basis, int(first or 0)
        self.axis(first, basis)
        return replace(self, basis=basis, first=first, across=first, up=min(first + 1, len(self.z) - 1))

    def with_pad(self, across: int, up: int) -> Self:
        """With other axes for the pad, among those that have a slider."""
        if across == up or not {across, up} <= set(self.shown):
            raise ValueError(
                f"the pad needs two different axes of those shown ({self.shown[0]} to {self.shown[-1]}), "
                f"got {across} and {up}."
            )
        return replace(self, across=across, up=up)

    def pinned(self, end: str, z=None) -> Self:
        """With the end "A" or "B" of the walk at z, or at where the controls stand."""
        pins = self.pins.copy()
        pins["AB".index(check_name(end, "AB", "end"))] = self.z if z is None else checked_z(z, len(self.z))
        return replace(self, pins=pins, t=None)

    def walked(self, t: float, path: str | None = None) -> Self:
        """With z on the walk, at t from 0 to 1."""
        if not 0 <= t <= 1:
            raise ValueError(f"t goes from 0 (A) to 1 (B), got {t!r}.")
        path = path or self.path
        return replace(self.at(self.way(path, [t])[0], t=float(t)), path=path)


def checked_z(z, latent_dim: int) -> np.ndarray:
    """z as (Z,) float32.

    Raises:
        ValueError: not Z finite numbers.
    """
    z = z.numpy(force=True) if isinstance(z, Tensor) else z
    array = np.array(z, dtype=np.float32).reshape(-1)
    if array.shape != (latent_dim,) or not np.isfinite(array).all():
        raise ValueError(f"z must be {latent_dim} finite numbers, got {array.size}: {array[:4]}.")
    return array
