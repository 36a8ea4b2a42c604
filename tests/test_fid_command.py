"""`gan-course fid`: what it reads, what it says, and how it refuses."""

import re
import sys

import numpy as np
import PIL.Image
import pytest
import safetensors.torch
import torch

from gan_course import TrainConfig, Trainer, metrics, pretrained
from gan_course.cli import main
from gan_course.data import load

N = 60


@pytest.fixture(scope="module")
def images():
    """uint8 (2·N, 1, 28, 28)."""
    return load("fashion-mnist").samples[: 2 * N]


@pytest.fixture
def fid(capsys):
    """Run the command: exit status, what it prints, what it complains of, each on one line."""

    def run(*arguments):
        capsys.readouterr()
        status = main(["fid", *map(str, arguments)])
        said = capsys.readouterr()
        return status, re.sub(r"\s+", " ", said.out), re.sub(r"\s+", " ", said.err)

    return run


def numbers(out):
    return {
        name: float(value) for name, value in re.findall(r"(FID|KID|precision|recall|density|coverage) +(\S+)", out)
    }


@pytest.fixture
def arrays(tmp_path, images):
    """Two files of images, in the two ways they may be written."""
    np.save(tmp_path / "real.npy", images[:N].numpy())
    fake = images[N:].float() / 127.5 - 1
    np.savez(tmp_path / "fake.npz", images=fake.numpy(), labels=np.zeros(N))
    safetensors.torch.save_file({"images": fake}, tmp_path / "fake.safetensors")
    return tmp_path / "real.npy", tmp_path / "fake.npz"


def test_it_measures_what_the_metrics_do(fid, arrays, images):
    status, out, _ = fid(*arrays, "--all")
    real, fake = (pretrained.features(part.float() / 127.5 - 1) for part in images.split(N))
    with pytest.warns(UserWarning, match="too large"):
        expected = metrics.fid(real, fake)
    found = numbers(out)
    assert status == 0 and found["FID"] == pytest.approx(expected, rel=1e-4)
    assert found["KID"] == pytest.approx(metrics.kid(real, fake, 100, N // 2).mean, rel=1e-2)
    quality = metrics.precision_recall(real, fake)._asdict() | metrics.density_coverage(real, fake)._asdict()
    assert {name: found[name] for name in quality} == pytest.approx(quality, abs=1e-4)
    assert "60 and 60 samples" in out and "64 dimensions" in out and "Note: 60 real and 60 fake samples" in out
    assert "± " in out and f"100 subsets of {N // 2}" in out


def test_the_same_answer_again_and_from_any_kind_of_file(fid, arrays):
    first = fid(*arrays)[1]
    assert fid(*arrays)[1] == first
    assert numbers(fid(arrays[0], arrays[1].with_suffix(".safetensors"))[1]) == numbers(first)
    assert "precision" not in first


def test_folders_of_images_of_any_size(fid, tmp_path, images):
    for k, pixels in enumerate(images[:N]):
        side = 28 if k % 2 else 56
        PIL.Image.fromarray(pixels[0].numpy()).resize((side, side)).convert("RGB").save(tmp_path / f"{k:02}.png")
    status, out, _ = fid("fashion-mnist:test", tmp_path, "--samples", 30)
    assert status == 0 and "fashion-mnist:test: 30 of shape 1x28x28" in out and "30 of 60" in out
    (tmp_path / "07.png").write_bytes(b"no image")
    (tmp_path / "08.png").write_bytes(b"none either")
    status, out, err = fid("fashion-mnist:test", tmp_path)
    assert status == 2 and "2 of 60 images can't be read" in err and "07.png" in err and "08.png" in err
    assert "FID" not in out


def test_a_run_is_drawn_from_with_a_seed(fid, tmp_path):
    config = TrainConfig(dataset="fashion-mnist", width=8, latent_dim=4, threads=1, precision="float32")
    trainer = Trainer(config)
    trainer.save(tmp_path / "checkpoint.safetensors")
    asked = ("fashion-mnist:test", tmp_path, "--samples", 70)
    status, out, _ = fid(*asked)
    assert status == 0 and "drawn from the run at step 0 (seed 0)" in out and "70 and 70" in out
    assert fid(*asked)[1] == out and numbers(fid(*asked, "--seed", 1)[1]) != numbers(out)
    by_file = fid("fashion-mnist:test", tmp_path / "checkpoint.safetensors", "--samples", 70)[1]
    assert numbers(by_file) == numbers(out)


def test_rows_and_pixels(fid, tmp_path):
    rows = np.random.default_rng(0).normal(size=(2, 50, 3))
    for name, part in zip("ab", rows):
        np.save(tmp_path / f"{name}.npy", part)
    status, out, _ = fid(tmp_path / "a.npy", tmp_path / "b.npy")
    expected = metrics.frechet_from_features(*(part.astype(np.float32) for part in rows))
    assert status == 0 and numbers(out)["FID"] == pytest.approx(expected, abs=1e-4) and "rows as they are, 3" in out
    status, out, _ = fid("fashion-mnist", "fashion-mnist:test", "--samples", 20, "--features", "pixels")
    assert status == 0 and "pixels, 784 dimensions" in out


@pytest.mark.parametrize(
    "b, said",
    [
        ("fashion-mnst", "Did you mean 'fashion-mnist'"),
        ("fashion-mnist:tset", "Did you mean 'test'"),
        ("missing/folder", "there is no file or folder missing/folder"),
        ("words.txt", ".npy, .npz, .safetensors"),
        ("many.npz", "holds one, two: expected one array"),
        ("nan.npy", "NaN or infinite"),
        ("bytes.npy", "They look like 0 to 255"),
        ("one.npy", "at least 2 samples"),
        ("rows.npy", "compare like with like"),
        ("pickle.npy", "allow_pickle"),
        ("torn.safetensors", "torn.safetensors"),
    ],
)
def test_bad_input_ends_in_2_and_says_why(fid, tmp_path, monkeypatch, images, b, said):
    monkeypatch.chdir(tmp_path)
    floats = images[:N].float().numpy()
    (tmp_path / "words.txt").write_text("words")
    np.savez("many.npz", one=floats, two=floats)
    np.save("nan.npy", np.full_like(floats, np.nan))
    np.save("bytes.npy", floats)
    np.save("one.npy", floats[:1] / 255)
    np.save("rows.npy", np.ones((9, 3)))
    np.save("pickle.npy", np.array([{}], dtype=object), allow_pickle=True)
    (tmp_path / "torn.safetensors").write_bytes(b"\x10")
    status, _, err = fid("fashion-mnist:test", b, "--samples", 5) if b == "one.npy" else fid("fashion-mnist:test", b)
    assert status == 2 and said in err


def test_too_few_to_choose_from(fid):
    status, _, err = fid("fashion-mnist:test", "fashion-mnist", "--samples", 5_000)
    assert status == 2 and "fashion-mnist:test has 2,000 samples, fewer than --samples 5,000" in err


def test_images_of_another_shape_are_made_to_fit():
    from gan_course.commands.image_features import prepared

    images = torch.rand(3, 3, 40, 40) * 2 - 1
    assert prepared(images, "bundled").shape == (3, 1, 28, 28)
    assert prepared(images, "pixels") is images


def test_without_the_extra_it_says_what_to_install(fid, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch_fidelity", None)
    status, _, err = fid("fashion-mnist", "fashion-mnist:test", "--samples", 20, "--features", "inception")
    assert status == 1 and 'pip install "gan-course[inception]"' in err and "doctor" not in err
