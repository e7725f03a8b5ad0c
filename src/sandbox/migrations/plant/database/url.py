"""The database URL of a job, in the form that psycopg understands."""

import os

from sqlalchemy.engine import URL, make_url


def database_url() -> URL:
    """DATABASE_URL, with the synchronous driver whatever driver it names."""
    text = os.environ.get("DATABASE_URL")
    if not text:
        raise SystemExit("DATABASE_URL is not set")
    return make_url(text).set(drivername="postgresql+psycopg")
