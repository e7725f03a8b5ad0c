"""Puts the reference data into a database; a second time changes nothing."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))

from sqlalchemy import create_engine, text  # noqa: E402

from database.url import database_url  # noqa: E402

INDUSTRIES = ["Marketing", "Education", "Sales"]

INSERT = text(
    """
    WITH entity AS (
        INSERT INTO base_entity (id, entity_type)
        SELECT gen_random_uuid(), 'industry'
        WHERE NOT EXISTS (SELECT 1 FROM industry WHERE name = :name)
        RETURNING id
    )
    INSERT INTO industry (id, name) SELECT id, :name FROM entity
    """
)


def main() -> int:
    """Inserts what is missing."""
    added = 0
    with create_engine(database_url()).begin() as connection:
        for name in INDUSTRIES:
            added += connection.execute(INSERT, {"name": name}).rowcount
    print(f"seeded {added} of {len(INDUSTRIES)} industries")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
