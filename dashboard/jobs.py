"""Long work begun from a page: one piece at a time, on a thread of its own, with progress and a stop.

The page asks how it stands; the work itself goes on when the page is closed, and ends with the server.
"""

from __future__ import annotations

import contextvars
import logging
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from data.errors import Cancelled, Fault, JingweiError, NotFound, Refused
from data.faults import known
from data.progress import Progress, Reporter

log = logging.getLogger(__name__)

RUNNING, DONE, FAILED, STOPPED = "running", "done", "failed", "stopped"
REMEMBERED = 20


@dataclass
class Job:
    """A piece of work: what it is, where it stands, and how it ended."""

    job_id: str
    kind: str
    status: str = RUNNING
    label: str = ""
    done: float = 0
    total: float | None = None
    result: Any = None
    error: JingweiError | None = None
    reporter: Reporter = field(default_factory=Reporter)

    @property
    def share(self) -> float | None:
        """How much is behind us, 0 to 1; None when that is not known."""
        return min(1.0, self.done / self.total) if self.total else None


class Jobs:
    """The jobs of this server. Only one runs at a time: they are heavy, and the machine is small."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._jobs: dict[str, Job] = {}
        self._threads: dict[str, threading.Thread] = {}

    def start(self, kind: str, work: Callable[[Progress], Any]) -> Job:
        """Begin; Refused while another one runs."""
        with self._lock:
            if any(job.status == RUNNING for job in self._jobs.values()):
                raise Refused("another file is being worked on", todo="Wait for it to end, or stop it.")
            for old in list(self._jobs)[:-REMEMBERED]:
                del self._jobs[old], self._threads[old]
            job = Job(uuid.uuid4().hex, kind)
            job.reporter = Reporter(lambda label, done, total: self._step(job, label, done, total))
            self._jobs[job.job_id] = job
            run = contextvars.copy_context().run  # who asked for it, and in which language, goes along
            thread = threading.Thread(target=run, args=(self._run, job, work), name=f"job-{kind}", daemon=True)
            self._threads[job.job_id] = thread
        thread.start()
        return job

    def get(self, job_id: str) -> Job:
        """A job of this server; NotFound when the server has been started anew since."""
        if job_id not in self._jobs:
            raise NotFound("this piece of work is no longer known", todo="Load the page again.")
        return self._jobs[job_id]

    def running(self) -> Job | None:
        """The job under way, if any."""
        return next((job for job in self._jobs.values() if job.status == RUNNING), None)

    def last_result(self, kind: str) -> Any:
        """What the latest finished job of a kind gave; None when there is none."""
        done = [job for job in self._jobs.values() if job.kind == kind and job.status == DONE]
        latest = [job for job in self._jobs.values() if job.kind == kind][-1:]
        return done[-1].result if done and latest == done[-1:] else None

    def close(self) -> None:
        """Stop what runs and wait for it, so that the store can be closed."""
        for job in list(self._jobs.values()):
            job.reporter.stop()
        for thread in list(self._threads.values()):
            thread.join(timeout=30)

    @staticmethod
    def _step(job: Job, label: str, done: float, total: float | None) -> None:
        job.label, job.done, job.total = label, done, total

    @staticmethod
    def _run(job: Job, work: Callable[[Progress], Any]) -> None:
        try:
            job.result = work(job.reporter)
            job.status = DONE
        except Cancelled as error:
            job.error, job.status = error, STOPPED
        except Exception as error:  # the edge of a job: whatever it was must reach the page
            job.error, job.status = known(error), FAILED
            if isinstance(job.error, Fault):
                log.exception("job %s failed", job.kind)
