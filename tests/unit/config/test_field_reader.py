"""What all readers of fields share: the shape of a problem, and what is shown of a wrong value."""

import pytest

from mover.config.field_reader import FieldReader


@pytest.mark.parametrize(
    ("value", "shown"),
    [("seven", "'seven'"), (7, "7"), (None, "null"), ({"a": True}, '{"a": true}'), ("x" * 100, f"'{'x' * 60}…'")],
)
def test_a_problem_has_the_field_its_value_and_what_is_expected(value: object, shown: str) -> None:
    reader = FieldReader()
    reader.invalid("spec.field", value, "a whole number")
    assert reader.problems == [f"spec.field: invalid value {shown}: must be a whole number"]


def test_a_value_is_shown_without_the_secrets_in_it() -> None:
    reader = FieldReader(lambda text: text.replace("hunter2", "***"))
    reader.invalid("FIELD", "x" * 55 + "hunter2", "something else")
    assert "hunter" not in reader.problems[0]


def test_readers_of_parts_collect_into_one_list() -> None:
    whole = FieldReader()
    FieldReader(problems=whole.problems).problem("of a part")
    assert whole.problems == ["of a part"]
