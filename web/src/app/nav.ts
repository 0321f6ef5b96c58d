import {
  IconArrowsExchange,
  IconBell,
  IconBuildingBank,
  IconBuildingSkyscraper,
  IconChartAreaLine,
  IconChecks,
  IconFileImport,
  IconHistory,
  IconInbox,
  IconKey,
  IconMailQuestion,
  IconLayoutGrid,
  IconProgress,
  IconReceipt,
  IconReportMoney,
  IconRulerMeasure,
  IconSettings,
  IconUsers,
  IconUsersGroup,
} from '@tabler/icons-react';
import type { NavGroup, NavItem } from '@/ui/shell/SideNav';

type Guarded = NavItem & {
  /** The operation without which the page shows nothing. */
  needs: string;
  /** The operation with which there is a better page. */
  unless?: string;
};

const PAGES: { group: string; items: Guarded[] }[] = [
  {
    group: 'Cohort financing',
    items: [
      {
        to: '/owed',
        label: 'This month',
        key: 'o',
        icon: IconReceipt,
        needs: 'cohort.read',
        unless: 'cohort_portfolio.read',
      },
    ],
  },
  {
    group: 'Funds',
    items: [
      { to: '/funds', label: 'Funds', key: 'f', icon: IconBuildingBank, needs: 'fund.read' },
      { to: '/ledger', label: 'Ledger', key: 'l', icon: IconReportMoney, needs: 'performance.read' },
      { to: '/investors', label: 'Investors', key: 'i', icon: IconUsers, needs: 'investor.read' },
    ],
  },
  {
    group: 'Portfolio',
    items: [
      {
        to: '/companies',
        label: 'Companies',
        key: 'c',
        icon: IconBuildingSkyscraper,
        needs: 'company.read',
      },
      { to: '/reporting', label: 'KPI matrix', key: 'k', icon: IconLayoutGrid, needs: 'metric.read' },
      { to: '/alerts', label: 'Alerts', key: 'w', icon: IconBell, needs: 'alert.read' },
      { to: '/requests', label: 'Requests', key: 'r', icon: IconMailQuestion, needs: 'data_request.read' },
      { to: '/inbox', label: 'Inbox', key: 'n', icon: IconInbox, needs: 'submission.read' },
    ],
  },
  {
    group: 'Cohort financing',
    items: [
      {
        to: '/cohorts',
        label: 'Trades',
        key: 'o',
        icon: IconChartAreaLine,
        needs: 'cohort_portfolio.read',
      },
    ],
  },
  {
    group: 'Data',
    items: [
      { to: '/approvals', label: 'Approvals', key: 'v', icon: IconChecks, needs: 'approval.read' },
      { to: '/fx', label: 'FX rates', key: 'x', icon: IconArrowsExchange, needs: 'fx_rate.read' },
      {
        to: '/definitions',
        label: 'Metrics',
        key: 'd',
        icon: IconRulerMeasure,
        needs: 'metric_definition.read',
      },
      { to: '/imports', label: 'Imports', key: 'm', icon: IconFileImport, needs: 'import.read' },
      { to: '/jobs', label: 'Jobs', key: 'j', icon: IconProgress, needs: 'job.read' },
    ],
  },
  {
    group: 'Firm',
    items: [
      { to: '/people', label: 'People', key: 'p', icon: IconUsersGroup, needs: 'user.read' },
      { to: '/tokens', label: 'API tokens', key: 't', icon: IconKey, needs: 'token.read' },
      {
        to: '/settings',
        label: 'Settings',
        key: 's',
        icon: IconSettings,
        needs: 'reporting_settings.change',
      },
      { to: '/audit', label: 'Audit', key: 'a', icon: IconHistory, needs: 'audit.read' },
    ],
  },
];

/** The pages of which somebody may see anything. */
export function navFor(may: (operation: string) => boolean): NavGroup[] {
  return PAGES.map(({ group, items }) => ({
    group,
    items: items.filter(({ needs, unless }) => may(needs) && !(unless && may(unless))),
  })).filter(({ items }) => items.length > 0);
}
