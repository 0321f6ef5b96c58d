import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { companyQuery } from '@/api/companies';
import { PageHead, TabNav } from '@/ui';

interface Props {
  companyId: string;
  title: string;
  sub: ReactNode;
  right?: ReactNode;
}

const TABS = [
  { to: '/companies/$companyId/financials', label: 'Financials' },
  { to: '/companies/$companyId/kpis', label: 'KPIs' },
  { to: '/companies/$companyId/financials/import', label: 'Imports' },
] as const;

/** The head of each page about what a company reports: whose figures they are, and the other pages. */
export function ReportingHead({ companyId, title, sub, right }: Props) {
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
        right={right}
      />
      <TabNav label="Company reporting">
        {TABS.map(({ to, label }) => (
          <Link key={to} to={to} params={{ companyId }} activeOptions={{ exact: true, includeSearch: false }}>
            {label}
          </Link>
        ))}
      </TabNav>
    </>
  );
}
