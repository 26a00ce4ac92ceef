from __future__ import annotations

import re
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from assay import config, models
from assay.experiment import AUGMENTATIONS, Experiment
from assay.faults import BadInput
from assay.schema import Config


def settings(**changes: Any) -> dict[str, Any]:
    """Small and valid settings, with changes."""
    valid: dict[str, Any] = {
        "data": {"simulate": {"samples": 20}},
        "base": {"architecture": "vgg", "width": 0.5},
        "experiments": [{"name": "constant", "architecture": "constant"}, {"name": "vgg"}],
        "reference": "vgg",
    }
    return valid | changes


def sentences(raw: dict[str, Any], files: tuple[Path, ...] = ()) -> str:
    with pytest.raises(BadInput) as refused:
        config.load(raw, files)
    assert all(fault.code == "E_CONFIG" for fault in refused.value.faults)
    return str(refused.value)


def test_an_experiment_overrides_the_base_and_takes_only_options_that_fit() -> None:
    loaded = config.load(settings())
    assert loaded.experiment("vgg").options == {"width": 0.5}
    assert loaded.experiment("constant").options == {}


def test_processes_share_any_norm_on_gpus_and_group_norm_without() -> None:
    assert config.load(settings(processes=2, gpu=True)).processes == 2
    assert config.load(settings(processes=2, base={"norm": "group"})).processes == 2


def test_a_number_written_as_yaml_text_is_a_number() -> None:
    raw = yaml.safe_load("{learning_rate: 1e-3, width: 1e-1}")
    experiment = config.load(settings(base=raw)).experiment("vgg")
    assert experiment.learning_rate == 0.001
    assert experiment.options["width"] == 0.1


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"refrence": "vgg"}, "Did you mean 'reference'?"),
        ({"processes": 2}, "experiment vgg: batch norm can't be shared by several processes"),
        ({"reference": "vg"}, "Did you mean 'vgg'?"),
        (
            {"questions": [{"question": "?", "experiment": "vg", "against": "vgg"}]},
            "Did you mean 'vgg'?",
        ),
        ({"data": {"simulate": {"sample": 20}}}, "Did you mean 'samples'?"),
        ({"data": {}}, "give either photos and table, or simulate, or digits"),
        ({"data": {"simulate": {}, "reading": {"alpah": "drop"}}}, "Did you mean 'alpha'?"),
        ({"data": {"simulate": {}, "reading": {"bit_depth": 40}}}, "bit_depth=40"),
        ({"data": {"photos": "x"}}, "photos and table belong together"),
        ({"data": {"photos": "x", "table": "y", "simulate": {}}}, "give either photos and table"),
        ({"split": {"folds": 1}}, "split.folds"),
        ({"split": {"block": "day"}}, "split.block"),
        ({"range": [350, 80]}, "350 is not below 80"),
        ({"range": [0, 80], "scale": "log10"}, "a logarithm needs a range above 0"),
        ({"base": {"widht": 1}}, "Did you mean 'width'?"),
        ({"base": {"width": "wide"}}, "'wide' is not of the kind float"),
        ({"base": {"norm": "bach"}}, "Did you mean 'batch'?"),
        ({"base": {"depth": 2.5}}, "2.5 is not of the kind int"),
        ({"base": {"depth": True}}, "is not of the kind int"),
        (
            {"base": {"head": "binned", "loss": "beta_nll"}},
            "beta_nll does not train the head binned",
        ),
        ({"base": {"pretrained": "w.safetensors"}}, "belong together"),
        (
            {"experiments": [{"name": "vgg", "architecture": "alexnet", "size": 32}]},
            "at least 63 px",
        ),
        ({"base": {"epochs": 0}}, "epochs must be above 0"),
        ({"base": {"beta2": 1}}, "beta2 must be at least 0 and below 1"),
        ({"base": {"ema": -0.1}}, "ema must be at least 0 and below 1"),
        ({"base": {"epochs": "many"}}, "epochs"),
        ({"base": {"color": "grey"}}, "color"),
        ({"base": {"augmentation": "rotate"}}, "Did you mean 'rotation'?"),
        ({"augmentations": {"mine": {"copys": 2}}}, "Did you mean 'copies'?"),
        ({"experiments": [{"name": "vgg", "architecture": "vggg"}]}, "Did you mean 'vgg'?"),
        ({"experiments": [{"name": "vgg", "dept": 3}]}, "Did you mean 'depth'?"),
        ({"experiments": [{"name": "vgg"}, {"name": "vgg"}]}, "'vgg' stands twice"),
        ({"experiments": [{"name": "a/b"}], "reference": "a/b"}, "can't be a folder"),
        ({"experiments": ["vgg"]}, "an experiment is a mapping"),
        ({"experiments": {"name": "vgg"}}, "experiments a list"),
        ({"experiments": []}, "experiments"),
        ({"threads": 0}, "threads"),
        ({"sample_size": {"experiments": ["vg"]}}, "Did you mean 'vgg'?"),
        ({"sample_size": {"shares": [0.5, 0.2, 1]}}, "shares must grow"),
        ({"sample_size": {"shares": [0.2, 0.5]}}, "shares must grow"),
        ({"sample_size": {"share": [0.2, 1]}}, "Did you mean 'shares'?"),
        ({"transfer": {"experiments": ["vg"]}}, "Did you mean 'vgg'?"),
        ({"transfer": {"most_groups": 40}}, "transfer.most_groups"),
    ],
)
def test_each_fault_is_a_sentence_with_its_place(changes: dict[str, Any], said: str) -> None:
    assert said in sentences(settings(**changes))


def test_all_faults_come_in_one_run() -> None:
    said = sentences(settings(refrence="x", threads=0, split={"folds": 1}, base={"widht": 1}))
    for word in ("refrence", "threads", "split.folds", "base.widht"):
        assert word in said


def test_a_doubled_key_is_refused_with_its_row(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("unit: a\nsplit:\n  folds: 3\n  folds: 5\nunit: b\n")
    said = sentences(settings(), (path,))
    assert "row 4" in said
    assert "split.folds stands twice" in said
    assert "row 5" in said


def test_what_is_not_yaml_is_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("a: [1,\n")
    assert "this is not YAML" in sentences(settings(), (path,))


def keys(content: Any, prefix: str = "") -> set[str]:
    if isinstance(content, list) and content and isinstance(content[0], dict):
        content = content[0]
    if not isinstance(content, dict):
        return set()
    found = {f"{prefix}{key}" for key in content}
    return found.union(*(keys(value, f"{prefix}{key}.") for key, value in content.items()))


def settings_of(kind: Any) -> list[str]:
    """The fields of a dataclass, without the attribute for pydantic."""
    return [field.name for field in fields(kind)] if is_dataclass(kind) else []


def schema_keys() -> set[str]:
    found = set()
    for name, field in Config.model_fields.items():
        kinds = getattr(field.annotation, "__args__", [field.annotation])
        found.add(name)
        for kind in kinds:
            for inner, inside in getattr(kind, "model_fields", {}).items():
                found.add(f"{name}.{inner}")
                found |= {f"{name}.{inner}.{key}" for key in settings_of(inside.annotation)}
                for deeper in getattr(inside.annotation, "__args__", [inside.annotation]):
                    more = getattr(deeper, "model_fields", {})
                    found |= {f"{name}.{inner}.{key}" for key in more}
    return found


def test_the_default_file_shows_every_key_and_explains_it(root: Path) -> None:
    text = (root / "config.yaml").read_text()
    raw = yaml.safe_load(text)
    config.load(raw, [root / "config.yaml"])
    commented = {"data.photos", "data.table", "data.digits"}
    commented |= {f"data.digits.{key}" for key in ("largest", "test", "turns", "seed")}
    assert schema_keys() - keys(raw) == commented
    shown = set(raw["base"]) | {"name", "options"}
    assert {
        name for name in Experiment.__dataclass_fields__ if name != "__pydantic_config__"
    } <= shown
    for line in text.splitlines():
        key = re.match(r" *([a-z_]+): *[^# ]", line)
        if key and key[1] not in ("seed", "reading"):
            assert "#" in line, f"{line!r} has no comment"


@pytest.mark.parametrize(
    "name", sorted(p.name for p in Path(__file__).parent.parent.glob("workflow/studies/*.yaml"))
)
def test_every_study_is_valid(root: Path, name: str) -> None:
    path = root / "workflow" / "studies" / name
    loaded = config.load(yaml.safe_load(path.read_text()), [path])
    assert loaded.results != "results", "a study has a folder of its own"


def test_sizes_are_rounded_to_what_the_architecture_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models, "multiple", lambda name: 8)
    loaded = config.load(settings(base={"size": 250}))
    assert loaded.experiment("vgg").size == 248


def test_own_presets_stand_beside_the_built_in_ones() -> None:
    loaded = config.load(settings(augmentations={"mine": {"copies": 2, "noise": [0, 0.1]}}))
    assert loaded.augmentation("mine").noise == (0, 0.1)
    assert loaded.augmentation("fischer") == AUGMENTATIONS["fischer"]


@pytest.mark.parametrize("name", ["{experiment}", "a<b>", "a\nb"])
def test_a_path_that_a_rule_would_take_for_a_pattern_is_refused(name: str) -> None:
    said = sentences(settings(data={"photos": name, "table": f"{name}.csv"}, results=name))
    assert said.count("can't stand in this path") == 3
