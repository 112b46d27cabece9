"""Read a text of LaTeX as plain text: accents, symbols, and no braces; in one pass, however deep it is nested."""

import re
import unicodedata

TOKEN = re.compile(r"\\(?:[a-zA-Z]+\*?[ \t]*|.)|[{}~$]", re.DOTALL)
# Combining marks that a command of one sign or letter puts on the letter after it.
ACCENTS = {
    "`": "\u0300", "'": "\u0301", "^": "\u0302", "~": "\u0303", "=": "\u0304", "u": "\u0306", ".": "\u0307",
    '"': "\u0308", "r": "\u030a", "H": "\u030b", "v": "\u030c", "d": "\u0323", "c": "\u0327", "k": "\u0328",
    "b": "\u0331",
}  # fmt: skip
SYMBOLS = {
    "textbackslash": "\\", "textasciitilde": "~", "textasciicircum": "^", "textbraceleft": "{",
    "textbraceright": "}", "textbar": "|", "textless": "<", "textgreater": ">", "textquotedbl": '"',
    "textquoteleft": "‘", "textquoteright": "’", "textquotedblleft": "“", "textquotedblright": "”",  # noqa: RUF001
    "textendash": "–", "textemdash": "—", "textellipsis": "…", "ldots": "…", "dots": "…",  # noqa: RUF001
    "ss": "ß", "ae": "æ", "AE": "Æ", "oe": "œ", "OE": "Œ", "o": "ø", "O": "Ø", "aa": "å", "AA": "Å", "l": "ł",
    "L": "Ł", "i": "\u0131", "j": "\u0237", "dh": "ð", "DH": "Ð", "th": "þ", "TH": "Þ", "dj": "đ", "DJ": "Đ", "ng": "ŋ",
    "S": "§", "P": "¶", "copyright": "©", "pounds": "£", "texteuro": "€", "euro": "€", "degree": "°",
    "lbrace": "{", "rbrace": "}", "backslash": "\\", "textdollar": "$", "textunderscore": "_",
}  # fmt: skip
UNSEEN = "vphantom"


def plain(text: str) -> str:
    """The text as LaTeX would print it. What a command unknown to us encloses is kept, its name is not."""
    if not TOKEN.search(text):
        return text
    reader = _Reader()
    place = 0
    for token in TOKEN.finditer(text):
        reader.write(text[place : token.start()])
        reader.read(token[0])
        place = token.end()
    reader.write(text[place:])
    return unicodedata.normalize("NFC", "".join(reader.found))


class _Reader:
    """What has been read, an accent that waits for its letter, and whether we are in something unseen."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self.accent = ""
        self.depth = 0
        self.unseen_from = -1

    def write(self, text: str) -> None:
        if self.unseen_from >= 0 or not text:
            return
        if self.accent:
            text, self.accent = text.lstrip(), self._set_on(text.lstrip())
            return
        self.found.append(text)

    def _set_on(self, text: str) -> str:
        """Put the waiting accent on the first letter; it waits on where there is none."""
        if not text:
            return self.accent
        letter = {"\u0131": "i", "\u0237": "j"}.get(text[0], text[0])
        self.found.append(f"{letter}{self.accent}{text[1:]}")
        return ""

    def read(self, sign: str) -> None:
        if sign in "{}":
            self._brace(sign)
        elif sign == "~":
            self.write(" ")
        elif sign != "$":
            self._command(sign[1:].rstrip(" \t") or " ")

    def _brace(self, sign: str) -> None:
        if sign == "{":
            self.depth += 1
            return
        self.depth -= 1
        if self.depth <= self.unseen_from:
            self.unseen_from = -1

    def _command(self, name: str) -> None:
        if name == UNSEEN and self.unseen_from < 0:
            self.unseen_from = self.depth
        elif name in ACCENTS:
            self.accent = ACCENTS[name] if self.unseen_from < 0 else ""
        else:
            self.write(SYMBOLS.get(name, "" if name[:1].isalpha() else name))
