"""Data sets: what is drawn is what is promised, and damaged data never gets through."""

import gzip
import io
import os
import subprocess
import sys
from http.client import IncompleteRead
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from gan_course import data
from gan_course.data import DataError, Dataset, as_dataset, build_sample, fashion_mnist, load
from gan_course.data.fashion_mnist import BUNDLED_FOLDER, DEBIAN_FOLDER, FILES, FULL, TORCHVISION_LAYOUT

NAMES = list(FULL.sha256)
TRAIN_IMAGES, TRAIN_LABELS = FILES[True]
DIGESTS = {
    True: "ee59189b91d80d14c57f9ad14387f585ec705ae2e55529e5571f9e4dd91011be",
    False: "7095bb8c2b5fee4a10469d7963ea7fd0d07342e1c7bf9256201840ca66567feb",
}


@pytest.fixture(autouse=True)
def quiet_places(monkeypatch, tmp_path):
    """Keep the tests from finding the full set in the user's own folders."""
    monkeypatch.delenv("GAN_COURSE_DATA", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def nowhere(monkeypatch, tmp_path):
    """Take Debian's folder away too."""
    monkeypatch.setattr(fashion_mnist, "DEBIAN_FOLDER", tmp_path / "no-debian")


@pytest.fixture
def full_folder() -> Path:
    if all((DEBIAN_FOLDER / f"{name}.gz").is_file() for name in NAMES):
        return DEBIAN_FOLDER
    if os.environ.get("CI"):
        pytest.fail("the full Fashion-MNIST is needed here: apt install dataset-fashion-mnist")
    pytest.skip("needs Debian's dataset-fashion-mnist")


@pytest.fixture
def bundled_copy(monkeypatch, tmp_path) -> Path:
    """Stand a copy that may be damaged in for the bundled sample."""
    folder = tmp_path / "sample"
    folder.mkdir()
    for name in NAMES:
        (folder / f"{name}.gz").write_bytes((BUNDLED_FOLDER / f"{name}.gz").read_bytes())
    monkeypatch.setattr(fashion_mnist, "BUNDLED_FOLDER", folder)
    return folder


def unpacked(folder: Path, name: str) -> bytes:
    return gzip.decompress((folder / f"{name}.gz").read_bytes())


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def images(n: int = 4, dtype: torch.dtype = torch.uint8) -> torch.Tensor:
    return torch.zeros(n, 1, 8, 8, dtype=dtype)


# --- points


@pytest.mark.parametrize("make, modes, std", [(data.ring, 8, 0.05), (data.grid, 25, 0.05)])
def test_mixture_has_its_modes_with_the_stated_spread(make, modes, std):
    mixture = make(25_000, rng=rng())
    assert mixture.centers.shape == (modes, 2) and mixture.std == std
    assert torch.pdist(mixture.centers).min() > 10 * std
    counts = mixture.labels.bincount(minlength=modes)
    expected = 25_000 / modes
    assert (counts - expected).abs().max() < 5 * expected**0.5
    residual = mixture.samples - mixture.centers[mixture.labels]
    for k in range(modes):
        own = residual[mixture.labels == k]
        assert own.std(0).sub(std).abs().max() < 0.15 * std
        assert own.mean(0).abs().max() < 5 * std / len(own) ** 0.5
    nearest = torch.cdist(mixture.samples, mixture.centers).argmin(1)
    assert torch.equal(nearest, mixture.labels)


def test_ring_has_eight_distinct_even_angles_on_its_circle():
    centers = data.ring(2, radius=3.0).centers
    angles = torch.atan2(centers[:, 1], centers[:, 0]).rad2deg().round().remainder(360).sort().values
    assert angles.tolist() == [0, 45, 90, 135, 180, 225, 270, 315]
    assert torch.allclose(centers.norm(dim=1), torch.full((8,), 3.0))


def test_grid_lies_on_every_pair_of_ticks():
    found = {tuple(center) for center in data.grid(2).centers.tolist()}
    assert found == {(x, y) for x in range(-4, 5, 2) for y in range(-4, 5, 2)}
    assert data.grid(2, side=2, spacing=1.0).centers.abs().unique().tolist() == [0.5]


def test_curves_lie_where_they_should():
    x, y = data.line(5_000, rng=rng()).samples.T
    assert (x - y).abs().max() < 0.2 and x.min() < -0.9 and x.max() > 0.9

    x, y = data.spiral(5_000, std=1e-6, rng=rng()).samples.T
    radius = torch.hypot(x, y)
    phase = torch.atan2(y, x) - 4 * torch.pi * radius
    assert phase.cos().min() > 0.999 and radius.max() <= 1.001
    assert abs((radius < 0.5).float().mean() - 0.25) < 0.03  # a quarter of the length

    moons = data.moons(5_000, std=1e-6, rng=rng())
    x, y = (moons.samples + torch.tensor([0.5, 0.25])).T
    upper = moons.labels == 0
    assert torch.allclose(torch.hypot(x, y)[upper], torch.tensor(1.0), atol=1e-4) and y[upper].min() > -1e-4
    assert torch.allclose(torch.hypot(x - 1, y - 0.5)[~upper], torch.tensor(1.0), atol=1e-4)
    assert y[~upper].max() < 0.5 + 1e-4 and abs(upper.float().mean() - 0.5) < 0.05


@pytest.mark.parametrize("name", ["ring", "grid", "spiral", "moons", "line"])
def test_points_depend_on_the_rng_alone(name):
    make = getattr(data, name)
    before = torch.get_rng_state()
    first = make(100, rng=rng(1))
    torch.manual_seed(5)
    assert make(100, rng=rng(1)).digest == first.digest
    assert make(100, rng=rng(2)).digest != first.digest
    assert make(100).digest == make(100, rng=rng(0)).digest
    torch.set_rng_state(before)
    make(100)
    load(name)
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("name", ["ring", "grid", "spiral", "moons", "line"])
def test_loaded_points_are_fixed_and_the_held_out_draw_is_another(name):
    train = load(name)
    assert train.name == name and train.kind == "points" and train.samples.shape == (20_000, 2)
    assert load(name).digest == train.digest
    others = [load(name, train=False), load(name, seed=1), load(name, train=False, seed=1)]
    assert len({d.digest for d in (train, *others)}) == 4


def test_loaded_points_are_another_stream_than_noise_from_the_same_seed():
    ring = load("ring", seed=0)
    noise = (ring.samples - ring.centers[ring.labels]) / ring.std
    stream = torch.randn(30_000, generator=rng(0))
    drawn = torch.stack([stream[i : i + 10_000] for i in range(0, 20_001, 1_000)])
    assert torch.corrcoef(torch.cat([noise.flatten()[None, :10_000], drawn]))[0, 1:].abs().max() < 0.1


def test_points_takes_what_a_learner_drew():
    drawn = data.points([[0, 0], [1, 2], [3, 4.5]])
    assert drawn.name == "points" and drawn.samples.tolist() == [[0, 0], [1, 2], [3, 4.5]]
    with pytest.raises(ValueError, match=r"points of shape \(N, D\), got shape \(4, 1, 8, 8\)"):
        data.points(images())


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda: data.ring(1), "at least 2, got 1"),
        (lambda: data.ring(10, modes=0), "modes to be above 0 and finite, got 0"),
        (lambda: data.ring(10, std=-1.0), "std to be above 0"),
        (lambda: data.grid(10, spacing=float("nan")), "spacing to be above 0 and finite, got nan"),
        (lambda: data.spiral(10, turns=float("inf")), "turns to be above 0 and finite, got inf"),
        (lambda: data.moons(10, std=0.0), "std to be above 0"),
        (lambda: data.line(-3), "at least 2, got -3"),
    ],
)
def test_bad_numbers_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


# --- Dataset


def test_batch_maps_0_and_255_to_the_exact_ends():
    ramp = torch.arange(256, dtype=torch.uint8).view(16, 1, 4, 4)
    batch = as_dataset(ramp).batch(torch.arange(16)).flatten()
    assert batch.dtype == torch.float32
    assert batch[0] == -1 and batch[255] == 1 and batch.min() == -1 and batch.max() == 1
    assert torch.allclose(batch, torch.arange(256) * 2 / 255 - 1, atol=1e-6)
    assert ramp.flatten()[255] == 255


def test_batch_gathers_by_index_and_leaves_floats_as_they_are():
    points = as_dataset(torch.tensor([[1.0, 2.0], [30.0, 4.0], [5.0, 6.0]]))
    assert points.batch(torch.tensor([2, 0, 2])).tolist() == [[5, 6], [1, 2], [5, 6]]
    floats = torch.rand(3, 1, 4, 4) * 2 - 1
    assert torch.equal(as_dataset(floats).batch(torch.tensor([1])), floats[1:2])


def test_dataset_describes_itself():
    ring = load("ring")
    assert repr(ring) == "Dataset('ring', 20,000 points of shape (2,), 8 modes)"
    assert (ring.kind, ring.sample_shape, len(ring)) == ("points", (2,), 20_000)
    fashion = load("fashion-mnist", train=False)
    assert repr(fashion) == "Dataset('fashion-mnist', 2,000 images of shape (1, 28, 28), 10 classes)"
    assert (fashion.kind, fashion.sample_shape, len(fashion)) == ("images", (1, 28, 28), 2_000)


def test_to_moves_every_tensor(monkeypatch):
    for check in ("_check_values", "_check_labels"):  # the meta device, which every machine has, holds no values
        monkeypatch.setattr(f"gan_course.data.dataset.{check}", lambda *_: None)
    moved = load("ring").to("meta")
    assert {moved.samples.device.type, moved.labels.device.type, moved.centers.device.type} == {"meta"}


def test_to_keeps_the_data_and_the_digest():
    ring = load("ring")
    same = ring.to("cpu")
    assert same.digest == ring.digest and same.std == ring.std and torch.equal(same.centers, ring.centers)


def test_digest_sees_values_shape_dtype_and_labels():
    base = torch.zeros(4, 2)
    changed = base.clone()
    changed[3, 1] = 1
    sets = [
        Dataset("a", base),
        Dataset("a", changed),
        Dataset("a", base.view(2, 4)),
        Dataset("a", base.view(2, 1, 2, 2)),
        Dataset("a", torch.zeros(32, 1, 1, 1, dtype=torch.uint8)),
        Dataset("a", base, torch.tensor([0, 0, 0, 0])),
        Dataset("a", base, torch.tensor([0, 0, 0, 1])),
    ]
    assert len({d.digest for d in sets}) == len(sets)
    assert Dataset("another name", base).digest == sets[0].digest


@pytest.mark.parametrize("dtype", [np.float64, np.float16, ">f8", np.int64, np.uint8])
def test_as_dataset_takes_points_of_any_real_dtype(dtype):
    array = np.array([[0, 1], [2, 3], [4, 5]], dtype=dtype)[::-1]
    dataset = as_dataset(array)
    assert dataset.kind == "points" and dataset.samples.dtype == torch.float32
    assert dataset.samples.tolist() == [[4, 5], [2, 3], [0, 1]]


def test_as_dataset_takes_images_and_copies():
    tensor = torch.rand(3, 3, 4, 4, dtype=torch.float64, requires_grad=True)
    dataset = as_dataset(tensor)
    assert dataset.kind == "images" and dataset.samples.dtype == torch.float32
    assert not dataset.samples.requires_grad
    mine = images()
    dataset = as_dataset(mine)
    mine += 1
    assert dataset.samples.dtype == torch.uint8 and dataset.samples.max() == 0
    assert as_dataset(dataset) is dataset


def with_nan() -> torch.Tensor:
    points = torch.zeros(5, 2)
    points[3, 1], points[4, 0] = float("nan"), float("inf")
    return points


@pytest.mark.parametrize(
    "bad, error, message",
    [
        (torch.zeros(5), ValueError, r"got shape \(5,\).*use x\[:, None\]"),
        (torch.zeros(5, 28, 28), ValueError, r"got shape \(5, 28, 28\).*use x\[:, None\]"),
        (torch.zeros(()), ValueError, r"got shape \(\)\.$"),
        (torch.zeros(0, 2), ValueError, r"at least 2 samples.*got shape \(0, 2\)"),
        (torch.zeros(1, 2), ValueError, r"at least 2 samples.*got shape \(1, 2\)"),
        (torch.zeros(5, 0), ValueError, r"none of them empty.*got shape \(5, 0\)"),
        (torch.zeros(5, 28, 28, 3), ValueError, r"channels first.*use x\.permute\(0, 3, 1, 2\)"),
        (with_nan(), ValueError, r"got 2 that are NaN or infinite, the first at index \(3, 1\)"),
        (
            images(dtype=torch.float32) + 255,
            ValueError,
            r"from 255 to 255\. They look like 0 to 255: use x / 127\.5 - 1",
        ),
        (images(dtype=torch.float32) - 2, ValueError, r"got values from -2 to -2\. Rescale"),
        (images(dtype=torch.float32) + 1.01, ValueError, r"in \[-1, 1\], got values from 1\.01"),
        (images(dtype=torch.int64), TypeError, r"got torch\.int64: use x\.to\(torch\.uint8\)"),
        (torch.zeros(5, 2, dtype=torch.bool), TypeError, r"points as float32, got torch\.bool: use x\.float\(\)"),
        (torch.zeros(5, 2, dtype=torch.complex64), TypeError, r"got torch\.complex64"),
        (np.array([["a", "b"], ["c", "d"]]), TypeError, r"real numbers, got ndarray of dtype <U1"),
        (object(), TypeError, r"real numbers, got object of dtype object"),
    ],
)
def test_as_dataset_says_what_is_wrong(bad, error, message):
    with pytest.raises(error, match=message):
        as_dataset(bad)


def test_the_suggested_expression_repairs_0_to_255_floats():
    x = torch.arange(256.0).view(16, 1, 4, 4)
    assert as_dataset(x / 127.5 - 1).samples.aminmax() == (-1, 1)


@pytest.mark.parametrize(
    "fields, error, message",
    [
        ({"labels": torch.zeros(3, dtype=torch.int64)}, ValueError, r"one label per sample, shape \(4,\), got \(3,\)"),
        ({"labels": torch.zeros(4)}, TypeError, r"int64, got torch\.float32"),
        ({"labels": torch.tensor([0, 1, 2, -1])}, ValueError, "labels 0 or more, got -1 to 2"),
        ({"labels": torch.tensor([0, 1, 2, 2]), "class_names": ("a", "b")}, ValueError, "labels 0 to 1, got 0 to 2"),
        ({"centers": torch.zeros(3, 2)}, ValueError, "both, or neither"),
        ({"centers": torch.zeros(3, 3), "std": 0.1}, ValueError, r"shape \(K, 2\), got \(3, 3\)"),
        ({"centers": torch.zeros(3, 2), "std": 0.0}, ValueError, "std above 0, got 0"),
        ({"samples": torch.zeros(4, 2, dtype=torch.float64)}, TypeError, "points as float32, got torch.float64"),
    ],
)
def test_dataset_checks_its_fields(fields, error, message):
    with pytest.raises(error, match=message):
        Dataset("mine", **{"samples": torch.zeros(4, 2), **fields})


# --- load


def test_an_unknown_name_gets_the_nearest_one():
    with pytest.raises(ValueError, match="Unknown dataset 'fashion_mnist'. Did you mean 'fashion-mnist'"):
        load("fashion_mnist")


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"name": "ring", "data_dir": "here"}, "'ring' is drawn, not read"),
        ({"name": "fashion-mnist", "image_size": 32}, 'image_size is for "folder"'),
        ({"name": "folder"}, "needs data_dir"),
        ({"name": "folder", "data_dir": ".", "train": False}, "no held-out part"),
    ],
)
def test_an_argument_that_means_nothing_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        load(**arguments)


def test_every_listed_name_loads(full_folder, tmp_path):
    for i in range(2):
        Image.new("L", (8, 8)).save(tmp_path / f"{i}.png")
    for name in data.DATASETS:
        assert len(load(name, data_dir=tmp_path if name == "folder" else None)) >= 2


def test_importing_the_data_needs_neither_widgets_nor_torchvision():
    unwanted = {"torchvision", "ipywidgets", "anywidget"}
    code = f"import sys, gan_course.data; print(sorted({unwanted} & set(sys.modules)))"
    root = Path(__file__).parent.parent
    run = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


# --- Fashion-MNIST, bundled


@pytest.mark.parametrize("train, per_class", [(True, 1_000), (False, 200)])
def test_bundled_sample_is_stratified_mixed_and_fixed(train, per_class):
    sample = load("fashion-mnist", train=train)
    assert sample.samples.dtype == torch.uint8 and sample.samples.shape == (10 * per_class, 1, 28, 28)
    assert sample.labels.bincount().tolist() == [per_class] * 10
    assert sample.labels[:100].unique().numel() == 10
    assert sample.digest == DIGESTS[train]


def test_class_names_are_torchvisions():
    from torchvision.datasets import FashionMNIST

    assert load("fashion-mnist").class_names == tuple(FashionMNIST.classes)


def test_no_image_is_in_both_parts_or_twice():
    parts = [load("fashion-mnist", train=train).samples.flatten(1).numpy() for train in (True, False)]
    every = [row.tobytes() for part in parts for row in part]
    assert len(set(every)) == len(every) == 12_000


def test_bundled_sample_comes_from_the_full_set_by_the_builder(full_folder, tmp_path, monkeypatch):
    pack = gzip.compress
    monkeypatch.setattr(build_sample.gzip, "compress", lambda content, level, mtime: pack(content, 1, mtime=mtime))
    assert build_sample.build(full_folder, tmp_path) == fashion_mnist.BUNDLED.sha256
    for name in NAMES:
        assert unpacked(tmp_path, name) == unpacked(BUNDLED_FOLDER, name)


def test_builder_writes_the_same_bytes_twice(full_folder, tmp_path, monkeypatch):
    monkeypatch.setattr(build_sample, "FILES", {False: FILES[False]})
    written = []
    for now in (1e9, 2e9):
        monkeypatch.setattr("time.time", lambda now=now: now)
        build_sample.build(full_folder, tmp_path)
        written.append([(tmp_path / f"{name}.gz").read_bytes() for name in FILES[False]])
    assert written[0] == written[1]


def test_stratified_refills_nothing_and_depends_on_the_rng():
    labels = torch.arange(40) % 4
    chosen = build_sample.stratified(labels, 3, rng(0))
    assert labels[chosen].bincount().tolist() == [3, 3, 3, 3] and chosen.unique().numel() == 12
    assert not torch.equal(chosen, build_sample.stratified(labels, 3, rng(1)))


def test_the_licence_lies_beside_the_sample():
    text = (BUNDLED_FOLDER / "LICENSE").read_text(encoding="utf-8")
    assert "MIT License" in text and "Copyright © 2017 Zalando SE" in text


# --- damage


def flip(content: bytes, at: int) -> bytes:
    return content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]


def packed(content: bytes) -> bytes:
    return gzip.compress(content, 1)


DAMAGE = {
    "empty": (lambda gz: b"", "is empty"),
    "empty gzip": (lambda gz: packed(b""), "is empty"),
    "truncated": (lambda gz: gz[: len(gz) // 2], "cut short"),
    "only the magic": (lambda gz: gz[:2], "cut short"),
    "flipped byte": (lambda gz: flip(gz, len(gz) // 2), "can't be read, it is damaged"),
    "garbled": (lambda gz: gz[:10] + b"\xff" * 100 + gz[110:], "can't be read, it is damaged"),
    "flipped pixel": (lambda gz: packed(flip(gzip.decompress(gz), 3_000)), "sha256 differs"),
    "shortened inside": (lambda gz: packed(gzip.decompress(gz)[:-5]), "expected 7,840,016 by its header"),
    "header alone": (lambda gz: packed(gzip.decompress(gz)[:6]), "has 6 bytes unpacked"),
    "longer": (lambda gz: packed(gzip.decompress(gz) + b"\0"), "has 7,840,017 bytes unpacked"),
    "wrong magic": (lambda gz: packed(b"\0\0\x0d\x03" + gzip.decompress(gz)[4:]), "starts with bytes 00000d03"),
    "not gzip": (lambda gz: b"<html>404 not found</html>", "starts with bytes 3c68746d.*or one gzipped"),
    "labels": (
        lambda gz: unpacked(BUNDLED_FOLDER, TRAIN_LABELS),
        "starts with bytes 00000801: expected an IDX file of images",
    ),
    "held-out": (lambda gz: unpacked(BUNDLED_FOLDER, FILES[False][0]), "is not the published file"),
}


@pytest.mark.parametrize("damage, message", DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_bundled_file_is_named_with_its_repair(bundled_copy, damage, message):
    file = bundled_copy / f"{TRAIN_IMAGES}.gz"
    file.write_bytes(damage(file.read_bytes()))
    with pytest.raises(DataError, match=message) as caught:
        load("fashion-mnist")
    assert str(file) in str(caught.value) and "pip install --force-reinstall gan-course" in str(caught.value)
    assert len(load("fashion-mnist", train=False)) == 2_000


def test_damaged_and_missing_labels_are_found_too(bundled_copy):
    file = bundled_copy / f"{TRAIN_LABELS}.gz"
    file.write_bytes(packed(flip(gzip.decompress(file.read_bytes()), 100)))
    with pytest.raises(DataError, match="train-labels.*sha256 differs"):
        load("fashion-mnist")
    file.unlink()
    with pytest.raises(DataError, match="train-labels-idx1-ubyte.gz is missing.*git checkout"):
        load("fashion-mnist")


def test_swapped_files_are_found(bundled_copy):
    one, other = bundled_copy / f"{TRAIN_IMAGES}.gz", bundled_copy / f"{TRAIN_LABELS}.gz"
    first, second = one.read_bytes(), other.read_bytes()
    one.write_bytes(second)
    other.write_bytes(first)
    with pytest.raises(DataError, match="train-images.*starts with bytes 00000801"):
        load("fashion-mnist")


def test_verify_reports_file_by_file(bundled_copy, nowhere):
    assert [check.state for check in data.verify()] == ["ok"] * 4
    file = bundled_copy / f"{TRAIN_IMAGES}.gz"
    file.write_bytes(file.read_bytes()[:1000])
    states = {check.file.name: check.state for check in data.verify()}
    assert [name for name, state in states.items() if state != "ok"] == [file.name]
    assert "cut short" in states[file.name]


# --- Fashion-MNIST, full


def test_full_set_matches_torchvisions_own_reading(full_folder, tmp_path):
    from torchvision.datasets.mnist import read_image_file, read_label_file

    full = load("fashion-mnist-full", train=False)
    assert full.name == "fashion-mnist-full" and full.samples.shape == (10_000, 1, 28, 28)
    for name in FILES[False]:
        (tmp_path / name).write_bytes(unpacked(full_folder, name))
    assert torch.equal(full.samples[:, 0], read_image_file(tmp_path / FILES[False][0]))
    assert torch.equal(full.labels, read_label_file(tmp_path / FILES[False][1]))


def test_full_training_set_has_6000_of_each_class(full_folder):
    full = load("fashion-mnist", data_dir=full_folder)
    assert full.name == "fashion-mnist-full" and full.labels.bincount().tolist() == [6_000] * 10


@pytest.mark.parametrize("below", [".", TORCHVISION_LAYOUT], ids=["flat", "torchvision"])
@pytest.mark.parametrize("plain", [True, False], ids=["plain", "gz"])
def test_full_set_is_read_in_every_layout(full_folder, tmp_path, nowhere, monkeypatch, below, plain):
    folder = tmp_path / "mine" / below
    folder.mkdir(parents=True)
    for name in FILES[False]:
        gz = (full_folder / f"{name}.gz").read_bytes()
        (folder / (name if plain else f"{name}.gz")).write_bytes(gzip.decompress(gz) if plain else gz)
    by_argument = load("fashion-mnist-full", data_dir=tmp_path / "mine", train=False)
    monkeypatch.setenv("GAN_COURSE_DATA", str(tmp_path / "mine"))
    by_environment = load("fashion-mnist-full", train=False)
    assert by_argument.digest == by_environment.digest and len(by_argument) == 10_000


def test_a_gz_that_the_browser_unpacked_is_read(full_folder, tmp_path):
    for name in FILES[False]:
        (tmp_path / f"{name}.gz").write_bytes(unpacked(full_folder, name))
    assert len(load("fashion-mnist", data_dir=tmp_path, train=False)) == 10_000


def test_a_missing_full_set_says_where_it_looked_and_what_to_do(tmp_path, nowhere, monkeypatch):
    monkeypatch.setenv("GAN_COURSE_DATA", str(tmp_path / "by-env"))
    with pytest.raises(FileNotFoundError) as caught:
        load("fashion-mnist-full", data_dir=tmp_path / "mine")
    message = str(caught.value)
    for place in ("mine", "by-env", "cache/gan-course", "no-debian"):
        assert str(tmp_path / place) in message
    assert "gan-course data fetch" in message and "apt install dataset-fashion-mnist" in message
    with pytest.raises(FileNotFoundError, match="by-env"):
        load("fashion-mnist-full")


def test_an_incomplete_full_set_is_named_but_a_complete_one_is_preferred(full_folder, tmp_path, monkeypatch):
    (tmp_path / f"{TRAIN_LABELS}.gz").write_bytes((full_folder / f"{TRAIN_LABELS}.gz").read_bytes())
    assert len(load("fashion-mnist-full", data_dir=tmp_path, train=False)) == 10_000
    with pytest.raises(DataError, match="train-images-idx3-ubyte.gz is missing.*gan-course data fetch"):
        load("fashion-mnist", data_dir=tmp_path)
    assert {place.state for place in data.locate()} == {"complete", "not there"}
    monkeypatch.setenv("GAN_COURSE_DATA", str(tmp_path))
    assert ("full set", "1 of 4 files") in {(place.what, place.state) for place in data.locate()}


def test_the_sample_is_not_taken_for_the_full_set():
    with pytest.raises(DataError, match="is not the published file.*gan-course data fetch"):
        load("fashion-mnist", data_dir=BUNDLED_FOLDER)


def test_verify_checks_the_full_set(full_folder, tmp_path, nowhere):
    assert [check.state for check in data.verify(full_folder)] == ["ok"] * 8
    (tmp_path / TRAIN_IMAGES).write_bytes(unpacked(full_folder, TRAIN_LABELS))
    states = [check.state for check in data.verify(tmp_path)][4:]
    assert "starts with bytes 00000801" in states[0] and all("is missing" in state for state in states[1:])
    with pytest.raises(FileNotFoundError, match="mine"):
        data.verify(tmp_path / "mine")


# --- fetch


@pytest.mark.parametrize(
    "failure",
    [RuntimeError("no route"), OSError("no route"), IncompleteRead(b"no route")],
    ids=lambda e: type(e).__name__,
)
def test_a_failed_download_says_what_to_do_offline(monkeypatch, tmp_path, failure):
    def fail(*args, **kwargs):
        raise failure

    monkeypatch.setattr("torchvision.datasets.mnist.download_and_extract_archive", fail)
    with pytest.raises(DataError, match=r"(?s)could not be fetched into .*(no route|IncompleteRead)") as caught:
        data.fetch()
    message = str(caught.value)
    assert str(tmp_path / "cache" / "gan-course") in message
    assert "apt install dataset-fashion-mnist" in message and "--data DIR" in message


def test_fetch_keeps_whole_files_and_replaces_damaged_ones(full_folder, monkeypatch, tmp_path, nowhere):
    fetched = []

    def from_debian(url, download_root, filename, md5):
        fetched.append(filename)
        Path(download_root, filename[:-3]).write_bytes(gzip.decompress((full_folder / filename).read_bytes()))

    monkeypatch.setattr("torchvision.datasets.mnist.download_and_extract_archive", from_debian)
    folder = data.fetch()
    assert folder == tmp_path / "cache" / "gan-course" / TORCHVISION_LAYOUT
    assert sorted(fetched) == sorted(f"{name}.gz" for name in NAMES)
    data.fetch()
    assert len(fetched) == 4
    damaged = folder / FILES[False][1]
    damaged.write_bytes(damaged.read_bytes()[:-1])
    with pytest.raises(DataError, match="gan-course data fetch"):
        load("fashion-mnist-full", train=False)
    data.fetch()
    assert len(load("fashion-mnist-full", train=False)) == 10_000


# --- folder


def save(file: Path, mode: str, color, size: tuple[int, int] = (40, 20)) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.new(mode, size, color).save(file)


def test_folder_of_classes(tmp_path):
    save(tmp_path / "b" / "deep" / "1.PNG", "RGB", (255, 0, 0))
    save(tmp_path / "b" / "2.bmp", "RGB", (0, 255, 0))
    save(tmp_path / "a" / "3.jpg", "L", 128)
    (tmp_path / "empty").mkdir()
    (tmp_path / "notes.txt").write_text("not an image")
    loaded = load("folder", data_dir=tmp_path)
    assert loaded.name == "folder" and loaded.samples.dtype == torch.uint8 and loaded.samples.shape == (3, 3, 28, 28)
    assert loaded.class_names == ("a", "b") and loaded.labels.tolist() == [0, 1, 1]
    assert loaded.samples.float().mean((2, 3)).round().tolist() == [[128, 128, 128], [0, 255, 0], [255, 0, 0]]


def test_folder_without_classes_and_all_grey(tmp_path):
    save(tmp_path / "1.png", "L", 10)
    save(tmp_path / "sub" / "2.png", "1", 1)
    save(tmp_path / "sub" / "3.png", "LA", (30, 255))
    loaded = load("folder", data_dir=str(tmp_path), image_size=8)
    assert loaded.labels is None and loaded.class_names == ()
    assert loaded.samples.shape == (3, 1, 8, 8) and loaded.samples[:, 0, 0, 0].tolist() == [10, 255, 30]


def test_folder_crops_the_centre_and_resizes_with_antialiasing(tmp_path):
    wide = np.zeros((64, 192), np.uint8)
    wide[:, 64:128] = np.indices((64, 64)).sum(0) % 2 * 255
    wide[:, :60] = wide[:, 132:] = 255
    for i in range(2):
        Image.fromarray(wide).save(tmp_path / f"{i}.png")
    inner = load("folder", data_dir=tmp_path, image_size=16).samples[0, 0, 2:-2, 2:-2].float()
    assert (inner - 127.5).abs().max() < 3


def test_folder_turns_photographs_upright(tmp_path):
    left_white = np.zeros((8, 8), np.uint8)
    left_white[:, :4] = 255
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned clockwise by a quarter: the left becomes the top
    for i in range(2):
        Image.fromarray(left_white).save(tmp_path / f"{i}.png", exif=exif)
    upright = load("folder", data_dir=tmp_path, image_size=8).samples[0, 0]
    assert upright[:4].min() == 255 and upright[4:].max() == 0


def test_unreadable_images_are_counted_and_named(tmp_path):
    for i in range(3):
        save(tmp_path / f"{i}.png", "L", 0)
    buffer = io.BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8)).save(buffer, "jpeg")
    (tmp_path / "cut.jpg").write_bytes(buffer.getvalue()[:-500])
    (tmp_path / "text.png").write_text("not an image")
    Image.fromarray(np.zeros((8, 8), np.uint16)).save(tmp_path / "deep.png")
    with pytest.raises(DataError, match="3 of 6 images can't be read: remove or repair them") as caught:
        load("folder", data_dir=tmp_path)
    message = str(caught.value)
    assert all(name in message for name in ("cut.jpg", "text.png", "deep.png: expected 8 bits a channel"))
    assert "0.png" not in message


def test_many_unreadable_images_are_counted_but_ten_named(tmp_path):
    for i in range(25):
        (tmp_path / f"{i}.png").write_text("not an image")
    with pytest.raises(DataError, match="25 of 25") as caught:
        load("folder", data_dir=tmp_path)
    assert str(caught.value).count("cannot identify") == 10 and str(caught.value).endswith("...")


def test_a_missing_or_empty_folder_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError, match="no-such is not a folder"):
        load("folder", data_dir=tmp_path / "no-such")
    (tmp_path / "notes.txt").write_text("not an image")
    with pytest.raises(DataError, match="holds 0 images, expected at least 2"):
        load("folder", data_dir=tmp_path)


@pytest.mark.parametrize("size", [30, 0, -4])
def test_image_size_must_be_a_multiple_of_4(tmp_path, size):
    with pytest.raises(ValueError, match=f"multiple of 4, such as 28, got {size}"):
        load("folder", data_dir=tmp_path, image_size=size)
