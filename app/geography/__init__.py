"""Areas and settlements from geodata/: what lies here, which area is meant, which country is named."""

from app.geography.areas import area_named, areas, book, code_of, fingerprint, lay_over, mark, shipped, uncertainty_of
from app.geography.countries import country_name, country_named, country_names
from app.geography.files import FOLDER
from app.geography.layers import AreaEntry, Said, amended
from app.geography.points import COAST_DEGREES, Located, areas_at, areas_at_many, centre_of, within
from app.geography.settlements import SettlementEntry, settlements

__all__ = [
    "COAST_DEGREES",
    "FOLDER",
    "AreaEntry",
    "Located",
    "Said",
    "SettlementEntry",
    "amended",
    "area_named",
    "areas",
    "areas_at",
    "areas_at_many",
    "book",
    "centre_of",
    "code_of",
    "country_name",
    "country_named",
    "country_names",
    "fingerprint",
    "lay_over",
    "mark",
    "settlements",
    "shipped",
    "uncertainty_of",
    "within",
]
