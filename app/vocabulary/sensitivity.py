"""How delicate a field is, said on the field's own line where it is declared."""

from enum import StrEnum


class Delicacy(StrEnum):
    """The classes of fields; who may read which stands in `access.visibility`."""

    PUBLIC = "public"
    INTERNAL = "internal"
    IDENTITY = "identity"
    LOCATION_EXACT = "location_exact"
    SOURCE_IDENTITY = "source_identity"
    CUSTODY = "custody"
    SYSTEM = "system"


PUBLIC = Delicacy.PUBLIC
INTERNAL = Delicacy.INTERNAL
IDENTITY = Delicacy.IDENTITY
LOCATION_EXACT = Delicacy.LOCATION_EXACT
SOURCE_IDENTITY = Delicacy.SOURCE_IDENTITY
CUSTODY = Delicacy.CUSTODY
SYSTEM = Delicacy.SYSTEM
