"""Train the bundled generator on the full training set: `python -m gan_course.pretrained.build_generator`.

It writes generator.safetensors and generator.json with the run's recipe, the Fréchet distance of 10,000 samples to the
training set by the bundled classifier's features, and how often the generator makes what it was asked for. Some minutes
on two quiet cores.
"""

import json

import torch
from torch import Tensor

from gan_course import TrainConfig, Trainer, pretrained
from gan_course.metrics import fid
from gan_course.obedience import confusion, obedience
from gan_course.pretrained.bundle import write_bundle
from gan_course.pretrained.clothes_generator import CONDITION, LATENT_DIM, WIDTH, ClothesGenerator

ROUNDS = 6_000
SAMPLES = 10_000
CONFIG = TrainConfig(
    dataset="fashion-mnist-full", condition=CONDITION, latent_dim=LATENT_DIM, width=WIDTH, seed=2017,
    device="cpu", precision="float32", threads=1, snapshot_every=100_000,
)  # fmt: skip


def measured(trainer: Trainer, real_features: Tensor, samples: int = SAMPLES) -> dict[str, float]:
    """Feature-FID of that many samples, with the classes by turns, to the real features (N, 64); and obedience."""
    asked = zip(trainer.latents(samples).split(500), trainer.labels(samples).split(500))
    made = torch.cat([pretrained.features(trainer.sample(z=z, labels=y)) for z, y in asked])
    table = confusion(trainer, per_class=samples // trainer.data.classes)
    return {
        "samples": samples,
        "fid": round(fid(real_features, made), 3),
        "obedience": round(obedience(table), 4),
    }


def main() -> None:
    """Train, measure and write."""
    trainer = Trainer(CONFIG)
    trainer.run(ROUNDS, each=_say)
    network = ClothesGenerator()
    network.network.load_state_dict(trainer.ema.module.state_dict())
    about = {
        "made_by": "python -m gan_course.pretrained.build_generator",
        **measured(trainer, pretrained.features(trainer.data.batch(torch.arange(len(trainer.data))))),
        "class_names": ClothesGenerator.class_names,
        "recipe": json.loads(trainer.recipe().to_json()),
    }
    print(write_bundle("generator", network.state_dict(), about))


def _say(stats):
    if stats.step % 100 == 0:
        print(f"round {stats.step:,} of {ROUNDS:,}", flush=True)


if __name__ == "__main__":
    main()
