"""Measure how far two sets of images are apart: FID and KID, and with --all also precision, recall, density, coverage.

A and B, first the real ones, are each one of:
  a data set        fashion-mnist, fashion-mnist:test, ring, ... (:train if nothing is said)
  a folder          of images, of any size; one that can't be read is named, and nothing is measured
  a file            .npy, .npz or .safetensors: images (N, C, H, W), as uint8 or as floats in [-1, 1], or rows (N, d)
  a run             its folder or its checkpoint; samples are drawn from it

Values can be compared only if features, numbers of samples and resizing are the same.
"""

import argparse
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console

from gan_course.commands import CommandError
from gan_course.commands.train import explained, positive

FEATURES = ("bundled", "inception", "pixels")
KID_SUBSETS, KID_SIZE = 100, 1_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command's arguments."""
    parser.add_argument("real", metavar="A", help="the real images")
    parser.add_argument("fake", metavar="B", help="the images to judge")
    parser.add_argument("--samples", type=positive(int), metavar="N", help="draw N from a run, choose N of a set")
    parser.add_argument("--seed", type=int, default=0, help="for all that is drawn (default: 0)")
    parser.add_argument(
        "--features", choices=FEATURES, default="bundled",
        help="bundled: the course's network, 64 numbers an image; inception: the published FID's, 2,048 numbers "
        "(pip install 'gan-course[inception]'); pixels: no network (default: bundled)",
    )  # fmt: skip
    parser.add_argument("--all", action="store_true", help="precision, recall, density and coverage too (slower)")


def run(arguments: argparse.Namespace) -> None:
    """Measure, and say what was measured."""
    console = Console(highlight=False, markup=False, emoji=False)
    with explained(), _noted(console):
        _measure(arguments, console)


def _measure(arguments, console):
    from gan_course.commands.image_features import extractor, prepared, side_of
    from gan_course.commands.image_sets import read_set

    names = {"A": arguments.real, "B": arguments.fake}
    side = side_of(arguments.features)
    sets = {k: read_set(name, arguments.samples, arguments.seed, side) for k, name in names.items()}
    for letter, found in sets.items():
        shape = "x".join(map(str, found.samples.shape[1:]))
        console.print(f"{letter}  {found.name}: {len(found.samples):,} of shape {shape}, {found.about}", soft_wrap=True)
    if len({found.samples.ndim for found in sets.values()}) > 1:
        raise CommandError("one side holds images and the other rows of numbers: compare like with like.", code=2)
    images = sets["A"].samples.ndim == 4
    network, words = extractor(arguments.features) if images else (None, "the rows as they are")
    real, fake = (prepared(found.samples, arguments.features) if images else found.samples for found in sets.values())
    real, fake = _features(real, fake, network, console)
    console.print(f"features: {words}, {real.shape[1]:,} dimensions", soft_wrap=True)
    _say(real, fake, arguments, console)


def _features(real, fake, network, console):
    from gan_course.commands.progress import Bar
    from gan_course.metrics.features import as_features, extract_features

    if network is None:
        return as_features(real), as_features(fake)
    total = len(real) + len(fake)
    with Bar(console, total) as bar:

        def extracted(images, before):
            def show(done, _):
                if bar.is_due():
                    bar.tell(f"{before + done:,} of {total:,} images", before + done)

            return extract_features(images, network, progress=show)

        return extracted(real, 0), extracted(fake, len(real))


def _say(real, fake, arguments, console):
    from gan_course.metrics import density_coverage, fid, kid, precision_recall

    console.print(f"FID        {fid(real, fake):.4f}  ({len(real):,} and {len(fake):,} samples)", soft_wrap=True)
    size = min(KID_SIZE, max(2, min(len(real), len(fake)) // 2))  # of all images, every subset would be the same one
    found = kid(real, fake, KID_SUBSETS, size, arguments.seed)
    spread = f"± {found.std:.2g} over {KID_SUBSETS} subsets of {size:,}"
    below = "; below 0 by chance: it finds no difference" if found.mean < 0 else ""
    console.print(f"KID        {found.mean:.4g} {spread}{below}", soft_wrap=True)
    if arguments.all:
        for measure in (precision_recall, density_coverage):
            for name, value in measure(real, fake)._asdict().items():
                console.print(f"{name:<10} {value:.4f}")


@contextmanager
def _noted(console) -> Iterator[None]:
    """Warnings become notes, once each, at the end."""
    with warnings.catch_warnings(record=True) as notes:
        warnings.simplefilter("always")
        yield
    for text in dict.fromkeys(str(note.message) for note in notes if issubclass(note.category, UserWarning)):
        console.print(f"Note: {text}", soft_wrap=True)
