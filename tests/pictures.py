"""Made-up pictures and files for the tests."""

import io
from typing import Any

from PIL import Image

PHONE = "Beispielphone 7"
LATITUDE = 26.0023


def a_photo(colour: tuple[int, int, int] = (200, 30, 30), form: str = "JPEG", **more: Any) -> bytes:
    """A small picture on its side, with all that a phone notes beside it: model, place and a comment."""
    picture = Image.new("RGB", (64, 48), colour)
    picture.paste((255, 255, 255), (0, 0, 16, 16))
    noted = Image.Exif()
    noted[0x0110] = PHONE
    noted[0x0112] = 6  # to be turned by a quarter
    noted.get_ifd(0x8825).update({1: "N", 2: (26.0, 0.0, 8.28), 3: "E", 4: (63.0, 3.0, 15.8)})
    made = io.BytesIO()
    picture.save(made, form, exif=noted, **more)
    return made.getvalue()


def noted_in(picture: bytes) -> dict[str, Any]:
    """What stands beside a picture: EXIF with the place, and everything else that Pillow finds."""
    with Image.open(io.BytesIO(picture)) as opened:
        noted = opened.getexif()
        return {"exif": dict(noted), "place": dict(noted.get_ifd(0x8825)), "info": dict(opened.info)}


def size_of(picture: bytes) -> tuple[int, int]:
    with Image.open(io.BytesIO(picture)) as opened:
        return opened.size
