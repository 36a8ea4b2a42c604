"""Train the bundled classifier on the full training set: `python -m gan_course.pretrained.build_classifier`.

It writes classifier.safetensors and classifier.json, with the accuracy on the 10,000 test images, which it never saw
while it learned. Some minutes on one core; the same bytes again on the same build of PyTorch and kind of processor.
"""

import torch
import torch.nn.functional as F

from gan_course import runtime
from gan_course.data import Dataset, load
from gan_course.networks import build
from gan_course.pretrained.bundle import write_bundle
from gan_course.pretrained.clothes_classifier import ClothesClassifier

SEED = 2017
EPOCHS = 8
BATCH = 128
PEAK_RATE = 1e-3  # of Adam; it rises to this and falls to almost 0
THREADS = 1  # so that its sums are taken in one order


def train(data: Dataset, epochs: int = EPOCHS, seed: int = SEED) -> ClothesClassifier:
    """Learn the classes of (N, 1, 28, 28) images, each of which is mirrored every second time, on average."""
    network = build(ClothesClassifier, rng=runtime.make_rng(seed, "classifier"))
    optimizer = torch.optim.Adam(network.parameters(), fused=True)
    batches = len(data) // BATCH
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, PEAK_RATE, total_steps=epochs * batches)
    rng = runtime.make_rng(seed, "classifier's batches")
    for epoch in range(epochs):
        for index in torch.randperm(len(data), generator=rng)[: batches * BATCH].split(BATCH):
            images = data.batch(index)
            mirrored = torch.rand(BATCH, 1, 1, 1, generator=rng) < 0.5
            logits = network(torch.where(mirrored, images.flip(3), images))
            loss = F.cross_entropy(logits, data.labels[index])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
        print(f"epoch {epoch + 1} of {epochs}: loss of the last batch {loss.item():.3f}", flush=True)
    return network


def accuracy(network: ClothesClassifier, data: Dataset) -> float:
    """Share of the images whose class the network names."""
    with torch.no_grad():
        right = [network(data.batch(i)).argmax(1) == data.labels[i] for i in torch.arange(len(data)).split(BATCH)]
    return torch.cat(right).float().mean().item()


def main() -> None:
    """Train, measure and write."""
    with runtime.compute(THREADS):
        network = train(load("fashion-mnist-full"))
        test = load("fashion-mnist-full", train=False)
        about = {
            "made_by": "python -m gan_course.pretrained.build_classifier",
            "seed": SEED,
            "epochs": EPOCHS,
            "test_images": len(test),
            "test_accuracy": round(accuracy(network, test), 4),
        }
    print(write_bundle("classifier", network.state_dict(), about))


if __name__ == "__main__":
    main()
