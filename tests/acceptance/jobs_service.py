"""A small FastAPI service whose versions differ in the states of a job."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from fastapi import FastAPI, HTTPException
from pydantic import BaseModel


def build_service(states: Sequence[str]) -> FastAPI:
    """Return a service whose jobs, in one of these states, are listed, created and read."""
    State: Any = StrEnum("State", list(states))  # noqa: N806 - a class

    class JobIn(BaseModel):
        name: str
        state: State

    class Job(JobIn):
        id: int

    app = FastAPI(title="Jobs")
    jobs = [Job(id=n, name=f"job {n}", state=State(states[n % len(states)])) for n in range(1, 7)]

    @app.get("/jobs", operation_id="job.list", response_model=list[Job])
    def list_jobs() -> Any:
        return jobs

    @app.post("/jobs", operation_id="job.create", response_model=Job, status_code=201)
    def create_job(body: JobIn) -> Any:
        jobs.append(Job(id=len(jobs) + 1, **body.model_dump()))
        return jobs[-1]

    @app.get("/jobs/{number}", operation_id="job.get", response_model=Job)
    def get_job(number: int) -> Any:
        if not 0 < number <= len(jobs):
            raise HTTPException(404)
        return jobs[number - 1]

    return app
