"""Images made worse: each kind does what it says and nothing else."""

import pytest
import torch

from gan_course.damage import DAMAGES, damaged
from gan_course.data import Dataset

N = 40


def images(n, seed, classes=10):
    pixels = torch.randint(0, 256, (n, 1, 28, 28), generator=torch.Generator().manual_seed(seed), dtype=torch.uint8)
    names = tuple(map(str, range(classes)))
    return Dataset("clothes", pixels, torch.arange(n) % classes, names)


TRAIN, FRESH = images(60, 1), images(400, 2)


def make(kind, amount, seed=0):
    return damaged(FRESH, TRAIN, kind, amount, N, seed)


def rows(images):
    return {image.numpy().tobytes() for image in images}


FRESH_ROWS, TRAIN_ROWS = rows(FRESH.batch(torch.arange(400))), rows(TRAIN.batch(torch.arange(60)))


@pytest.mark.parametrize("kind", DAMAGES)
def test_the_first_amount_leaves_them_as_they_were(kind):
    made = make(kind, DAMAGES[kind].amounts[0])
    assert len(rows(made.images)) == N and rows(made.images) <= FRESH_ROWS
    assert not made.copied.any()
    assert torch.equal(made.images, make("blur", 0).images), "the same ones for every kind"


@pytest.mark.parametrize("kind", DAMAGES)
def test_the_seed_decides(kind):
    amount = DAMAGES[kind].amounts[3]
    assert torch.equal(make(kind, amount).images, make(kind, amount).images)
    assert not torch.equal(make(kind, amount).images, make(kind, amount, seed=1).images)


def test_blur_takes_away_detail_and_keeps_brightness():
    before, after = make("blur", 0).images, make("blur", 2).images
    assert after.std(dim=(2, 3)).mean() < 0.2 * before.std(dim=(2, 3)).mean()
    assert (after.mean(dim=(2, 3)) - before.mean(dim=(2, 3))).abs().max() < 0.1


def test_noise_has_its_strength_and_stays_in_range():
    before, after = make("noise", 0).images, make("noise", 0.1).images
    inside = before.abs() < 0.5  # where nothing is cut off
    assert (after - before)[inside].std().item() == pytest.approx(0.1, rel=0.02)
    assert make("noise", 1).images.abs().max() == 1


def test_dropped_classes_are_gone_and_all_images_are_real_ones():
    made = make("drop classes", 4)
    assert set(made.labels.tolist()) == set(range(4, 10))
    assert len(rows(made.images)) == N and rows(made.images) <= FRESH_ROWS


@pytest.mark.parametrize("amount, different", [(0.5, 20), (0.1, 4), (0.005, 1)])
def test_duplicates(amount, different):
    made = make("duplicate", amount)
    assert len(rows(made.images)) == different
    assert (~made.copied).sum() == different
    assert rows(made.images[~made.copied]) == rows(made.images)


def test_memorised_images_are_those_of_the_training_set():
    made = make("memorise", 0.25)
    assert made.copied.sum() == 10
    assert rows(made.images[made.copied]) <= TRAIN_ROWS and len(rows(made.images[made.copied])) == 10
    assert rows(made.images[~made.copied]) <= FRESH_ROWS
    labels = {image.numpy().tobytes(): label for image, label in zip(TRAIN.batch(torch.arange(60)), TRAIN.labels)}
    assert all(labels[i.numpy().tobytes()] == k for i, k in zip(made.images[made.copied], made.labels[made.copied]))


def test_bad_input():
    with pytest.raises(ValueError, match="Unknown damage 'blurr'.*blur"):
        make("blurr", 1)
    with pytest.raises(ValueError, match="at least 40 images, got 40 fresh and 39"):
        damaged(images(40, 1), images(39, 2), "blur", 1, N)
    with pytest.raises(ValueError, match="at least 40 images, got 4 fresh"):
        damaged(images(40, 1), TRAIN, "drop classes", 9, N)
