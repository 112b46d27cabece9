"""The script of a name is read from its letters, and its initials are letters of that script."""

import pytest

from app.matching.scripts import initials, script_of


@pytest.mark.parametrize(
    ("name", "script", "short"),
    [
        ("Gul Example", "Latn", "G. E."),
        ("  gul   example ", "Latn", "G. E."),
        ("José Beispiel de la Fuente", "Latn", "J. B. D. L. F."),
        ("José-María Muster", "Latn", "J. M."),
        ("گل مثال", "Arab", "گ. م."),
        ("نَصير مثال", "Arab", "نَ. م."),
        ("Иван Пример", "Cyrl", "И. П."),
        ("אבג דהו", "Hebr", "א. ד."),
        ("अनिल उदाहरण", "Deva", "अ. उ."),
        ("किरण", "Deva", "कि."),
        ("例子", "Hani", "例."),
        ("(Gul) 'Example'", "Latn", "G. E."),
        ("Gul 7", "Latn", "G."),
        ("Ǆ Example", "Latn", "ǅ. E."),
        ("Gul مثال Example", "Latn", "G. م. E."),
        ("", None, ""),
        ("7 - ?", None, ""),
    ],
)
def test_script_and_initials(name: str, script: str | None, short: str) -> None:
    assert (script_of(name), initials(name)) == (script, short)
