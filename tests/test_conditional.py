"""GANs that are told the label: the networks, the run, and whether it obeys."""

from dataclasses import replace

import pytest
import torch
from engine_runs import TINY, rng, same, same_run, tiny_run
from torch import nn

from gan_course import Recipe, Sweep, TrainConfig, Trainer, probes, replay
from gan_course.conditional import Joined, LabelMap, LabelPlanes, Projection, checked_labels
from gan_course.config import CONDITIONS
from gan_course.data import Dataset, load, ring
from gan_course.obedience import confusion, obedience, with_shuffled_labels
from gan_course.rounds import draw

K = 3


def labelled_images(n: int = 30, side: int = 8) -> Dataset:
    """Class k is grey level k, with noise."""
    labels = torch.arange(n) % K
    noise = torch.randint(20, (n, 1, side, side), generator=rng())
    return Dataset("labelled", (labels.view(-1, 1, 1, 1) * 100 + noise).to(torch.uint8), labels)


def run_on(kind: str, condition: str, **settings) -> Trainer:
    own = {"points": {}, "images": {"data": labelled_images()}}[kind]
    return tiny_run(condition=condition, **own, **settings)


both_kinds = pytest.mark.parametrize("kind", ["points", "images"])
every_condition = pytest.mark.parametrize("condition", CONDITIONS)


# ---- the networks --------------------------------------------------------------------------------------------------


def test_a_label_plane_is_one_whole_plane_per_class():
    planes = LabelPlanes(K, (4, 5))(torch.eye(K)[[2, 0]])
    assert planes.shape == (2, K, 4, 5)
    for sample, label in zip(planes, (2, 0)):
        for k, plane in enumerate(sample):
            assert (plane == (k == label)).all()


def test_d_sees_the_image_and_beside_it_the_planes_of_its_own_label():
    seen = []
    network = nn.Sequential(nn.Identity())
    network.register_forward_hook(lambda module, given, made: seen.append(given[0]))
    joined = Joined(network, LabelPlanes(K, (8, 8)), K)
    images = torch.randn(3, 1, 8, 8, generator=rng())
    joined(images, torch.tensor([0, 1, 2]))
    assert torch.equal(seen[0][:, :1], images)
    assert torch.equal(seen[0][:, 1:].mean((2, 3)), torch.eye(K)) and set(seen[0][:, 1:].unique().tolist()) == {0, 1}


def test_a_learned_map_is_one_whole_plane_and_that_of_its_class():
    label = LabelMap(K, (4, 5))
    planes = label(torch.eye(K))
    assert planes.shape == (K, 1, 4, 5) and planes.requires_grad
    torch.testing.assert_close(planes.flatten(1), label.table.weight)


def test_projection_is_the_head_plus_an_inner_product_with_the_labels_row():
    network = nn.Sequential(nn.Linear(2, 5), nn.ReLU(), nn.Linear(5, 1))
    projection, x, y = Projection(network, K), torch.randn(4, 2, generator=rng()), torch.tensor([0, 2, 1, 2])
    phi = network[1](network[0](x))
    by_hand = [network[2](f) + f @ projection.rows.weight[label] for f, label in zip(phi, y)]
    torch.testing.assert_close(projection(x, y), torch.stack(by_hand))


@both_kinds
@every_condition
def test_a_class_is_the_mixture_with_all_its_weight_in_one_place(kind, condition):
    run = run_on(kind, condition)
    z, y = run.latents(6), run.labels(6)
    weights = torch.eye(run.data.classes)[y]
    assert torch.equal(run.sample(z=z, labels=y), run.sample(z=z, labels=weights))
    x = run.data.batch(torch.arange(6))
    d = run.discriminator.eval()
    torch.testing.assert_close(d(x, y), d(x, weights))
    assert not torch.equal(d(x, y), d(x, (y + 1) % run.data.classes))


def test_between_two_labels_the_embedding_moves_on_a_straight_line():
    label = LabelMap(K)
    a, b, half = label(torch.tensor([[1.0, 0, 0], [0, 1, 0], [0.5, 0.5, 0]]))
    torch.testing.assert_close(half.flatten(), ((a + b) / 2).flatten())


# ---- the run -------------------------------------------------------------------------------------------------------


@both_kinds
@every_condition
def test_a_recipe_makes_the_same_run_again(kind, condition):
    run = run_on(kind, condition)
    run.run(2)
    run.set(r1_gamma=0.1, gp_weight=0.1, instance_noise=0.1, unroll=1)
    run.run(2)
    own = {"data": run.data} if kind == "images" else {}
    again = replay(Recipe.from_json(run.recipe().to_json()), **own)
    assert again.config.condition == condition
    assert same(run._state(), again._state())


@every_condition
def test_the_time_machine_and_a_checkpoint_know_the_labels(condition, tmp_path):
    run = run_on("points", condition, snapshot_every=2, ema_decay=0.9)
    run.run(5)
    run.save(tmp_path / "run.safetensors")
    twin, loaded = run.branch(), Trainer.load(tmp_path / "run.safetensors")
    for other in (run, twin, loaded):
        other.run(3)
    assert same(run._state(), twin._state()) and same_run(run, loaded)
    run.rewind(5)
    run.run(3)
    assert same(run._state(), twin._state())


def test_labels_come_with_their_samples_and_fakes_get_those_of_the_batch():
    run = run_on("images", "concat")
    draws = draw(run.data, run.config, replace(run.controls, d_steps=2, g_steps=3), rng())
    level = (draws.real.mean((2, 3, 4)) + 1) * 127.5 / 100  # a sample's class shows in its grey
    assert torch.equal(draws.d_y, level.long()) and draws.d_y.shape == (2, 8)
    assert draws.g_y.shape == (3, 8) and set(draws.g_y.unique().tolist()) == {0, 1, 2}


def test_both_networks_are_told_the_label_in_every_update():
    told = {"G": [], "D": []}
    run = run_on("images", "embedding")
    run.generator.register_forward_hook(lambda module, given, made: told["G"].append(given[1]))
    run.discriminator.register_forward_hook(lambda module, given, made: told["D"].append(given[1]))
    run.step()
    (d_fakes, g_fakes), (real, fake, judged) = told["G"], told["D"]
    assert torch.equal(d_fakes, fake) and torch.equal(real, fake) and torch.equal(g_fakes, judged)


def test_without_a_condition_nothing_is_drawn_and_the_recipe_does_not_name_it():
    run = tiny_run()
    draws = draw(run.data, run.config, run.controls, rng())
    assert draws.d_y is None and draws.g_y is None and run.labels(3) is None
    assert '"condition"' not in run.recipe().to_json()
    assert '"condition":"concat"' in run_on("points", "concat").recipe().to_json()


@every_condition
def test_remedies_work_with_labels_or_are_refused_by_name(condition):
    run_on("images", condition, minibatch_stddev=True, spectral_norm=True).run(1)
    if condition == "projection":
        with pytest.raises(ValueError, match='condition="projection" judges one sample at a time, got pack=2'):
            run_on("images", condition, pack=2)
    else:
        run_on("images", condition, pack=2).run(1)


def test_the_textbook_networks_are_told_too():
    run_on("images", "embedding", architecture="textbook", latent_dim=4).run(1)


def test_a_learners_own_networks_get_the_label():
    class Own(nn.Module):
        def __init__(self, out):
            super().__init__()
            self.layer = nn.Linear(2 + 8, out)

        def forward(self, x, y):
            return self.layer(torch.cat((x, nn.functional.one_hot(y, 8)), 1))

    run = tiny_run(condition="concat", generator=Own(2), discriminator=Own(1))
    run.run(2)
    with pytest.raises(ValueError, match=r"generator could not take z of shape \(2, 2\) and labels of shape \(2,\)"):
        tiny_run(condition="concat", generator=nn.Linear(2, 2), discriminator=Own(1))


def test_looks_into_a_conditional_run():
    run = run_on("points", "concat")
    bounds = (-1, 1, -1, 1)
    fields = [probes.discriminator_field(run, bounds, 5, label) for label in range(8)]
    assert probes.discriminator_field(run, bounds, 5) == pytest.approx(sum(fields) / 8)
    assert not (fields[0] == fields[1]).all()
    real, fake, *logits = probes.verdicts(run, 16)
    assert all(len(each) == 16 for each in (real, fake, *logits))
    assert probes.generator_gradient(run, run.latents(9))[0].shape == (9, 2)
    assert (probes.latent_warp(run, 3, 3, label=1) != probes.latent_warp(run, 3, 3)).any()


# ---- asking for samples --------------------------------------------------------------------------------------------


def test_samples_are_asked_for_by_label():
    run = run_on("points", "concat")
    z = run.latents(8)
    assert torch.equal(run.sample(8), run.sample(z=z, labels=torch.arange(8)))  # by turns
    assert torch.equal(run.sample(8, labels=5), run.sample(z=z, labels=[5] * 8))
    assert torch.equal(run.sample(labels=[1, 2]), run.sample(z=run.latents(2), labels=[1, 2]))
    assert not torch.equal(run.sample(8, labels=5), run.sample(8, labels=4))


@pytest.mark.parametrize(
    "labels, said",
    [
        (3, "labels from 0 to 2, got 3 to 3"),
        ([0, -1], "labels from 0 to 2, got -1 to 0"),
        ([0, 1, 2], r"2 labels, or one for all, got shape \(3,\)"),
        (torch.ones(2, 3), "rows sum to 1: use w / w.sum"),
        (torch.tensor([[1.5, -0.5, 0], [0, 1, 0]]), "from 0 on whose rows sum to 1"),
        (torch.tensor([[torch.nan, 0, 0], [0, 1, 0]]), "rows sum to 1"),
        (torch.ones(2, 4) / 4, r"weights of shape \(2, 3\), one for each class, got shape \(2, 4\)"),
        (torch.tensor([1.0, 2.0]), r"got shape \(2,\): labels of a class each are whole numbers"),
    ],
)
def test_labels_that_make_no_sense_are_refused(labels, said):
    with pytest.raises(ValueError, match=said):
        checked_labels(labels, 2, K)


def test_what_cannot_be_conditional_is_refused():
    with pytest.raises(ValueError, match="Unknown condition 'project'. Did you mean 'projection'"):
        TrainConfig(condition="project")
    with pytest.raises(ValueError, match="needs labels, and 'spiral' has none"):
        tiny_run(dataset="spiral", condition="concat")
    one = replace(labelled_images(), labels=torch.ones(30, dtype=torch.int64))
    with pytest.raises(ValueError, match="at least 2 classes, and all 30 samples of 'labelled' have label 1"):
        tiny_run(data=one, condition="concat")
    with pytest.raises(ValueError, match="This run knows no labels"):
        tiny_run().sample(4, labels=1)
    with pytest.raises(ValueError, match="can't stack networks with condition='concat'"):
        Sweep(TrainConfig(condition="concat", **TINY), {"d_steps": [1]}, seeds=1)


# ---- obedience -----------------------------------------------------------------------------------------------------


def nearest_mode(points):
    return torch.cdist(points, ring(2).centers).argmin(1)


@pytest.fixture(scope="module")
def trained():
    """Runs on the ring by labels as they are, and by shuffled ones."""
    settings = dict(TINY, condition="embedding", width=32, batch_size=64)
    data = load("ring")
    runs = [Trainer(TrainConfig(**settings), data=each) for each in (data, with_shuffled_labels(data))]
    for run in runs:
        run.run(300)
    return runs


def test_a_run_learns_to_obey_and_on_shuffled_labels_it_does_not(trained):
    obeyed, shuffled = (obedience(confusion(run, classify=nearest_mode)) for run in trained)
    assert obeyed > 0.9
    assert shuffled < 0.35  # chance is 1/8


def test_shuffling_keeps_samples_and_how_many_there_are_of_each_label():
    data = load("ring")
    shuffled = with_shuffled_labels(data, seed=3)
    assert shuffled.samples is data.samples and torch.equal(shuffled.labels.bincount(), data.labels.bincount())
    assert (shuffled.labels == data.labels).float().mean() < 0.2
    assert torch.equal(shuffled.labels, with_shuffled_labels(data, seed=3).labels)
    assert not torch.equal(shuffled.labels, with_shuffled_labels(data, seed=4).labels)
    with pytest.raises(ValueError, match="'spiral' has no labels to shuffle"):
        with_shuffled_labels(load("spiral"))


def test_the_confusion_table_counts_what_was_seen_where_something_was_asked_for():
    """The maker answers 0 with 0, and every other label with the one below, but for one in four."""

    def maker(y):
        below = (y - 1).clamp_min(0)
        return torch.where(torch.arange(len(y)) % 4 == 0, y, below)

    table = confusion(maker, per_class=8, classes=3, classify=lambda x: x)
    assert table.tolist() == [[1, 0, 0], [0.75, 0.25, 0], [0, 0.75, 0.25]]
    assert obedience(table) == 0.5


def test_confusion_is_the_same_at_every_call_and_says_what_it_cannot_do(trained):
    first, again = (confusion(trained[0], 10, classify=nearest_mode) for _ in range(2))
    assert torch.equal(first, again)
    with pytest.raises(ValueError, match="begin one with TrainConfig.condition="):
        confusion(tiny_run())
    with pytest.raises(ValueError, match="per_class must be at least 1, got 0"):
        confusion(trained[0], 0)
    with pytest.raises(ValueError, match="saw class 5 among samples of 3 classes"):
        confusion(lambda y: y, classes=3, classify=lambda x: x + 5)
