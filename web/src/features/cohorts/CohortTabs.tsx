import { Link } from '@tanstack/react-router';
import { useAbilities } from '@/api/abilities';
import { TabNav } from '@/ui';

/** The firm's own view of a company; the company itself sees what it owes and what it delivers. */
const FIRMS = 'cohort_portfolio.read';

const TABS = [
  { to: '/companies/$companyId/cohorts', label: 'Cohorts', needs: FIRMS },
  { to: '/companies/$companyId/cohorts/projections', label: 'Projections', needs: FIRMS },
  { to: '/companies/$companyId/cohorts/terms', label: 'Terms', needs: FIRMS },
  { to: '/companies/$companyId/cohorts/payments', label: 'Payments & spend', needs: 'cohort.read' },
  { to: '/companies/$companyId/cohorts/thresholds', label: 'Thresholds', needs: FIRMS },
  { to: '/companies/$companyId/cohorts/rounds', label: 'Rounds', needs: 'monthly_round.read' },
  { to: '/companies/$companyId/cohorts/owed', label: 'This month', needs: 'cohort.read' },
] as const;

/** The pages of a company's cohorts, for each of which somebody may see anything. */
export function CohortTabs({ companyId }: { companyId: string }) {
  const may = useAbilities();
  return (
    <TabNav label="Cohort financing">
      {TABS.filter(({ needs }) => may(needs)).map(({ to, label }) => (
        <Link key={to} to={to} params={{ companyId }} activeOptions={{ exact: true, includeSearch: false }}>
          {label}
        </Link>
      ))}
    </TabNav>
  );
}
