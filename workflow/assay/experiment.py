"""What decides a trained model, apart from data and fold: an experiment and its copies."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

# pydantic reads this attribute of a plain dataclass; the steps themselves need no pydantic
STRICT: dict[str, Any] = {"extra": "forbid"}

# Which losses train which head; the second net of two_stage is a regression inside its bin.
SUITED = {
    "linear": ("mse", "huber", "beta_nll"),
    "bounded": ("mse", "huber", "beta_nll"),
    "binned": ("mse", "huber", "hard_bins", "hl_gauss"),
    "two_stage": ("mse", "huber"),
}


@dataclass(frozen=True)
class Experiment:
    """Settings of one experiment. config.yaml describes each key; config.py checks them.

    options are the keyword arguments of the architecture's own page in models/ (width, norm ...).
    size is in pixels, learning_rate is the peak of the schedule over the whole budget of epochs,
    beta2 is AdamW's decay per step of squared gradients (Loshchilov and Hutter 2019), ema that of
    averaged weights (0: off).
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    name: str
    architecture: str = "vgg"
    options: dict[str, Any] = field(default_factory=dict)
    size: int = 64
    color: Literal["rgb", "gray", "optical_density"] = "rgb"
    input: Literal["standardize", "minus_one_one"] = "standardize"
    target: Literal["standardize", "range", "none", "log"] = "standardize"
    head: Literal["linear", "bounded", "binned", "two_stage"] = "linear"
    bins: int = 10
    loss: Literal["mse", "huber", "beta_nll", "hard_bins", "hl_gauss"] = "mse"
    augmentation: str = "none"
    poses: bool = False
    epochs: int = 30
    batch_size: int = 32
    optimizer: Literal["adamw", "sgd"] = "adamw"
    learning_rate: float = 1e-3
    beta2: float = 0.999
    weight_decay: float = 1e-4
    schedule: Literal["one_cycle", "cosine", "constant"] = "one_cycle"
    gradient_clip: float = 1.0
    precision: Literal["float32", "bfloat16"] = "float32"
    ema: float = 0.0
    orbit: bool = False
    pretrained: str = ""
    pretrained_sha256: str = ""
    seed: int = 1


@dataclass(frozen=True)
class Augmentation:
    """Altered copies of a photograph, materialised before training; each range is drawn uniformly.

    turn: none, the four right angles, or any angle with reflected borders. shift is the largest
    displacement as a share of the width. brightness is added to pixels in [0, 1]; gamma g gives the
    exponent 2**g; noise is the range of the standard deviation of pixel noise in [0, 1] (Fischer,
    Dosovitskiy and Brox 2015).
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    copies: int = 4
    turn: Literal["none", "right_angles", "any"] = "none"
    mirror: bool = False
    shift: float = 0.0
    brightness: tuple[float, float] = (0.0, 0.0)
    gamma: tuple[float, float] = (0.0, 0.0)
    noise: tuple[float, float] = (0.0, 0.0)


AUGMENTATIONS = {
    "dihedral": Augmentation(turn="right_angles", mirror=True),
    "rotation": Augmentation(turn="any", mirror=True),
    "fischer": Augmentation(
        turn="any",
        mirror=True,
        shift=0.05,
        brightness=(-0.2, 0.2),
        gamma=(-0.5, 0.1),
        noise=(0.0, 0.02),
    ),
}
