"""Mutated files, 50 for each reader: read or refused in words, every row accounted for."""

from dataclasses import replace

import fuzz_inputs as fuzz
import pytest

from salesanalysis import sources


@pytest.mark.gate
@pytest.mark.parametrize("reader", fuzz.READERS)
def test_mutated_files(reader, tmp_path):
    wrong = {}
    for number in range(50):
        ending, content = fuzz.mutated(reader, 0, number)
        path = tmp_path / f"{number}{ending}"
        path.write_bytes(content)
        if said := fuzz.problem(path):
            wrong[number] = said
    assert not wrong


def test_the_same_seed_mutates_alike_and_another_does_not():
    assert fuzz.mutated("text", 1, 2) == fuzz.mutated("text", 1, 2)
    assert len({fuzz.mutated("text", seed, 2) for seed in range(9)}) > 5


def test_the_check_of_a_reading_can_fail(tmp_path, monkeypatch):
    path = tmp_path / "deals.csv"
    path.write_text("opportunity_id,stage\nA,Won\nTotal,\n,Lost\n")
    assert fuzz.problem(path) == ""
    found = sources.check(path, table="opportunities")
    for changed, said in (
        ({"faults": found.faults[:0]}, "nothing says so"),
        ({"rows_used": 2}, "3 rows: 2 used, 2 not"),
        ({"table": None, "_faults": ()}, "refused without a word"),
    ):
        wrong = replace(found, **changed)
        monkeypatch.setattr(sources, "check", lambda *_, wrong=wrong, **__: wrong)
        assert said in fuzz.problem(path)
    monkeypatch.setattr(sources, "check", lambda *_, **__: 1 / 0)
    assert "ZeroDivisionError" in fuzz.problem(path)
