"""The Python client: reads reports and writes jobs, as typed values, with an app registration's credentials.

`JobReportClient` for threads, `AsyncJobReportClient` for asyncio: the same calls from one code. Both speak
both generations of the job-report API, to this service and to the publisher's own cloud.
"""

from jobreport.client.asynchronous import AsyncJobReportClient
from jobreport.client.errors import (
    CertificateError,
    ConnectionFailedError,
    JobReportError,
    RequestRefusedError,
    ServerUnavailableError,
    SignInRefusedError,
    UnexpectedAnswerError,
)
from jobreport.client.question import ExportQuestion, Question, ReportQuestion, SeriesQuestion, SummaryQuestion
from jobreport.client.report import Download, ReportedJob, ReportPage
from jobreport.client.threaded import JobReportClient
from jobreport.contract.completeness import Completeness
from jobreport.contract.connectors_answer import ConnectorItem, ConnectorsAnswer, HoleItem, StreamItem
from jobreport.contract.expectation import ExpectationDocument, WindowDocument
from jobreport.contract.generation2 import JobItem, JobsPage
from jobreport.contract.incidents_answer import IncidentChange, IncidentItem, IncidentList, IncidentsChanged
from jobreport.contract.job_details import DetailsPage, JobDetails
from jobreport.contract.series_answer import SeriesDetail, SeriesItem, SeriesList, SeriesOfJob
from jobreport.contract.summary import Summary
from jobreport.contract.tenants_answer import TenantsSummary, TenantStanding
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.job import Job
from jobreport.model.query import Sort, SortKey
from jobreport.model.write_result import WriteResult

__all__ = [
    "AsyncJobReportClient",
    "CertificateError",
    "Completeness",
    "ConnectionFailedError",
    "ConnectorItem",
    "ConnectorsAnswer",
    "DetailsPage",
    "Download",
    "ExpectationDocument",
    "ExportQuestion",
    "HoleItem",
    "IncidentChange",
    "IncidentItem",
    "IncidentList",
    "IncidentsChanged",
    "Job",
    "JobDetails",
    "JobItem",
    "JobReportClient",
    "JobReportError",
    "JobState",
    "JobType",
    "JobsPage",
    "Question",
    "ReportPage",
    "ReportQuestion",
    "ReportedJob",
    "RequestRefusedError",
    "SeriesDetail",
    "SeriesItem",
    "SeriesList",
    "SeriesOfJob",
    "SeriesQuestion",
    "ServerUnavailableError",
    "ServiceType",
    "SignInRefusedError",
    "Sort",
    "SortKey",
    "StreamItem",
    "Summary",
    "SummaryQuestion",
    "TenantStanding",
    "TenantsSummary",
    "UnexpectedAnswerError",
    "WindowDocument",
    "WriteResult",
]
