"""The strict label reader: every kind of table and cell."""

import math
import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.intake import labels
from assay.intake.labels import Columns
from assay.tables import numbers, text


@pytest.fixture
def read(tmp_path):
    """Read a table from text or bytes."""

    def reader(content: str | bytes, name: str = "labels.csv", columns=None, **settings):
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return labels.read(path, columns or Columns(label="value"), **settings)

    return reader


def codes(table: labels.Labels) -> list[str]:
    return [fault.code for fault in table.faults]


def values(table: labels.Labels) -> list[float]:
    return [row.label for row in table.rows]


def column(*cells: str) -> str:
    return "image,value\n" + "".join(f'{i}.png,"{cell}"\n' for i, cell in enumerate(cells))


# ---- cells --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "value"),
    [("80", 80), ("+80", 80), ("-5", -5), ("160.5", 160.5), (".5", 0.5), ("5.", 5), ("1e3", 1000),
     ("2.5E-2", 0.025), ("007", 7), (" 80", 80), ("80\u00a0", 80), ("\u200980", 80),
     ("\u200b80", 80), ("\ufeff80", 80)],
)  # fmt: skip
def test_numbers(read, cell, value):
    table = read(column(cell))
    assert values(table) == [value]
    assert codes(table) == ([] if cell.isascii() and cell == cell.strip() else ["W_SPACE"])


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("", "E_LABEL_MISSING"),
        ("NaN", "E_LABEL_MISSING"),
        ("N/A", "E_LABEL_MISSING"),
        ("null", "E_LABEL_MISSING"),
        ("-", "E_LABEL_MISSING"),
        ("80 mg/L", "E_LABEL_TEXT"),
        ("n.d.", "E_LABEL_TEXT"),
        ("1_000", "E_LABEL_TEXT"),
        ("\u0661\u0662", "E_LABEL_TEXT"),
        ("\uff18\uff10", "E_LABEL_TEXT"),
        ("\u22125", "E_LABEL_TEXT"),
        ("80%", "E_LABEL_TEXT"),
        ("80 \u00b1 2", "E_LABEL_TEXT"),
        ("0x50", "E_LABEL_TEXT"),
        ("1 000", "E_LABEL_TEXT"),
        ("80 90", "E_LABEL_TEXT"),
        ("1e", "E_LABEL_TEXT"),
        ("=1+1", "E_LABEL_TEXT"),
        ("TRUE", "E_LABEL_TEXT"),
        ("2024-03-01", "E_LABEL_TEXT"),
        ("<LOD", "E_LABEL_TEXT"),
        ("#DIV/0!", "E_LABEL_TEXT"),
        ("inf", "E_LABEL_NOT_FINITE"),
        ("-Infinity", "E_LABEL_NOT_FINITE"),
        ("1e39", "E_LABEL_NOT_FINITE"),
        ("1e-60", "E_LABEL_NOT_FINITE"),
        ("9" * 400, "E_LABEL_NOT_FINITE"),
        ("<80", "E_LABEL_CENSORED"),
        ("> 200", "E_LABEL_CENSORED"),
        ("\u2265200", "E_LABEL_CENSORED"),
        ("-0.1", "E_LABEL_RANGE"),
        ("351", "E_LABEL_RANGE"),
        ("1,234", "E_DECIMAL"),
        ("1,234,567", "E_DECIMAL"),
        ("1.234,5", "E_DECIMAL"),
        ("1,234.5", "E_DECIMAL"),
    ],
)
def test_cells_that_are_no_plain_number(read, cell, code):
    table = read(column("100", cell), low=0, high=350)
    assert codes(table) == [code]
    (fault,) = table.faults
    assert (fault.row, fault.column) == (3, "value")
    assert cell.strip() in str(fault) or fault.value == cell
    assert fault.remedy
    assert values(table) == [100]


def test_decimal_commas_are_read_where_one_of_them_proves_it(read):
    assert values(read(column("80,5", "1,234", "90"))) == [80.5, 1.234, 90]
    assert codes(read(column("80,5"))) == ["W_DECIMAL"]
    assert codes(read(column("0,125"))) == ["W_DECIMAL"]
    assert codes(read(column("80,5", "90.5"))) == ["E_DECIMAL"]
    assert codes(read(column("1,234", "1,500"))) == ["E_DECIMAL"] * 2


@pytest.mark.parametrize(
    ("rule", "wanted"), [("drop", [100]), ("limit", [80, 200, 100]), ("half", [40, 200, 100])]
)
def test_censored_values_by_the_stated_rule(read, rule, wanted):
    table = read(column("<80", ">200", "100"), low=50, high=350, censored=rule)
    assert values(table) == wanted
    assert (table.censored, table.dropped) == (2, 2 if rule == "drop" else 0)
    assert not table.faults


def test_identifiers_stay_text(read):
    columns = Columns(label="value", sample="id")
    names = ["001", "1e5", "NA", "TRUE", "2024-03-01", "=1+1", "null"]
    table = read(
        "image,value,id\n" + "".join(f"{name},1,{name}\n" for name in names), columns=columns
    )
    assert [row.sample for row in table.rows] == names
    assert [row.image for row in table.rows] == names
    assert not table.faults


def test_empty_identifiers_splits_and_regions_are_refused(read):
    columns = Columns("image", "value", "id", "day", "split", ("x", "y", "w", "h"))
    table = read(
        "image,value,id,day,split,x,y,w,h\n"
        "a.png,1,s1,d1,train,0,0,5,5\n"
        "b.png,1,,d1,test,0,0,5,5\n"
        "c.png,1,s3,,,0,0,5,5\n"
        "d.png,1,s4,d1,Train,0,0,5,5\n"
        "e.png,1,s5,d1,,0,-1,5.5,\n",
        columns=columns,
    )
    assert [row.image for row in table.rows] == ["a.png"]
    assert table.rows[0].roi == (0, 0, 5, 5)
    assert codes(table) == ["E_GROUP_MISSING", "E_GROUP_MISSING", "E_SPLIT", *["E_ROI"] * 3]
    assert [fault.row for fault in table.faults] == [3, 4, 5, 6, 6, 6]


# ---- tables -------------------------------------------------------------------------------------

GOOD = "image,value\na.png,80\nb.png,90\n"


@pytest.mark.parametrize(
    ("content", "warned"),
    [
        (GOOD, []),
        (GOOD.replace("\n", "\r\n"), []),
        (GOOD.replace("\n", "\r"), []),
        (GOOD.rstrip("\n"), []),
        ("\ufeff" + GOOD, []),
        ("\ufeff\ufeff" + GOOD, ["W_BOM"]),
        (GOOD.replace(",", ";"), ["W_SEPARATOR"]),
        (GOOD.replace(",", "\t"), ["W_SEPARATOR"]),
        ("sep=;\n" + GOOD.replace(",", ";"), ["W_SEPARATOR"]),
        ("\n" + GOOD + "\n,\n", ["W_BLANK_ROWS"]),
        (GOOD.replace("image", " image "), ["W_SPACE"]),
        ('"image","value"\n"a.png","80"\n"b.png","90"\n', []),
    ],
)
def test_ways_to_write_one_table(read, content, warned):
    table = read(content)
    assert values(table) == [80, 90]
    assert [row.image for row in table.rows] == ["a.png", "b.png"]
    assert codes(table) == warned


@pytest.mark.parametrize(
    ("content", "code", "row"),
    [
        (b"", "E_EMPTY", None),
        ("\n\n", "E_EMPTY", None),
        ("image,value\n", "E_EMPTY", None),
        ("image,value\n,\n\n", "E_EMPTY", None),
        (GOOD.encode("utf-16"), "E_ENCODING", None),
        (GOOD.encode("utf-16-le"), "E_ENCODING", None),
        (GOOD.encode("utf-32"), "E_ENCODING", None),
        (GOOD.replace("b.", "\u00e9.").encode("latin-1"), "E_ENCODING", 3),
        (GOOD.replace("b.", "b\0."), "E_ENCODING", 3),
        (GOOD + '"c.png,95\n', "E_QUOTE", 4),
        (GOOD + '"c".png,95\n', "E_QUOTE", 4),
        (GOOD + "c.png,1,5\n", "E_COLUMNS", 4),
        (GOOD + "c.png\n", "E_COLUMNS", 4),
        ("# notes\n" + GOOD, "E_COLUMNS", 1),
        (GOOD.replace("image", "Image"), "E_COLUMNS", 1),
        (GOOD.replace("value", "valeu"), "E_COLUMNS", 1),
        ("image,value,value\na.png,1,2\n", "E_COLUMNS", 1),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(99), "E_FORMAT", None),
        (b"\x89PNG\r\n\x1a\n", "E_FORMAT", None),
        (b"PK\3\4" + bytes(99), "E_CORRUPT", None),
    ],
)
def test_tables_that_are_refused(read, content, code, row):
    table = read(content)
    assert code in codes(table)
    fault = next(fault for fault in table.faults if fault.code == code)
    assert fault.row == row
    assert fault.file.endswith("labels.csv")


@pytest.mark.parametrize("content", ["," * 200_000, "\n" * 2000, "a\n" * 2000])
def test_absurd_tables_are_refused(read, monkeypatch, content):
    monkeypatch.setattr(text, "MOST_LINES", 1000)
    assert codes(read("image,value\n" + content)) == ["E_TOO_LARGE"]


def test_rows_keep_their_line_numbers(read):
    table = read('sep=,\nimage,value\n"a\nb.png",80\n\nc.png,90\n')
    assert [(row.row, row.image) for row in table.rows] == [(3, "a\nb.png"), (6, "c.png")]


def test_misspelt_header_gets_a_suggestion(read):
    (fault,) = read("imgae,value\na.png,1\n").faults
    assert "Did you mean 'imgae'" in str(fault)
    faults = read("# notes\n" + GOOD).faults
    assert all("line 2" in fault.remedy for fault in faults)


def test_all_faults_of_a_table_are_told_at_once(read):
    cells = ["nan", "<80", "1_0", "inf", "999", "80 g", "100"]
    table = read(column(*cells) + "x.png,1,2\n", low=0, high=350)
    assert len(table.faults) == 7
    assert values(table) == [100]


def test_special_files_are_no_tables(tmp_path):
    os.mkfifo(tmp_path / "pipe.csv")
    for path in (tmp_path / "pipe.csv", tmp_path, Path("/dev/zero")):
        assert codes(labels.read(path, Columns())) == ["E_SPECIAL"]
    assert codes(labels.read(tmp_path / "gone.csv", Columns())) == ["E_MISSING"]


# ---- any table ----------------------------------------------------------------------------------

CELLS = st.text(
    st.characters(codec="utf-8", exclude_characters="\0"), max_size=12
) | st.sampled_from(
    ["", "80", "1,5", "1.5", "<3", "nan", " 7 ", "1e999", "=1", '"', "\n", "\ufeff"]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=6), st.sampled_from(",;\t"))
def test_any_written_table_is_read_back_or_refused(rows, separator):
    import csv
    import io

    file = io.StringIO()
    writer = csv.writer(file, delimiter=separator, quoting=csv.QUOTE_ALL)
    writer.writerows([("image", "value", "id"), *rows])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "labels.csv"
        path.write_bytes(file.getvalue().encode())
        table = labels.read(path, Columns(label="value", sample="id"))
    filled = [row for row in rows if any(numbers.clean(cell) for cell in row)]
    assert table.lines in (len(filled), 0)
    wrong = {fault.row for fault in table.faults if fault.stops and fault.row}
    assert len(table.rows) + len(wrong) >= len(filled) or not filled
    for row in table.rows:
        assert math.isfinite(row.label)
        assert (row.image, row.sample) in {
            (name, numbers.clean(sample)) for name, _, sample in rows
        }


@settings(max_examples=200, deadline=None)
@given(st.floats(min_value=-1e30, max_value=1e30).filter(lambda x: x == 0 or abs(x) > 1e-30))
def test_every_printed_number_is_read_back(value):
    assert numbers.interpret(repr(value), False).value == value
    german = repr(value).replace(".", ",")
    assert numbers.interpret(german, True).value == value


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=20))
def test_any_cell_is_a_number_or_has_a_code(cell):
    reading = numbers.interpret(numbers.clean(cell), False)
    assert math.isfinite(reading.value)
    assert not reading.code or reading.remedy
