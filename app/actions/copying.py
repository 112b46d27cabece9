"""Make the working copy of a picture: the picture the right way up, and nothing that a device noted beside it."""

import io
import warnings
from typing import Any

from PIL import Image, ImageOps, UnidentifiedImageError

from app.errors import NotFound, TooLarge, Unreadable

# A picture is worked on in memory, as long as its file is no larger than this many bytes.
LARGEST = 200 * 1024**2
# How each kind is written again; the others become PNG. A phone's MPO holds the picture and some views of it.
WRITTEN_AS = {"JPEG": "JPEG", "MPO": "JPEG", "PNG": "PNG", "WEBP": "WEBP"}
KEEPING: dict[str, dict[str, Any]] = {"JPEG": {"quality": 95}, "PNG": {}, "WEBP": {"lossless": True}}
PLAIN = frozenset({"L", "RGB", "RGBA", "I;16"})
BOMB = "The picture unfolds to more points than we open: make a smaller one and hand it in as a redaction."


def check_is_picture(media_type: str) -> None:
    """Raises NotFound for what has no working copy."""
    if not media_type.startswith("image/") or media_type == "image/svg+xml":
        raise NotFound("There is no working copy of this kind of file, only of pictures (not drawings).")


def without_metadata(picture: bytes) -> bytes:
    """The picture alone. Raises TooLarge for one that unfolds too far, Unreadable for one that is broken or several."""
    try:
        with warnings.catch_warnings(), Image.open(io.BytesIO(picture)) as opened:
            _check_size(opened)
            _check_single(opened)
            form = WRITTEN_AS.get(opened.format or "", "PNG")
            plain = _plain(ImageOps.exif_transpose(opened), form)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise TooLarge(BOMB) from None
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError):
        raise Unreadable("The picture cannot be read: it is broken, or of a kind that we do not open.") from None
    made = io.BytesIO()
    plain.save(made, form, **KEEPING[form])
    return made.getvalue()


def _check_size(opened: Image.Image) -> None:
    if opened.width * opened.height > (Image.MAX_IMAGE_PIXELS or 0):
        raise TooLarge(BOMB)


def _check_single(opened: Image.Image) -> None:
    if opened.format != "MPO" and getattr(opened, "n_frames", 1) > 1:
        raise Unreadable("The file holds several pictures: cut out the ones you need and hand them in as excerpts.")


def _plain(picture: Image.Image, form: str) -> Image.Image:
    """The points alone: no EXIF, no profile, no comment, no palette."""
    if form == "JPEG":
        mode = "L" if picture.mode == "L" else "RGB"
    elif picture.mode in PLAIN:
        mode = picture.mode
    else:
        mode = "RGBA" if picture.has_transparency_data else "RGB"
    bare = Image.new(mode, picture.size)
    bare.paste(picture.convert(mode))
    return bare
