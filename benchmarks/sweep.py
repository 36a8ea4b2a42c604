"""Many GANs at once against one after the other, side by side in one run.

    python benchmarks/sweep.py [--members 64] [--repeats 5] [--threads 1]

Three ways to train GANs on the ring, batches of 128, two hidden layers: a `Sweep` of many; one `Trainer`, as it would
train them one after the other; and the ordinary loop (default Adam, D not frozen while G learns, `.item()` on every
loss). They take turns of the same length; the figures are medians over the turns, of the speeds and of their ratios.
"""

import argparse
import statistics
import time

import torch
from torch import nn

from gan_course import Sweep, TrainConfig, Trainer

WIDTHS = (32, 64)
SECONDS = 1.0  # a turn


class Ordinary:
    """The loop of the tutorials, with the networks and data of a `Trainer`."""

    def __init__(self, config):
        trainer = Trainer(config)
        self.generator, self.discriminator, self.data = trainer.generator, trainer.discriminator, trainer.data.samples
        self.n, self.latent_dim = trainer.config.batch_size, trainer.config.latent_dim
        self.g_adam = torch.optim.Adam(self.generator.parameters(), lr=1e-3, betas=(0.5, 0.999))
        self.d_adam = torch.optim.Adam(self.discriminator.parameters(), lr=1e-3, betas=(0.5, 0.999))
        self.bce = nn.BCEWithLogitsLoss()

    def step(self):
        one, zero = torch.ones(self.n, 1), torch.zeros(self.n, 1)
        real = self.data[torch.randint(len(self.data), (self.n,))]
        self.d_adam.zero_grad()
        fake = self.generator(torch.randn(self.n, self.latent_dim))
        d_loss = self.bce(self.discriminator(real), one) + self.bce(self.discriminator(fake.detach()), zero)
        d_loss.backward()
        self.d_adam.step()
        self.g_adam.zero_grad()
        g_loss = self.bce(self.discriminator(self.generator(torch.randn(self.n, self.latent_dim))), one)
        g_loss.backward()
        self.g_adam.step()
        return d_loss.item(), g_loss.item()


class Many:
    """A sweep, round by round."""

    def __init__(self, config, members, at_once):
        self.sweep, self.rounds = Sweep(config, {}, members, at_once=at_once), 0

    def step(self):
        self.rounds += 1
        self.sweep.run(self.rounds)


def speed(step, gans=1):
    """GAN-steps a second, of about SECONDS."""
    rounds, start = 0, time.perf_counter()
    while (passed := time.perf_counter() - start) < SECONDS:
        step()
        rounds += 1
    return rounds * gans / passed


def compare(width, members, repeats, threads):
    """Median speeds of the sweep, the trainer, the ordinary loop; then the median ratios of the first to the others."""
    config = TrainConfig(width=width, batch_size=128, device="cpu", precision="float32", threads=threads)
    many, one, ordinary = Many(config, members, members), Trainer(config), Ordinary(config)
    turns = []
    for _ in range(repeats + 1):
        turns.append((speed(many.step, members), speed(one.step), speed(ordinary.step)))
    turns = turns[1:]  # the first one warms up
    speeds = [statistics.median(turn) for turn in zip(*turns)]
    return *speeds, *(statistics.median(turn[0] / turn[k] for turn in turns) for k in (1, 2))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--members", type=int, default=64, help="GANs at once, a power of two")
    parser.add_argument("--repeats", type=int, default=5, help="turns of each")
    parser.add_argument("--threads", type=int, default=1)
    asked = parser.parse_args()
    torch.set_num_threads(asked.threads)
    print(f"torch {torch.__version__}, {torch.backends.cpu.get_cpu_capability()}, {asked.threads} threads, float32")
    print(f"| hidden | {asked.members} at once, GAN-steps/s | Trainer | ordinary | to Trainer | to ordinary |")
    print("|---|---|---|---|---|---|")
    for width in WIDTHS:
        many, one, ordinary, *ratios = compare(width, asked.members, asked.repeats, asked.threads)
        speeds = " | ".join(f"{value:,.0f}" for value in (many, one, ordinary))
        print(f"| {width} | {speeds} | {ratios[0]:.2f}× | {ratios[1]:.2f}× |", flush=True)


if __name__ == "__main__":
    main()
