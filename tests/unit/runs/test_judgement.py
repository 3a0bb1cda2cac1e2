"""What a run is told when a rule forbids the apply."""

from datetime import date

import pytest
from dure.errors import Refused
from dure.policy import evaluate
from dure.runs.judgement import refuse_if_forbidden

from tests.subjects import subject

TODAY = date(2026, 11, 24)


def test_a_sound_stack_goes_on_whatever_is_advised() -> None:
    found = evaluate([subject("bridge")], (), TODAY)
    refuse_if_forbidden(found)
    assert all(one.severity == "advisory" for one in found)


def test_a_forbidden_stack_is_refused_in_one_line_with_place_and_mend() -> None:
    abroad = subject("hybrid-site").model_copy(update={"region": "us-east-1"})
    with pytest.raises(Refused) as refused:
        refuse_if_forbidden(evaluate([abroad], (), TODAY))
    assert refused.value.exit_code == 4
    assert refused.value.line().startswith(
        "customers/hansol-plastics.yaml:28: personal-data-region: vault of hansol-plastics/ansan: it lies in us-east-1"
    )
    assert "To mend: lay the stack in ap-northeast-2" in refused.value.line()
