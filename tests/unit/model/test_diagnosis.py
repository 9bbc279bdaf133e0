"""Findings as JSON, for machines."""

from volspike.model.diagnosis import Diagnosis, Level, Symptom
from volspike.state import documents


def test_a_diagnosis_is_read_back_from_its_json() -> None:
    diagnosis = Diagnosis(
        1, 2.0, False, [Symptom("ports", Level.BAD, "taken", "kill 1"), Symptom("disk", Level.OK, "")]
    )

    content = documents.encode(diagnosis)

    assert documents.decode(content, Diagnosis) == diagnosis
    assert b'{"check":"ports","level":"bad","text":"taken","remedy":"kill 1"}' in content
