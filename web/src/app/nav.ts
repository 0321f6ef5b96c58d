import {
  IconBuildingBank,
  IconBuildingSkyscraper,
  IconFileImport,
  IconReportMoney,
  IconUsers,
} from '@tabler/icons-react';
import type { NavGroup } from '@/ui/shell/SideNav';

export const NAV: NavGroup[] = [
  {
    group: 'Funds',
    items: [
      { to: '/funds', label: 'Funds', key: 'f', icon: IconBuildingBank },
      { to: '/ledger', label: 'Ledger', key: 'l', icon: IconReportMoney },
      { to: '/investors', label: 'Investors', key: 'i', icon: IconUsers },
    ],
  },
  {
    group: 'Portfolio',
    items: [{ to: '/companies', label: 'Companies', key: 'c', icon: IconBuildingSkyscraper }],
  },
  { group: 'Data', items: [{ to: '/imports', label: 'Imports', key: 'm', icon: IconFileImport }] },
];
