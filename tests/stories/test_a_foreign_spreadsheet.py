"""A documentation officer is given somebody else's table: a mapping is suggested, mended, tried, used, used again."""

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from app.records import Incident
from tests.archives import TestArchive
from tests.cli.helping import Gawah, settle

TABLE = """\
No.,Fecha del hecho,Lugar,Tipo de hecho,Muertos,Heridos,Coordenadas,Fuente,Enlace,Remitido
1,25- 26/12/1977,Example Valley,Homicidio,dozens,at least 4,"30.05, 69.92",A Paper; B Radio,https://example.org/1,x
2,2013-02-00,Example Town,Golpiza,3,NA,"30°03'N 69°55'E",C Paper,,y
3,(Believed to be) 2020-05-30,Example Fields,Golpiza,4-6,-,,,,z
"""
IMPORTS = "/api/v1/imports"


@pytest.fixture(autouse=True)
def home(archive: TestArchive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = settle(archive, tmp_path, monkeypatch)
    Path("registro.csv").write_text(TABLE, encoding="utf-8")
    return folder


def mend(text: str) -> str:
    """The two lines that the officer mends: what their word means, and whose table it is."""
    for wrong, right in (('"Golpiza" = "unknown"', '"Golpiza" = "torture_ill_treatment"'),
                         ('title = "registro.csv"', 'title = "The register of an example house"')):  # fmt: skip
        assert wrong in text
        text = text.replace(wrong, right)
    return text


def test_suggested_mended_tried_used_and_used_again(gawah: Gawah, archive: TestArchive) -> None:
    asked = gawah("import", "suggest", "registro.csv", "-o", "registro.toml")
    assert asked.code == 0
    text = Path("registro.toml").read_text(encoding="utf-8")
    assert "# “Fecha del hecho”: sure. For example “25- 26/12/1977” and “2013-02-00”." in text
    assert "#   “Remitido”: “x” and “y”" in text  # what was left
    Path("registro.toml").write_text(mend(text), encoding="utf-8")

    looked = gawah("import", "registro.csv", "--mapping", "registro.toml", "--dry-run")
    assert "3 rows, 3 new, 0 changed, 0 unchanged, 0 refused" in looked.out
    assert "line 2, Muertos: words and no number" in looked.err
    assert archive.count(Incident) == 0

    assert gawah("import", "save", "registro.toml").code == 0
    assert "registro\t" in gawah("import", "mappings").out
    taken = gawah("import", "registro.csv", "--mapping", "registro")
    assert "3 new" in taken.out
    again = gawah("import", "registro.csv", "--mapping", "registro")
    assert "3 unchanged" in again.out
    assert archive.count(Incident) == 3


def test_nothing_is_invented_on_the_way(gawah: Gawah, archive: TestArchive) -> None:
    gawah("import", "suggest", "registro.csv", "-o", "registro.toml")
    gawah("import", "registro.csv", "--mapping", "registro.toml")
    one, two, three = sorted(
        (archive.see(row["ref"]) for row in archive.rows()), key=lambda told: str(told.external_id)
    )
    assert one.killed.model_dump() == {"min": None, "best": None, "max": None}
    assert "Muertos: dozens" in (one.accounts[0].quote or "")
    assert one.injured.model_dump() == {"min": 4, "best": None, "max": None}
    assert (one.date.edtf, one.date.verbatim) == ("[1977-12-25..1977-12-26]", "25- 26/12/1977")
    assert [account.source.title for account in one.accounts[2:]] == ["A Paper", "B Radio"]
    assert (two.date.edtf, two.injured.best) == ("2013-02", None)
    assert (three.date.qualifier, three.killed.min, three.killed.max, three.killed.best) == ("uncertain", 4, 6, None)


@pytest.mark.parametrize(
    "words",
    [("suggest",), ("suggest", "nothing.csv"), ("save", "registro.csv"), ("registro.csv", "--mapping", "nobody"),
     ("registro.csv", "--mapping", "nothing.toml"), ("suggest", "registro.csv", "-o", "registro.csv")],
)  # fmt: skip
def test_what_cannot_be_done_is_one_sentence(gawah: Gawah, words: tuple[str, ...]) -> None:
    said = gawah("import", *words)
    assert said.code == 2
    assert "Traceback" not in said.err
    assert Path("registro.csv").read_text(encoding="utf-8") == TABLE


def test_the_same_over_the_service(client: TestClient) -> None:
    suggested = client.post(f"{IMPORTS}/suggestions", content=TABLE.encode(), params={"name": "registro.csv"})
    assert suggested.status_code == 200
    kept = client.put(f"{IMPORTS}/mappings/registro", content=mend(suggested.text).encode())
    assert kept.json()["name"] == "registro"
    assert {"registro", "iom-missing-migrants"} <= client.get(f"{IMPORTS}/mappings").json().keys()
    taken = client.post(IMPORTS, content=TABLE.encode(), params={"mapping": "registro"}).json()
    assert (taken["new"], taken["recorded"]) == (3, True)
    again = client.post(IMPORTS, content=TABLE.encode(), params={"mapping": "registro"}).json()
    assert (again["unchanged"], again["recorded"]) == (3, False)
    assert client.put(f"{IMPORTS}/mappings/registro", content=b"[report]\n").status_code == 422
    assert client.post(IMPORTS, content=TABLE.encode(), params={"mapping": "nobody"}).status_code == 404
