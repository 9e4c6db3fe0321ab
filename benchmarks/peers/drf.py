"""The other usual way: Django REST Framework with a model, a serializer and a page by number. No token is asked for."""

import os
from typing import Any

import django
from django.conf import settings

settings.configure(
    ALLOWED_HOSTS=["*"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": os.environ["BENCH_STORE"]}},
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    INSTALLED_APPS=["rest_framework"],
    REST_FRAMEWORK={
        "DEFAULT_AUTHENTICATION_CLASSES": [],
        "DEFAULT_PERMISSION_CLASSES": [],
        "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
        "UNAUTHENTICATED_USER": None,
    },
    ROOT_URLCONF=__name__,
    SECRET_KEY="measured only",
    USE_TZ=True,
)
django.setup()

# What follows can be imported only once Django is set up.
from django.core.asgi import get_asgi_application  # noqa: E402 - see above
from django.db import models  # noqa: E402 - see above
from django.urls import path  # noqa: E402 - see above
from rest_framework import generics, pagination, serializers  # noqa: E402 - see above

_TENANT = int(os.environ["BENCH_TENANT"])


class Job(models.Model):
    """A job."""

    tenant = models.IntegerField()
    job_id = models.TextField()
    service = models.IntegerField()
    type = models.IntegerField()
    state = models.IntegerField()
    failed = models.IntegerField()
    successful = models.IntegerField()
    skipped = models.IntegerField()
    total = models.IntegerField()
    start = models.BigIntegerField()
    finish = models.BigIntegerField()
    comments = models.TextField()

    class Meta:
        """The table that is there."""

        app_label = "bench"
        db_table = "job"
        managed = False

    def __str__(self) -> str:
        return self.job_id


class JobSerializer(serializers.ModelSerializer[Job]):
    """A job of the page."""

    duration = serializers.SerializerMethodField()

    class Meta:
        """What is told of it."""

        model = Job
        fields = (
            "job_id",
            "state",
            "failed",
            "successful",
            "skipped",
            "total",
            "start",
            "finish",
            "duration",
            "comments",
        )

    def get_duration(self, job: Job) -> int:
        """How long it took."""
        return job.finish - job.start


class Pages(pagination.PageNumberPagination):
    """Pages by number."""

    page_size = 10
    page_size_query_param = "page_size"
    max_page_size = 10_000


class Jobs(generics.ListAPIView[Job]):
    """The report."""

    serializer_class = JobSerializer
    pagination_class = Pages

    def get_queryset(self) -> Any:
        """The jobs that are asked for."""
        found = Job.objects.filter(tenant=_TENANT)
        for name in ("service", "type"):
            if given := self.request.query_params.get(name):
                found = found.filter(**{name: given})
        return found.order_by("-start")


urlpatterns = [path("api/jobs", Jobs.as_view())]
app = get_asgi_application()
