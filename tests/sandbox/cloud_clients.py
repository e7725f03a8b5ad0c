"""Lists jobs, runs one, reads its log and a secret with Google's clients for Python. Usage: cloud_clients.py URL"""

import sys

from google.api_core.client_options import ClientOptions
from google.oauth2.credentials import Credentials
from google.cloud import logging as cloud_logging
from google.cloud import run_v2, secretmanager_v1

URL = sys.argv[1]
PROJECT = "projects/waooaw-oauth"
LOCATION = f"{PROJECT}/locations/asia-south1"
JOB = f"{LOCATION}/jobs/plant-db-migrations-demo"
OPTIONS = dict(transport="rest", credentials=Credentials(token="sandbox"), client_options=ClientOptions(api_endpoint=URL))

jobs = run_v2.JobsClient(**OPTIONS)
names = [job.name.rsplit("/", 1)[-1] for job in jobs.list_jobs(parent=LOCATION)]
assert {f"plant-db-migrations-{name}" for name in ("demo", "uat", "prod")} <= set(names), names

overrides = run_v2.RunJobRequest.Overrides(
    container_overrides=[run_v2.RunJobRequest.Overrides.ContainerOverride(args=["python", "-m", "alembic", "history"])]
)
operation = jobs.run_job(run_v2.RunJobRequest(name=JOB, overrides=overrides))
execution = operation.result(timeout=120)
assert execution.succeeded_count == 1, execution

executions = run_v2.ExecutionsClient(**OPTIONS)
assert execution.name in [each.name for each in executions.list_executions(parent=JOB)]
tasks = list(run_v2.TasksClient(**OPTIONS).list_tasks(parent=execution.name))
assert [task.last_attempt_result.exit_code for task in tasks] == [0], tasks

logs = cloud_logging.Client(project="waooaw-oauth", _use_grpc=False, **{key: OPTIONS[key] for key in ("credentials", "client_options")})
short = execution.name.rsplit("/", 1)[-1]
entries = list(logs.list_entries(filter_=f'labels."run.googleapis.com/execution_name"="{short}"'))
assert any(entry.payload for entry in entries), entries

secrets = secretmanager_v1.SecretManagerServiceClient(**OPTIONS)
versions = list(secrets.list_secret_versions(parent=f"{PROJECT}/secrets/prod-plant-database-url"))
assert versions[0].state == secretmanager_v1.SecretVersion.State.DISABLED, versions
answer = secrets.access_secret_version(name=f"{PROJECT}/secrets/demo-plant-database-url/versions/latest")
assert b"://" in answer.payload.data
added = secrets.add_secret_version(
    parent=f"{PROJECT}/secrets/demo-plant-database-url", payload={"data": answer.payload.data}
)
assert secrets.disable_secret_version(name=added.name).state == secretmanager_v1.SecretVersion.State.DISABLED

print("all done")
