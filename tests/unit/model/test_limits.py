"""Limits and what is remembered of them."""

from volspike.model.documents import VERSION
from volspike.model.limits import CpuReading, Level, LimitsMemory
from volspike.state import documents


def test_what_is_remembered_survives_its_file() -> None:
    memory = LimitsMemory(levels={"disk:/data": Level.CRITICAL}, cpu=[CpuReading(1.5, 10, 20)])

    assert documents.decode(documents.encode(memory), LimitsMemory) == memory
    assert memory.version == VERSION


def test_a_level_is_worse_the_higher_it_is() -> None:
    assert Level.WELL < Level.WARNING < Level.CRITICAL
