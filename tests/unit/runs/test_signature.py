"""ssh-keygen itself judges a signature by the moment at which it is said to be made."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from dure.model.msp import Engineer, Operator
from dure.runs.signature import AGREEMENT, sign, verify, write_allowed_signers

from tests.unit.runs.conftest import Office

MIDNIGHT = int(datetime(2026, 6, 30, 15, tzinfo=UTC).timestamp())
"""The end of June in Seoul."""


def with_days(operator: Operator, **given: str) -> Operator:
    """kim-minsu came or left on these days."""
    first, *others = operator.engineers
    changed = Engineer.model_validate({**first.model_dump(by_alias=True), **given})
    return operator.model_copy(update={"engineers": [changed, *others]})


@pytest.mark.parametrize(
    ("days", "at", "holds"),
    [
        ({}, MIDNIGHT, True),
        ({"until": "2026-06-30"}, MIDNIGHT - 1, True),
        ({"until": "2026-06-30"}, MIDNIGHT, False),
        ({"from": "2026-07-01"}, MIDNIGHT - 1, False),
        ({"from": "2026-07-01"}, MIDNIGHT, True),
        ({"from": "2026-07-01", "until": "2026-07-01"}, MIDNIGHT + 86_400, False),
    ],
)
def test_a_signature_holds_in_its_engineers_time(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, days: dict[str, str], at: int, holds: bool
) -> None:
    monkeypatch.setenv("TZ", "America/New_York")  # the workstation's own time zone decides nothing
    signature = sign(office.minsu, b"agreed", AGREEMENT)
    signers = tmp_path / "signers"
    write_allowed_signers(with_days(office.minsu.operator, **days), signers)
    assert verify(signers, "kim-minsu", b"agreed", signature, at, AGREEMENT) is holds
