"""Losses of a network's answer against the target, each a mean over the batch."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

BETA = 0.5  # Seitzer et al. 2022 recommend it: between the likelihood (0) and squared error (1)
SPREAD = 0.75  # standard deviation of HL-Gauss in bins (Farebrother et al. 2024)


def regression(name: str, found: Tensor, target: Tensor) -> Tensor:
    """`mse`, or `huber` with its corner at 1 in target units (Huber 1964); both (N,)."""
    _alike(found, target)
    return F.mse_loss(found, target) if name == "mse" else F.huber_loss(found, target)


def beta_nll(mean: Tensor, raw_variance: Tensor, target: Tensor) -> Tensor:
    """Gaussian negative log-likelihood, each term times its variance to the BETA; all (N,).

    Seitzer et al. 2022 (arXiv:2203.09168): without the factor, hard photographs are given up on.
    """
    _alike(mean, target)
    variance = F.softplus(raw_variance) + 1e-6
    likelihood = 0.5 * (variance.log() + (target - mean).square() / variance)
    return (variance.detach() ** BETA * likelihood).mean()


def hard_bins(logits: Tensor, target: Tensor, edges: Tensor) -> Tensor:
    """Cross entropy against the bin that holds the target; logits (N, K), edges (K + 1,)."""
    return F.cross_entropy(logits, bin_of(target, edges))


def hl_gauss(logits: Tensor, target: Tensor, edges: Tensor) -> Tensor:
    """Cross entropy against a Gaussian around the target, integrated over each bin (HL-Gauss).

    Imani & White 2018 (arXiv:1806.04613); logits (N, K), edges (K + 1,), evenly spaced.
    """
    deviation = SPREAD * (edges[1] - edges[0])
    cumulative = torch.special.ndtr((edges - target.unsqueeze(1)) / deviation)  # (N, K + 1)
    mass = cumulative.diff(dim=1)
    return F.cross_entropy(logits, mass / mass.sum(1, keepdim=True))


def bin_of(target: Tensor, edges: Tensor) -> Tensor:
    """The number (N,) of the bin that holds each target; beyond the edges, the nearest."""
    return torch.bucketize(target, edges[1:-1].contiguous())


def _alike(found: Tensor, target: Tensor) -> None:
    """(N, 1) against (N,) would broadcast to (N, N): the net would learn the mean, in silence."""
    if found.shape != target.shape or found.dim() != 1:
        raise ValueError(f"prediction {tuple(found.shape)} against target {tuple(target.shape)}")
