"""Goes on after SIGCONT with one reader of the terminal, and not at all where the app is ending.

Textual takes each SIGCONT for the end of a Ctrl+Z, and starts a thread that reads the keyboard. The signal comes without
one: from `kill -CONT`, to each process of a unit that systemd ends, to a shell's jobs when it hangs up. Two readers then
share the keys; one of them waits for a key that the other has taken, and the app, which waits for that reader, does not
end before the next key is pressed. The terminal is left without echo, since its state was remembered a second time.
"""

from __future__ import annotations

from contextlib import suppress
from functools import wraps

from textual.drivers.linux_driver import LinuxDriver

from r1tui.toolkit.patches import Patch

_textual_continued = LinuxDriver._sigcont_application


@wraps(_textual_continued)  # what it leans on can be looked at again
def _continued(driver: LinuxDriver, *_: object) -> None:
    """On the loop, between its steps: what writes to the terminal must not be interrupted by what does the same."""
    with suppress(RuntimeError):  # the loop is closed: the app has ended, and its process goes on by itself
        driver._loop.call_soon_threadsafe(_take_up_again, driver)


def _take_up_again(driver: LinuxDriver) -> None:
    """Take the terminal up again as after a Ctrl+Z, where it was not left leave it first: a shell may have used it."""
    reader = driver._key_thread
    # Without one the app was begun in the background, and stopped before it had the terminal.
    if not driver._must_signal_resume and reader is not None:
        if not reader.is_alive() or driver.exit_event.is_set() or not driver._auto_restart:
            return  # the app is ending, or the terminal is lent to another program
        driver.suspend_application_mode()
        driver._must_signal_resume = True
    _textual_continued(driver)


def install() -> None:
    """Have Textual's driver go on so. Before the app runs."""
    LinuxDriver._sigcont_application = _continued  # type: ignore[method-assign,assignment]


PATCH = Patch(
    "a SIGCONT starts no second reader of the keyboard",
    leans_on=(
        "textual.drivers.linux_driver:LinuxDriver._sigcont_application",
        "textual.drivers.linux_driver:LinuxDriver._must_signal_resume",
        "textual.drivers.linux_driver:LinuxDriver._key_thread",
        "textual.drivers.linux_driver:LinuxDriver.exit_event",
        "textual.drivers.linux_driver:LinuxDriver._loop",
        "textual.drivers.linux_driver:LinuxDriver._auto_restart",
    ),
    upstream="textual/drivers/linux_driver.py, _sigcont_application: start_application_mode, whether it was left or not",
    without="an app that systemd ends, or that was stopped and continued, may wait for a key before it ends",
    install=install,
)
