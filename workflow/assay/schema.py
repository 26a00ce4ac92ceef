"""The typed form of config.yaml: every key, its kind and its bounds."""

from __future__ import annotations

from itertools import pairwise
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from assay.experiment import AUGMENTATIONS, Augmentation, Experiment
from assay.reading.options import ReadingOptions


class Strict(BaseModel):
    """A frozen section in which an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Simulate(Strict):
    """The simulated lab (data.simulate)."""

    preset: Literal["instrument", "field", "tiny"] = "instrument"
    samples: int = Field(300, ge=10)
    photos_per_sample: int = Field(1, ge=1)
    levels: int = Field(0, ge=0)
    sessions: int = Field(20, ge=1)
    file_format: Literal["png", "jpeg"] = "png"
    seed: int = Field(1, ge=0)


class Digits(Strict):
    """Turned handwritten digits, a public task (data.digits); angles in degrees."""

    largest: float = Field(45.0, gt=0, le=180)
    test: int = Field(1000, ge=1, le=4000)
    turns: int = Field(1, ge=1)
    seed: int = Field(1, ge=0)

    @property
    def photographs(self) -> int:
        """How many there are: of the 5,000 digits those of the test set are shown once."""
        return self.test + (5000 - self.test) * self.turns


class Columns(Strict):
    """Names of the columns of the label table; empty: there is no such column."""

    image: str = Field("image", min_length=1)
    concentration: str = Field("concentration", min_length=1)
    sample: str = ""
    group: str = ""
    split: str = ""
    roi: list[str] = []


class Data(Strict):
    """Where photographs and labels come from: a folder and a table, the simulator, or digits."""

    photos: str = ""
    table: str = ""
    columns: Columns = Columns()
    reading: ReadingOptions = ReadingOptions()
    censored: Literal["refuse", "drop", "limit", "half"] = "refuse"
    allow_constant: bool = False
    simulate: Simulate | None = None
    digits: Digits | None = None

    @model_validator(mode="after")
    def _one_source(self) -> Data:
        sources = [self.photos or self.table, self.simulate, self.digits]
        if sum(map(bool, sources)) != 1:
            raise ValueError("give either photos and table, or simulate, or digits")
        if bool(self.photos) != bool(self.table):
            raise ValueError("photos and table belong together: give both")
        return self


class Split(Strict):
    """How samples are dealt to the test set and the folds."""

    test: float = Field(0.2, ge=0, lt=0.9)
    folds: int = Field(5, ge=2)
    block: Literal["sample", "group", "level"] = "sample"
    seed: int = Field(1, ge=0)


class Validation(Strict):
    """What the method is asked to reach, in % of the concentration, and how far to trust labels."""

    allowed_error_percent: float = Field(15.0, gt=0)
    loq_bias_percent: float = Field(20.0, gt=0)
    loq_rsd_percent: float = Field(20.0, gt=0)
    error_ratio: float = Field(0.1, ge=0)


class Question(Strict):
    """A question in plain words: is `experiment` better than `against`?"""

    question: str = Field(min_length=1)
    experiment: str
    against: str


class SampleSize(Strict):
    """Experiments trained again on growing shares of the training samples; none: not done."""

    experiments: list[str] = Field([], max_length=6)
    shares: list[float] = [0.2, 0.3, 0.45, 0.7, 1.0]

    @model_validator(mode="after")
    def _growing(self) -> SampleSize:
        ends = [0.0, *self.shares]
        if ends[-1] != 1 or any(low >= high for low, high in pairwise(ends)):
            raise ValueError("shares must grow from above 0 to 1, the whole, which ends them")
        return self


class Transfer(Strict):
    """Experiments trained without each group in turn, and on each alone; none: not done."""

    experiments: list[str] = []
    standards: int = Field(4, ge=1)
    most_groups: int = Field(12, ge=2, le=12)
    matrix: bool = False


class Config(Strict):
    """A whole run."""

    title: str = "Assay"
    note: str = ""
    results: str = Field("results", min_length=1)
    quantity: str = "concentration"
    unit: str = "mg/L"
    range: tuple[float, float] = (80.0, 350.0)
    scale: Literal["linear", "log10"] = "linear"
    data: Data
    aspect: Literal["crop", "pad", "stretch"] = "crop"
    full_size: int = Field(250, ge=2)
    seed: int = Field(1, ge=0)
    split: Split = Split()
    augmentations: dict[str, Augmentation] = {}
    experiments: list[Experiment] = Field(min_length=1)
    reference: str
    questions: list[Question] = []
    validation: Validation = Validation()
    sample_size: SampleSize = SampleSize()
    transfer: Transfer = Transfer()
    saliency: int = Field(4, ge=0, le=6)
    shard_size: int = Field(20_000, ge=1)
    workers: int = Field(2, ge=1)
    threads: int = Field(1, ge=1)
    processes: int = Field(1, ge=1)
    gpu: bool = False
    jobs_per_gpu: int = Field(1, ge=1)

    def experiment(self, name: str) -> Experiment:
        """The experiment of that name (KeyError if there is none)."""
        return {experiment.name: experiment for experiment in self.experiments}[name]

    def augmentation(self, name: str) -> Augmentation:
        """The augmentation preset of that name: the config's own, else the built-in one."""
        return (AUGMENTATIONS | self.augmentations)[name]
