"""Mode and class coverage, against the data itself, hand-counted samples and closed forms."""

import math
from fractions import Fraction

import numpy as np
import pytest
import torch

from gan_course.data import grid, ring
from gan_course.metrics import class_coverage, extract_features, mode_coverage

CORNERS = torch.tensor([[0.0, 0.0], [10.0, 0.0], [0.0, 10.0], [10.0, 10.0]])


@pytest.mark.parametrize("data", [ring(20_000), ring(20_000, std=0.01), grid(20_000)], ids=lambda data: repr(data))
def test_perfect_samples_get_full_marks(data):
    coverage = mode_coverage(data.samples, data.centers, data.std)
    assert coverage.modes == coverage.modes_1_percent == len(data.centers)
    assert coverage.high_quality == pytest.approx(1 - math.exp(-4.5), abs=0.003)
    assert 0 <= coverage.reverse_kl < 0.002
    assert coverage.counts.sum() == round(coverage.high_quality * 20_000)


def test_every_sample_on_a_center_is_of_high_quality():
    coverage = mode_coverage(CORNERS, CORNERS, std=1e-3)
    assert (coverage.modes, coverage.high_quality, coverage.reverse_kl) == (4, 1.0, 0.0)
    assert coverage.counts.tolist() == [1, 1, 1, 1]


def test_hand_counted_samples():
    """Of 1,000: 600 on the first mode, 10 on the second, 9 on the third, none on the fourth, the rest astray."""
    points = [CORNERS[0]] * 600 + [CORNERS[1]] * 10 + [CORNERS[2]] * 9 + [torch.tensor([5.0, 5.0])] * 381
    coverage = mode_coverage(torch.stack(points), CORNERS, std=1.0)
    assert coverage.counts.tolist() == [600, 10, 9, 0]
    assert (coverage.modes, coverage.modes_1_percent) == (3, 2)
    assert coverage.high_quality == pytest.approx(0.619)
    shares = [600 / 619, 10 / 619, 9 / 619]
    assert coverage.reverse_kl == pytest.approx(sum(p * math.log(p / 0.25) for p in shares))


@pytest.mark.parametrize("k", range(2, 21))
def test_rounding_leaves_no_divergence_below_0(k):
    assert 0 <= class_coverage(torch.arange(k), k).reverse_kl < 1e-15


def test_collapse_to_one_mode_is_log_k():
    coverage = mode_coverage(CORNERS[:1].expand(100, 2), CORNERS, std=1.0)
    assert (coverage.modes, coverage.modes_1_percent, coverage.high_quality) == (1, 1, 1.0)
    assert coverage.reverse_kl == pytest.approx(math.log(4))


def test_the_rim_lies_at_sigmas_times_std():
    samples = torch.tensor([[0.0, 0.299], [0.0, 0.301], [0.0, 0.999], [0.0, 1.001]])
    assert mode_coverage(samples, CORNERS, std=0.1).high_quality == 0.25
    assert mode_coverage(samples, CORNERS, std=0.1, sigmas=10).high_quality == 0.75


def test_ten_sigmas_hold_nothing_and_forty_everything_in_1200_dimensions():
    """The distance from the center is chi-distributed, close to √1200 = 34.6 standard deviations."""
    rng = torch.Generator().manual_seed(0)
    centers = torch.randn(5, 1_200, generator=rng)
    samples = centers.repeat(40, 1) + 0.01 * torch.randn(200, 1_200, generator=rng)
    assert mode_coverage(samples, centers, 0.01, sigmas=10).modes == 0
    wide = mode_coverage(samples, centers, 0.01, sigmas=40)
    assert (wide.modes, wide.high_quality) == (5, 1.0)


def test_modes_far_from_zero_and_tiny_are_told_apart():
    """Distances by a matrix product would be off by more than these modes are wide."""
    centers = torch.tensor([[100.0, 100.0], [100.0, 100.1]])
    samples = centers.repeat(500, 1) + 1e-3 * torch.randn(1_000, 2, generator=torch.Generator().manual_seed(0))
    assert mode_coverage(samples, centers, 1e-3).high_quality == pytest.approx(1 - math.exp(-4.5), abs=0.01)


def test_no_sample_near_a_mode_leaves_the_divergence_undefined():
    coverage = mode_coverage(torch.full((10, 2), 5.0), CORNERS, std=0.1)
    assert (coverage.modes, coverage.modes_1_percent, coverage.high_quality) == (0, 0, 0.0)
    assert math.isnan(coverage.reverse_kl)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_diverged_sample_is_near_no_mode(value):
    samples = CORNERS.clone()
    samples[0, 1] = value
    coverage = mode_coverage(samples, CORNERS, std=0.1)
    assert coverage.counts.tolist() == [0, 1, 1, 1]
    assert coverage.high_quality == 0.75


def test_an_ensemble_is_measured_member_by_member():
    data = ring(1_000)
    samples = torch.stack([data.samples, data.centers[:1].expand(1_000, 2), data.samples * 3, data.samples.flip(0)])
    samples = samples.view(2, 2, 1_000, 2)
    together = mode_coverage(samples, data.centers, data.std)
    for i, j in np.ndindex(2, 2):
        alone = mode_coverage(samples[i, j], data.centers, data.std)
        for name in ("modes", "modes_1_percent", "high_quality", "reverse_kl"):
            assert getattr(together, name).shape == (2, 2)
            np.testing.assert_equal(getattr(together, name)[i, j].item(), getattr(alone, name))
        assert together.counts[i, j].tolist() == alone.counts.tolist()


def test_a_single_set_gives_plain_numbers_and_numpy_is_welcome():
    coverage = mode_coverage(CORNERS.double().numpy(), CORNERS.numpy(), 0.1)
    assert [type(getattr(coverage, n)) for n in ("modes", "modes_1_percent", "high_quality", "reverse_kl")] == [
        int, int, float, float,
    ]  # fmt: skip


@pytest.mark.parametrize(
    "change, said",
    [
        ({"samples": torch.zeros(5, 3)}, r"of one dimension D, got shapes \(5, 3\) and \(4, 2\)"),
        ({"samples": torch.zeros(0, 2)}, r"got shapes \(0, 2\)"),
        ({"samples": torch.zeros(2)}, r"got shapes \(2,\)"),
        ({"centers": torch.zeros(2)}, r"and \(2,\)"),
        ({"std": 0.0}, "std to be above 0 and finite, got 0.0"),
        ({"std": math.nan}, "std to be above 0 and finite, got nan"),
        ({"sigmas": -3}, "sigmas to be above 0 and finite, got -3"),
    ],
)
def test_what_makes_no_sense_is_refused(change, said):
    arguments = {"samples": torch.zeros(5, 2), "centers": CORNERS, "std": 0.1} | change
    with pytest.raises(ValueError, match=said):
        mode_coverage(**arguments)


def test_classes_by_label_and_by_logit():
    labels = torch.tensor([0] * 150 + [1] * 48 + [3] * 2)
    by_label = class_coverage(labels, 5)
    assert by_label.counts.tolist() == [150, 48, 0, 2, 0]
    assert (by_label.classes, by_label.classes_1_percent) == (3, 3)
    shares = [Fraction(n, 200) for n in (150, 48, 2)]
    assert by_label.reverse_kl == pytest.approx(sum(p * math.log(p * 5) for p in shares))
    logits = torch.randn(200, 5, generator=torch.Generator().manual_seed(0))
    logits[torch.arange(200), labels] = 9.0
    assert class_coverage(logits, 5).counts.tolist() == by_label.counts.tolist()
    assert class_coverage(labels[:-1].repeat(3), 5).classes_1_percent == 2  # 3 of 597


def test_classes_of_an_ensemble():
    coverage = class_coverage(torch.tensor([[0, 1, 2], [1, 1, 1]]), 3)
    assert coverage.classes.tolist() == [3, 1]
    np.testing.assert_allclose(coverage.reverse_kl, [0, math.log(3)], atol=1e-12)


def test_classes_of_images_through_a_classifier():
    images = torch.linspace(-1, 1, 100)[:, None, None, None].expand(100, 1, 4, 4)

    def by_brightness(x):
        mean = x.mean(dim=(1, 2, 3))
        return torch.stack([-mean, mean], dim=1)

    assert class_coverage(extract_features(images, by_brightness, batch_size=7), 2).counts.tolist() == [50, 50]


@pytest.mark.parametrize(
    "predictions, said",
    [
        (torch.tensor([0, 5]), r"from 0 to 4, got shape \(2,\) with 0 to 5"),
        (torch.tensor([-1, 2]), "with -1 to 2"),
        (torch.zeros(0, dtype=torch.int64), r"got shape \(0,\)\."),
        (torch.zeros(7, 4), r"Expected logits \(..., N, 5\), got shape \(7, 4\)"),
        (torch.full((7, 5), math.nan), "logits without NaN, got 35"),
    ],
)
def test_predictions_that_make_no_sense_are_refused(predictions, said):
    with pytest.raises(ValueError, match=said):
        class_coverage(predictions, 5)
