"""LaTeX is read as it was meant, and our own writing of it comes back letter for letter."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.exports.bibtex import tex
from app.imports.tex import plain

ANYTHING = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")) | st.sampled_from("\\{}~^%&#$_`'\"-@"))


@settings(max_examples=300, deadline=None)
@given(ANYTHING)
def test_latex_is_read_as_it_was_written(text: str) -> None:
    assert plain(tex(text)) == (unicodedata.normalize("NFC", text) if tex(text) != text else text)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (r"\'{e}\'e{\'e}{\'{e}}", "éééé"), (r"\v{S} \c c \.I \H{o}", "Š ç İ ő"), (r"\ss\ \AE\o", "ß Æø"),
        (r"\'{\i}", "í"), (r"\textit{so} \emph{it} goes", "so it goes"), (r"A.~B", "A. B"), (r"\'", ""),
        (r"{\unknown thing}", "thing"), (r"a}}}b", "ab"), (r"\vphantom{xx}y", "y"), (r"$x$", "x"), ("\\", "\\"),
    ],
)  # fmt: skip
def test_latex_of_others(written: str, meant: str) -> None:
    assert plain(written) == meant
