from __future__ import annotations

import json

from bokeh.plotting import figure

from assay.interactive import embed


def plot() -> figure:
    drawn = figure(name="one")
    drawn.scatter([1, 2], [3, 4], name="</script><script>")
    return drawn


def test_no_text_can_end_the_element_that_holds_it() -> None:
    text = embed.as_data({"name": "</script><!--<script>&"})
    assert not set("<>&") & set(text)
    assert json.loads(text) == {"name": "</script><!--<script>&"}


def test_the_same_plots_give_the_same_text_however_often_they_are_drawn() -> None:
    first, second = (embed.as_data(embed.document({"one": plot()})) for _ in range(2))
    assert first == second


def test_a_model_is_written_before_it_is_referred_to() -> None:
    known: set[str] = set()

    def walk(part: object) -> None:
        if isinstance(part, list):
            for one in part:
                walk(one)
        if isinstance(part, dict):
            if set(part) == {"id"}:
                assert part["id"] in known
            elif "id" in part:
                known.add(part["id"])
            for one in part.values():
                walk(one)

    content = json.loads(embed.as_data(embed.document({"one": plot(), "two": plot()})))
    walk(content["documents"][embed.DOCUMENT]["roots"])
    assert len(known) > 20
    (item,) = content["items"]
    assert list(item["roots"].values()) == ["one", "two"]
    assert item["root_ids"] == list(item["roots"])
