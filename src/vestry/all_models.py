"""Every table, so that the metadata is whole: migrations, tests and the doctor import this."""

from vestry.batches import models as batches
from vestry.capital import models as capital
from vestry.companies import models as companies
from vestry.core.history import twin
from vestry.core.model import Base, Fact
from vestry.funds import models as funds
from vestry.identity import models as identity
from vestry.investments import models as investments
from vestry.investors import models as investors
from vestry.performance import models as performance
from vestry.performance import upkeep as upkeep  # whoever can write facts keeps what is derived from them in step
from vestry.valuations import models as valuations

MODULES = (identity, batches, companies, funds, investors, investments, valuations, capital, performance)
FACTS: tuple[type[Fact], ...] = tuple(
    mapper.class_ for mapper in Base.registry.mappers if issubclass(mapper.class_, Fact)
)
for _fact in FACTS:
    twin(_fact)

metadata = Base.metadata
