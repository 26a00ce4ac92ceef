"""Optimisers that don't bring torch's compiler along: nearly half of the start of a training job.

An optimiser tells torch._dynamo to leave its methods alone, and imports it, sympy and triton for
that (torch 2.14: optim/optimizer.py): 1.1 to 2 s of a processor in a job that compiles nothing.
"""

from __future__ import annotations

import inspect
from typing import Any, TypeVar

import torch
from torch import _compile
from torch.optim import Optimizer

Kind = TypeVar("Kind", bound=Optimizer)


def sparing(kind: type[Kind]) -> type[Kind]:
    """The optimiser `kind`, which takes the same steps, bit for bit, without that import.

    Where a later torch works otherwise, it is `kind` as it is, import and all.
    """
    for method in vars(Optimizer).values():
        # the wrapper imports the compiler unless it finds its answer kept at the method
        code, bare = getattr(method, "__code__", None), getattr(method, "__wrapped__", None)
        if code and bare and code.co_filename == _compile.__file__:
            bare.__dict__.setdefault("__dynamo_disable", bare)
    step: Any = inspect.unwrap(kind.step)

    class Sparing(kind):  # type: ignore[misc, valid-type]
        """Steps without the wrapper that imports the compiler to break its graphs."""

        @torch.no_grad()
        def step(self, closure: Any = None) -> Any:
            """One step of the optimiser, gradients not followed."""
            return step(self, closure)

    return Sparing
