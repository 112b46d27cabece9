"""The coded words of the records, each a text that its vocabulary checks."""

from typing import Annotated

from app.vocabulary.word import one_of

Violation = Annotated[str, one_of("violations")]
Nature = Annotated[str, one_of("natures")]
ActorKind = Annotated[str, one_of("actor_kinds")]
Degree = Annotated[str, one_of("degrees")]
CommandLevel = Annotated[str, one_of("command_levels")]
ResponsibilityPosition = Annotated[str, one_of("responsibility_positions")]
Outcome = Annotated[str, one_of("outcomes")]
CivilianStatus = Annotated[str, one_of("civilian_statuses")]
Sex = Annotated[str, one_of("sexes")]
AgeGroup = Annotated[str, one_of("age_groups")]
OfficialPosition = Annotated[str, one_of("official_positions")]

SourceKind = Annotated[str, one_of("source_kinds")]
Closeness = Annotated[str, one_of("closenesses")]
PublicationKind = Annotated[str, one_of("publication_kinds")]
StateControl = Annotated[str, one_of("state_controls")]
Reliability = Annotated[str, one_of("reliabilities")]
Credibility = Annotated[str, one_of("credibilities")]
Stance = Annotated[str, one_of("stances")]
Standing = Annotated[str, one_of("standings")]
LocatorType = Annotated[str, one_of("locator_types")]
SpeakerRole = Annotated[str, one_of("speaker_roles")]
Operator = Annotated[str, one_of("operators")]

Stage = Annotated[str, one_of("stages")]
Verification = Annotated[str, one_of("verifications")]
Confidence = Annotated[str, one_of("confidences")]
Sensitivity = Annotated[str, one_of("sensitivities")]

GeoPrecision = Annotated[str, one_of("geo_precisions")]
GeocodeMethod = Annotated[str, one_of("geocode_methods")]
PlaceRole = Annotated[str, one_of("place_roles")]
PlaceKind = Annotated[str, one_of("place_kinds")]
DateSpan = Annotated[str, one_of("date_spans")]
DateQualifier = Annotated[str, one_of("date_qualifiers")]

NameKind = Annotated[str, one_of("name_kinds")]
IdentityProtection = Annotated[str, one_of("identity_protections")]
MemberRole = Annotated[str, one_of("member_roles")]
