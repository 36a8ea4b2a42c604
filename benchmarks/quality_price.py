"""What an FID costs that GanLab measures beside the training: rounds a second without, during the first, and later.

The first FID of a process needs the features of real images too; later ones don't. There is no page here, so the
pictures are made but not sent.

    python benchmarks/quality_price.py [--seconds 20] [--later 2] [--threads 2]
"""

import argparse
import time
from collections.abc import Callable

from gan_course import GanLab, TrainConfig

FIRST_ROUNDS = 20  # before anything is timed


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=20, help="without an FID, before and after each of them")
    parser.add_argument("--later", type=int, default=2, help="FIDs after the first")
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    lab = GanLab(TrainConfig(dataset="fashion-mnist", threads=args.threads), play=True)
    while lab.trainer.steps < FIRST_ROUNDS:
        time.sleep(0.1)
    say_rate(lab, "without", after(args.seconds))
    for i in range(1 + args.later):
        lab.measure_fid()
        say_rate(lab, f"during FID {i + 1}", lambda i=i: len(lab.fids) > i)
        say_rate(lab, "without", after(args.seconds))
    lab.live.stop()


def after(seconds: float) -> Callable[[], bool]:
    """Whether so many seconds have passed since this was called."""
    end = time.monotonic() + seconds
    return lambda: time.monotonic() >= end


def say_rate(lab: GanLab, when: str, over: Callable[[], bool]) -> None:
    """Print the rounds a second until something is over."""
    began, first = time.monotonic(), lab.trainer.steps
    while not over():
        time.sleep(0.02)
    seconds = time.monotonic() - began
    print(f"{when:13s} {(lab.trainer.steps - first) / seconds:6.2f} rounds/s, {seconds:5.1f} s", flush=True)


if __name__ == "__main__":
    main()
