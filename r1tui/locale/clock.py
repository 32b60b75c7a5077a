"""Moments and durations in words. Moments are seconds since the epoch, shown in local time; durations are seconds."""

from __future__ import annotations

import time

from r1tui.domain.clean import Clean, clean
from r1tui.locale import t

DAY = 86_400
UNKNOWN = Clean("?")
_WEEKDAYS = (
    "history.monday",
    "history.tuesday",
    "history.wednesday",
    "history.thursday",
    "history.friday",
    "history.saturday",
    "history.sunday",
)
_SHORT_WEEKDAYS = (
    "history.mon",
    "history.tue",
    "history.wed",
    "history.thu",
    "history.fri",
    "history.sat",
    "history.sun",
)


def elapsed(seconds: float) -> Clean:
    """A running time: `0:48`, `12:05`, `1:02:03`."""
    minutes, rest = divmod(max(int(seconds), 0), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def short_wait(seconds: float) -> Clean:
    """A wait in at most five cells: `0:50`, `12:40`, `90:00`, then hours: `2 h`."""
    if seconds >= 5400:
        return f"{seconds / 3600:.0f} h"
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"


def spent(seconds: float) -> Clean:
    """`48 s`, `1 min 12 s`."""
    whole = int(seconds)
    if whole < 60:
        return t("transcript.seconds", s=whole)
    return t("transcript.minutes", m=whole // 60, s=whole % 60)


def wait(seconds: float) -> Clean:
    """A time that a person waits, coarser the longer it is: `40 s`, `4 min`, `2 h 10 min`."""
    if seconds < 60:
        step = 1 if seconds < 10 else 5
        return t("figure.seconds", n=max(round(seconds / step) * step, 1))
    minutes = round(seconds / 60)
    if minutes < 60:
        return t("figure.minutes", n=minutes)
    if minutes < 600:
        return t("figure.hours_minutes", hours=minutes // 60, minutes=minutes % 60)
    return t("figure.hours", n=round(minutes / 60))


def hour(moment: float) -> Clean:
    """`14:05`; empty for a moment that no calendar has."""
    return _formatted(moment, "%H:%M", Clean(""))


def until(moment: float | None, now: float) -> Clean:
    """The hour at which something ends; empty for what stays for good: no moment, or one over a week from now."""
    return hour(moment) if moment is not None and moment - now <= 7 * DAY else Clean("")


def date_and_hour(moment: float) -> Clean:
    """A moment in local time: `2026-11-24 14:05`."""
    return _formatted(moment, "%Y-%m-%d %H:%M")


def day(moment: float, now: float) -> Clean:
    """Today, yesterday, a weekday of the last week, or the date."""
    days = _days_before(moment, now)
    if days == 0:
        return t("history.today")
    if days == 1:
        return t("history.yesterday")
    if days is not None and 1 < days < 7:
        return t(_WEEKDAYS[time.localtime(moment).tm_wday])
    return _formatted(moment, "%Y-%m-%d")


def age(moment: float, now: float) -> Clean:
    """What conversations are grouped by: today, yesterday, the last seven days, older."""
    days = _days_before(moment, now)
    if days == 0:
        return t("history.today")
    if days == 1:
        return t("history.yesterday")
    return t("history.last_days") if days is not None and 1 < days < 7 else t("history.older")


def when(moment: float, now: float) -> Clean:
    """A moment in ten cells: `14:05` of today, `Sat 14:05` of the last seven days, else the date."""
    days = _days_before(moment, now)
    if days == 0:
        return hour(moment)
    if days is not None and 0 < days < 7:
        return f"{t(_SHORT_WEEKDAYS[time.localtime(moment).tm_wday])} {hour(moment)}"
    return _formatted(moment, "%Y-%m-%d")


def stamp(moment: float) -> Clean:
    """For names of files: `20261124-140500`."""
    return _formatted(moment, "%Y%m%d-%H%M%S")


def _formatted(moment: float, form: str, unknown: Clean = UNKNOWN) -> Clean:
    """By `strftime`; `unknown` for a moment that no calendar has, as damaged or foreign data may bring."""
    try:
        return clean(time.strftime(form, time.localtime(moment)))
    except (OverflowError, ValueError, OSError):
        return unknown


def _days_before(moment: float, now: float) -> int | None:
    """How many days of the calendar a moment is ago; None for one that no calendar has."""
    if _formatted(moment, "%Y") == UNKNOWN:
        return None
    return _day_number(time.localtime(now)) - _day_number(time.localtime(moment))


def _day_number(date: time.struct_time) -> int:
    import calendar

    return calendar.timegm((date.tm_year, date.tm_mon, date.tm_mday, 0, 0, 0)) // DAY
