"""What long measurements gave, kept in files so that a chapter can show it; `benchmarks/` makes them anew."""

import csv
from importlib.resources import files


def remedies() -> list[dict]:
    """What each remedy against mode collapse did on the ring at D:G = 1:2, by `benchmarks/remedies.py`.

    Returns:
        A row a remedy, in the order of the file:

        - remedy (str), source (str): its name, and who proposed it, if anybody did;
        - settings (str): what it sets in `TrainConfig`, such as "pack=2"; empty for the plain GAN;
        - modes (float): modes with at least 1% of 2,500 samples, mean over the seeds;
        - modes_low, modes_high (float): 95% interval of that mean, by bootstrap over the seeds;
        - seeds_with_all, seeds (int): how many seeds cover all 8 modes, and of how many;
        - high_quality (float): share of samples within 3 standard deviations of a mode, mean over the seeds;
        - diverged (int): seeds that ended in NaN;
        - cost (float): processor time of a round of a `Trainer`, as a multiple of the plain GAN's, measured in turns.
    """
    with files(__name__).joinpath("remedies.csv").open(encoding="utf-8", newline="") as file:
        return [{name: KINDS.get(name, float)(value) for name, value in row.items()} for row in csv.DictReader(file)]


KINDS = {"remedy": str, "source": str, "settings": str, "seeds_with_all": int, "seeds": int, "diverged": int}
