"""The networks that come with the course."""

import json
import shutil
import warnings

import pytest
import torch

from gan_course import Recipe, pretrained
from gan_course.data import load
from gan_course.metrics import density_coverage, fid, fid_per_class, kid, precision_recall
from gan_course.obedience import confusion, obedience
from gan_course.pretrained import build_generator, bundle
from gan_course.pretrained.build_classifier import accuracy, train

FILES = ("classifier.json", "classifier.safetensors")


@pytest.fixture(scope="module")
def test_part():
    return load("fashion-mnist", train=False)


@pytest.fixture(scope="module")
def clothes(test_part):
    return test_part.batch(torch.arange(len(test_part)))


def test_the_classifier_knows_images_it_never_saw(clothes, test_part):
    right = pretrained.classify(clothes) == test_part.labels
    assert right.float().mean() >= 0.89


def test_its_recorded_accuracy_is_that_on_the_whole_test_set():
    try:
        whole = load("fashion-mnist-full", train=False)
    except FileNotFoundError:
        pytest.skip("the full Fashion-MNIST is not on this machine")
    about = bundle.read_about("classifier")
    assert about["test_images"] == len(whole) == 10_000
    assert about["test_accuracy"] == pytest.approx(accuracy(pretrained.classifier(), whole), abs=3e-4)


def test_labels_are_where_the_logits_are_largest_and_features_what_they_are_made_of(clothes):
    some, network = clothes[:700], pretrained.classifier()
    features = pretrained.features(some)
    assert features.shape == (700, 64) and features.dtype == torch.float32
    assert torch.equal(pretrained.classify(some), network(some).argmax(1))
    torch.testing.assert_close(network.head(features), network(some), rtol=1e-4, atol=1e-4)


def test_an_image_has_the_same_features_alone_as_among_others(clothes):
    together = pretrained.features(clothes[:50])
    alone = torch.cat([pretrained.features(image[None]) for image in clothes[:50]])
    torch.testing.assert_close(together, alone, rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(pretrained.features(clothes[:50].double().numpy()), together)


def test_no_feature_is_dead(clothes):
    assert (pretrained.features(clothes).std(0) > 0.1).all()


def test_the_classifier_is_frozen_and_always_the_same():
    network = pretrained.classifier()
    assert network is pretrained.classifier() and not network.training
    assert not any(weight.requires_grad for weight in network.parameters())


@pytest.mark.parametrize(
    "spoil, error, said",
    [
        (lambda x: x.mul(127.5).add(127.5), ValueError, "they look like 0 to 255: use x / 127.5 - 1"),
        (lambda x: x.mul(127.5).add(127.5).to(torch.uint8), TypeError, "floats in .-1, 1., got torch.uint8"),
        (lambda x: x * 2, ValueError, "got values from -2 to 2: rescale"),
        (lambda x: x / 0, ValueError, "got values from"),
        (lambda x: x[:, 0], ValueError, r"\(N, 1, 28, 28\), got shape \(9, 28, 28\)"),
        (lambda x: x.repeat(1, 3, 1, 1), ValueError, r"got shape \(9, 3, 28, 28\): resize them, or give"),
        (lambda x: x[:0], ValueError, r"got shape \(0, 1, 28, 28\)"),
    ],
)
@pytest.mark.parametrize("ask", [pretrained.classify, pretrained.features])
def test_images_it_does_not_know_are_refused(ask, spoil, error, said, clothes):
    with pytest.raises(error, match=said):
        ask(spoil(clothes[:9]))


def test_the_metrics_take_its_features_where_none_are_given(clothes, test_part):
    real, fake = clothes[:1000], clothes[1000:]
    features = [pretrained.features(x).double() for x in (real, fake)]
    labels = test_part.labels[:1000], test_part.labels[1000:]
    with pytest.warns(UserWarning, match="1,000 real and 1,000 fake samples in 64 dimensions"):
        assert fid(real, fake) == pytest.approx(fid(*features), rel=1e-4)
        assert fid(test_part.samples[:1000], test_part.samples[1000:]) == pytest.approx(fid(*features), rel=1e-4)
        assert fid_per_class(real, fake, *labels)[3] == pytest.approx(fid_per_class(*features, *labels)[3], rel=1e-4)
    assert kid(real, fake, subsets=3, subset_size=500).mean == pytest.approx(
        kid(*features, subsets=3, subset_size=500).mean, rel=1e-3
    )
    assert precision_recall(real, fake) == pytest.approx(precision_recall(*features), abs=3e-3)
    assert density_coverage(real, fake) == pytest.approx(density_coverage(*features), abs=3e-3)


def test_images_of_another_shape_still_need_a_network():
    with pytest.raises(ValueError, match=r"shape \(9, 1, 32, 32\) and no network.*knows grey images"):
        kid(torch.zeros(9, 1, 32, 32), torch.zeros(9, 1, 32, 32))


@pytest.fixture
def copied(tmp_path):
    for name in FILES:
        shutil.copy(bundle.FOLDER / name, tmp_path)
    return tmp_path


def test_a_damaged_file_is_noticed_and_its_repair_named(copied):
    file = copied / "classifier.safetensors"
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    with pytest.raises(bundle.BundleError, match=r"safetensors is damaged: its sha256 is \w+, expected .*git checkout"):
        bundle.read_weights("classifier", copied)


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_named(copied, name):
    (copied / name).unlink()
    with pytest.raises(bundle.BundleError, match=f"{name} can't be read .No such file.*pip install"):
        bundle.read_weights("classifier", copied)


def test_a_description_that_is_no_json_is_named(copied):
    (copied / "classifier.json").write_text("{")
    with pytest.raises(bundle.BundleError, match="classifier.json is damaged, it is no JSON"):
        bundle.read_weights("classifier", copied)


def test_what_is_written_can_be_read(tmp_path):
    state = {"b": torch.arange(3.0), "a": torch.ones(2, 2).half()}
    about = bundle.write_bundle("twig", state, {"seed": 1}, tmp_path)
    assert json.loads((tmp_path / "twig.json").read_text()) == about and about["seed"] == 1
    assert {name: value.tolist() for name, value in bundle.read_weights("twig", tmp_path).items()} == {
        "a": [[1, 1], [1, 1]],
        "b": [0, 1, 2],
    }


def test_training_it_is_decided_by_its_seed(capsys):
    data = load("fashion-mnist", train=False)
    one, again, other = (train(data, epochs=1, seed=seed) for seed in (1, 1, 2))
    assert torch.equal(one.head.weight, again.head.weight)
    assert not torch.equal(one.head.weight, other.head.weight)
    assert accuracy(one, data) > 0.3


# ---- the generator -------------------------------------------------------------------------------------------------


def test_the_generator_makes_images_by_label_and_by_mixture():
    generator, z = pretrained.generator(), torch.randn(5, 64, generator=torch.Generator().manual_seed(0))
    assert generator is pretrained.generator() and not generator.training
    assert (generator.latent_dim, generator.classes) == (z.shape[1], len(generator.class_names))
    assert not any(weight.requires_grad for weight in generator.parameters())
    boots = generator(z, torch.full((5,), 9))
    assert boots.shape == (5, 1, 28, 28) and boots.abs().max() <= 1
    torch.testing.assert_close(boots, generator(z, torch.eye(10)[[9] * 5]))
    halfway = generator(z, (torch.eye(10)[[9] * 5] + torch.eye(10)[[0] * 5]) / 2)
    assert (halfway - boots).abs().mean() > 0.01


def test_it_makes_what_it_is_asked_for_as_often_as_is_recorded():
    about = bundle.read_about("generator")
    obeyed = obedience(confusion(pretrained.generator(), per_class=100))
    assert obeyed == pytest.approx(about["obedience"], abs=0.04)


def test_its_recorded_distance_is_that_of_its_samples(clothes):
    """From fewer real and fake images the distance comes out larger, by about 3."""
    rng = torch.Generator().manual_seed(0)
    made = pretrained.generator()(torch.randn(2000, 64, generator=rng), torch.arange(2000) % 10)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert abs(fid(clothes, made) - bundle.read_about("generator")["fid"]) < 6


def test_its_recipe_is_that_of_the_script_that_made_it():
    config = Recipe.from_json(json.dumps(bundle.read_about("generator")["recipe"])).config
    assert {field: getattr(config, field) for field in ("condition", "latent_dim", "width", "seed", "dataset")} == {
        field: getattr(build_generator.CONFIG, field)
        for field in ("condition", "latent_dim", "width", "seed", "dataset")
    }
    assert bundle.read_about("generator")["recipe"]["steps"] == build_generator.ROUNDS


def test_both_networks_together_are_small():
    assert sum(file.stat().st_size for file in bundle.FOLDER.glob("*.safetensors")) <= 6 * 2**20
