"""Keeps a session busy for a while, as a long batch does: something to watch and to cancel."""

import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))

from sqlalchemy import create_engine, text  # noqa: E402

from database.url import database_url  # noqa: E402

SECONDS = float(os.environ.get("PLANT_SLOW_SECONDS", "60"))
STEPS = 20


def main() -> int:
    """Sleeps in the database, step by step."""
    with create_engine(database_url()).connect() as connection:
        for step in range(1, STEPS + 1):
            connection.execute(text("SELECT pg_sleep(:seconds)"), {"seconds": SECONDS / STEPS})
            print(f"statistics: {step} of {STEPS} batches", flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
