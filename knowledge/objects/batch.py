"""Jobs and CronJobs."""

from datetime import datetime
from typing import ClassVar

from msgspec import field

from knowledge.objects.meta import Condition, LabelSelector, Object, ObjectReference, Part, Resource
from knowledge.objects.workloads import PodTemplate


class JobSpec(Part):
    parallelism: int | None = None
    completions: int | None = None
    backoff_limit: int | None = None
    active_deadline_seconds: int | None = None
    ttl_seconds_after_finished: int | None = None
    suspend: bool = False
    selector: LabelSelector | None = None
    template: PodTemplate = field(default_factory=PodTemplate)


class JobStatus(Part):
    active: int = 0
    succeeded: int = 0
    failed: int = 0
    start_time: datetime | None = None
    completion_time: datetime | None = None
    conditions: tuple[Condition, ...] = ()


class Job(Object):
    RESOURCE: ClassVar[Resource] = Resource("Job", "batch", "v1", "jobs")
    spec: JobSpec = field(default_factory=JobSpec)
    status: JobStatus = field(default_factory=JobStatus)

    def condition(self, kind: str) -> Condition | None:
        return next((c for c in self.status.conditions if c.type == kind), None)


class JobTemplate(Part):
    spec: JobSpec = field(default_factory=JobSpec)


class CronJobSpec(Part):
    schedule: str = ""
    time_zone: str = ""
    suspend: bool = False
    concurrency_policy: str = "Allow"
    starting_deadline_seconds: int | None = None
    job_template: JobTemplate = field(default_factory=JobTemplate)


class CronJobStatus(Part):
    active: tuple[ObjectReference, ...] = ()
    last_schedule_time: datetime | None = None
    last_successful_time: datetime | None = None


class CronJob(Object):
    RESOURCE: ClassVar[Resource] = Resource("CronJob", "batch", "v1", "cronjobs", older=("batch/v1beta1",))
    spec: CronJobSpec = field(default_factory=CronJobSpec)
    status: CronJobStatus = field(default_factory=CronJobStatus)
