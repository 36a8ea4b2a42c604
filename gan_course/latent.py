"""Looking into a latent space: a copy of the generator to look at, leading directions, and walks."""

import contextlib
import math
import threading
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from gan_course import runtime
from gan_course.time_machine import copied

# ---- a generator that may be run while the original trains ---------------------------------------------------------


def weights_of(generator: nn.Module) -> dict[str, Tensor]:
    """Copies of a generator's weights and buffers; call it between two of its updates."""
    return {name: value.detach().clone() for name, value in generator.state_dict().items()}


class GeneratorCopy:
    """A generator's twin, which can be run from any thread whatever the original does.

    Make it between two updates of the original, and hand it new weights with `load`. It is in
    evaluation mode, uses one CPU thread, and gives the same samples for the same z. It disturbs no
    random number of a run.

    Args:
        generator: (N, Z) -> images (N, C, H, W) in [-1, 1] with C = 1 or 3, or points (N, 2). With classes it is
            called with weights (N, K) too, whose rows sum to 1.
        latent_dim: Z.
        precision: "float32" or "bfloat16".
        seed: decides the noise that a generator draws inside itself, if it does.
        classes: K, how many labels a conditional generator knows; 0: it takes none.

    Attributes:
        kind: "images" or "points".
        device: where it runs.

    Raises:
        ValueError: the generator does not take (N, Z), or makes something else.
    """

    def __init__(
        self, generator: nn.Module, latent_dim: int, precision: str = "float32", seed: int = 0, classes: int = 0
    ):
        self.latent_dim, self.classes, self._precision, self._seed = latent_dim, classes, precision, seed
        self._twin = copied(generator).eval().requires_grad_(False)
        self.device = next((weight.device for weight in generator.parameters()), torch.device("cpu"))
        self._lock = threading.Lock()
        self._draws = False
        shape = self._tried()
        if shape[1:] != (2,) and not (len(shape) == 4 and shape[1] in (1, 3)):
            raise ValueError(f"expected images (N, 1 or 3, H, W) or points (N, 2) from the generator, got {shape}.")
        self.kind = "points" if len(shape) == 2 else "images"

    def _tried(self):
        """The shape of one sample; notes on the way whether the generator draws random numbers of its own."""
        z = torch.zeros(1, self.latent_dim)
        with runtime.global_rng_seeded(self._seed, self.device):
            before = self._chance()
            try:
                shape = tuple(self.sample(z).shape)
            except Exception as error:
                raise ValueError(
                    f"The generator could not take z of shape (1, {self.latent_dim}), set by latent_dim"
                    f"{f', with weights (1, {self.classes})' if self.classes else ''}: "
                    f"{type(error).__name__}: {error}"
                ) from error
            self._draws = not torch.equal(before, self._chance())
        return shape

    def _chance(self):
        """The state of the random numbers that a module can draw without being handed a generator."""
        return torch.cuda.get_rng_state(self.device) if self.device.type == "cuda" else torch.get_rng_state()

    def load(self, weights: dict[str, Tensor]) -> None:
        """Take over what `weights_of` gave."""
        with self._lock:
            self._twin.load_state_dict(weights)

    @torch.no_grad()
    def sample(self, z: Tensor | np.ndarray, weights: np.ndarray | None = None) -> Tensor:
        """(N, Z) -> (N, ...) samples in float32 on the CPU.

        Args:
            z: (N, Z).
            weights: of the classes, (K,) for all or (N, K), in rows that sum to 1; None: the first class alone.
        """
        z = torch.as_tensor(z, dtype=torch.float32, device=self.device)
        inputs = (z, self._labels(weights, len(z))) if self.classes else (z,)
        with self._lock, self._seeded(), runtime.compute(threads=1):
            with runtime.autocast(self.device, self._precision):
                return self._twin(*inputs).float().cpu()

    def _labels(self, weights, n):
        weights = np.eye(1, self.classes) if weights is None else weights
        return torch.tensor(weights, dtype=torch.float32, device=self.device).expand(n, self.classes)

    def _seeded(self):
        """Only for a generator that needs it: the run of a student's module keeps others waiting for a whole round."""
        if not self._draws:
            return contextlib.nullcontext()
        return runtime.global_rng_seeded(runtime.seed_for(self._seed, "sample"), self.device)


# ---- directions ----------------------------------------------------------------------------------------------------

REACH = 0.5  # half the length of the move that a direction's effect is measured by
SAMPLES = 1024  # that are spent on finding the directions, about
LARGEST = 32  # images are compared at this side at most


@dataclass(frozen=True)
class Directions:
    """Orthonormal directions of z, the one with the strongest effect first.

    Attributes:
        vectors: (Z, Z) float32; each row is a direction.
        shares: (Z,) of the mean squared change of the output, summing to 1.
    """

    vectors: np.ndarray
    shares: np.ndarray


def leading_directions(generate: Callable[[Tensor], Tensor], latent_dim: int) -> Directions:
    r"""Find the directions along which moving z changes the output most.

    \( E\,\|G(z + v) - G(z)\|^2 \approx v^\top M v \) for a small move v, with \( M = E_z[J(z)^\top J(z)] \)
    and J the generator's Jacobian. The directions are the eigenvectors of M and the shares its
    eigenvalues over their sum. J is taken by central differences over a move of length 1, at a few z
    that are the same at every call. For a linear generator G(z) = Az they are A's right singular
    vectors, and the shares its squared singular values over their sum.

    Args:
        generate: (N, Z) -> (N, ...), the same for the same z.
        latent_dim: Z.

    Source: Wang & Ponce 2021, "The geometry of deep generative image models and its applications",
    with plain squared distance; Härkönen et al. 2020 (GANSpace) find directions by PCA instead.
    """
    moves = torch.cat((torch.eye(latent_dim), -torch.eye(latent_dim))) * REACH
    rng = runtime.make_rng(0, "leading directions")
    metric = torch.zeros(latent_dim, latent_dim, dtype=torch.float64)
    for z in torch.randn(max(4, SAMPLES // len(moves)), latent_dim, generator=rng):
        ahead, behind = _compared(generate(z + moves)).split(latent_dim)
        jacobian = (ahead - behind) / (2 * REACH)
        metric += jacobian @ jacobian.T
    values, vectors = torch.linalg.eigh(metric)
    values, vectors = values.flip(0).clamp(min=0), vectors.T.flip(0)
    sign = vectors.gather(1, vectors.abs().argmax(1, keepdim=True)).sign()
    return Directions((vectors * sign).float().numpy(), (values / values.sum().clamp(min=1e-300)).numpy())


def _compared(samples):
    """(N, ...) samples as (N, D) in double precision; large images are made smaller first."""
    if samples.dim() == 4 and max(samples.shape[2:]) > LARGEST:
        samples = nn.functional.adaptive_avg_pool2d(samples, LARGEST)
    return samples.flatten(1).double()


# ---- what lies near ------------------------------------------------------------------------------------------------

PART = 1024  # images compared at a time


def nearest_images(
    images: Tensor, picture: Tensor, n: int, between: Callable[[], object] = lambda: None
) -> tuple[Tensor, Tensor]:
    """Which images come nearest to a picture, pixel by pixel.

    Args:
        images: (N, C, H, W), uint8 or floats in [-1, 1].
        picture: (C, H, W) in [-1, 1].
        n: how many, at most N.
        between: called now and then.

    Returns:
        Root mean square differences of the pixels in [-1, 1], and indices: (n,) each, the nearest first.
    """
    distances = []
    for part in images.split(PART):
        between()
        distances.append((_as_floats(part) - picture).square().flatten(1).mean(1).sqrt())
    found = torch.cat(distances).topk(min(n, len(images)), largest=False)
    return found.values, found.indices


def usual_distance(images: Tensor, n: int, between: Callable[[], object] = lambda: None) -> float:
    """How far an image lies from the nearest other one: the median of n of them, evenly spaced.

    Args:
        images: at least 2, as for `nearest_images`, whose distance it is.
        n: how many are looked up.
        between: called now and then.
    """
    some = _as_floats(images[:: max(1, len(images) // n)][:n]).flatten(1)
    distances = []
    for part in images.split(PART):
        between()
        distances.append(torch.cdist(some, _as_floats(part).flatten(1)))
    second = torch.cat(distances, 1).topk(2, largest=False).values[:, 1]  # the first is the image itself
    return float(second.median() / some.shape[1] ** 0.5)


def _as_floats(images):
    return images.cpu().float() / 127.5 - 1 if images.dtype == torch.uint8 else images.cpu().float()


# ---- lengths and walks ---------------------------------------------------------------------------------------------


def typical_length(latent_dim: int) -> tuple[float, float]:
    r"""Mean and standard deviation of ‖z‖ for a standard normal z: about \(\sqrt{Z}\) and \(\sqrt{1/2}\).

    ‖z‖ has the chi distribution: the mean is \( \sqrt{2}\,\Gamma((Z+1)/2) / \Gamma(Z/2) \), and the mean square Z.
    """
    mean = math.sqrt(2) * math.exp(math.lgamma((latent_dim + 1) / 2) - math.lgamma(latent_dim / 2))
    return mean, math.sqrt(latent_dim - mean**2)


def straight(a: np.ndarray, b: np.ndarray, t: np.ndarray) -> np.ndarray:
    """(T, Z): the points at t (T,) on the straight line from a (Z,) at t = 0 to b (Z,) at t = 1."""
    t = np.asarray(t, dtype=np.float64)[:, None]
    return ((1 - t) * a + t * b).astype(np.float32)


def spherical(a: np.ndarray, b: np.ndarray, t: np.ndarray) -> np.ndarray:
    """(T, Z): the points at t (T,) on the way from a (Z,) to b (Z,) that turns evenly.

    The direction follows the great circle, the length goes evenly from ‖a‖ to ‖b‖: between two
    vectors of the same length it is constant.

    Raises:
        ValueError: a or b is zero and has no direction, or they are opposite and no circle is the shortest.

    Source: Shoemake 1985 ("slerp"); White 2016 uses it for latent spaces.
    """
    a, b, t = (np.asarray(x, dtype=np.float64) for x in (a, b, t))
    lengths = np.linalg.norm(a), np.linalg.norm(b)
    if min(lengths) == 0:
        raise ValueError("A spherical walk turns from one direction to another, and z = 0 has none.")
    a, b, t = a / lengths[0], b / lengths[1], t[:, None]
    angle = 2 * np.arctan2(np.linalg.norm(a - b), np.linalg.norm(a + b))
    if angle > np.pi - 1e-6:
        raise ValueError("A and B lie in opposite directions, so every great circle joins them: no walk is the one.")
    if angle < 1e-6:
        way = a + t * (b - a)
    else:
        way = (np.sin((1 - t) * angle) * a + np.sin(t * angle) * b) / np.sin(angle)
    return (way * ((1 - t) * lengths[0] + t * lengths[1])).astype(np.float32)


WALKS = {"straight": straight, "spherical": spherical}
