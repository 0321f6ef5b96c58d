import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { companyQuery } from '@/api/companies';
import { Actions, PageHead } from '@/ui';
import { CohortFiles, type CohortTable, type TablesOfPage } from './CohortFiles';
import { CohortTabs } from './CohortTabs';

interface Props {
  companyId: string;
  title: string;
  sub: ReactNode;
  right?: ReactNode;
  /** The tables of the page, to be taken along as files. */
  files?: TablesOfPage;
  /** What the page chose of a table. */
  chosen?: Partial<Record<CohortTable, Record<string, string | undefined>>>;
}

/** The head of each page about a company's cohorts: whose they are, what is shown, and the other pages. */
export function CohortHead({ companyId, title, sub, right, files, chosen }: Props) {
  const company = useQuery(companyQuery(companyId));
  return (
    <>
      <PageHead
        title={title}
        crumbs={
          <Link to="/companies/$companyId" params={{ companyId }}>
            {company.data?.name ?? 'Company'}
          </Link>
        }
        sub={sub}
        right={
          files ? (
            <Actions>
              <CohortFiles companyId={companyId} tables={files} query={chosen} />
              {right}
            </Actions>
          ) : (
            right
          )
        }
      />
      <CohortTabs companyId={companyId} />
    </>
  );
}
