"""Every table, so that the metadata is whole: migrations, tests and the doctor import this."""

from vestry.alerts import asking as asking  # whoever can write what alerts are made of has them looked for
from vestry.alerts import models as alerts
from vestry.approvals import models as approvals
from vestry.approvals import service as service  # its rules are asked before a change is kept
from vestry.audit import models as audit
from vestry.audit import recording
from vestry.batches import models as batches
from vestry.capital import models as capital
from vestry.cohorts import models as cohorts
from vestry.cohorts.payments import models as payments
from vestry.cohorts.rounds import models as rounds
from vestry.companies import models as companies
from vestry.core import outbox
from vestry.core.history import twin
from vestry.core.model import Base, Fact
from vestry.funds import models as funds
from vestry.identity import intents
from vestry.identity import models as identity
from vestry.identity.factors import models as factors
from vestry.identity.invitations import models as invitations
from vestry.identity.oidc import models as oidc
from vestry.identity.passkeys import models as passkeys
from vestry.identity.signin import models as signin
from vestry.identity.tokens import models as tokens
from vestry.integrations.mail import models as mail
from vestry.investments import models as investments
from vestry.investors import models as investors
from vestry.market import models as market
from vestry.metrics import models as metrics
from vestry.metrics.connections import models as connections
from vestry.metrics.imports import models as metric_imports
from vestry.performance import models as performance
from vestry.performance import upkeep as upkeep  # whoever can write facts keeps what is derived from them in step
from vestry.requests import models as requests
from vestry.valuations import models as valuations

MODULES = (
    identity,
    intents,
    audit,
    approvals,
    signin,
    tokens,
    passkeys,
    oidc,
    factors,
    invitations,
    batches,
    market,
    companies,
    metrics,
    connections,
    metric_imports,
    requests,
    funds,
    investors,
    investments,
    valuations,
    capital,
    cohorts,
    payments,
    rounds,
    performance,
    alerts,
    outbox,
    mail,
)
FACTS: tuple[type[Fact], ...] = tuple(
    mapper.class_ for mapper in Base.registry.mappers if issubclass(mapper.class_, Fact)
)
for _fact in FACTS:
    twin(_fact)

recording.install()  # after upkeep, so that nothing is computed while the chain is held

metadata = Base.metadata
