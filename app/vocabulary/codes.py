"""The coded words of the records, each a text that its vocabulary checks."""

from typing import Annotated

from app.vocabulary.word import OneOf

Violation = Annotated[str, OneOf("violations")]
Nature = Annotated[str, OneOf("natures")]
ActorKind = Annotated[str, OneOf("actor_kinds")]
Degree = Annotated[str, OneOf("degrees")]
CommandLevel = Annotated[str, OneOf("command_levels")]
ResponsibilityPosition = Annotated[str, OneOf("responsibility_positions")]
Outcome = Annotated[str, OneOf("outcomes")]
CivilianStatus = Annotated[str, OneOf("civilian_statuses")]
Sex = Annotated[str, OneOf("sexes")]
AgeGroup = Annotated[str, OneOf("age_groups")]
OfficialPosition = Annotated[str, OneOf("official_positions")]

SourceKind = Annotated[str, OneOf("source_kinds")]
Closeness = Annotated[str, OneOf("closenesses")]
PublicationKind = Annotated[str, OneOf("publication_kinds")]
StateControl = Annotated[str, OneOf("state_controls")]
Reliability = Annotated[str, OneOf("reliabilities")]
Credibility = Annotated[str, OneOf("credibilities")]
Stance = Annotated[str, OneOf("stances")]
Standing = Annotated[str, OneOf("standings")]
LocatorType = Annotated[str, OneOf("locator_types")]
SpeakerRole = Annotated[str, OneOf("speaker_roles")]
Operator = Annotated[str, OneOf("operators")]

Stage = Annotated[str, OneOf("stages")]
Verification = Annotated[str, OneOf("verifications")]
Confidence = Annotated[str, OneOf("confidences")]
Sensitivity = Annotated[str, OneOf("sensitivities")]

GeoPrecision = Annotated[str, OneOf("geo_precisions")]
GeocodeMethod = Annotated[str, OneOf("geocode_methods")]
PlaceRole = Annotated[str, OneOf("place_roles")]
PlaceKind = Annotated[str, OneOf("place_kinds")]
DateSpan = Annotated[str, OneOf("date_spans")]
DateQualifier = Annotated[str, OneOf("date_qualifiers")]

NameKind = Annotated[str, OneOf("name_kinds")]
IdentityProtection = Annotated[str, OneOf("identity_protections")]
ConsentScope = Annotated[str, OneOf("consent_scopes")]
ConsentMethod = Annotated[str, OneOf("consent_methods")]
PublicPlace = Annotated[str, OneOf("public_places")]
MemberRole = Annotated[str, OneOf("member_roles")]

CaseEventKind = Annotated[str, OneOf("case_event_kinds")]
CaseStatus = Annotated[str, OneOf("case_statuses")]
CaseClosure = Annotated[str, OneOf("case_closures")]
SubmitterRelationship = Annotated[str, OneOf("submitter_relationships")]
ReviewKind = Annotated[str, OneOf("review_kinds")]
LinkKind = Annotated[str, OneOf("link_kinds")]
AcquisitionMethod = Annotated[str, OneOf("acquisition_methods")]
Derivation = Annotated[str, OneOf("derivations")]
DecisionRule = Annotated[str, OneOf("decision_rules")]
