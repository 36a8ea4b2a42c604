"""The Fréchet distance against the usual ways to compute it, side by side in one run.

    python benchmarks/frechet.py [--dimensions 2048] [--samples 10000] [--repeats 2] [--threads 2] [--others FOLDER]

All start from the same two means and covariances of features whose k-th direction has a standard deviation
of k^-decay: with 0.5 the quick route is sure of its result, with 1.0 it is not. "sqrtm" is what pytorch-fid
does (scipy's square root of the product), "eigvals" what torch-fidelity does, "accurate route" the slower
one of `gan_course.metrics.frechet`, always taken. They take turns; a figure is the median over the turns, of
the seconds and of the ratio to sqrtm in the same turn. "off by" is relative to a distance computed from the
features themselves, by QR and singular values, with no covariance. Needs scipy.

With --others, a folder where `pip install --no-deps --target FOLDER pytorch-fid torch-fidelity tqdm` has put
them, their own functions are asked too, for d from 64 to --dimensions, and fewer and more samples than that.
"""

import argparse
import itertools
import statistics
import sys
import time
import warnings

import numpy as np
import scipy.linalg
import torch

from gan_course.metrics import frechet_distance
from gan_course.metrics.frechet import GOOD_ENOUGH, accurate_trace, quick_trace


def features(n, d, seed, decay):
    """Two sets (n, d) from different Gaussians."""
    rng = torch.Generator().manual_seed(seed)
    turn = torch.linalg.qr(torch.randn(d, d, generator=rng, dtype=torch.float64)).Q
    stds = torch.arange(1, d + 1, dtype=torch.float64) ** -decay
    first, second = (torch.randn(n, d, generator=rng, dtype=torch.float64) * stds @ turn for _ in range(2))
    return first, 1.1 * second + 0.02


def gaussian(sample):
    return sample.mean(dim=0).numpy(), np.cov(sample.numpy(), rowvar=False)


def from_the_features(first, second):
    """The reference: no product of features by features, so no digit is lost there."""
    roots = [np.linalg.qr((x - x.mean(axis=0)) / np.sqrt(len(x) - 1), mode="r") for x in (first, second)]
    trace = np.linalg.svd(roots[0] @ roots[1].T, compute_uv=False).sum()
    return float(((first.mean(axis=0) - second.mean(axis=0)) ** 2).sum() + sum((r**2).sum() for r in roots) - 2 * trace)


def by_sqrtm(mu1, cov1, mu2, cov2):
    return _distance(mu1, cov1, mu2, cov2, np.trace(scipy.linalg.sqrtm(cov1 @ cov2)).real)


def by_eigvals(mu1, cov1, mu2, cov2):
    return _distance(mu1, cov1, mu2, cov2, np.sqrt(np.linalg.eigvals(cov1 @ cov2).astype(complex)).real.sum())


def by_accurate_route(mu1, cov1, mu2, cov2):
    return _distance(mu1, cov1, mu2, cov2, accurate_trace(torch.from_numpy(cov1), torch.from_numpy(cov2)))


def _distance(mu1, cov1, mu2, cov2, trace):
    return float(((mu1 - mu2) ** 2).sum() + np.trace(cov1) + np.trace(cov2) - 2 * trace)


WAYS = {
    "sqrtm": by_sqrtm,
    "eigvals": by_eigvals,
    "accurate route": by_accurate_route,
    "frechet_distance": frechet_distance,
}


def race(d, n, repeats, decay):
    """Seconds that each way takes, by turn, and what it answers."""
    first, second = features(n, d, 0, decay)
    moments = (*gaussian(first), *gaussian(second))
    trace, error = quick_trace(*(torch.from_numpy(cov) for cov in moments[1::2]))
    sure = 2 * error / _distance(*moments, trace)
    taken = "taken" if sure <= GOOD_ENOUGH else "not taken"
    print(f"d = {d:,}, N = {n:,}, decay {decay}: quick route {taken}, its error is below {sure:.1e} of the distance")
    seconds, answers = {name: [] for name in WAYS}, {}
    for _ in range(repeats):
        for name, way in WAYS.items():
            began = time.perf_counter()
            answers[name] = way(*moments)
            seconds[name].append(time.perf_counter() - began)
    exact = from_the_features(first.numpy(), second.numpy())
    for name in WAYS:
        ratio = statistics.median(base / own for base, own in zip(seconds["sqrtm"], seconds[name]))
        print(
            f"  {name:17s} {statistics.median(seconds[name]):6.2f} s  {ratio:5.2f} times as fast as sqrtm"
            f"  distance {answers[name]:.12g}, off by {abs(answers[name] / exact - 1):.0e}"
        )


def compare(folder, dimensions):
    """How far off pytorch-fid's, torch-fidelity's and the package's own functions are."""
    sys.path.append(folder)
    from pytorch_fid.fid_score import calculate_frechet_distance
    from torch_fidelity.metric_fid import fid_statistics_to_metric

    def torch_fidelity(mu1, cov1, mu2, cov2):
        one, two = {"mu": mu1, "sigma": cov1}, {"mu": mu2, "sigma": cov2}
        return fid_statistics_to_metric(one, two, False)["frechet_inception_distance"]

    ways = {
        "frechet_distance": frechet_distance,
        "pytorch-fid": calculate_frechet_distance,
        "torch-fidelity": torch_fidelity,
    }
    print("off by, on the same moments")
    sizes = [d for d in (64, 256, 1024, 2048) if d <= dimensions]
    for d, times, decay in itertools.product(sizes, (0.5, 3), (0.5, 1.0)):
        first, second = features(n := int(times * d), d, 1, decay)
        moments, exact = (*gaussian(first), *gaussian(second)), from_the_features(first.numpy(), second.numpy())
        told = [f"{name} {abs(way(*moments) / exact - 1):.0e}" for name, way in ways.items()]
        print(f"  d = {d:5,}, N = {n:5,}, decay {decay}: {', '.join(told)}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dimensions", type=int, default=2048)
    parser.add_argument("--samples", type=int, default=10_000)
    parser.add_argument("--repeats", type=int, default=2)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--others", metavar="FOLDER")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    warnings.simplefilter("ignore", DeprecationWarning)  # pytorch-fid's sqrtm(disp=)
    for decay in (0.5, 1.0):
        race(args.dimensions, args.samples, args.repeats, decay)
    if args.others:
        compare(args.others, args.dimensions)


if __name__ == "__main__":
    main()
