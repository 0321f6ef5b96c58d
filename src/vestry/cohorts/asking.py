"""What the routes of every kind of cohort fact ask in the same way."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Query

from vestry.core.fields import Instant
from vestry.core.paging import Page, page
from vestry.core.versions import if_match
from vestry.identity.door import Work, may

Seen = Annotated[int | None, Depends(if_match)]
Asked = Annotated[Page, Depends(page)]
KnownAt = Annotated[Instant | None, Query(description="as the books were known then; now when left out")]
Reading = Annotated[Work, may("cohort.read")]
ChangingTerms = Annotated[Work, may("cohort_terms.change")]
ChangingData = Annotated[Work, may("cohort_data.change")]
PastReading = Annotated[Work, may("history.read")]
