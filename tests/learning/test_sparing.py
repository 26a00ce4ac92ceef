import subprocess
import sys

import pytest
import torch
from torch import nn

from assay.learning.sparing import sparing

KINDS = {
    torch.optim.AdamW: {"fused": True},
    torch.optim.SGD: {"momentum": 0.9, "nesterov": True},
}
PROGRAM = """
import sys
import torch
from assay.learning.sparing import sparing
weight = torch.ones(3, requires_grad=True)
stepper = sparing(torch.optim.AdamW)([weight], fused=True)
for _ in range(2):
    stepper.zero_grad(set_to_none=True)
    weight.square().sum().backward()
    torch.nn.utils.clip_grad_norm_([weight], 1.0)
    stepper.step()
stepper.load_state_dict(stepper.state_dict())
assert float(weight.detach().sum()) < 3
assert "torch._dynamo" not in sys.modules
"""


def trained(kind: type, **options: object) -> list[torch.Tensor]:
    torch.manual_seed(0)
    network = nn.Sequential(nn.Linear(5, 7), nn.ReLU(), nn.Linear(7, 1))
    pictures = torch.randn(9, 5)
    stepper = kind(network.parameters(), lr=0.01, weight_decay=0.1, **options)
    for _ in range(5):
        stepper.zero_grad(set_to_none=True)
        network(pictures).square().mean().backward()
        stepper.step()
    return [weight.detach() for weight in network.parameters()]


@pytest.mark.parametrize("kind", KINDS)
def test_the_steps_are_the_same_to_the_bit(kind: type) -> None:
    ours, torchs = (trained(one, **KINDS[kind]) for one in (sparing(kind), kind))
    assert all(map(torch.equal, ours, torchs))


def test_the_compiler_stays_out() -> None:
    subprocess.run([sys.executable, "-c", PROGRAM], check=True)
