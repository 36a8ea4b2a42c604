"""Numbers with as few digits as a reader needs."""


def few_digits(value: float) -> str:
    """123.4 -> "123", 12.34 -> "12.3", 1.234 -> "1.23", 0.01234 -> "0.012", -0.001234 -> "−0.0012".

    The minus sign is a true one. What is nearer to 0 than 0.00005 is told as "0.00". `numberText` of
    `widgets/fid_charts.mjs` tells the same.
    """
    text = f"{value:.{sum(abs(value) < least for least in (100, 10, 0.1, 0.01))}f}"
    return "0.00" if float(text) == 0 else text.replace("-", "−")
