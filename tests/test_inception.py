"""Inception-v3 without its weights: random ones of the same shapes go through torch-fidelity's own network."""

import sys
import urllib.error

import pytest
import torch

from gan_course.metrics import inception
from gan_course.metrics.inception import Inception, find_weights, to_rgb_bytes

URL = "https://example.org/weights.pth"


@pytest.fixture(scope="module")
def extractor():
    return pytest.importorskip("torch_fidelity.feature_extractor_inceptionv3")


@pytest.fixture(scope="module")
def weights(extractor, tmp_path_factory):
    """A file with random weights of the right shapes."""
    path, made = tmp_path_factory.mktemp("inception") / inception.FILE, {}
    network = extractor.FeatureExtractorInceptionV3
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(extractor, "load_state_dict_from_url", lambda *args, **kwargs: {})
        patch.setattr(network, "load_state_dict", lambda self, state: made.update(self.state_dict()))
        torch.manual_seed(0)
        network("random", ["2048"])
    torch.save(made, path)
    return path


def test_features_are_torch_fidelitys_bit_for_bit(extractor, weights):
    pixels = torch.randint(0, 256, (2, 1, 28, 28), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    theirs = extractor.FeatureExtractorInceptionV3("theirs", ["2048"], feature_extractor_weights_path=str(weights))
    expected = theirs(pixels.repeat(1, 3, 1, 1))[0]
    network = Inception(weights)
    assert expected.shape == (2, inception.DIMENSIONS) and expected.std() > 0
    assert torch.equal(network(pixels), expected)
    assert torch.equal(network(pixels.float() / 127.5 - 1), expected), "[-1, 1] are the same images"


def test_the_way_to_bytes():
    every = torch.arange(256, dtype=torch.uint8).reshape(1, 1, 16, 16)
    assert torch.equal(to_rgb_bytes(every.float() / 127.5 - 1), every.expand(1, 3, 16, 16))
    assert to_rgb_bytes(torch.tensor([-1.0, 1.0]).reshape(1, 1, 1, 2)).flatten().tolist() == [0, 255] * 3
    color = torch.rand(2, 3, 4, 4) * 2 - 1
    assert torch.equal(to_rgb_bytes(color)[:, 1], ((color[:, 1] + 1) * 127.5).round().byte())


@pytest.mark.parametrize(
    "images, said",
    [
        (torch.zeros(2, 4, 8, 8), r"\(n, 1 or 3, H, W\), got shape \(2, 4, 8, 8\)"),
        (torch.zeros(2, 64), "got shape"),
        (torch.full((2, 3, 8, 8), 255.0), "got values from 255 to 255"),
        (torch.full((2, 3, 8, 8), torch.nan), "got values from nan"),
    ],
)
def test_images_that_are_refused(images, said):
    with pytest.raises(ValueError, match=said):
        to_rgb_bytes(images)


def test_without_torch_fidelity_the_command_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch_fidelity", None)
    with pytest.raises(ImportError, match=r'pip install "gan-course\[inception\]"'):
        Inception()


def test_without_a_network_the_place_is_named(monkeypatch, tmp_path):
    def offline(*args, **kwargs):
        raise urllib.error.URLError("no network")

    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    monkeypatch.setattr(torch.hub, "download_url_to_file", offline)
    monkeypatch.delenv(inception.PLACE, raising=False)
    with pytest.raises(OSError, match=f"no network.*get {URL} and put it at {tmp_path}/checkpoints/{inception.FILE}"):
        find_weights(URL)
    (tmp_path / "checkpoints" / inception.FILE).write_bytes(b"here")
    assert find_weights(URL) == tmp_path / "checkpoints" / inception.FILE
    monkeypatch.setenv(inception.PLACE, str(tmp_path / "mine.pth"))
    assert find_weights(URL) == tmp_path / "mine.pth"


def test_files_that_are_no_weights(extractor, tmp_path):
    torch.save({"fc.weight": torch.zeros(1)}, tmp_path / "other.pth")
    (tmp_path / "torn.pth").write_bytes(b"torn")
    torch.save({"evil": Evil()}, tmp_path / "evil.pth")
    for name, error, said in [
        ("missing.pth", OSError, "no file"), ("other.pth", ValueError, "does not hold the weights"),
        ("torn.pth", ValueError, "not a file of weights"), ("evil.pth", ValueError, "not a file of weights"),
    ]:  # fmt: skip
        with pytest.raises(error, match=said):
            Inception(tmp_path / name)


class Evil:
    """Would do something if it were unpickled."""

    def __reduce__(self):
        return pytest.fail, ("unpickled",)
