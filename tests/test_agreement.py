"""The same features to torch-fidelity and to the course: the same Fréchet distance, KID, precision and recall."""

import pytest
import torch

from gan_course.metrics import frechet_from_features, kid, precision_recall

torch_fidelity = pytest.importorskip("torch_fidelity")


def features(n, m, d, seed=0):
    """(n, d) and (m, d) of two Gaussians that overlap in part; float64."""
    rng = torch.Generator().manual_seed(seed)
    stds = torch.arange(1, d + 1, dtype=torch.float64) ** -0.5
    real, fake = (torch.randn(k, d, generator=rng, dtype=torch.float64) * stds for k in (n, m))
    return real, 1.2 * fake + 0.1


@pytest.mark.parametrize("d, n, m", [(64, 500, 300), (64, 40, 50), (256, 400, 600), (256, 100, 90)])
def test_frechet_distance(d, n, m):
    from torch_fidelity.metric_fid import fid_features_to_statistics, fid_statistics_to_metric

    real, fake = features(n, m, d)
    theirs = fid_statistics_to_metric(fid_features_to_statistics(fake), fid_features_to_statistics(real), False)
    assert frechet_from_features(real, fake) == pytest.approx(theirs["frechet_inception_distance"], rel=1e-6)


@pytest.mark.parametrize("d", [64, 2_048])
def test_kid_of_whole_sets(d):
    """Subsets as large as the sets leave nothing to chance but the order."""
    from torch_fidelity.metric_kid import kid_features_to_metric

    real, fake = features(200, 200, d)
    size = dict(kid_subsets=2, kid_subset_size=200, verbose=False)
    theirs = kid_features_to_metric(fake, real, **size)
    ours = kid(real, fake, subsets=2, subset_size=200)
    assert ours.mean == pytest.approx(theirs["kernel_inception_distance_mean"], rel=1e-9)


@pytest.mark.parametrize("k", [1, 3, 5])
@pytest.mark.parametrize("d, n, m", [(2, 300, 200), (64, 300, 200)])
def test_precision_and_recall(d, n, m, k):
    from torch_fidelity.metric_prc import prc_features_to_metric

    real, fake = features(n, m, d)
    theirs = prc_features_to_metric(fake, real, prc_neighborhood=k, verbose=False)
    ours = precision_recall(real, fake, k)
    assert tuple(ours) == pytest.approx((theirs["precision"], theirs["recall"]), abs=1e-7)
    assert 0 < ours.recall < 1
