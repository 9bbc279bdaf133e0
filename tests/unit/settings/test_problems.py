"""What is wrong with an environment, in words."""

from volspike.settings.problems import Problem, SettingsError


def test_a_problem_names_the_variable_what_it_holds_and_what_is_allowed() -> None:
    assert str(Problem("LOG_FORMAT", "yaml\n", "must be console or json")) == (
        r"LOG_FORMAT='yaml\n': must be console or json"
    )


def test_a_refusal_tells_of_every_problem() -> None:
    problems = [Problem("A", "1", "must be 2"), Problem("B", "", "must be set")]

    refused = SettingsError(problems)

    assert refused.problems == problems
    assert str(refused) == "A='1': must be 2; B='': must be set"
