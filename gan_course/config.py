"""What a run is made of: what is fixed when it starts, and what a hand may change while it trains."""

import math
import os
from dataclasses import asdict, dataclass, fields, replace

from gan_course.losses import LOSSES
from gan_course.names import check_name


@dataclass(frozen=True, kw_only=True)
class Controls:
    """What may change while training runs.

    Raises:
        TypeError: a value of the wrong type.
        ValueError: a value out of its range, or an unknown loss.
    """

    d_steps: int = 1  # discriminator updates a round: k in Goodfellow 2014, n_critic in WGAN
    g_steps: int = 1  # generator updates a round
    lr_d: float = 1e-3  # learning rate of the discriminator
    lr_g: float = 1e-3  # learning rate of the generator
    loss: str = "non-saturating"  # a name in gan_course.losses.LOSSES
    label_smoothing: float = 0.0  # real targets become 1 - this; fake targets stay 0 (one-sided)
    instance_noise: float = 0.0  # standard deviation of the noise on all that D sees, in data units
    gp_weight: float = 0.0  # λ of WGAN-GP's gradient penalty
    r1_gamma: float = 0.0  # γ of R1, the gradient penalty on real data, applied as γ/2
    r2_gamma: float = 0.0  # γ of R2, the same on fake data
    unroll: int = 0  # updates of D that G looks ahead: k of unrolled GANs
    unroll_backprop: bool = False  # whether G's gradient flows through those updates too

    def __post_init__(self):
        for name in ("d_steps", "g_steps"):
            _check_count(name, getattr(self, name), least=0)
        for name in ("lr_d", "lr_g", "label_smoothing", "instance_noise", *PENALTIES):
            _check_amount(name, getattr(self, name))
        _check_count("unroll", self.unroll, least=0)
        _check_switch("unroll_backprop", self.unroll_backprop)
        check_name(self.loss, LOSSES, "loss")
        if self.d_steps == 0 and self.g_steps == 0:
            raise ValueError("d_steps and g_steps are both 0: nobody would learn. Set at least one of them to 1.")
        if self.label_smoothing >= 0.5:
            raise ValueError(
                f"label_smoothing must be below 0.5, got {self.label_smoothing}: real targets are 1 - label_smoothing."
            )
        if self.label_smoothing and not LOSSES[self.loss].has_labels:
            labelled = ", ".join(name for name, loss in LOSSES.items() if loss.has_labels)
            raise ValueError(
                f"loss {self.loss!r} has no labels to smooth: set label_smoothing=0, or use one of {labelled}."
            )

    def changes_from(self, other: "Controls") -> dict:
        """The controls whose value differs from `other`'s, as name: value."""
        return {
            f.name: getattr(self, f.name) for f in fields(Controls) if getattr(self, f.name) != getattr(other, f.name)
        }


PENALTIES = ("gp_weight", "r1_gamma", "r2_gamma")
CONTROL_NAMES = tuple(f.name for f in fields(Controls))
CONDITIONS = ("concat", "embedding", "projection")  # see gan_course.conditional
REMEDIES = ("unroll", "unroll_backprop", "pack", "minibatch_stddev", "spectral_norm")


@dataclass(frozen=True, kw_only=True)
class TrainConfig(Controls):
    """A whole run: the data, the networks, where it runs, and the controls it starts with.

    A field that is None takes the value that suits the data and the architecture;
    `Trainer.config` shows what was chosen.

    Raises:
        TypeError, ValueError: as for `Controls`, and for the fields below.
    """

    dataset: str = "ring"  # a name in gan_course.DATASETS
    data_dir: str | os.PathLike | None = None  # where the files are, for image data sets
    image_size: int | None = None  # side of the pictures of dataset="folder", a multiple of 4
    architecture: str | None = None  # "mlp" or "pacgan" for points; "dcgan" or "textbook" for images
    condition: str | None = None  # how both networks get the label: a name in CONDITIONS; None: they don't
    latent_dim: int | None = None  # Z, the length of z
    width: int | None = None  # units of D's hidden layers (points), channels of its first convolution (images)
    batch_size: int | None = None  # N
    lr_d: float | None = None
    lr_g: float | None = None
    beta1: float = 0.5  # Adam's memory of gradients
    beta2: float | None = None  # Adam's memory of squared gradients
    ema_decay: float | None = None  # the averaged generator keeps this share each round; 0: none
    pack: int = 1  # samples that D judges together: m of PacGAN(m)
    minibatch_stddev: bool = False  # D sees how much each batch varies
    spectral_norm: bool = False  # D's layers are divided by their largest singular value
    input_scale: float = 1.0  # D divides its inputs by this: 4 brings the grid to [-1, 1]
    one_batch: bool = False  # D judges real and fake in one batch, which changes what its BatchNorm sees
    seed: int = 0
    device: str = "auto"  # "auto", "cpu", "cuda", "cuda:1", "mps"
    precision: str = "auto"  # "auto", "float32", "bfloat16"
    threads: int | None = None  # CPU threads while training
    snapshot_every: int = 100  # rounds between two snapshots of the time machine
    snapshot_memory: int | None = None  # MB that all snapshots may take together

    def __post_init__(self):
        for name in ("latent_dim", "width", "batch_size", "threads", "image_size", "snapshot_memory"):
            if getattr(self, name) is not None:
                _check_count(name, getattr(self, name), least=2 if name == "batch_size" else 1)
        _check_count("snapshot_every", self.snapshot_every, least=1)
        _check_count("seed", self.seed, least=0)
        if isinstance(self.data_dir, os.PathLike):
            object.__setattr__(self, "data_dir", os.fspath(self.data_dir))  # text, so that a recipe can hold it
        for name in ("dataset", "data_dir", "device"):
            _check_text(name, getattr(self, name), optional=name == "data_dir")
        for name in ("beta1", "beta2", "ema_decay"):
            if name == "beta1" or getattr(self, name) is not None:
                _check_amount(name, getattr(self, name), below=1)
        check_name(self.precision, ("auto", "float32", "bfloat16"), "precision")
        for name in ("one_batch", "minibatch_stddev", "spectral_norm"):
            _check_switch(name, getattr(self, name))
        _check_count("pack", self.pack, least=1)
        _check_amount("input_scale", self.input_scale)
        if not self.input_scale:
            raise ValueError("input_scale must be above 0, got 0: D divides its inputs by it.")
        if self.batch_size is not None and self.batch_size % self.pack:
            raise ValueError(f"batch_size must be a multiple of pack, got {self.batch_size} and {self.pack}.")
        if self.architecture is not None:
            check_name(self.architecture, PRESETS, "architecture")
        if self.condition is not None:
            check_name(self.condition, CONDITIONS, "condition")
        if self.condition == "projection" and self.pack > 1:
            raise ValueError(
                f'condition="projection" judges one sample at a time, got pack={self.pack}: use pack=1, or another '
                "condition."
            )
        self.controls  # noqa: B018  checks the values it starts with

    @property
    def controls(self) -> Controls:
        """The controls it starts with; a rate that is still None counts as `Controls`' own."""
        still_open = [name for name in ("lr_d", "lr_g") if getattr(self, name) is None]
        return Controls(**{name: getattr(self, name) for name in CONTROL_NAMES if name not in still_open})

    def for_data(self, kind: str) -> "TrainConfig":
        """The same with every None that depends on the data filled in.

        Args:
            kind: "points" or "images".
        """
        architecture = self.architecture or ("mlp" if kind == "points" else "dcgan")
        if (architecture in FOR_POINTS) != (kind == "points"):
            wanted = '"mlp" or "pacgan"' if kind == "points" else '"dcgan" or "textbook"'
            raise ValueError(f"architecture {architecture!r} does not make {kind}: use {wanted}.")
        preset = {name: value for name, value in PRESETS[architecture].items() if getattr(self, name) is None}
        return replace(self, architecture=architecture, **preset)

    def as_dict(self) -> dict:
        """All fields as plain values."""
        return asdict(self)


LEFT_OUT = {f.name: f.default for f in fields(TrainConfig) if f.name in (*REMEDIES, "input_scale")}  # of recipes

# The points' settings learn the ring; pacgan's are its paper's (with beta1=0.8); dcgan's drew
# figures/fashion_mnist_90s.png; textbook's rates are DCGAN's paper's.
FOR_POINTS = ("mlp", "pacgan")
PRESETS = {
    "mlp": dict(
        latent_dim=2, width=64, batch_size=128, lr_d=1e-3, lr_g=1e-3, beta2=0.999, ema_decay=0.0, snapshot_memory=32
    ),
    "pacgan": dict(
        latent_dim=2, width=200, batch_size=100, lr_d=1e-4, lr_g=1e-4, beta2=0.999, ema_decay=0.0, snapshot_memory=128
    ),
    "textbook": dict(
        latent_dim=100, width=32, batch_size=64, lr_d=2e-4, lr_g=2e-4, beta2=0.999, ema_decay=0.995, snapshot_memory=256
    ),
    "dcgan": dict(
        latent_dim=64, width=32, batch_size=32, lr_d=1e-3, lr_g=2e-3, beta2=0.99, ema_decay=0.995, snapshot_memory=256
    ),
}


def _check_text(name, value, optional):
    if not isinstance(value, str) and not (optional and value is None):
        raise TypeError(f"{name} must be text, got {value!r} ({type(value).__name__}).")


def _check_switch(name, value):
    if not isinstance(value, bool):
        raise TypeError(f"{name} must be True or False, got {value!r}.")


def _check_count(name, value, least):
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{name} must be a whole number, got {value!r} ({type(value).__name__}).")
    if value < least:
        raise ValueError(f"{name} must be at least {least}, got {value}.")


def _check_amount(name, value, below=math.inf):
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError(f"{name} must be a number, got {value!r} ({type(value).__name__}).")
    if not 0 <= value < below:
        limit = "" if below == math.inf else f" and below {below}"
        raise ValueError(f"{name} must be a finite number, at least 0{limit}, got {value}.")
