"""The same with google-api-python-client, whose descriptions of the services it carries. Usage: discovery_client.py URL"""

import base64
import sys

from google.api_core.client_options import ClientOptions
from google.oauth2.credentials import Credentials
from googleapiclient.discovery import build

URL = sys.argv[1]
PROJECT = "projects/waooaw-oauth"
LOCATION = f"{PROJECT}/locations/asia-south1"
JOB = f"{LOCATION}/jobs/plant-db-migrations-demo"


def service(name, version):
    return build(
        name,
        version,
        credentials=Credentials(token="sandbox"),
        client_options=ClientOptions(api_endpoint=URL),
        static_discovery=True,
        cache_discovery=False,
    )


run = service("run", "v2").projects().locations()
names = [job["name"] for job in run.jobs().list(parent=LOCATION).execute()["jobs"]]
assert JOB in names, names

body = {"overrides": {"containerOverrides": [{"args": ["python", "-m", "alembic", "history"]}]}}
operation = run.jobs().run(name=JOB, body=body).execute()
waited = run.operations().wait(name=operation["name"], body={"timeout": "120s"}).execute()
assert waited["done"] and "error" not in waited, waited
execution = waited["response"]["name"]
assert run.jobs().executions().get(name=execution).execute()["succeededCount"] == 1

short = execution.rsplit("/", 1)[-1]
log = service("logging", "v2").entries()
question = {
    "resourceNames": [PROJECT],
    "filter": f'labels."run.googleapis.com/execution_name"="{short}"',
    "orderBy": "timestamp asc",
}
entries = log.list(body=question).execute()["entries"]
assert any(entry.get("textPayload", "").strip() for entry in entries), entries

secrets = service("secretmanager", "v1").projects().secrets()
answer = secrets.versions().access(name=f"{PROJECT}/secrets/demo-plant-database-url/versions/latest").execute()
assert b"://" in base64.b64decode(answer["payload"]["data"])

instances = service("sqladmin", "v1").instances().list(project="waooaw-oauth").execute()["items"]
assert "plant-sql-prod" in [instance["name"] for instance in instances], instances

print("all done")
