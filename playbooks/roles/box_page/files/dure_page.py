"""The box page as HTML: pure functions from settings, lights and a moment to bytes for a browser."""

import html
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from dure_page_texts import text

STALE = timedelta(minutes=4)
ORDER = ("internet", "vpn", "files", "backup")
MARKS = {"ok": "✓", "warn": "!", "bad": "✕", "unknown": "?"}

Settings = Mapping[str, Any]
Lights = dict[str, dict[str, Any]]


def lights_now(record: Mapping[str, Any], now: datetime) -> Lights:
    """The record's lights; all unknown when nobody looked lately: old news must not shine green."""
    lights: Lights = dict(record.get("lights") or {})
    looked = looked_at(record)
    if looked is None or not timedelta(minutes=-1) < now - looked < STALE:
        return {name: {"state": "unknown", "reason": "stale"} for name in (lights or ORDER)}
    return lights


def looked_at(record: Mapping[str, Any]) -> datetime | None:
    try:
        return datetime.fromisoformat(str(record.get("time")))
    except ValueError:
        return None


def verdict(lights: Lights) -> str:
    """Key of the one sentence that matters most to somebody who wants to work."""
    state = {name: lights[name]["state"] for name in lights}
    reason = {name: lights[name].get("reason", "") for name in lights}
    rules = [
        (reason.get("files") == "disk-full", "verdict-disk-full"),
        (state.get("files") == "bad", "verdict-files-bad"),
        (state.get("internet") == "bad" and state.get("files") in ("ok", "warn"), "verdict-internet-bad"),
        (state.get("internet") == "bad", "verdict-internet-only"),
        (state.get("backup") == "bad", "verdict-backup-bad"),
        (state.get("vpn") == "bad", "verdict-vpn-bad"),
        ("unknown" in state.values(), "verdict-unknown"),
        (reason.get("files") == "disk-low", "verdict-disk-low"),
        (reason.get("backup") == "waiting", "verdict-backup-waiting"),
        (state.get("backup") == "warn", "verdict-backup-warn"),
    ]
    return next((key for applies, key in rules if applies), "verdict-ok")


def worst(lights: Lights) -> str:
    """The state that colours the verdict."""
    states = {light["state"] for light in lights.values()}
    return next((state for state in ("bad", "unknown", "warn") if state in states), "ok")


def days_between(earlier: str | None, now: datetime) -> int | None:
    """Calendar days in the box's zone, so that `yesterday` means what people mean."""
    if not earlier:
        return None
    return (now.date() - datetime.fromisoformat(earlier).astimezone(now.tzinfo).date()).days


def backup_done(last: str | None, now: datetime, language: str) -> str:
    days = days_between(last, now)
    if last is None or days is None:
        return text("backup-none", language)
    when = datetime.fromisoformat(last).astimezone(now.tzinfo)
    if now - when < timedelta(hours=20) and (when.hour < 8 or when.hour >= 20):
        return text("backup-done-night", language)
    if days <= 0:
        return text("backup-done-today", language)
    return text("backup-done-yesterday", language) if days == 1 else text("backup-last", language, days=days)


def backup_words(light: dict[str, Any], now: datetime, language: str) -> str:
    """What was done and when, then the proof; what went wrong comes first."""
    last, proved = light.get("last_success"), days_between(light.get("proved"), now)
    words = []
    trouble = {"failed": "failed", "failed-once": "failed", "missed": "missed", "unproved": "unproved"}
    if light["reason"] in trouble:
        words.append(text(f"backup-{trouble[light['reason']]}", language))
    if light["reason"] == "waiting":
        return text("backup-waiting", language)
    days = days_between(last, now)
    if light["reason"] in ("failed", "failed-once", "missed") and days is not None and days > 0:
        words.append(text("backup-last-one", language) if days == 1 else text("backup-last", language, days=days))
    else:
        words.append(backup_done(last, now, language))
    if last and light["reason"] != "unproved":
        words.append(proof_words(proved, language))
    return " ".join(words)


def proof_words(days: int | None, language: str) -> str:
    if days is None:
        return text("proof-none", language)
    if days <= 0:
        return text("proof-today", language)
    return text("proof-yesterday", language) if days == 1 else text("proof-days", language, days=days)


def light_words(name: str, light: dict[str, Any], settings: Settings, now: datetime, language: str) -> str:
    if light["state"] == "unknown":
        return text("unknown", language)
    if name == "backup":
        return backup_words(light, now, language)
    if light.get("reason") in ("disk-full", "disk-low"):
        return text(f"files-{light['reason']}", language)
    return text(f"{name}-{light['state']}", language, msp=msp_name(settings, language))


def msp_name(settings: Settings, language: str) -> str:
    return str(settings["msp_name"] if language == "ko" else settings["msp_name_en"])


def customer_name(settings: Settings, language: str) -> str:
    return str(settings["customer_name"] if language == "ko" else settings["customer_name_en"])


def document(title: str, language: str, style: str, body: str, *, refresh: bool) -> str:
    """One whole page without any outside asset."""
    again = '<meta http-equiv="refresh" content="60">' if refresh else ""
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta name="color-scheme" content="light dark"><meta name="referrer" content="no-referrer">{again}'
        f'<link rel="icon" href="data:,"><title>{html.escape(title)}</title><style>{style}</style></head>'
        f"<body>{body}</body></html>\n"
    )


def link(path: str, language: str, settings: Settings) -> str:
    """The page's own address in that language; the language of the house needs no switch."""
    return path if language == settings["language"] else f"{path}?lang={language}"


def status_page(settings: Settings, record: Mapping[str, Any], now: datetime, language: str, style: str) -> str:
    """The page that people see; `now` is in the box's zone."""
    lights = lights_now(record, now)
    title = text("title", language, customer=customer_name(settings, language))
    other = "en" if language == "ko" else "ko"
    rows = "".join(light_row(name, lights[name], settings, now, language) for name in ORDER if name in lights)
    looked = looked_at(record)
    checked = text("checked-never", language)
    if looked is not None:
        checked = text("checked", language, time=looked.astimezone(now.tzinfo).strftime("%H:%M"))
    body = (
        f'<header><p class="who">{html.escape(customer_name(settings, language))}'
        f'<span lang="ko"> {html.escape(str(settings["site_name"]))}</span></p>'
        f'<a class="language" lang="{other}" href="{link("/", other, settings)}">'
        f"{text('other-language', language)}</a></header>"
        f'<main><h1 class="verdict {worst(lights)}">{escaped(verdict(lights), settings, language)}</h1>'
        f'<ul class="lights">{rows}</ul>{call_button(settings, language)}{undelete(settings, language)}</main>'
        f'<footer><p>{html.escape(checked)}</p><p><a href="{link("/card", language, settings)}">'
        f"{text('card-link', language)}</a></p></footer>"
    )
    return document(title, language, style, body, refresh=True)


def escaped(key: str, settings: Settings, language: str) -> str:
    return html.escape(text(key, language, msp=msp_name(settings, language)))


def light_row(name: str, light: dict[str, Any], settings: Settings, now: datetime, language: str) -> str:
    """Mark, name and word: nobody has to tell red from green."""
    state = light["state"] if light["state"] in MARKS else "unknown"
    words = light_words(name, light, settings, now, language)
    return (
        f'<li class="{state}" data-light="{name}"><span class="mark" aria-hidden="true">{MARKS[state]}</span>'
        f"<div><h2>{text(f'light-{name}', language)} <em>{text(f'state-{state}', language)}</em></h2>"
        f"<p>{html.escape(words)}</p></div></li>"
    )


def call_button(settings: Settings, language: str) -> str:
    number = str(settings["phone"])
    if not number:
        return ""
    dial = "".join(letter for letter in number if letter in "+0123456789")
    words = html.escape(text("call", language, msp=msp_name(settings, language)))
    return f'<a class="call" href="tel:{dial}"><span>{words}</span><strong>{html.escape(number)}</strong></a>'


def undelete(settings: Settings, language: str) -> str:
    if not settings["recycle_name"]:
        return ""
    values = {"bin": settings["recycle_name"], "recycle_days": settings["recycle_days"]}
    steps = "".join(f"<li>{html.escape(text(f'undelete-{n}', language, **values))}</li>" for n in (1, 2, 3))
    return f"<section><h2>{text('undelete-heading', language)}</h2><ol>{steps}</ol></section>"


def card_page(settings: Settings, language: str, style: str) -> str:
    """A card for the wall: what this is, its QR, its address, whom to call."""
    title = text("card-title", language, customer=customer_name(settings, language))
    other = "en" if language == "ko" else "ko"
    addresses = list(dict.fromkeys([settings["url"], f"http://{settings['address']}"]))
    shown = "".join(f"<b>{html.escape(address.removeprefix('http://'))}</b>" for address in addresses)
    phone = ""
    if settings["phone"]:
        phone = (
            f'<p class="phone">{html.escape(text("card-phone", language))}'
            f"<span>{html.escape(msp_name(settings, language))}</span>"
            f"<strong>{html.escape(settings['phone'])}</strong></p>"
        )
    body = (
        f'<main class="card"><h1>{html.escape(title)}</h1><div class="qr">{settings["qr_svg"]}</div>'
        f"<p>{text('card-scan', language)}</p>"
        f'<p class="address">{text("card-type", language)}{shown}</p>{phone}</main>'
        f'<footer class="screen"><p>{text("card-print", language)}</p>'
        f'<p><a href="{link("/", language, settings)}">{text("card-back", language)}</a> '
        f'<a lang="{other}" href="{link("/card", other, settings)}">{text("other-language", language)}</a></p></footer>'
    )
    return document(title, language, style, body, refresh=False)
