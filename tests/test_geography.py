"""What lies at a point, which area a code means, which country a text names."""

import concurrent.futures
import json
import math
import subprocess
import sys
from pathlib import Path

import pytest
import shapely

from app import geography
from app.geography.areas import book

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared" / "data" / "areas_pakistan"
TOWNS = {
    "Barkhan": "Barkhan",
    "Turbat": "Kech",
    "Panjgur": "Panjgur",
    "Awaran": "Awaran",
    "Khuzdar": "Khuzdar",
    "Gwadar": "Gwadar",
    "Quetta": "Quetta",
    "Dera Bugti": "Dera Bugti",
    "Kohlu": "Kohlu",
    "Hub": "Lasbela",
}
# Districts of the 2023 census that the 2017 layer cannot know, and what it says at their middle.
SINCE_2017 = {
    "Chaman": "Killa Abdullah",
    "Karachi West": "Malir",
    "Keamari": "Karachi West",
    "Kolai Pallas Kohistan": "Lower Kohistan",
    "Lower Chitral": "Chitral",
    "Upper Chitral": "Chitral",
}


def settlement(name: str, country: str = "PAK") -> geography.SettlementEntry:
    found = [s for s in geography.settlements() if s.name == name and s.country == country]
    return max(found, key=lambda s: s.population or 0)


@pytest.mark.parametrize(("town", "district"), TOWNS.items())
def test_town_lies_in_its_district(town: str, district: str) -> None:
    place = settlement(town)
    here = geography.areas_at(place.lon, place.lat)
    assert (here.country, here.area1_code, here.area2) == ("PAK", "PK-BA", district)
    assert here.area3_code is not None
    assert geography.within(place.lon, place.lat, str(here.area2_code)) is True
    assert geography.within(place.lon, place.lat, "PAK") is True


@pytest.mark.parametrize(
    ("town", "country", "province"),
    [
        ("Damascus", "SYR", "SY-DI"),
        ("Dhaka", "BGD", "BD-C"),
        ("Kandahār", "AFG", "AF-KAN"),
        ("Zahedan", "IRN", "IR-11"),
        ("Santiago", "CHL", "CL-RM"),
        ("Nairobi", "KEN", "KE-30"),
    ],
)
def test_city_lies_in_its_province(town: str, country: str, province: str) -> None:
    place = settlement(town, country)
    here = geography.areas_at(place.lon, place.lat)
    assert (here.country, here.area1_code) == (country, province)
    assert here.layer == "naturalearth-10m-4.1.0"
    assert place.area1_code == province


def test_tribal_districts_are_in_khyber_pakhtunkhwa() -> None:
    here = geography.areas_at(71.14, 34.1)
    assert (here.area1_code, here.area2, here.area3) == ("PK-KP", "Khyber", "Landi Kotal")


def test_sea_is_nowhere() -> None:
    assert geography.areas_at(65.0, 20.0) == geography.Located()


def test_land_of_two_claims() -> None:
    assert geography.areas_at(74.79, 34.09).country == "IND"
    assert geography.areas_at(74.3, 35.92).country == "PAK"
    siachen = geography.areas_at(77.1, 35.4)
    assert (siachen.country, siachen.area1) == (None, "Siachen Glacier")
    assert geography.areas_at(34.1, 44.95).country == "UKR"


@pytest.mark.parametrize(("lon", "lat"), [(math.nan, 0), (0, math.nan), (181, 0), (0, -90.5), (math.inf, 0)])
def test_impossible_point_is_refused(lon: float, lat: float) -> None:
    with pytest.raises(ValueError, match="within -180 and 180"):
        geography.areas_at(lon, lat)
    with pytest.raises(ValueError, match="within -180 and 180"):
        geography.within(lon, lat, "PAK")


def test_lists_of_unequal_length_are_refused() -> None:
    with pytest.raises(ValueError, match="one for each other"):
        geography.areas_at_many([1.0, 2.0], [1.0])


def test_edges_of_the_world_are_allowed() -> None:
    assert len(geography.areas_at_many([-180, 180, 0, 0], [0, 0, 90, -90])) == 4


def test_many_say_the_same_as_one_by_one() -> None:
    places = [s for s in geography.settlements() if s.country in {"PAK", "SYR"}][::10]
    together = geography.areas_at_many([s.lon for s in places], [s.lat for s in places])
    assert together == [geography.areas_at(s.lon, s.lat) for s in places]
    assert len(places) > 50
    assert geography.areas_at_many([], []) == []


def test_nearly_all_settlements_lie_in_their_own_country() -> None:
    places = list(geography.settlements())
    here = geography.areas_at_many([s.lon for s in places], [s.lat for s in places])
    wrong = [s for s, at in zip(places, here, strict=True) if at.country not in {s.country, None}]
    missed = [s for s, at in zip(places, here, strict=True) if at.country is None]
    assert len(wrong) < len(places) * 0.005
    assert len(missed) < 30  # islets that the source does not draw
    assert not [s for s in missed if s.country == "PAK"]


def test_coastal_town_is_not_at_sea_but_a_ship_is() -> None:
    port = settlement("Bandar Abbas", "IRN")
    assert geography.within(port.lon, port.lat, "IRN") is False  # the coast is drawn too far inland
    assert geography.areas_at(port.lon, port.lat).country == "IRN"
    assert geography.areas_at(port.lon, port.lat - 0.1).country is None


def test_curated_settlements_say_how_little_they_know() -> None:
    rakhni = settlement("Rakhni")
    assert "رکھنی" in rakhni.aliases
    assert geography.areas_at(rakhni.lon, rakhni.lat).area2 == "Barkhan"
    assert rakhni.precision_m > 50_000
    assert rakhni.population is None


def test_point_off_the_coast_takes_the_nearest_area() -> None:
    coast = [(61.6 + i / 50, 25.0 + j / 50) for i in range(280) for j in range(20)]
    asea = [p for p in coast if not geography.within(*p, "PAK") and not geography.within(*p, "IRN")]
    drawn = [e.code for e in geography.areas() if e.level == 3 and e.country == "PAK"]
    shapes = [shapely.from_geojson(book().shapes[code]) for code in drawn]
    lons, lats = zip(*asea, strict=True)
    near = 0
    for point, here in zip(asea, geography.areas_at_many(lons, lats), strict=True):
        away = shapely.distance(shapely.Point(point), shapes)
        if here.area3_code is None:
            assert here.country == "IRN" or away.min() > geography.COAST_DEGREES
            continue
        near += 1
        assert away[drawn.index(here.area3_code)] == away.min() <= geography.COAST_DEGREES
    assert near > 100


def test_outline_answers_where_sources_disagree_on_a_border() -> None:
    assert geography.areas_at(61.785, 25.973).country == "PAK"
    assert geography.areas_at(61.785, 25.973).area3 is None


@pytest.mark.parametrize(
    ("lon", "lat", "district"),
    [(61.697, 25.729, "Gwadar"), (67.197, 24.561, "Thatta"), (66.299, 30.215, "Killa Abdullah")],
)
def test_fringe_of_an_outline_takes_the_nearest_tehsil(lon: float, lat: float, district: str) -> None:
    here = geography.areas_at(lon, lat)
    assert here.area2 == district
    assert geography.within(lon, lat, "PAK") is True
    assert geography.within(lon, lat, str(here.area2_code)) is False


def test_within_knows_lines_and_gaps() -> None:
    assert geography.within(67.0, 30.18, "PK-BA") is True
    assert geography.within(67.0, 30.18, "PK-SD") is False
    assert geography.within(67.0, 30.18, "VAT") is None
    assert geography.within(67.0, 30.18, "no such code") is None


def test_area_by_code() -> None:
    kech = geography.area_named("geonames:1163052")
    assert kech is not None
    assert (kech.level, kech.name, kech.parent, kech.country) == (2, "Kech", "PK-BA", "PAK")
    assert "کیچ" in kech.aliases
    assert geography.uncertainty_of("geonames:1163052") == pytest.approx(87_600, rel=0.02)
    assert geography.uncertainty_of("VAT") is None
    assert geography.area_named("PK-XX") is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Bosnia-Herzegovina", "BIH"),
        ("Myanmar (Burma)", "MMR"),
        ("DR Congo (Zaire)", "COD"),
        ("Congo", "COG"),
        ("Yemen (North Yemen)", "YEM"),
        ("Russia (Soviet Union)", "RUS"),
        ("Kingdom of eSwatini (Swaziland)", "SWZ"),
        ("Cambodia (Kampuchea)", "KHM"),
        ("Ivory Coast", "CIV"),
        ("Côte d'Ivoire", "CIV"),
        ("Macedonia, FYR", "MKD"),
        ("Serbia (Yugoslavia)", "SRB"),
        ("Zimbabwe (Rhodesia)", "ZWE"),
        ("Madagascar (Malagasy)", "MDG"),
        ("Vietnam (North Vietnam)", "VNM"),
        ("Romania (Rumania)", "ROU"),
        ("Syria", "SYR"),
        ("Iran", "IRN"),
        ("Turkey", "TUR"),
        ("Türkiye", "TUR"),
        ("TURKIYE", "TUR"),
        ("Laos", "LAO"),
        ("Tanzania", "TZA"),
        ("South Korea", "KOR"),
        ("United States of America", "USA"),
        ("the Netherlands", "NLD"),
        ("Trinidad & Tobago", "TTO"),
        ("Chile", "CHL"),
        ("Bangladesh", "BGD"),
        ("پاکستان", "PAK"),
        ("PK", "PAK"),
        ("pak", "PAK"),
        (" PAK ", "PAK"),
        ("UK", "GBR"),
    ],
)
def test_country_in_many_spellings(text: str, code: str) -> None:
    assert geography.country_named(text) == code


@pytest.mark.parametrize("text", ["", "Korea", "Atlantis", "ZZ", "()", "Chile (Peru)"])
def test_doubtful_country_is_none(text: str) -> None:
    assert geography.country_named(text) is None


def test_every_country_is_known_by_its_own_name_and_codes() -> None:
    for entry in (e for e in geography.areas() if e.level == 0):
        assert geography.country_named(entry.name) == entry.code
        assert geography.country_named(entry.code) == entry.code
        assert geography.country_name(entry.code) == entry.name
    assert geography.country_name("ZZZ") is None


def test_threads_share_one_index() -> None:
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        found = set(pool.map(lambda _: geography.areas_at(67.0, 30.18), range(64)))
    assert {f.area2 for f in found} == {"Quetta"}


def test_import_reads_nothing() -> None:
    script = "import sys; import app.geography; assert 'shapely' not in sys.modules"
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True)


def test_many_points_at_once_are_found_as_one_by_one() -> None:
    lons, lats = [60 + i % 16 for i in range(200)], [24 + i // 16 / 1.5 for i in range(200)]
    assert geography.areas_at_many(lons, lats) == [geography.areas_at(*at) for at in zip(lons, lats, strict=True)]


def test_districts_agree_with_an_independent_set() -> None:
    path = SHARED / "pak_adm2_osm2026_census2023set_s005.geojson"
    if not path.is_file():
        pytest.skip("shared/data/areas_pakistan is not beside the checkout: districts NOT checked against it")
    differ = {}
    for feature in json.loads(path.read_text(encoding="utf-8"))["features"]:
        point = shapely.make_valid(shapely.geometry.shape(feature["geometry"])).representative_point()
        here = geography.areas_at(point.x, point.y)
        entry = geography.area_named(str(here.area2_code))
        name = feature["properties"]["adm2_name"]
        if entry is None or name.split(" (")[0] not in (entry.name, *entry.aliases):
            differ[name] = here.area2
    assert differ.items() <= SINCE_2017.items()
