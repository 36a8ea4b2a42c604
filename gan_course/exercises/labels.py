"""Chapter 5: a label as planes, obedience as a table, and the projection discriminator."""

import numpy as np

from gan_course.exercises.formula import examine_formula

_LABELS = [(np.array([2, 0]), 3, 2), (np.array([1, 1, 3, 0]), 4, 3), (np.array([0]), 2, 1)]


def _planes(labels, classes, side):
    return np.broadcast_to(np.eye(classes)[labels][:, :, None, None], (len(labels), classes, side, side))


def _one_pixel(labels, classes, side):
    planes = np.zeros((len(labels), classes, side, side))
    planes[np.arange(len(labels)), labels, 0, 0] = 1
    return planes


_PLANE_MISTAKES = {
    "Only one pixel is 1; the plane of the class is 1 everywhere, so that every patch sees the label.": _one_pixel,
    "The planes of all other classes are 1 here, and that of the class is 0.": lambda *case: 1 - _planes(*case),
    "The channels come last here, (N, side, side, K); PyTorch wants them second, (N, K, side, side).": (
        lambda *case: np.moveaxis(_planes(*case), 1, -1)
    ),
    "This is the one-hot label, (N, K); make each number a whole plane.": (
        lambda labels, classes, side: np.eye(classes)[labels]
    ),
    "This is one plane filled with the number of the class; a network would take class 8 for twice class 4.": (
        lambda labels, classes, side: np.ones((1, side, side)) * labels[:, None, None, None]
    ),
    "Every plane is 0; that of the class is 1 everywhere.": lambda *case: np.zeros_like(_planes(*case)),
    "Every plane is 1: then the label can't be told.": lambda *case: np.ones_like(_planes(*case)),
}


def examine_planes(solution):
    examine_formula(solution, _LABELS, _planes, _PLANE_MISTAKES, "label_planes([2, 0], 3, 2)")


_ORDERS = [
    (np.array([0, 0, 1, 1, 1, 1]), np.array([0, 1, 1, 1, 1, 0]), 2),
    (np.array([0, 1, 2, 2, 2]), np.array([0, 1, 2, 0, 0]), 3),
]


def _counts(asked, seen, classes):
    table = np.zeros((classes, classes))
    np.add.at(table, (asked, seen), 1)
    return table


def _by_columns(*case):
    counts = _counts(*case)
    return counts / counts.sum(0, keepdims=True)


def _table(*case):
    counts = _counts(*case)
    return counts / counts.sum(1, keepdims=True)


_TABLE_MISTAKES = {
    "These are counts; divide each row by its sum.": _counts,
    "This divides by the number of all samples; each row should sum to 1.": lambda *case: _counts(*case) / len(case[0]),
    "Rows are what was asked for, columns what was seen; here it is the other way round.": (
        lambda asked, seen, classes: _table(seen, asked, classes)
    ),
    "Here each column sums to 1: that is what was asked for where a class is seen. Divide by the sums of the rows.": (
        _by_columns
    ),
    "This is the transpose of the table: rows are what was asked for.": lambda *case: _table(*case).T,
    "This is the table of perfect obedience; count what was seen.": lambda asked, seen, classes: np.eye(classes),
    "This is only how often they agree; the whole table is asked.": lambda asked, seen, classes: (asked == seen).mean(),
}


def examine_table(solution):
    examine_formula(solution, _ORDERS, _table, _TABLE_MISTAKES, "confusion_table([0, 0, 1, ...], [0, 1, 1, ...], 2)")


_FEATURES, _HEAD = np.array([1.0, -2.0, 0.5]), np.array([0.3, 0.1, -1.0])
_ROWS = np.array([[0.5, 0.2, 2.0], [-1.0, 0.4, 0.0], [0.3, 0.3, 0.3]])
_VERDICTS = [(_FEATURES, _HEAD, 0.25, _ROWS, label) for label in (0, 1, 2)]


def _logit(features, head, bias, rows, label):
    return features @ head + bias + features @ rows[label]


_LOGIT_MISTAKES = {
    "This is the part that doesn't know the label; add the inner product of features and the label's row.": (
        lambda x, head, bias, rows, label: x @ head + bias
    ),
    "This is the label's part alone; add what D says of the features without a label.": (
        lambda x, head, bias, rows, label: x @ rows[label]
    ),
    "The bias is missing.": lambda x, head, bias, rows, label: x @ head + x @ rows[label],
    "Take the row of this label, not the sum of all rows.": (
        lambda x, head, bias, rows, label: x @ head + bias + (rows @ x).sum()
    ),
    "Take the row of this label; this takes the column.": (
        lambda x, head, bias, rows, label: x @ head + bias + x @ rows[:, label]
    ),
    "The row is multiplied by the features, not by the head's weights.": (
        lambda x, head, bias, rows, label: x @ head + bias + head @ rows[label]
    ),
    "The two parts are added, not multiplied.": (
        lambda x, head, bias, rows, label: (x @ head + bias) * (x @ rows[label])
    ),
}


def examine_projection(solution):
    examine_formula(solution, _VERDICTS, _logit, _LOGIT_MISTAKES, "projection_logit(features, head, 0.25, rows, 0)")
