"""`r1tui doctor`: what this machine is and can run, and whether a chat could start."""

from __future__ import annotations

import asyncio
from pathlib import Path

from r1tui.domain.settings import Settings
from r1tui.headless.shell import WRONG_USE, complain
from r1tui.locale import say
from r1tui.services.engines.engine import HostError
from r1tui.services.engines.hosts import make_engine, resolve_host, stated_hardware
from r1tui.services.machine.calibration import CalibrationStore
from r1tui.services.paths import data_dir

REPORT = "doctor-report.md"
"""The file of `--report` in the data folder; the next one takes its place."""


def doctor(
    settings: Settings, host: str | None, *, as_json: bool, report: bool, hardware_file: str | None
) -> int:
    """Look at the machine and the server and print what was found, or write it into a file; returns the exit code."""
    from r1tui.services.doctor import Subject, run_doctor
    from r1tui.services.server.process import OllamaProcess

    try:
        resolved = resolve_host(host or "", settings)
        engine = make_engine(resolved)
    except HostError as error:
        complain(say(error.phrase))
        return WRONG_USE

    async def run() -> int:
        processes = OllamaProcess(settings=settings.server)
        own = await processes.of(resolved.url)
        try:
            subject = Subject(
                engine,
                hardware_file=Path(hardware_file) if hardware_file else None,
                stated=stated_hardware(resolved, settings),
                calibrations=CalibrationStore(data_dir()),
                models=await processes.models_of(resolved.url) if resolved.local else None,
                kv_cache=own.kv_cache if own is not None else None,
                notes=resolved.warnings,
                host=resolved.name,
                named_by=resolved.named_by,
            )
            report_to = data_dir() / REPORT if report else None
            return await run_doctor(subject, as_json=as_json, report_to=report_to)
        finally:
            await engine.close()

    return asyncio.run(run())
