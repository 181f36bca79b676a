"""docs/bench.md shows a real run: the last one that was committed."""

from bench import results


def test_the_page_shows_the_last_result() -> None:
    last = results.load()
    assert last is not None
    assert results.table(last) in results.PAGE.read_text(), "run `make bench` again: it writes both"


def test_the_last_result_reaches_the_numbers_that_were_set() -> None:
    last = results.load()
    assert last is not None
    assert last["cases"]["one file of 1 GiB"]["wallRatio"] <= 1.02
    for name, case in last["cases"].items():
        assert case["ownMemoryBytes"] <= 30 * results.MIB, name
