"""The figures to reach, each in one line; what nothing measures yet says why."""

from dataclasses import dataclass

SQLITE, POSTGRESQL = "SQLite", "PostgreSQL"
MILLION, FILE, NAMES = 1_000_000, 100_000, 200_000


@dataclass(frozen=True)
class Goal:
    """A bound that a figure, or its ratio, has to keep.

    `measure`: the one that takes it; `rows`: the size of archive it is set for, 0 for any; `engine`: the one it is set
    for, "" for both.
    """

    line: str
    bound: float
    measure: str
    at_least: bool = False
    on_ratio: bool = False
    rows: int = 0
    engine: str = ""

    def met(self, figure: float) -> bool:
        return figure >= self.bound if self.at_least else figure <= self.bound

    def __str__(self) -> str:
        sign = ">=" if self.at_least else "<="
        return f"{'ratio ' if self.on_ratio else ''}{sign} {self.bound:,g}"


def _faster(line: str, bound: float, measure: str, rows: int, engine: str = "") -> Goal:
    """So many times as much of something else."""
    return Goal(line, bound, measure, at_least=True, rows=rows, engine=engine)


GOALS: dict[str, Goal] = {
    "page/peers": _faster("page of 100, box and date: the best peer / ours", 5, "peer-pages", MILLION, SQLITE),
    "page/empty": Goal("page of 100, box and date, against an empty answer", 15, "page", on_ratio=True, rows=MILLION),
    "page-of-1000/peers": _faster("page of 1000: the best peer / ours", 6, "peer-pages", MILLION, SQLITE),
    "page/tipg": _faster("page of 100 on PostGIS: tipg / ours", 8, "peer-pages", MILLION, POSTGRESQL),
    "page-of-1000/tipg": _faster("page of 1000 on PostGIS: tipg / ours", 8, "peer-pages", MILLION, POSTGRESQL),
    "geojson/the public/peers": _faster("GeoJSON, the public: the best peer / ours", 12, "peer-files", FILE),
    "geojson/the public/ogr2ogr": _faster("GeoJSON, the public: ogr2ogr / ours", 5, "peer-files", FILE),
    "geojson/a member/peers": _faster("GeoJSON, a member: the best peer / ours", 5, "peer-files", FILE),
    "geojson/a member/ogr2ogr": _faster("GeoJSON, a member: ogr2ogr / ours", 3, "peer-files", FILE),
    "repeat": Goal("repeat of an unchanged public export, against cat", 2, "repeat", on_ratio=True, rows=FILE),
    "csv/the public/datasette": _faster("CSV, the public: datasette / ours", 5, "peer-files", FILE, SQLITE),
    "csv/a member/datasette": _faster("CSV, a member: datasette / ours", 5, "peer-files", FILE, SQLITE),
    "memory/a member": Goal("export, a member: memory growth", 32, "export", rows=MILLION),
    "memory/the public": Goal("export, the public: memory growth", 32, "export", rows=MILLION),
    "first byte/a member": Goal("export, a member: first byte", 0.5, "export", rows=MILLION),
    "first byte/the public": Goal("export, the public: first byte", 0.5, "export", rows=MILLION),
    "exponent/export": Goal("exponent of an export by size", 1.05, "exponent", rows=MILLION),
    "exponent/page": Goal("exponent of a page by size", 0.3, "page-exponent", rows=MILLION),
    "depth": Goal("page at nine tenths of the archive, against the first", 1.5, "depth", on_ratio=True, rows=MILLION),
    "check": Goal("check of the template alone", 20_000, "check", at_least=True),
    "template/SQLite": _faster("import of the template", 8000, "template", 0, SQLITE),
    "template/PostgreSQL": _faster("import of the template on PostgreSQL", 8000, "template", 0, POSTGRESQL),
    "words": Goal("exact words, newest first", 5, "search", rows=MILLION),
    "ranked": Goal("words, the best first", 50, "search", rows=MILLION),
    "fuzzy": Goal("names that are alike, over 200,000", 50, "names", rows=NAMES),
    "totals": _faster("totals by month and kind: the scan / ours", 3, "totals", MILLION),
    "tile/time": _faster("tile of zoom 5: clustered ST_AsMVT / ours", 20, "tile", MILLION, POSTGRESQL),
    "tile/size": Goal("tile of zoom 5: size", 50, "tile", rows=MILLION),
    "write/p99": Goal("reports with history, 8 clients: p99", 250, "write"),
    "write/rate": Goal("reports with history, 8 clients: writes", 150, "write", at_least=True),
    "syria": Goal("import of the UCDP file of Syria", 1500, "import", at_least=True),
}  # fmt: skip


def of_measure(measure: str, engine: str) -> list[Goal]:
    """Those that a measure takes on an engine."""
    return [goal for goal in GOALS.values() if goal.measure == measure and goal.engine in {"", engine}]
