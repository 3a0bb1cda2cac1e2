"""What the box page says, from lights to HTML."""

import html.parser
import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import dure_lights
import dure_page
import pytest
from dure_page_texts import TEXTS

SEOUL = ZoneInfo("Asia/Seoul")
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=SEOUL)
NIGHT = datetime(2026, 11, 22, 2, 47, tzinfo=SEOUL).isoformat()
SETTINGS = {
    "customer_name": "한솔플라스틱",
    "customer_name_en": "Hansol Plastics",
    "site_name": "안산 <공장>",
    "msp_name": "한빛아이티",
    "msp_name_en": "Hanbit IT",
    "phone": "02-555-0100",
    "address": "192.168.0.1",
    "url": "http://box.lan",
    "language": "ko",
    "recycle_name": "휴지통",
    "recycle_days": 30,
    "qr_svg": "<svg></svg>",
}
GOOD = {"state": "ok", "reason": ""}


def lights(**changed: dict[str, object]) -> dict[str, dict[str, object]]:
    backup = {**GOOD, "last_success": NIGHT, "proved": (NOW - timedelta(days=3)).isoformat()}
    return {"internet": dict(GOOD), "vpn": dict(GOOD), "files": dict(GOOD), "backup": backup} | changed


def page(found: dict[str, dict[str, object]], language: str = "ko", age: timedelta = timedelta(seconds=20)) -> str:
    record = {"time": (NOW - age).isoformat(), "lights": found}
    return dure_page.status_page(SETTINGS, record, NOW, language, "")


def test_all_is_well_is_one_sentence_with_the_proof_of_the_backup() -> None:
    shown = page(lights())
    assert "모두 정상이니 평소처럼 일하시면 됩니다." in shown
    assert "지난밤 백업을 마쳤습니다. 3일 전에 실제로 복원해 보아 확인했습니다." in shown
    english = page(lights(), "en")
    assert "Last night&#x27;s backup is done. Restored as proof 3 days ago." in english


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"files": {"state": "bad", "reason": "no-answer"}}, "공유 폴더가 열리지 않으니 바로 전화해 주십시오."),
        ({"files": {"state": "bad", "reason": "disk-full"}}, "저장 공간이 다 찼으니"),
        ({"internet": {"state": "bad", "reason": "no-answer"}}, "인터넷이 끊겼지만 사무실 안의 공유 폴더는"),
        ({"vpn": {"state": "bad", "reason": "no-handshake"}}, "한빛아이티의 원격 관리 연결이 끊겨 있습니다."),
        ({"backup": {"state": "bad", "reason": "missed", "last_success": None, "proved": None}}, "백업에 문제가 있어"),
        ({"files": {"state": "warn", "reason": "disk-low"}}, "저장 공간이 얼마 남지 않았으니"),
    ],
)
def test_the_sentence_names_what_matters_most(changed: dict[str, dict[str, object]], sentence: str) -> None:
    assert sentence in page(lights(**changed))


def test_shares_that_do_not_open_matter_more_than_a_line_that_is_down() -> None:
    down = {"state": "bad", "reason": "no-answer"}
    assert "공유 폴더가 열리지 않으니" in page(lights(files=dict(down), internet=dict(down)))


def test_nobody_looked_lately_is_not_fine() -> None:
    shown = page(lights(), age=timedelta(minutes=10))
    assert "확인하지 못하고 있으니" in shown
    assert "<em>정상</em>" not in shown
    assert "<em>정상</em>" not in dure_page.status_page(SETTINGS, {}, NOW, "ko", "")


def test_each_light_has_a_mark_and_a_word_beside_its_colour() -> None:
    shown = page(lights(vpn={"state": "bad", "reason": "no-handshake"}))
    assert shown.count("✓") == 3
    assert shown.count("✕") == 1
    assert "<em>문제</em>" in shown


def test_names_from_the_workspace_are_escaped_and_the_telephone_dials() -> None:
    shown = page(lights())
    assert "<공장>" not in shown
    assert 'href="tel:025550100"' in shown


class Balance(html.parser.HTMLParser):
    """Every element that is opened is closed, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("meta", "link"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_html_is_whole(language: str) -> None:
    for content in (page(lights(), language), dure_page.card_page(SETTINGS, language, "")):
        balance = Balance()
        balance.feed(content)
        assert balance.open == []


def test_every_sentence_is_there_in_both_languages_with_the_same_names_to_fill_in() -> None:
    for key, (korean, english) in TEXTS.items():
        assert set(re.findall(r"{(\w+)}", korean)) == set(re.findall(r"{(\w+)}", english)), key
        if key not in ("other-language", "light-vpn"):
            assert re.search("[가-힣]", korean), key
        if key != "other-language":
            assert not re.search("[가-힣]", english), key
        if key.startswith("verdict-"):
            assert korean.count(".") == english.count(".") == 1, "one sentence of verdict"


UTC_NOW = datetime(2026, 11, 22, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("record", "drill", "set_up", "state", "reason"),
    [
        ({}, {}, timedelta(hours=3), "warn", "waiting"),
        ({}, {}, timedelta(hours=31), "bad", "missed"),
        ({"state": "failed"}, {}, timedelta(hours=1), "bad", "failed"),
        ({"state": "ok", "age": timedelta(hours=20)}, {"age": DAY}, 9 * DAY, "ok", ""),
        ({"state": "failed", "age": timedelta(hours=20)}, {"age": DAY}, 9 * DAY, "warn", "failed-once"),
        ({"state": "ok", "age": timedelta(hours=31)}, {"age": DAY}, 9 * DAY, "bad", "missed"),
        ({"state": "running", "age": timedelta(hours=31)}, {"age": DAY}, 9 * DAY, "bad", "missed"),
        ({"state": "ok", "age": timedelta(hours=2)}, {"state": "failed", "age": DAY}, 9 * DAY, "bad", "unproved"),
        ({"state": "ok", "age": timedelta(hours=2)}, {"age": 11 * DAY}, 30 * DAY, "warn", "proof-old"),
        ({"state": "ok", "age": timedelta(hours=2)}, {}, 30 * DAY, "warn", "proof-old"),
    ],
)
def test_the_backup_light_trusts_what_happened_not_what_was_tried(
    record: dict[str, object], drill: dict[str, object], set_up: timedelta, state: str, reason: str
) -> None:
    for one in (record, drill):
        age = one.pop("age", None)
        if isinstance(age, timedelta):
            one["last_success"] = (UTC_NOW - age).isoformat()
    light = dure_lights.backup_light(record, drill, UTC_NOW - set_up, UTC_NOW)
    assert (light["state"], light["reason"]) == (state, reason)


def test_a_tunnel_without_a_fresh_handshake_is_down() -> None:
    assert dure_lights.vpn_light("wg0\tKEY=\t1000\n", 1100)["state"] == "ok"
    assert dure_lights.vpn_light("wg0\tKEY=\t1000\n", 1200)["reason"] == "no-handshake"
    assert dure_lights.vpn_light("", 1200)["reason"] == "no-tunnel"


def test_a_default_route_is_told_from_others() -> None:
    head = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"
    assert dure_lights.has_default_route(head + "eth0\t00000000\tFE011EAC\t0003\t0\t0\t1024\t00000000\t0\t0\t0\n")
    assert not dure_lights.has_default_route(head + "eth0\t0000A8C0\t00000000\t0001\t0\t0\t1024\t00FFFFFF\t0\t0\t0\n")
