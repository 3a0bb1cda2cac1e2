"""What `operator restore` asks for, and how it tells what it could not find."""

import json
import unicodedata
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from dure.errors import DureError, UsageError
from dure.runs.restore import full_path, moment, read_answer

SEOUL = ZoneInfo("Asia/Seoul")
NOW = datetime(2026, 11, 22, 5, 0, tzinfo=UTC)
SHARES = [{"id": "production", "name": "생산"}, {"id": "management", "name": "경영지원"}]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "2026-11-22T05:00:00+00:00"),
        ("2026-11-22T02:30", "2026-11-21T17:30:00+00:00"),
        ("2026-11-22 02:30", "2026-11-21T17:30:00+00:00"),
        ("2026-11-21", "2026-11-21T14:59:59+00:00"),
        ("2026-11-22T02:30Z", "2026-11-22T02:30:00+00:00"),
        ("2026-11-22T02:30:00+09:00", "2026-11-21T17:30:00+00:00"),
    ],
)
def test_a_time_is_the_boxs_own_unless_it_says_otherwise(text: str, expected: str) -> None:
    assert moment(text, SEOUL, NOW).isoformat() == expected


@pytest.mark.parametrize("text", ["yesterday", "2026-13-01", "22.11.2026", "2026-11-22T25:00", "20261122"])
def test_what_is_no_time_is_told_how_to_write_one(text: str) -> None:
    with pytest.raises(UsageError, match="2026-11-22T02:30"):
        moment(text, SEOUL, NOW)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("production/도면", "/srv/shares/production/도면"),
        ("생산/도면/최종.txt", "/srv/shares/production/도면/최종.txt"),
        ("생산\\도면", "/srv/shares/production/도면"),
        ("경영지원", "/srv/shares/management"),
        (
            unicodedata.normalize("NFD", "경영지원/계획"),
            "/srv/shares/management/" + unicodedata.normalize("NFD", "계획"),
        ),
        ("/srv/shares/production//a/", "/srv/shares/production/a"),
    ],
)
def test_a_path_may_begin_with_a_share_by_either_name(path: str, expected: str) -> None:
    assert full_path(path, "/srv/shares", SHARES) == expected


@pytest.mark.parametrize("path", ["", "..", "생산/../../etc/shadow", "회계/장부"])
def test_a_path_that_leads_nowhere_is_refused(path: str) -> None:
    with pytest.raises(UsageError):
        full_path(path, "/srv/shares", SHARES)


def test_the_nearest_names_and_the_mending_are_told() -> None:
    answer = {"ok": False, "reason": "no-path", "error": "/srv/x/도먼 is not in the snapshot", "near": ["/srv/x/도면"]}
    with pytest.raises(DureError, match="give one of /srv/x/도면") as caught:
        read_answer(json.dumps(answer).encode(), "", "hansol-plastics/ansan")
    assert caught.value.where == "hansol-plastics/ansan"


def test_a_box_without_the_program_is_told_apart() -> None:
    with pytest.raises(DureError, match="operator provision hansol-plastics/ansan --converge"):
        read_answer(b"", "python3: can't open file", "hansol-plastics/ansan")
