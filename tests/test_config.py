"""Settings: every impossible value is refused by name, with what would be possible."""

import math
from pathlib import Path

import pytest
import torch

from gan_course import Controls, TrainConfig, Trainer
from gan_course.config import CONTROL_NAMES, PRESETS
from gan_course.runtime import resolve_device

COUNTS = ("d_steps", "g_steps")
AMOUNTS = ("lr_d", "lr_g", "label_smoothing", "instance_noise", "gp_weight", "r1_gamma", "r2_gamma")
SIZES = ("latent_dim", "width", "batch_size", "threads", "image_size", "snapshot_every", "snapshot_memory")


@pytest.mark.parametrize("kind", [Controls, TrainConfig])
@pytest.mark.parametrize("value", ["3", 1.0, True, math.nan, [1]])
@pytest.mark.parametrize("name", COUNTS)
def test_a_count_must_be_a_whole_number(kind, name, value):
    with pytest.raises(TypeError, match=f"{name} must be a whole number, got .*{type(value).__name__}"):
        kind(**{name: value})


@pytest.mark.parametrize("kind", [Controls, TrainConfig])
@pytest.mark.parametrize("value", ["0.1", True, [0.1], 1j])
@pytest.mark.parametrize("name", AMOUNTS)
def test_an_amount_must_be_a_number(kind, name, value):
    with pytest.raises(TypeError, match=f"{name} must be a number, got"):
        kind(**{name: value})


@pytest.mark.parametrize("kind", [Controls, TrainConfig])
@pytest.mark.parametrize("value", [-1e-9, math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("name", AMOUNTS)
def test_an_amount_must_be_finite_and_not_negative(kind, name, value):
    with pytest.raises(ValueError, match=f"{name} must be a finite number, at least 0, got {value}"):
        kind(**{name: value})


def test_counts_and_sizes_have_a_least_value():
    for name in COUNTS:
        with pytest.raises(ValueError, match=f"{name} must be at least 0, got -1"):
            Controls(**{name: -1})
    for name in SIZES:
        least = 2 if name == "batch_size" else 1  # one sample has no batch statistics
        TrainConfig(**{name: least})
        with pytest.raises(ValueError, match=f"{name} must be at least {least}, got {least - 1}"):
            TrainConfig(**{name: least - 1})
        with pytest.raises(TypeError, match=f"{name} must be a whole number"):
            TrainConfig(**{name: 8.5})
    with pytest.raises(ValueError, match="seed must be at least 0, got -1"):
        TrainConfig(seed=-1)


@pytest.mark.parametrize("value", [-0.1, 1.0, 2, math.nan])
@pytest.mark.parametrize("name", ["beta1", "beta2", "ema_decay"])
def test_memories_lie_below_one(name, value):
    with pytest.raises(ValueError, match=f"{name} must be a finite number, at least 0 and below 1, got {value}"):
        TrainConfig(**{name: value})


@pytest.mark.parametrize(
    "name", ["d_steps", "instance_noise", "beta1", "seed", "snapshot_every", "dataset", "precision"]
)
def test_only_what_depends_on_the_data_may_be_left_open(name):
    with pytest.raises((TypeError, ValueError), match=name):
        TrainConfig(**{name: None})


def test_somebody_must_learn():
    with pytest.raises(ValueError, match="d_steps and g_steps are both 0"):
        Controls(d_steps=0, g_steps=0)
    Controls(d_steps=0), Controls(g_steps=0)


@pytest.mark.parametrize("loss", ["hinge", "wasserstein"])
def test_smoothing_needs_labels(loss):
    with pytest.raises(ValueError, match=f"loss '{loss}' has no labels to smooth.*non-saturating, minimax, lsgan"):
        Controls(loss=loss, label_smoothing=0.1)
    Controls(loss=loss, label_smoothing=0.0)


def test_smoothing_stays_below_a_half():
    Controls(label_smoothing=0.49)
    with pytest.raises(ValueError, match="label_smoothing must be below 0.5, got 0.5"):
        Controls(label_smoothing=0.5)


@pytest.mark.parametrize(
    "setting, message",
    [
        (dict(loss="hing"), "Unknown loss 'hing'. Did you mean 'hinge'"),
        (dict(loss="wgan"), "Unknown loss 'wgan'.*Known: .*wasserstein"),
        (dict(loss=None), "Unknown loss None"),
        (dict(loss="nonsaturating"), "Did you mean 'non-saturating'"),
        (dict(precision="float16"), "Unknown precision 'float16'. Did you mean 'bfloat16'"),
        (dict(architecture="dc-gan"), "Unknown architecture 'dc-gan'. Did you mean 'dcgan'"),
        (dict(architecture=3), "Unknown architecture 3"),
    ],
)
def test_unknown_names_suggest_the_nearest(setting, message):
    with pytest.raises(ValueError, match=message):
        TrainConfig(**setting)


def test_unknown_data_set_or_control_suggests_the_nearest():
    with pytest.raises(ValueError, match="Unknown dataset 'rings'. Did you mean 'ring'"):
        Trainer(TrainConfig(dataset="rings"))
    with pytest.raises(ValueError, match="Unknown control 'lr'. Did you mean 'lr_"):
        Trainer(TrainConfig(device="cpu")).set(lr=1)


@pytest.mark.parametrize("name", ["dataset", "data_dir", "device"])
def test_names_and_places_are_text(name):
    with pytest.raises(TypeError, match=f"{name} must be text, got 3"):
        TrainConfig(**{name: 3})


def test_a_path_becomes_text_so_that_a_recipe_can_hold_it():
    assert TrainConfig(data_dir=Path("here") / "there").data_dir == str(Path("here") / "there")


@pytest.mark.parametrize("name, message", [("gpu", "Unknown device 'gpu'"), ("meta", "is not on this machine")])
def test_bad_device(name, message):
    with pytest.raises(ValueError, match=f'{message}.*"auto"'):
        Trainer(TrainConfig(device=name))


def test_a_device_that_is_not_there():
    beyond = f"cuda:{torch.cuda.device_count()}"
    with pytest.raises(ValueError, match=f"device '{beyond}' is not on this machine"):
        resolve_device(beyond)
    assert resolve_device("cpu") == torch.device("cpu")
    assert resolve_device("auto").type in ("cpu", "cuda", "mps")


@pytest.mark.parametrize(
    "kind, architecture", [("points", "dcgan"), ("points", "textbook"), ("images", "mlp"), ("images", "pacgan")]
)
def test_an_architecture_that_does_not_fit_the_data(kind, architecture):
    with pytest.raises(ValueError, match=f"architecture '{architecture}' does not make {kind}: use"):
        TrainConfig(architecture=architecture).for_data(kind)


def test_what_is_left_open_is_filled_in_for_the_data():
    for kind, architecture in (("points", "mlp"), ("images", "dcgan")):
        filled = TrainConfig().for_data(kind)
        assert filled.architecture == architecture
        assert {name: getattr(filled, name) for name in PRESETS[architecture]} == PRESETS[architecture]
    kept = TrainConfig(architecture="textbook", lr_d=0.5, width=3, ema_decay=0.0).for_data("images")
    assert (kept.lr_d, kept.width, kept.ema_decay) == (0.5, 3, 0.0)
    assert kept.for_data("images") == kept


def test_every_field_has_a_default_and_the_controls_are_among_them():
    assert TrainConfig().controls == Controls()
    config = TrainConfig(d_steps=3, loss="hinge", lr_g=0.1, r1_gamma=2)
    assert config.controls == Controls(d_steps=3, loss="hinge", lr_g=0.1, r1_gamma=2)
    assert TrainConfig(**config.as_dict()) == config
    assert set(CONTROL_NAMES) < set(config.as_dict())


def test_settings_cannot_change_behind_a_runs_back():
    with pytest.raises(AttributeError):
        TrainConfig().lr_d = 1.0
    with pytest.raises(AttributeError):
        Controls().d_steps = 2


def test_changes_from():
    assert Controls(d_steps=2, lr_g=0.5).changes_from(Controls()) == {"d_steps": 2, "lr_g": 0.5}
    assert Controls().changes_from(Controls()) == {}
