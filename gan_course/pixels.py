"""Images in [-1, 1] as pixels to look at."""

import numpy as np
import torch


def to_pixels(images: torch.Tensor) -> np.ndarray:
    """(N, C, H, W) in [-1, 1] -> (N, H, W, C) uint8."""
    images = torch.as_tensor(images)
    return ((images + 1) * 127.5).round().clamp(0, 255).byte().permute(0, 2, 3, 1).cpu().numpy()


def tile(pixels: np.ndarray, columns: int) -> np.ndarray:
    """(N, H, W, C) with N a multiple of `columns` -> one picture (rows·H, columns·W, C)."""
    n, h, w, c = pixels.shape
    rows = n // columns
    return pixels.reshape(rows, columns, h, w, c).swapaxes(1, 2).reshape(rows * h, columns * w, c)
