"""What is wrong with an environment: each bad value, and all of them as one refusal."""

from typing import NamedTuple


class Problem(NamedTuple):
    """A bad value: the variable, what it holds, and what is allowed."""

    variable: str
    value: str
    allowed: str

    def __str__(self) -> str:
        return f"{self.variable}={self.value!r}: {self.allowed}"


class SettingsError(Exception):
    """All the bad values of an environment."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(map(str, problems)))
        self.problems = problems
