"""The course's metrics beside torch-fidelity's on the same features, and how far they are apart.

    python benchmarks/agreement.py [--samples 2000]

KID takes the whole sets as its only subset, so that it is deterministic. Precision and recall are shares of samples,
and agree if no sample is judged otherwise. `benchmarks/frechet.py --others` does the same for the Fréchet distance,
with pytorch-fid too. Needs torch-fidelity: pip install "gan-course[inception]".
"""

import argparse

import torch
from torch_fidelity.metric_fid import fid_features_to_statistics, fid_statistics_to_metric
from torch_fidelity.metric_kid import kid_features_to_metric
from torch_fidelity.metric_prc import prc_features_to_metric

from gan_course import pretrained
from gan_course.data import load
from gan_course.metrics import frechet_from_features, kid, precision_recall


def gaussians(n, d):
    """Two sets (n, d) from different Gaussians, float64."""
    rng = torch.Generator().manual_seed(0)
    stds = torch.arange(1, d + 1, dtype=torch.float64) ** -1.0
    real, fake = (torch.randn(n, d, generator=rng, dtype=torch.float64) * stds for _ in range(2))
    return real, 1.2 * fake + 0.1 * stds


def clothes(n):
    """The course's features of real images, and of others with less contrast."""
    images = load("fashion-mnist").batch(torch.arange(2 * n))
    real, fake = (pretrained.features(part).double() for part in (images[:n], (images[n:] * 0.9).clamp(-1, 1)))
    return real, fake


def theirs_and_ours(real, fake):
    """By metric: their value and ours."""
    n = len(real)
    statistics = (fid_features_to_statistics(features) for features in (fake, real))
    prc = prc_features_to_metric(fake, real, verbose=False)
    ours = precision_recall(real, fake)
    their_kid = kid_features_to_metric(fake, real, kid_subsets=1, kid_subset_size=n, verbose=False)
    return {
        "Fréchet": (
            fid_statistics_to_metric(*statistics, False)["frechet_inception_distance"],
            frechet_from_features(real, fake),
        ),
        "KID": (their_kid["kernel_inception_distance_mean"], kid(real, fake, 1, n).mean),
        "precision": (prc["precision"], ours.precision),
        "recall": (prc["recall"], ours.recall),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=int, default=2_000)
    n = parser.parse_args().samples
    sets = {f"Gaussians, d = {d:,}": gaussians(n, d) for d in (64, 512, 2_048)}
    sets["clothes, d = 64"] = clothes(n)
    print("| features | metric | torch-fidelity | the course | apart, relative |\n|---|---|---|---|---|")
    for name, (real, fake) in sets.items():
        for metric, (theirs, ours) in theirs_and_ours(real, fake).items():
            print(
                f"| {name} | {metric} | {theirs:.9g} | {ours:.9g} | {abs(ours - theirs) / (abs(theirs) or 1):.1g} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
