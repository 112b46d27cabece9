"""A decision: by which rule, or after which account, a field of an incident takes its value, and why."""

from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from app.records.account import SAYABLE
from app.vocabulary.codes import DecisionRule

ANALYST = "analyst"


class DecisionIn(BaseModel):
    """A rule for one field; `analyst` names the account to follow. Without a rule the decision is taken back."""

    model_config = ConfigDict(extra="forbid")

    field: str
    rule: DecisionRule | None
    account_id: UUID | None = None
    rationale: Annotated[str, Field(min_length=3, max_length=5000)]

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.field not in SAYABLE:
            raise ValueError(f"`field` is one of: {', '.join(SAYABLE)}")
        if (self.rule == ANALYST) != (self.account_id is not None):
            raise ValueError("`account_id` goes with the rule analyst and no other; for a value of your own, PATCH")
        return self
