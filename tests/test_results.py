"""Stored measurements: they are there, complete, and possible."""

from gan_course import TrainConfig
from gan_course.results import remedies


def test_the_remedies_are_there_and_possible():
    rows = remedies()
    assert rows[0]["remedy"] == "plain" and rows[0]["settings"] == "" and rows[0]["cost"] > 0
    assert len({row["remedy"] for row in rows}) == len({row["settings"] for row in rows}) == len(rows)
    for row in rows:
        assert 0 <= row["modes_low"] <= row["modes"] <= row["modes_high"] <= 8
        assert 0 <= row["seeds_with_all"] <= row["seeds"] == 16
        assert 0 <= row["high_quality"] <= 1 and row["cost"] > 0 and 0 <= row["diverged"] <= 16
        names = [setting.split("=")[0] for setting in row["settings"].split(", ") if setting]
        assert all(hasattr(TrainConfig(), name) for name in names)
