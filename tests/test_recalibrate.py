from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import deliveries
from assay import files, predict, recalibrate
from assay.faults import BadInput
from assay.method import container
from test_predict import values


def recalibrated(method: Path, run: Path, table: Path, out: Path) -> Path:
    recalibrate.recalibrate(method, run / "photos", table=table, out=out, sample_column="sample")
    return out


def standards(run: Path, path: Path, count: int, slope: float = 1.0, shift: float = 0.0) -> Path:
    """A table of standards, their values as an instrument would tell that reads otherwise."""
    rows = files.read_table(run / "labels.csv").sort_values("concentration")
    chosen = rows.iloc[np.linspace(4, len(rows) - 5, count).round().astype(int)].copy()
    chosen["concentration"] = slope * chosen["concentration"] + shift
    files.write_table(path, chosen)
    return path


def test_slope_and_bias_follow_the_standards(
    small_run: Path, baseline_method: Path, tmp_path: Path
) -> None:
    photos, out = [small_run / "photos"], tmp_path / "o.csv"
    table = standards(small_run, tmp_path / "s.csv", 4)
    predict.predict(baseline_method, photos, table=table, out=out)
    before = values(out)
    exact = files.read_table(table).assign(concentration=10 + 1.1 * before)
    files.write_table(table, exact)
    new = recalibrated(baseline_method, small_run, table, tmp_path / "new")
    predict.predict(new, photos, table=table, out=out)
    assert np.allclose(values(out), np.clip(10 + 1.1 * before, 80, 350))
    told = container.read(new).description
    assert told.adjustment.method == "slope and bias"
    assert told.adjustment.standards == 4
    assert np.allclose([told.adjustment.offset, told.adjustment.slope], [10, 1.1])


@pytest.mark.parametrize("count", [1, 4])
def test_standards_that_show_no_other_slope_adjust_the_bias_alone(
    small_run: Path, baseline_method: Path, tmp_path: Path, count: int
) -> None:
    table = standards(small_run, tmp_path / "s.csv", count, shift=60)
    new = recalibrated(baseline_method, small_run, table, tmp_path / "new")
    adjustment = container.read(new).description.adjustment
    assert (adjustment.method, adjustment.slope) == ("bias", 1.0)
    assert 20 < adjustment.offset < 100


def test_the_parent_is_named_and_its_intervals_are_carried_over_wider(
    small_run: Path, baseline_method: Path, tmp_path: Path
) -> None:
    parent = container.read(baseline_method)
    table = standards(small_run, tmp_path / "s.csv", 1, shift=60)
    new = container.read(recalibrated(baseline_method, small_run, table, tmp_path / "new"))
    assert new.description.parent == parent.digest != new.digest
    assert new.description.interval.note.startswith("carried over")
    assert not new.description.interval.coverage
    assert "Its parent is" in (new.folder / "README.md").read_text(encoding="utf-8")
    widths = []
    for method in (baseline_method, new.folder):
        out = tmp_path / "o.csv"
        predict.predict(method, [small_run / "photos"], table=table, out=out)
        rows = files.read_table(out, sealed=False)
        widths.append((rows["upper"] - rows["lower"]).mean())
    assert new.description.adjustment.slope == 1
    assert np.isclose(widths[1], widths[0] * np.sqrt(1 + 1 / 1))


def test_recalibrating_twice_composes(
    small_run: Path, baseline_method: Path, tmp_path: Path
) -> None:
    first = standards(small_run, tmp_path / "s.csv", 4, slope=1.05, shift=-5)
    once = recalibrated(baseline_method, small_run, first, tmp_path / "once")
    twice = recalibrated(once, small_run, first, tmp_path / "twice")
    found = [container.read(method).description.adjustment for method in (once, twice)]
    assert np.isclose(found[0].slope, found[1].slope)
    assert np.isclose(found[0].offset, found[1].offset)


def test_standards_that_are_unfit_are_all_named(
    small_run: Path, baseline_method: Path, tmp_path: Path
) -> None:
    rows = files.read_table(small_run / "labels.csv").head(4)
    for name in rows["image"]:
        photo = Image.open(small_run / "photos" / name)
        dark = name in (rows["image"][1], rows["image"][2])
        (photo.point(lambda v: v // 6) if dark else photo).save(tmp_path / name)
    (tmp_path / rows["image"][3]).write_bytes(b"")
    files.write_table(tmp_path / "s.csv", rows)
    with pytest.raises(BadInput) as caught:
        recalibrate.recalibrate(
            baseline_method, tmp_path, table=tmp_path / "s.csv", out=tmp_path / "new"
        )
    assert [fault.code for fault in caught.value.faults] == ["E_STANDARD"] * 3
    assert [fault.file for fault in caught.value.faults] == list(rows["image"][1:])
    assert "too dark" in str(caught.value)
    assert not (tmp_path / "new").exists()


@pytest.mark.slow
def test_standards_set_a_new_lot_right(tmp_path: Path) -> None:
    """A new lot of reagent, 5 % stronger, reads otherwise: 5 standards set the method right."""
    run = tmp_path / "run"
    deliveries.prepare(run, samples=200, size=250, folds=3)
    deliveries.run(run, deliveries.RIDGE, folds=3)
    method = deliveries.deliver(run, deliveries.RIDGE, run / "method", threads=2)
    fresh = tmp_path / "fresh"
    rows = files.read_table(deliveries.draw_lot(fresh, samples=60, size=250, strength=1.05))
    rows = rows.sort_values("concentration")
    chosen = np.linspace(5, len(rows) - 6, 5).round().astype(int)
    files.write_table(tmp_path / "s.csv", rows.iloc[chosen])
    files.write_table(tmp_path / "rest.csv", rest := rows.drop(rows.index[chosen]))
    new = recalibrated(method, fresh, tmp_path / "s.csv", tmp_path / "new")
    errors = []
    for one in (method, new):
        out = tmp_path / "o.csv"
        predict.predict(one, [fresh / "photos"], table=tmp_path / "rest.csv", out=out)
        found = files.read_table(out, sealed=False)["concentration"].to_numpy()
        errors.append(float(np.sqrt(np.nanmean((found - rest["concentration"].to_numpy()) ** 2))))
    assert errors[1] < 0.7 * errors[0], errors
