"""The service as most people would write it, to compare with: FastAPI, pydantic and SQLAlchemy's ORM.

It needs no token, so it has less to do than ours.
"""

import os
from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import Depends, FastAPI
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel
from sqlalchemy import BigInteger, create_engine, func, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker

_TENANT = int(os.environ["BENCH_TENANT"])
engine = create_engine(f"sqlite:///{os.environ['BENCH_STORE']}")
session_maker = sessionmaker(engine)
app = FastAPI()


class Base(DeclarativeBase):
    """The base class of the tables."""


class Job(Base):
    """A row of the table of jobs."""

    __tablename__ = "job"

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant: Mapped[int]
    job_id: Mapped[str]
    service: Mapped[int]
    type: Mapped[int]
    state: Mapped[int]
    failed: Mapped[int]
    successful: Mapped[int]
    skipped: Mapped[int]
    total: Mapped[int]
    start: Mapped[int] = mapped_column(BigInteger)
    finish: Mapped[int] = mapped_column(BigInteger)
    comments: Mapped[str]
    description: Mapped[str]

    @property
    def duration(self) -> int:
        """The duration, in ticks."""
        return self.finish - self.start


class Camel(BaseModel):
    """The base class of JSON documents, with names in camelCase."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, from_attributes=True)


class Pagination(Camel):
    """The page that is asked for: its number and its size."""

    page_number: int = Field(0, ge=0)
    page_size: int = Field(10, ge=1, le=10_000)


class ReportRequest(Camel):
    """The filters of a request."""

    search_text: str | None = None
    start_time: int | None = None
    finish_time: int | None = None
    service_type: int | None = None
    job_type: int | None = None
    pagination: Pagination = Pagination()


class JobOut(Camel):
    """A job as the answer shows it."""

    job_id: str
    state: int
    failed_count: int = Field(validation_alias="failed")
    successful_count: int = Field(validation_alias="successful")
    skipped_count: int = Field(validation_alias="skipped")
    total_count: int = Field(validation_alias="total")
    start_time: int = Field(validation_alias="start")
    finish_time: int = Field(validation_alias="finish")
    duration: int
    comments: str


class ReportResponse(Camel):
    """The jobs of the page, and the number of all jobs that match."""

    total_count: int
    jobs: list[JobOut]


def get_session() -> Iterator[Session]:
    """Opens a database session for one request."""
    with session_maker() as session:
        yield session


@app.post("/api/public/jobreport", response_model=ReportResponse)
def report(asked: ReportRequest, session: Annotated[Session, Depends(get_session)]) -> dict[str, Any]:
    """Answers a page of the report."""
    query = select(Job).where(Job.tenant == _TENANT)
    if asked.service_type:
        query = query.where(Job.service == asked.service_type)
    if asked.job_type:
        query = query.where(Job.type == asked.job_type)
    if asked.start_time:
        query = query.where(Job.start >= asked.start_time)
    if asked.finish_time:
        query = query.where(Job.start <= asked.finish_time)
    if asked.search_text:
        query = query.where(Job.description.contains(asked.search_text) | Job.job_id.contains(asked.search_text))
    total = session.scalar(query.with_only_columns(func.count(), maintain_column_froms=True))
    page = asked.pagination
    jobs = session.scalars(
        query.order_by(Job.start.desc()).offset(page.page_number * page.page_size).limit(page.page_size)
    ).all()
    return {"total_count": total, "jobs": jobs}
