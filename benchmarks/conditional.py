"""What a conditional GAN reaches in 90 seconds: quality and obedience of each way to tell the label.

Trains on the full Fashion-MNIST with the default recipe, then measures the Fréchet distance of 5,000 samples to the
training set and how often a sample is what was asked for, both with the bundled classifier. The real test images by the
same ruler are the floor of both. With --cool both learning rates fall to a tenth in the last third of the run.
"""

import argparse
import statistics
import time

import torch

from gan_course import TrainConfig, Trainer, pretrained
from gan_course.config import CONDITIONS
from gan_course.data import load
from gan_course.metrics import fid
from gan_course.obedience import with_shuffled_labels
from gan_course.pretrained.build_generator import measured

SAMPLES = 5_000
CLOCKS = {"wall": time.monotonic, "cpu": time.process_time}
COOL_FROM, COOL_TO = 2 / 3, 0.1  # with --cool: from this share of the run on, down to this share of both rates


def main():
    arguments = parsed()
    data = load("fashion-mnist-full")
    real = pretrained.features(data.batch(torch.arange(len(data))))
    say_floor(real)
    for condition in arguments.conditions:
        results = [row(condition, seed, data, real, arguments) for seed in range(arguments.seeds)]
        print(condition, "median:", *(f"{statistics.median(values):.4g}" for values in zip(*results)), flush=True)
    if arguments.shuffled:
        print("on shuffled labels:")
        row(arguments.conditions[0], 0, with_shuffled_labels(data), real, arguments)


def parsed():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=90)
    parser.add_argument("--clock", choices=CLOCKS, default="wall", help="cpu: the processor's, on a busy machine")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--precision", choices=("auto", "float32", "bfloat16"), default="auto")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--width", type=int)
    parser.add_argument("--batch-size", type=int)
    parser.add_argument("--conditions", nargs="+", default=list(CONDITIONS), choices=CONDITIONS)
    parser.add_argument("--cool", action="store_true", help="let both learning rates fall in the last third")
    parser.add_argument("--rounds", type=int, help="in place of seconds, where the machine is too busy for a clock")
    parser.add_argument("--shuffled", action="store_true", help="one more run, on shuffled labels")
    return parser.parse_args()


def row(condition, seed, data, real, arguments):
    trainer = Trainer(
        TrainConfig(
            dataset="fashion-mnist-full", condition=condition, seed=seed, threads=arguments.threads,
            precision=arguments.precision, width=arguments.width, batch_size=arguments.batch_size, device="cpu",
            snapshot_every=100_000,
        ),
        data=data,
    )  # fmt: skip
    walls = time.monotonic()
    for share in shares_done(trainer, arguments):
        if arguments.cool:
            trainer.set(**cooled(trainer.config, share))
        trainer.run(10)
    walls = time.monotonic() - walls
    found = measured(trainer, real, SAMPLES)
    done = f"{trainer.steps} rounds in {trainer.config.precision} ({walls:.0f} s on the wall)"
    print(f"{condition} seed {seed}: {done}, {found}", flush=True)
    return found["fid"], found["obedience"], trainer.steps


def shares_done(trainer, arguments):
    """Which share of the run is done, asked again and again until it is all of it."""
    clock = CLOCKS[arguments.clock]
    began = clock()

    def share():
        return trainer.steps / arguments.rounds if arguments.rounds else (clock() - began) / arguments.seconds

    while (now := share()) < 1:
        yield now


def cooled(config, share):
    """Both learning rates after this share of a run: constant at first, then straight down."""
    left = min(1, (1 - share) / (1 - COOL_FROM))
    factor = COOL_TO + (1 - COOL_TO) * left
    return dict(lr_d=config.lr_d * factor, lr_g=config.lr_g * factor)


def say_floor(real):
    test = load("fashion-mnist-full", train=False)
    images = test.batch(torch.arange(SAMPLES))
    right = (pretrained.classify(images) == test.labels[:SAMPLES]).float().mean()
    print(f"real test images: FID {fid(real, pretrained.features(images)):.2f}, obedience {right:.3f}", flush=True)


if __name__ == "__main__":
    main()
