"""Starting weights from a declared file: safetensors, its SHA-256 stated, never fetched."""

from __future__ import annotations

import logging
from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load as load_tensors
from torch import nn

from assay import files
from assay.faults import BadInput, refuse

logger = logging.getLogger("assay")
CONVERT = (
    "Convert it once: "
    "safetensors.torch.save_file(torch.load(FILE, weights_only=True), 'weights.safetensors')."
)


def load(network: nn.Module, path: Path, sha256: str) -> list[str]:
    """Start `network` with the weights of `path`; the names of the tensors that start afresh.

    Only the last layer may have another shape, and that is logged. BadInput E_PRETRAINED where the
    file is missing, not safetensors, not the declared one, or made for another network.
    """
    weights = _read(path, sha256)
    own = network.state_dict()
    last = [name for name, layer in network.named_modules() if isinstance(layer, nn.Linear)][-1]
    afresh = [
        name
        for name in own
        if name in weights
        and weights[name].shape != own[name].shape
        and name.startswith(last + ".")
    ]
    # a count of batches is no weight; older files have none
    needed = {name for name in own if not name.endswith("num_batches_tracked")}
    wrong = sorted(
        {name for name in needed - set(afresh) if name not in weights}
        | {name for name in weights if name not in own}
        | {name for name in needed & set(weights) if weights[name].shape != own[name].shape}
        - set(afresh)
    )
    if wrong:
        message = f"its weights are those of another network; see {', '.join(wrong[:3])}."
        remedy = "Use the options it was trained with: depth, width 1, three colours."
        raise _refusal(path, message, remedy)
    network.load_state_dict(own | {k: v for k, v in weights.items() if k not in afresh})
    logger.info("%s: %d tensors loaded", path, len(weights) - len(afresh))
    for name in afresh:
        shapes = tuple(weights[name].shape), tuple(own[name].shape)
        logger.warning("%s: %s starts afresh: its shape %s is to be %s", path, name, *shapes)
    return afresh


def _read(path: Path, sha256: str) -> dict:
    """The tensors of a file that is the declared one."""
    if not path.is_file():
        raise _refusal(path, "there is no such file.", "Correct pretrained.")
    if files.sha256(path) != sha256.lower():
        message = f"its SHA-256 is {files.sha256(path)}, not {sha256 or 'declared'}."
        raise _refusal(path, message, "Correct the file or pretrained_sha256.")
    try:
        return load_tensors(path.read_bytes())
    except SafetensorError:
        raise _refusal(path, "this is not a safetensors file.", CONVERT) from None


def _refusal(path: Path, message: str, remedy: str) -> BadInput:
    return refuse("E_PRETRAINED", message, remedy, file=str(path))
