"""Full names in any script, and what only stands in for one."""

import pytest

from app.matching.full_names import is_full_name


@pytest.mark.parametrize(
    "name",
    [
        "Gul Example", "Jean-Pierre Beispiel", "J. R. Muster Esempio", "گل مثال", "محمد مثال", "Íñigo Ejemplo", "王小明",
        "김예시", "O'Example Gul", "Nana Beispiel", "Example, Gul", "Xi Muster",
    ],
)  # fmt: skip
def test_full(name: str) -> None:
    assert is_full_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "Gul", "G. E.", "G E", "N.N.", "NN", "N. N.", "Unknown", "unknown man", "UNIDENTIFIED PERSON 4", "John Doe", "?",
        "G. Example", "Desconocido Uno", "no identificado", "Non identifié", "نامعلوم شخص", "غير معروف", "name withheld",
        "Person 12", "12 34", "X", "Name not known",
    ],
)  # fmt: skip
def test_not_a_full_name(name: str) -> None:
    assert not is_full_name(name)
