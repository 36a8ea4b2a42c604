"""What the engine's tests share: tiny runs, students' modules, and comparing states bit by bit."""

import torch
from torch import nn

from gan_course import TrainConfig, Trainer
from gan_course.data import Dataset

torch.set_num_threads(1)  # tiny networks are fastest so, by far where the machine is busy
TINY = dict(width=4, batch_size=8, device="cpu", precision="float32", threads=1)


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def images(n: int = 32, channels: int = 1, side: int = 8) -> Dataset:
    return Dataset("images", torch.randint(256, (n, channels, side, side), dtype=torch.uint8, generator=rng()))


def tiny_run(**settings) -> Trainer:
    """A run on the ring that takes a millisecond a round; settings are `TrainConfig`'s, or `Trainer`'s own."""
    own = {name: settings.pop(name) for name in ("generator", "discriminator", "data") if name in settings}
    return Trainer(TrainConfig(**TINY | settings), **own)


def same(state: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    """Whether two states have the same tensors, bit by bit (a NaN equals itself)."""
    return state.keys() == other.keys() and all(
        value.shape == other[name].shape and torch.equal(_bits(value), _bits(other[name]))
        for name, value in state.items()
    )


def _bits(tensor):
    return tensor.detach().reshape(-1).view(torch.uint8)


def same_run(one: Trainer, other: Trainer) -> bool:
    """Whether two runs are in the same state, and will go on alike."""
    return (
        same(one._state(), other._state())
        and (one.steps, one.log, one.controls) == (other.steps, other.log, other.controls)
        and same(one.history.tensors(), other.history.tensors())
    )


def is_finite(run: Trainer) -> bool:
    return all(value.isfinite().all() for value in run._state().values())


class StudentGenerator(nn.Module):
    """As a student writes it: BatchNorm, a gate of noise drawn inside, a layer that is never used."""

    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear(2, 8)
        self.norm = nn.BatchNorm1d(8)
        self.out = nn.Linear(8, 2)
        self.forgotten = nn.Linear(3, 3)

    def forward(self, z):
        h = torch.relu(self.norm(self.hidden(z)))
        return self.out(h + 0.01 * torch.randn_like(h))


class StudentDiscriminator(nn.Module):
    """As a student writes it: dropout, spectral normalization, features kept to look at."""

    def __init__(self):
        super().__init__()
        self.hidden = nn.utils.spectral_norm(nn.Linear(2, 8))
        self.dropout = nn.Dropout(0.3)
        self.out = nn.Linear(8, 1)

    def forward(self, x):
        self.features = self.dropout(torch.nn.functional.leaky_relu(self.hidden(x), 0.2))
        return self.out(self.features).squeeze(1)


def student_networks(seed: int = 0) -> dict[str, nn.Module]:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return {"generator": StudentGenerator(), "discriminator": StudentDiscriminator()}
