"""Starting weights from a declared file."""

from __future__ import annotations

import hashlib
import logging
from pathlib import Path

import pytest
import torch
import torchvision
from safetensors.torch import save_file
from torch import nn

from assay import models
from assay.faults import BadInput
from assay.learning import pretrained


def sealed(path: Path, network: nn.Module) -> tuple[Path, str]:
    save_file({name: value.contiguous() for name, value in network.state_dict().items()}, path)
    return path, hashlib.sha256(path.read_bytes()).hexdigest()


def small(outputs: int, channels: int = 3) -> nn.Module:
    return models.load("resnet").build(channels, 32, outputs, width=0.25)


def test_only_a_last_layer_of_another_shape_starts_afresh_and_that_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    source, network = small(1000), small(1)
    fresh = network.fc.weight.clone()
    with caplog.at_level(logging.WARNING, "assay"):
        logging.getLogger("assay").propagate = True
        afresh = pretrained.load(network, *sealed(tmp_path / "w.safetensors", source))
    assert afresh == ["fc.weight", "fc.bias"]
    assert "fc.weight starts afresh: its shape (1000, 16) is to be (1, 16)" in caplog.text
    assert torch.equal(network.fc.weight, fresh)
    assert torch.equal(network.conv1.weight, source.conv1.weight)


def test_the_same_shape_is_loaded_whole(tmp_path: Path) -> None:
    source, network = small(1), small(1)
    assert pretrained.load(network, *sealed(tmp_path / "w.safetensors", source)) == []
    assert torch.equal(network.fc.weight, source.fc.weight)


@pytest.mark.parametrize("depth", [18, 34, 50])
def test_weights_of_torchvision_fit_resnet(depth: int) -> None:
    source = getattr(torchvision.models, f"resnet{depth}")(num_classes=1).eval()
    network = models.load("resnet").build(3, 65, 1, depth=depth).eval()
    network.load_state_dict(source.state_dict())
    picture = torch.rand(1, 3, 65, 65)
    with torch.no_grad():
        torch.testing.assert_close(network(picture), source(picture), rtol=1e-4, atol=1e-5)


def test_weights_of_torchvision_fit_alexnet() -> None:
    with torch.device("meta"):
        source = torchvision.models.alexnet(num_classes=1).state_dict()
        network = models.load("alexnet").build(3, 250, 1).state_dict()
    assert {k: v.shape for k, v in source.items()} == {k: v.shape for k, v in network.items()}


def test_what_is_not_the_declared_file_is_refused(tmp_path: Path) -> None:
    path, sha256 = sealed(tmp_path / "w.safetensors", small(1))
    with pytest.raises(BadInput, match=f"its SHA-256 is {sha256}, not declared"):
        pretrained.load(small(1), path, "")
    with pytest.raises(BadInput, match="there is no such file"):
        pretrained.load(small(1), tmp_path / "absent", sha256)


def test_a_file_of_another_kind_is_refused_with_the_way_to_convert_it(tmp_path: Path) -> None:
    path = tmp_path / "weights.pth"
    torch.save(small(1).state_dict(), path)
    with pytest.raises(BadInput, match="not a safetensors file"):
        pretrained.load(small(1), path, hashlib.sha256(path.read_bytes()).hexdigest())


@pytest.mark.parametrize("other", [small(1, channels=1), nn.Linear(3, 1)], ids=["gray", "dense"])
def test_weights_of_another_network_are_refused(tmp_path: Path, other: nn.Module) -> None:
    with pytest.raises(BadInput, match="those of another network"):
        pretrained.load(small(1), *sealed(tmp_path / "w.safetensors", other))
