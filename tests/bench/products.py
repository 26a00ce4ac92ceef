"""The matrix products that a network amounts to, and how fast this machine multiplies them."""

from __future__ import annotations

import statistics
import time
from collections import Counter
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode

Size = tuple[int, int, int]  # (M, K) times (K, N)
SQUARE = 1536  # side of the square product: 9 MiB an operand, more than caches hold
GPU_SQUARE = 8192


class Products(TorchDispatchMode):
    """Takes down the product that each convolution and dense layer of a forward pass is.

    A convolution is one product per group: rows are the output's pixels, the inner length is a
    filter's weights, columns are filters (im2col; Chellapilla, Puri and Simard 2006).
    """

    def __init__(self) -> None:
        super().__init__()
        self.sizes: Counter[Size] = Counter()

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):  # type: ignore[no-untyped-def]
        """Run the operation; note its size."""
        result = func(*args, **(kwargs or {}))
        aten = torch.ops.aten
        if func.overloadpacket is aten.convolution:
            weight, groups = args[1], args[8]
            rows = result.shape[0] * result.shape[2] * result.shape[3]
            size = (rows, weight[0].numel(), weight.shape[0] // groups)
            self.sizes[size] += groups
        elif func.overloadpacket in (aten.addmm, aten.mm):
            left, right = args[-2:]
            self.sizes[(left.shape[0], left.shape[1], right.shape[1])] += 1
        elif func.overloadpacket is aten.bmm:
            (times, rows, inner), columns = args[0].shape, args[1].shape[2]
            self.sizes[(rows, inner, columns)] += times
        return result


def sizes_of(network: nn.Module, images: Tensor) -> Counter[Size]:
    """The products of one forward pass, each with how often it occurs."""
    with torch.no_grad(), Products() as found:
        network(images)
    return found.sizes


def operations(sizes: Counter[Size]) -> int:
    """Floating-point operations of these products: two per multiply-add."""
    return sum(2 * m * k * n * times for (m, k, n), times in sizes.items())


def seconds(work: Callable[[], object], repeats: int = 15) -> float:
    """Median processor time of this process that `work` takes, as of the steps it is compared with.

    On one thread it is the time on the wall of an idle machine; what else runs slows both alike.
    """
    work()
    found = []
    for _ in range(repeats):
        start = time.process_time()
        work()
        found.append(time.process_time() - start)
    return statistics.median(found)


def rate_of_sizes(sizes: Counter[Size]) -> float:
    """Operations per second of processor of float32 products of these sizes.

    Each as training needs it: forward, gradient of the weights, gradient of the input.
    """
    total = 0.0
    for (m, k, n), times in sizes.items():
        left, right, gradient = torch.randn(m, k), torch.randn(k, n), torch.randn(m, n)
        total += times * seconds(lambda a=left, b=right: a @ b, 5)
        total += times * seconds(lambda a=left, g=gradient: a.T @ g, 5)
        total += times * seconds(lambda g=gradient, b=right: g @ b.T, 5)
    return 3 * operations(sizes) / total


def rate_of_square(side: int = SQUARE) -> float:
    """Operations per second of processor of a large square float32 product: the CPU's best."""
    left, right = torch.randn(side, side), torch.randn(side, side)
    return 2 * side**3 / seconds(lambda: left @ right)


def rate_of_card(kind: torch.dtype, side: int = GPU_SQUARE) -> float:
    """Operations per second of a large square product on the GPU, in numbers of this kind."""
    left = torch.randn(side, side, device="cuda", dtype=kind)
    for _ in range(3):
        left @ left
    torch.cuda.synchronize()
    start = time.perf_counter()
    for _ in range(20):
        left @ left
    torch.cuda.synchronize()
    return 20 * 2 * side**3 / (time.perf_counter() - start)
