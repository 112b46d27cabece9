"""What we keep: every table, so that one import knows the whole schema."""

from sqlmodel import SQLModel

from app.records.account import Account as Account
from app.records.act import Act as Act
from app.records.actor import Actor as Actor
from app.records.actor import ActorParent as ActorParent
from app.records.archive import Archive as Archive
from app.records.archive import Counter as Counter
from app.records.archive import Receipt as Receipt
from app.records.area import Area as Area
from app.records.area import AreaLayer as AreaLayer
from app.records.area import AreaVersion as AreaVersion
from app.records.area import Settlement as Settlement
from app.records.batch import ImportBatch as ImportBatch
from app.records.case import Case as Case
from app.records.case import CaseEvent as CaseEvent
from app.records.change import PublicChange as PublicChange
from app.records.change import Withholding as Withholding
from app.records.consent import Consent as Consent
from app.records.erasure import Erasure as Erasure
from app.records.erasure import IdentityKey as IdentityKey
from app.records.evidence import Attachment as Attachment
from app.records.evidence import Evidence as Evidence
from app.records.history import Revision as Revision
from app.records.incident import Incident as Incident
from app.records.involvement import Involvement as Involvement
from app.records.job import Job as Job
from app.records.link import Link as Link
from app.records.member import ExportLink as ExportLink
from app.records.member import Member as Member
from app.records.member import MemberSession as MemberSession
from app.records.member import OneTimeLink as OneTimeLink
from app.records.member import Token as Token
from app.records.person import Person as Person
from app.records.person import PersonName as PersonName
from app.records.place import IncidentPlace as IncidentPlace
from app.records.public_version import PublicRow as PublicRow
from app.records.public_version import PublicVersion as PublicVersion
from app.records.public_version import Tombstone as Tombstone
from app.records.publication import Publication as Publication
from app.records.ready_row import ReadyFeature as ReadyFeature
from app.records.ready_row import ReadyLine as ReadyLine
from app.records.release import Release as Release
from app.records.release import ReleasePiece as ReleasePiece
from app.records.release import ReleaseRow as ReleaseRow
from app.records.review import Review as Review
from app.records.source import Source as Source
from app.records.tally import MonthTally as MonthTally
from app.records.tally import PlaceTally as PlaceTally

METADATA = SQLModel.metadata
