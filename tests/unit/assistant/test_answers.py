"""The shapes of answers: each tells what its numbers are."""

import re

import pytest
from pydantic import BaseModel

from volspike.assistant import answers

SHAPES = [shape for shape in vars(answers).values() if isinstance(shape, type) and issubclass(shape, BaseModel)]
UNITS = re.compile(r"_(usdt|quote_asset|fraction|hours|seconds|seconds_ago|contracts|bytes|24h|minute)$")
COUNTS = {"waiting", "symbols_with_fresh_funding", "symbols_with_fresh_open_interest"}


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__)
def test_every_number_has_its_unit_in_its_name(shape: type[BaseModel]) -> None:
    for name, field in shape.model_fields.items():
        if {"float", "int"} & set(re.findall(r"\w+", str(field.annotation))):
            assert UNITS.search(name) or name in COUNTS, name
