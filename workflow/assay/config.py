"""Settings in, a checked Config out; all faults in one go, each in one sentence."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import pydantic
import yaml
from pydantic import BaseModel
from pydantic_core import ErrorDetails

from assay import models
from assay.entries import SETTINGS, expand, fault, listed, near
from assay.experiment import AUGMENTATIONS, SUITED, Augmentation, Experiment
from assay.faults import BadInput, Fault
from assay.schema import Config

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")  # it becomes a folder and a wildcard


def load(raw: dict[str, Any], files: Iterable[Path] = ()) -> Config:
    """Check the merged settings `raw`, read from `files`; BadInput with every fault found."""
    paths = [Path(file) for file in files]
    where = ", ".join(str(path) for path in paths)
    faults = [fault for path in paths for fault in doubled_keys(path)]
    settings = dict(raw)
    base = settings.pop("base", None) or {}
    entries = settings.get("experiments") or []
    if not isinstance(base, dict) or not isinstance(entries, list):
        faults.append(fault(where, "experiments", "base is a mapping, experiments a list.", ""))
        raise BadInput(faults)
    expanded = []
    for number, entry in enumerate(entries):
        experiment, found = expand(base, entry, f"experiments[{number}]", where)
        expanded.append(experiment)
        faults += found
    settings["experiments"] = expanded
    try:
        config = Config.model_validate(settings)
    except pydantic.ValidationError as error:
        raise BadInput(faults + [_sentence(detail, where) for detail in error.errors()]) from None
    faults += inconsistencies(config, where)
    if faults:
        raise BadInput(faults)
    return config


def doubled_keys(path: Path) -> list[Fault]:
    """The keys that stand twice in one mapping of a YAML file: YAML keeps the last in silence."""
    faults = []

    def walk(node: yaml.Node | None, place: str) -> None:
        if isinstance(node, yaml.SequenceNode):
            for number, item in enumerate(node.value):
                walk(item, f"{place}[{number}]")
        if isinstance(node, yaml.MappingNode):
            seen: set[str] = set()
            for key, value in node.value:
                name = f"{place}.{key.value}".lstrip(".")
                if name in seen:
                    row = key.start_mark.line + 1
                    message = f"the key {name} stands twice."
                    faults.append(Fault("E_CONFIG", message, "Keep one.", str(path), row, name))
                seen.add(name)
                walk(value, name)

    try:
        walk(yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader), "")
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        message = f"this is not YAML: {' '.join(str(error).split())}."
        faults.append(Fault("E_CONFIG", message, "Mend the file.", str(path)))
    return faults


def inconsistencies(config: Config, where: str) -> list[Fault]:
    """What no single key shows: names that repeat or refer to nothing, bounds that don't fit."""
    names = [experiment.name for experiment in config.experiments]
    faults = [
        fault(where, "experiments", f"the name {name!r} stands twice.", "Names tell results apart.")
        for name in dict.fromkeys(names)
        if names.count(name) > 1
    ]
    named = [("reference", config.reference)]
    for number, question in enumerate(config.questions):
        sides = (question.experiment, question.against)
        named += [(f"questions[{number}]", side) for side in sides]
    for place in ("sample_size", "transfer"):
        named += [(f"{place}.experiments", name) for name in getattr(config, place).experiments]
    for place, name in named:
        if name not in names:
            message = f"no experiment is called {name!r}."
            faults.append(fault(where, place, message, near(name, names) or listed(names)))
    for experiment in config.experiments:
        faults += _wrong_values(experiment, ["none", *AUGMENTATIONS, *config.augmentations], where)
    faults += _unusable_paths(config, where)
    faults += _unshared_norms(config, where)
    low, high = config.range
    logarithmic = config.scale == "log10" or any(e.target == "log" for e in config.experiments)
    if not low < high:
        message = f"{low:g} is not below {high:g}."
        faults.append(fault(where, "range", message, "Write [lowest, highest]."))
    if low <= 0 and logarithmic:
        faults.append(fault(where, "range", "a logarithm needs a range above 0."))
    if len(config.data.columns.roi) not in (0, 4):
        message = "a region needs four columns: x, y, width, height in pixels."
        faults.append(fault(where, "data.columns.roi", message))
    return faults


def _unshared_norms(config: Config, where: str) -> list[Fault]:
    """Batch norms that several processes without GPUs would have to share: torch has none."""
    faults = []
    for experiment in config.experiments if config.processes > 1 and not config.gpu else ():
        options = models.options(experiment.architecture) | experiment.options
        if options.get("norm") == "batch":
            message = "batch norm can't be shared by several processes without GPUs."
            remedy = "Set norm: group or none, or processes: 1."
            faults.append(fault(where, f"experiment {experiment.name}", message, remedy))
    return faults


def _unusable_paths(config: Config, where: str) -> list[Fault]:
    """Paths with signs that mean something else in a rule, or can't be seen."""
    paths = {
        "results": config.results,
        "data.photos": config.data.photos,
        "data.table": config.data.table,
    }
    message = "{, }, <, > and control characters can't stand in this path."
    return [
        fault(where, place, message, "Rename the file or folder.")
        for place, path in paths.items()
        if re.search(r"[{}<>\x00-\x1f\x7f]", path)
    ]


def _wrong_values(experiment: Experiment, presets: list[str], where: str) -> list[Fault]:
    place, faults = f"experiment {experiment.name}", []
    if not NAME.fullmatch(experiment.name):
        message = f"the name {experiment.name!r} can't be a folder."
        faults.append(fault(where, "experiments", message, "Use letters, digits, _ and -."))
    if experiment.augmentation not in presets:
        message = f"no augmentation is called {experiment.augmentation!r}."
        advice = near(experiment.augmentation, presets) or listed(presets)
        faults.append(fault(where, place, message, advice))
    for key in ("size", "epochs", "batch_size", "bins", "learning_rate"):
        if not getattr(experiment, key) > 0:
            faults.append(fault(where, place, f"{key} must be above 0."))
    if models.kind(experiment.architecture) == "network":
        faults += _wrong_network(experiment, place, where)
    for key in ("beta2", "ema"):
        if not 0 <= getattr(experiment, key) < 1:
            faults.append(fault(where, place, f"{key} must be at least 0 and below 1."))
    return faults


def _wrong_network(experiment: Experiment, place: str, where: str) -> list[Fault]:
    faults = []
    if experiment.loss not in SUITED[experiment.head]:
        message = f"the loss {experiment.loss} does not train the head {experiment.head}."
        faults.append(
            fault(where, place, message, f"Take one of {', '.join(SUITED[experiment.head])}.")
        )
    least = models.smallest(experiment.architecture)
    if experiment.size < least:
        message = f"{experiment.architecture} needs pictures of at least {least} px."
        faults.append(fault(where, place, message, f"Set size to {least} or more."))
    if bool(experiment.pretrained) != bool(experiment.pretrained_sha256):
        message = "pretrained and pretrained_sha256 belong together: give both."
        faults.append(fault(where, place, message))
    return faults


def _sentence(detail: ErrorDetails, where: str) -> Fault:
    """A pydantic error in plain words, with the nearest known key for a misspelt one."""
    place = ".".join(str(part) for part in detail["loc"]) or "the settings"
    if detail["type"] == "extra_forbidden" or detail["type"] == "unexpected_keyword_argument":
        known = _keys(detail["loc"][:-1])
        remedy = near(str(detail["loc"][-1]), known) or listed(known)
        return fault(where, place, "there is no such key.", remedy)
    if detail["type"] in ("missing", "missing_argument"):
        return fault(where, place, "this key is missing.", "Add it; config.yaml explains it.")
    message = detail["msg"].removeprefix("Value error, ")
    given = (
        "" if isinstance(detail["input"], dict | BaseModel) else f" (given: {detail['input']!r})"
    )
    return fault(where, place, f"{message[:1].lower()}{message[1:]}{given}.", "")


def _keys(place: tuple[int | str, ...]) -> list[str]:
    """The keys that may stand at `place`."""
    kind: Any = Config
    for part in place:
        if part == "experiments":
            return list(SETTINGS)
        if isinstance(part, int):
            continue
        if part == "augmentations":
            return [field.name for field in fields(Augmentation)]
        kind = kind.model_fields[part].annotation
        for inner in getattr(kind, "__args__", ()):
            kind = inner if hasattr(inner, "model_fields") else kind
    if is_dataclass(kind):
        return [field.name for field in fields(kind)]
    return list(getattr(kind, "model_fields", ()))
