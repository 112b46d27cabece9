"""Tables as organisations keep them, made up: a suggestion takes each in as it is, without a hand."""
# ruff: noqa: RUF001 - letters of other scripts are what this file writes

from pathlib import Path

import pytest

from app.errors import Unreadable
from app.imports import mappings, tables
from app.imports.checking import Checked, check
from app.records.incident import IncidentIn

# What each must give for its first row: day, kind, place, killed, whether it has a point, an id, a person.
TABLES: dict[str, tuple[str, tuple[object, ...]]] = {
    "Urdu": (
        (
            "نمبر,تاریخ واقعہ,ضلع,مقام,نوعیت,متاثرہ شخص کا نام,ہلاک,تفصیل\n"
            "۱,۲۰۲۵-۰۶-۱۲,مثال,مثال بازار,killing,الف ب,۲,ایک واقعہ\n"
            "۲,۱۳ جون ۲۰۲۵,مثال,مثال گاؤں,injury,ج د,,دوسرا واقعہ\n"
        ),
        ("2025-06-12", "killing", "مثال بازار", 2, False, True, True),
    ),
    "Arabic": (
        (
            "رقم الحادث,تاريخ الحادث,المحافظة,المكان,نوع الانتهاك,عدد القتلى,الإحداثيات,المصدر\n"
            'ح-١,١٢/٠٦/٢٠٢٥,مثال,سوق المثال,killing,٣,"٣٠٫٠٥ ٦٩٫٩٢",صحيفة\n'
            'ح-٢,٢٥/٠٦/٢٠٢٥,مثال,قرية المثال,shelling,عشرات,"30.06, 69.93",إذاعة\n'
        ),
        ("2025-06-12", "killing", "سوق المثال", 3, True, True, False),
    ),
    "Spanish": (
        (
            "Código;Fecha del hecho;Departamento;Municipio;Tipo de hecho;Víctima;Muertos;Heridos;Presunto responsable;Fuente\n"
            "C-1;25/06/2025;Ejemplo;Villa Ejemplo;Homicidio;N. N.;1;al menos 4;Desconocidos;Un diario\n"
            "C-2;03/07/2025;Ejemplo;San Ejemplo;Amenaza;;;;Grupo Ejemplo;Una radio; \n"
        ),
        ("2025-06-25", "killing", "Villa Ejemplo", 1, False, True, True),
    ),
    "French": (
        (
            "Date des faits;Province;Territoire;Lieu;Type d'incident;Morts;Blessés;Latitude;Longitude;Auteur présumé\n"
            "le 12 juin 2025;Exemple;Nord;Marché Exemple;attack;5 à 7;environ 12;-1,65;29,22;Inconnus\n"
            "juin 2025;Exemple;Sud;Village Exemple;abduction;;;-1,66;29,23;\n"
        ),
        ("2025-06-12", "attack", "Marché Exemple", None, True, False, False),
    ),
    "Russian": (
        (
            "№\tДата\tРегион\tНаселенный пункт\tВид нарушения\tФИО\tПогибло\tИсточник\n"
            "1\t12.06.2025\tПример\tс. Пример\tkilling\tА. Б.\t1\tГазета\n"
            "2\t25.06.2025\tПример\tг. Пример\tinjury\tВ. Г.\t\tРадио\n"
        ),
        ("2025-06-12", "killing", "с. Пример", 1, False, True, True),
    ),
    "two headings": (
        (
            "Incident,,,,Victims,,,Where,\n"
            "Case no.,Date,What happened,Source,Killed,Injured,Names,Lat,Lon\n"
            "7,2025-06-12,A raid on a house,A Paper,2,1,A. Example,30.05,69.92\n"
            "8,2025-06-13,A checkpoint,B Radio,,,B. Example,30.06,69.93\n"
        ),
        ("2025-06-12", "unknown", None, 2, True, True, True),
    ),
    "dots and two digits": (
        ("Nr;Datum/Date;Place;Killed\n1;25.06.24;Example Town;3\n2;01.07.24;Example Valley;1\n"),
        ("2024-06-25", "unknown", "Example Town", 3, False, True, False),
    ),
    "latitude and longitude in one cell": (
        (
            'Incident ID,When,Where,GPS,Deaths\nA1,June 2025,Example Town,"30.05, 69.92",2\nA2,2025,Example Valley,"30.06, 69.93",1\n'
        ),
        ("2025-06-01", "unknown", "Example Town", 2, True, True, False),
    ),
    "counts in words": (
        (
            "Date,Location,Description,Fatalities,Injuries\n"
            "12-Jun-2025,Example Town,A strike,dozens,at least 20\n13-Jun-2025,Example Town,Another,two,several\n"
        ),
        ("2025-06-12", "unknown", "Example Town", None, False, False, False),
    ),
    "a title above": (
        (
            "Monthly register of an example house,,,\n,,,\nS. No,Date of Incident,District,Type of Violation\n"
            "1,12/06/2025,Example,Enforced Disappearance\n2,25/06/2025,Example,Killing\n"
        ),
        ("2025-06-12", "enforced_disappearance", "Example", None, False, True, False),
    ),
    "from and to": (
        (
            "ref,start_date,end_date,state,county,event_type,fatalities,notes\n"
            "x1,2025-06-12,2025-06-14,Example,North,shelling,12,Three days\nx2,2025-07-01,2025-07-01,Example,South,attack,1,One\n"
        ),
        ("2025-06-12", "shelling", "North", 12, False, True, False),
    ),
    "births and entries beside the day": (
        (
            "victim_id,Name,Date of birth,Entry date,Date of arrest,Place of birth,Place of arrest,Alleged perpetrator\n"
            "V-1,A. Example,1990-01-01,2025-08-01,2025-06-12,Elsewhere,Example Town,Men in uniform\n"
            "V-2,B. Example,1991-01-01,2025-08-01,2025-06-13,Elsewhere,Example Valley,\n"
        ),
        ("2025-06-12", "unknown", "Example Town", None, False, True, True),
    ),
    "camel case": (
        (
            "EventId,EventDate,EventType,SiteName,NumKilled,Lat,Long\n"
            "e1,2025-06-12T08:30:00,air_strike,Example Town,4,30.05,69.92\ne2,2025-06-13T09:00:00,attack,Example,1,30.1,69.9\n"
        ),
        ("2025-06-12", "air_strike", "Example Town", 4, True, True, False),
    ),
    "one id in several rows": (
        (
            "Case,Date,Violation,Victim\n3,2025-06-12,killing,A. Example\n3,2025-06-12,killing,B. Example\n4,2025-06-14,injury,C. Example\n"
        ),
        ("2025-06-12", "killing", None, None, False, True, True),
    ),
    "links and a sheet of social media": (
        (
            "Date of event,Event,City,Province,Link 1,Link 2,Verified by\n"
            "06/25/2025,A beating,Example Town,Example,https://example.org/1,https://example.org/2,x\n"
            "06/12/2025,A raid,Example Town,Example,https://example.org/3,,y\n"
        ),
        ("2025-06-25", "unknown", "Example Town", None, False, False, False),
    ),
}


def taken(path: Path) -> tuple[list[IncidentIn], Checked]:
    mapping, columns = mappings.read(mappings.suggest(path, path.name)), tables.heading(path)
    importer, found = mappings.made(mapping, columns), Checked()
    return [one.told for one in check(importer, importer.read(path), len(columns), found)], found


@pytest.mark.parametrize("which", TABLES)
def test_a_table_needs_no_hand(tmp_path: Path, which: str) -> None:
    text, wanted = TABLES[which]
    path = tmp_path / "table.csv"
    path.write_text(text, encoding="utf-8")
    told, found = taken(path)
    first = told[0]
    killed = first.killed.best if first.killed else None
    day = str(first.date.earliest) if first.date else None
    seen = (day, first.kind, first.place_name, killed, first.lat is not None, bool(first.external_id), bool(first.acts))
    assert found.errors == []
    assert seen == wanted
    assert all(one.date and one.date.earliest for one in told)


def test_a_row_of_one_victim_is_an_act_against_a_person(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text(
        "Date,Name,Age,Gender,Street,City,Kind\n2025-06-12,A. Example,34,F,1 Example Lane,Example Town,killing\n"
        "2025-06-13,B. Example,thirties,?,,Example Town,injury\n"
        "2025-06-14,C. Example,40,M,2 Example Lane,Example Town,killing\n"
    )
    told, found = taken(path)
    (first,), (second,), _ = (one.acts for one in told)
    assert (first.kind, first.age_at_event, first.person and first.person.sex) == ("killing", 34, "female")
    assert (second.kind, second.age_at_event, second.person and second.person.sex) == ("injury", None, None)
    assert [one.place_name for one in told] == [
        "1 Example Lane, Example Town",
        "Example Town",
        "2 Example Lane, Example Town",
    ]
    assert "1 Example Lane" not in told[0].title
    assert [one.column for one in found.warnings] == ["Age"]


NO_INCIDENTS = {
    "names alone": "latin,other,n\nAli,علي,3\nUmar,عمر,2\n",
    "people, with their births": "rec_id,given_name,surname,date_of_birth\nr1,A,Example,1990-01-01\nr2,B,Example,1991-02-03\n",
    "areas, with the day of their code": "Location,P-Code,Name,Valid from date\nXXX,XX01,Example,2021-11-17\n",
    "counts of lists": "A,B,C,n\n1,0,0,52\n0,1,0,90\n",
    "days that are numbers": "rid,name,day,village,type\nR1,A.,4763.0,Example,killing\nR2,B.,4765.0,Example,killing\n",
}


@pytest.mark.parametrize("which", NO_INCIDENTS)
def test_a_table_of_something_else_is_told_so(tmp_path: Path, which: str) -> None:
    path = tmp_path / "table.csv"
    path.write_text(NO_INCIDENTS[which], encoding="utf-8")
    with pytest.raises(Unreadable, match="no table of incidents: none of its columns tells") as refused:
        mappings.suggest(path, path.name)
    assert "write the mapping by hand" in refused.value.detail
    assert not {"latin", "rec_id", "XX01", "rid"}.intersection(refused.value.detail.split())
