import { useQuery } from '@tanstack/react-query';
import { Link, Navigate } from '@tanstack/react-router';
import type { Company } from '@/api/types';
import { Card, CardBody, CardHead, EmptyBlock, Loaded, PageHead, RowList } from '@/ui';
import { seenCompanies } from './queries';

/** For who works at a company: straight to what it owes; whoever sees several chooses one. */
export default function OwingPage() {
  const companies = useQuery(seenCompanies);
  return (
    <Loaded query={companies} what="your companies" size="m">
      {(found) =>
        found.length === 1 ? (
          <Navigate
            to="/companies/$companyId/cohorts/owed"
            params={{ companyId: String(found[0]!.id) }}
            replace
          />
        ) : (
          <Choice companies={found} />
        )
      }
    </Loaded>
  );
}

function Choice({ companies }: { companies: Company[] }) {
  return (
    <>
      <PageHead
        title="This month"
        sub="What a company owes the fund, and where it edits what that rests on"
      />
      <Card>
        {companies.length === 0 ? (
          <EmptyBlock
            title="No company yet"
            hint="Ask an administrator of the firm for a grant on your company."
          />
        ) : (
          <>
            <CardHead title="Companies" />
            <CardBody>
              <RowList
                label="Companies"
                rows={companies.map(({ id, name, currency }) => ({
                  key: String(id),
                  text: (
                    <Link to="/companies/$companyId/cohorts/owed" params={{ companyId: String(id) }}>
                      {name}
                    </Link>
                  ),
                  note: currency,
                }))}
              />
            </CardBody>
          </>
        )}
      </Card>
    </>
  );
}
