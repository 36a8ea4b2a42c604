"""The package's training loop against the ordinary one, side by side in one run.

    python benchmarks/training.py [--rounds 40] [--repeats 5] [--threads 2]

The ordinary loop is what most tutorials write: torchvision's FashionMNIST with transforms in a
DataLoader, default Adam, D not frozen while G learns, `.item()` on every loss. The package's is
`Trainer.run`. Both play the same networks with batches of 64; the two take turns, and the figure is
the median over the turns of the ratio of their speeds.
"""

import argparse
import gzip
import statistics
import tempfile
import time
from pathlib import Path

import torch
from torch import nn
from torch.utils.data import DataLoader
from torchvision import transforms
from torchvision.datasets import FashionMNIST

import gan_course.data
from gan_course import TrainConfig, Trainer, networks, runtime
from gan_course.config import Controls
from gan_course.rounds import Draws, play_round

BATCH, SHAPE = 64, (1, 28, 28)
SAMPLE = Path(gan_course.data.__file__).parent / "fashion_mnist_sample"


def mlp_pair(rng):
    """The textbook's dense generator against a dense discriminator."""
    generator = networks.build(networks.textbook_generator, 100, SHAPE, 32, rng=rng)
    discriminator = networks.build(dense_discriminator, rng=rng)
    return generator, discriminator, 100


def dense_discriminator():
    return nn.Sequential(
        nn.Flatten(), nn.Linear(784, 512), nn.LeakyReLU(0.2), nn.Linear(512, 256), nn.LeakyReLU(0.2), nn.Linear(256, 1)
    )


def textbook_pair(rng):
    """The dense generator against the convolutional discriminator."""
    generator = networks.build(networks.textbook_generator, 100, SHAPE, 32, rng=rng)
    return generator, networks.build(networks.textbook_discriminator, SHAPE, 32, rng=rng), 100


def dcgan_pair(rng):
    """DCGAN of width 64."""
    generator = networks.build(networks.dcgan_generator, 64, SHAPE, 64, rng=rng, conv_std=0.02)
    return generator, networks.build(networks.dcgan_discriminator, SHAPE, 64, rng=rng, conv_std=0.02), 64


PAIRS = {"MLP pair": mlp_pair, "textbook pair": textbook_pair, "DCGAN, width 64": dcgan_pair}


def ordinary_loader(folder):
    """torchvision's own data set, on the bundled sample, through the usual transforms."""
    raw = Path(folder) / "FashionMNIST" / "raw"
    raw.mkdir(parents=True)
    for file in SAMPLE.glob("*.gz"):
        (raw / file.stem).write_bytes(gzip.decompress(file.read_bytes()))
    scale = transforms.Compose([transforms.ToTensor(), transforms.Normalize(0.5, 0.5)])
    return DataLoader(FashionMNIST(folder, transform=scale), BATCH, shuffle=True, drop_last=True)


class Ordinary:
    """The loop of the tutorials."""

    def __init__(self, pair, loader, fused=None, nudge=0.0):
        self.generator, self.discriminator, self.latent_dim = pair(torch.Generator().manual_seed(0))
        self.generator.to(memory_format=torch.contiguous_format)
        self.discriminator.to(memory_format=torch.contiguous_format)
        with torch.no_grad():
            for weight in self.generator.parameters():
                weight.mul_(1 + nudge)
        self.g_adam = torch.optim.Adam(self.generator.parameters(), lr=2e-4, betas=(0.5, 0.999), fused=fused)
        self.d_adam = torch.optim.Adam(self.discriminator.parameters(), lr=2e-4, betas=(0.5, 0.999), fused=fused)
        self.bce = nn.BCEWithLogitsLoss()
        self.batches = self._for_ever(loader)

    def _for_ever(self, loader):
        while True:
            for images, _ in loader:
                yield images

    def run(self, rounds):
        for _ in range(rounds):
            self.round(next(self.batches), torch.randn(BATCH, self.latent_dim), torch.randn(BATCH, self.latent_dim))

    def round(self, real, d_z, g_z):
        one, zero = torch.ones(BATCH, 1), torch.zeros(BATCH, 1)
        self.d_adam.zero_grad()
        fake = self.generator(d_z)
        d_loss = self.bce(self.discriminator(real), one) + self.bce(self.discriminator(fake.detach()), zero)
        d_loss.backward()
        self.d_adam.step()
        self.g_adam.zero_grad()
        g_loss = self.bce(self.discriminator(self.generator(g_z)), one)
        g_loss.backward()
        self.g_adam.step()
        return d_loss.item(), g_loss.item()


def package_trainer(pair, precision, threads):
    """A trainer of the same networks, as `networks.build` makes them."""
    generator, discriminator, latent_dim = pair(torch.Generator().manual_seed(0))
    config = TrainConfig(
        dataset="fashion-mnist", latent_dim=latent_dim, batch_size=BATCH, lr_d=2e-4, lr_g=2e-4, beta2=0.999,
        ema_decay=0.0, device="cpu", precision=precision, threads=threads,
    )  # fmt: skip
    return Trainer(config, generator, discriminator)


class Package:
    """The package's round, fed with given batches and noise."""

    def __init__(self, pair):
        self.players = package_trainer(pair, "float32", torch.get_num_threads())._players
        self.players.generator.to(memory_format=torch.contiguous_format)  # as the ordinary loop has it
        self.players.discriminator.to(memory_format=torch.contiguous_format)
        for optimizer in (self.players.d_optimizer, self.players.g_optimizer):
            optimizer.param_groups[0]["lr"] = 2e-4

    def round(self, real, d_z, g_z):
        return play_round(self.players, Draws(real[None], d_z[None], g_z[None]), Controls())[:2].tolist()


def largest_difference(one, other, loader, latent_dim, rounds=20):
    """Two loops on the same batches and noise: the largest difference between their losses."""
    rng, worst = torch.Generator().manual_seed(1), 0.0
    for _, (real, _) in zip(range(rounds), loader, strict=False):
        d_z, g_z = torch.randn(2, BATCH, latent_dim, generator=rng)
        pairs = zip(one.round(real, d_z, g_z), other.round(real, d_z, g_z), strict=True)
        worst = max(worst, *(abs(a - b) for a, b in pairs))
    return worst


def differences(pair, loader):
    """The package against the ordinary loop: with the same Adam, and with Adam's default form.

    The third is a control: the ordinary loop against itself, its first weights changed by one part in ten million.
    """
    dim = pair(torch.Generator())[-1]
    return (
        largest_difference(Ordinary(pair, loader, fused=True), Package(pair), loader, dim),
        largest_difference(Ordinary(pair, loader), Package(pair), loader, dim),
        largest_difference(Ordinary(pair, loader), Ordinary(pair, loader, nudge=1e-7), loader, dim),
    )


def seconds(call):
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def compare(pair, loader, precision, rounds, repeats, threads):
    """Median speed of each in images a second, and the median ratio over the turns."""
    ordinary, trainer = Ordinary(pair, loader), package_trainer(pair, precision, threads)
    turns = []
    for i in range(repeats + 1):
        turns.append((seconds(lambda: ordinary.run(rounds)), seconds(lambda: trainer.run(rounds))))
        if i == 0:
            turns.clear()  # the first turn warms up
    speeds = [statistics.median(rounds * BATCH / turn[k] for turn in turns) for k in (0, 1)]
    return *speeds, statistics.median(slow / fast for slow, fast in turns)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=40, help="rounds in a turn")
    parser.add_argument("--repeats", type=int, default=5, help="turns of each loop")
    parser.add_argument("--threads", type=int, default=runtime.cpu_cores())
    asked = parser.parse_args()
    torch.set_num_threads(asked.threads)
    chosen = runtime.choose_precision(torch.device("cpu"), asked.threads)
    capability = torch.backends.cpu.get_cpu_capability()
    print(f"torch {torch.__version__}, {capability}, {asked.threads} threads; precision auto: {chosen}")
    print("| networks | precision | ordinary, images/s | package, images/s | ratio |\n|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        loader = ordinary_loader(folder)
        for name, pair in PAIRS.items():
            for precision in dict.fromkeys(("float32", chosen)):
                slow, fast, ratio = compare(pair, loader, precision, asked.rounds, asked.repeats, asked.threads)
                print(f"| {name} | {precision} | {slow:,.0f} | {fast:,.0f} | {ratio:.2f}× |", flush=True)
        print("\nLargest difference between the losses over 20 rounds on the same batches and noise, float32:")
        print("| networks | both fused Adam | default Adam | ordinary against itself, nudged |\n|---|---|---|---|")
        for name, pair in PAIRS.items():
            print(f"| {name} | " + " | ".join(f"{d:.1e}" for d in differences(pair, loader)) + " |", flush=True)


if __name__ == "__main__":
    main()
