"""Long work begun from a page: one at a time, stopped when asked, its end kept."""

from __future__ import annotations

import threading

import pytest

from dashboard.jobs import DONE, FAILED, STOPPED, Jobs
from data.errors import FileError, NotFound, Refused
from data.progress import Progress


def finished(jobs: Jobs) -> None:
    for thread in list(jobs._threads.values()):
        thread.join(timeout=10)


def test_a_job_keeps_its_result_and_where_it_stood() -> None:
    jobs = Jobs()

    def work(progress: Progress) -> int:
        progress.step("read", 3, 4)
        return 42

    job = jobs.start("guess", work)
    finished(jobs)
    assert (job.status, job.result, job.label, job.share) == (DONE, 42, "read", 0.75)
    assert jobs.last_result("guess") == 42
    assert jobs.last_result("import") is None


def test_a_second_job_is_refused_while_one_runs() -> None:
    jobs, go = Jobs(), threading.Event()
    jobs.start("import", lambda _progress: go.wait(10))
    with pytest.raises(Refused, match="another file is being worked on"):
        jobs.start("guess", lambda _progress: None)
    go.set()
    finished(jobs)
    assert jobs.running() is None


def test_a_stopped_job_ends_at_its_next_step() -> None:
    jobs, begun = Jobs(), threading.Event()

    def work(progress: Progress) -> None:
        begun.set()
        while True:
            progress.check()

    job = jobs.start("import", work)
    assert begun.wait(10)
    jobs.close()
    assert job.status == STOPPED


def test_a_failed_job_says_why_and_hides_an_older_result() -> None:
    jobs = Jobs()
    jobs.start("guess", lambda _progress: 1)
    finished(jobs)

    def work(_progress: Progress) -> None:
        raise FileError("the file is empty.", where="a.csv")

    job = jobs.start("guess", work)
    finished(jobs)
    assert job.status == FAILED
    assert job.error is not None
    assert job.error.what == "the file is empty."
    assert jobs.last_result("guess") is None


def test_a_job_of_an_earlier_server_is_not_known() -> None:
    with pytest.raises(NotFound):
        Jobs().get("nothing")
