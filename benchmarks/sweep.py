"""Many GANs at once against one after the other, side by side in one run.

    python benchmarks/sweep.py [--members 64] [--repeats 5] [--threads 1]

Three ways to train GANs on the ring, batches of 128, two hidden layers: a `Sweep` of many; one `Trainer`, as it would
train them one after the other; and the ordinary loop (default Adam, D not frozen while G learns, `.item()` on every
loss). They take turns of the same length; the figures are medians over the turns, of the speeds and of their ratios.
Where the CPU multiplies in bfloat16, the sweep has a turn in that too, against the same two in float32.
"""

import argparse
import statistics
import time
from dataclasses import replace

import torch
from torch import nn

from gan_course import Sweep, TrainConfig, Trainer
from gan_course.sweep.trial import has_bf16_units

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


def compare(width, members, repeats, threads, precisions):
    """By precision of the sweep: what `medians` says of it, the trainer and the ordinary loop, these two in float32."""
    config = TrainConfig(width=width, batch_size=128, device="cpu", precision="float32", threads=threads)
    sweeps = [Many(replace(config, precision=precision), members, members) for precision in precisions]
    one, ordinary = Trainer(config), Ordinary(config)
    turns = []
    for _ in range(repeats + 1):  # the first one warms up
        singles = speed(one.step), speed(ordinary.step)
        turns.append([(speed(many.step, members), *singles) for many in sweeps])
    return {precision: medians(by_turn) for precision, by_turn in zip(precisions, zip(*turns[1:]))}


def medians(turns):
    """Median speeds, then the median ratios of the first to the others."""
    speeds = [statistics.median(turn) for turn in zip(*turns)]
    return *speeds, *(statistics.median(turn[0] / turn[k] for turn in turns) for k in (1, 2))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--members", type=int, default=64, help="GANs at once, a power of two")
    parser.add_argument("--repeats", type=int, default=5, help="turns of each")
    parser.add_argument("--threads", type=int, default=1)
    asked = parser.parse_args()
    torch.set_num_threads(asked.threads)
    precisions = ("float32", "bfloat16") if has_bf16_units() else ("float32",)
    print(f"torch {torch.__version__}, {torch.backends.cpu.get_cpu_capability()}, {asked.threads} threads")
    speeds = f"{asked.members} at once, GAN-steps/s | Trainer | ordinary"
    print(f"| hidden | precision | {speeds} | to Trainer | to ordinary |")
    print(f"|{'---|' * 7}")
    for width in WIDTHS:
        found = compare(width, asked.members, asked.repeats, asked.threads, precisions)
        for precision, (*speeds, to_trainer, to_ordinary) in found.items():
            told = " | ".join(f"{value:,.0f}" for value in speeds)
            print(f"| {width} | {precision} | {told} | {to_trainer:.2f}× | {to_ordinary:.2f}× |", flush=True)


if __name__ == "__main__":
    main()
