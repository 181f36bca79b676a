"""Rules in CEL are made from patterns as Python has them."""

import pytest

from mover.controller.api.object_reader import CONTROL_CHARACTERS
from mover.controller.api.schema.cel import matches


@pytest.mark.parametrize(
    ("pattern", "expression"),
    [
        ("^[a-z]+$", "self.matches('^[a-z]+$')"),
        (r"^\d{1,6}[ymdh]$", "self.matches('^[0-9]{1,6}[ymdh]$')"),
        (r"[^\s]", r"self.matches('[^\\s]')"),
        ("it's", r"self.matches('it\'s')"),
        (f"[{CONTROL_CHARACTERS}]", r"self.matches('[\\x00-\\x08\\x0a-\\x1f\\x7f\\x{85}\\x{2028}\\x{2029}]')"),
    ],
)
def test_a_pattern_becomes_a_cel_string_in_the_syntax_of_re2(pattern: str, expression: str) -> None:
    assert matches(pattern) == expression


def test_the_parts_of_a_long_pattern_are_joined_by_the_api_server() -> None:
    assert matches("^a", "b$") == "self.matches('^a' + 'b$')"
