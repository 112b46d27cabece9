"""How a file counts its rows, in words of its own: line 7, object 3, sheet “Incidents”, row 7."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Numbering:
    """`row`: what one row is called; `within`: the sheet or layer in which they are counted."""

    row: str = "line"
    within: str = ""

    def at(self, number: int) -> str:
        """Where a row stands; "" for what is about no row by itself."""
        if not number:
            return ""
        return f"{self.within}, {self.row} {number}" if self.within else f"{self.row} {number}"


LINES, OBJECTS, FEATURES = Numbering(), Numbering("object"), Numbering("feature")
