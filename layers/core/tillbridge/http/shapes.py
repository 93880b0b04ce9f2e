"""What the shapes of all rooms share on the wire: strictness, and paging."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import BaseModel, ConfigDict, Field


class Wire(BaseModel):
    """Refuses unknown fields, guesses no types, and keeps what was sent out of the log."""

    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)


Limit = Annotated[int, Query(ge=1, le=100, description="At most so many entries a page")]
Cursor = Annotated[str | None, Query(max_length=2000, description="`next` of the page before")]
NextCursor = Annotated[str | None, Field(description="Cursor of the next page; null at the end")]
