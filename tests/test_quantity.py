from __future__ import annotations

from assay.quantity import Quantity


def test_labels_hold_name_and_unit() -> None:
    glucose = Quantity("glucose", "mg/L")
    assert glucose.label("known") == "known glucose (mg/L)"
    assert glucose.error_label == "found − known (mg/L)"
    assert glucose.with_unit("MSE", "²") == "MSE (mg/L)²"
    assert Quantity("pH").label("known") == "known pH"
    assert Quantity("pH").with_unit("RMSE") == "RMSE"


def test_on_the_log10_scale_errors_are_no_concentrations() -> None:
    pesticide = Quantity("pesticide", "ppm", 0.19, 100, "log10")
    assert pesticide.of_error == " log10 units"
    assert pesticide.span == "0.19 to 100 ppm on the log10 scale"
    assert pesticide.places(0.19, 100) is None, "each value shows digits of its own"
    assert Quantity().places(0.19, 100) == 0
