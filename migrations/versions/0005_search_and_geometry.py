"""The full-text index, and for PostgreSQL the geometry and the newest-first index."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

SQLITE_UP = (
    """CREATE VIRTUAL TABLE incident_search USING fts5(
        words, names, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 0'
    )""",
)
POSTGRESQL_UP = (
    "CREATE TABLE incident_search (rowid BIGINT PRIMARY KEY, words TSVECTOR NOT NULL, names TSVECTOR NOT NULL)",
    "CREATE INDEX incident_search_words ON incident_search USING gin (words)",
    "CREATE INDEX incident_search_names ON incident_search USING gin (names)",
    "CREATE EXTENSION IF NOT EXISTS postgis",
    """ALTER TABLE incident ADD COLUMN geom geometry(Point, 4326)
        GENERATED ALWAYS AS (ST_SetSRID(ST_MakePoint(lon, lat), 4326)) STORED""",
    "CREATE INDEX ix_incident_geom ON incident USING gist (geom)",
    """CREATE FUNCTION distance_km(lon float8, lat float8, to_lon float8, to_lat float8) RETURNS float8
        LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
        SELECT 2 * 6371.0088 * asin(least(1.0, sqrt(
            sin(radians(to_lat - lat) / 2) ^ 2
            + cos(radians(lat)) * cos(radians(to_lat)) * sin(radians(to_lon - lon) / 2) ^ 2
        ))) $$""",
    "CREATE INDEX ix_incident_newest ON incident (date_earliest DESC NULLS LAST, pk DESC)",
)
# The extension stays: other tools in the database may use it, and only a superuser could bring it back.
POSTGRESQL_DOWN = (
    "DROP INDEX ix_incident_newest",
    "DROP FUNCTION distance_km",
    "ALTER TABLE incident DROP COLUMN geom",
    "DROP TABLE incident_search",
)


def upgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in SQLITE_UP if sqlite else POSTGRESQL_UP:
        op.execute(statement)


def downgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in ("DROP TABLE incident_search",) if sqlite else POSTGRESQL_DOWN:
        op.execute(statement)
