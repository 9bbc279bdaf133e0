"""How much the property tests of all units try: a second of work in total, and no judgement of a busy machine."""

from hypothesis import HealthCheck, settings

settings.register_profile("unit", max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unit")
