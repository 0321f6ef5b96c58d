import { useDebouncedValue } from '@mantine/hooks';
import type { SpotlightActionGroupData } from '@mantine/spotlight';
import { IconBuildingBank, IconBuildingSkyscraper, IconUser } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useAbilities } from '@/api/abilities';
import { http } from '@/api/client';
import { CommandPalette } from '@/ui/shell/CommandPalette';
import type { NavGroup } from '@/ui/shell/SideNav';

interface Named {
  id: number;
  name: string;
}

const LISTS = [
  { path: '/api/v1/funds', to: '/funds', group: 'Funds', icon: IconBuildingBank, needs: 'fund.read' },
  {
    path: '/api/v1/companies',
    to: '/companies',
    group: 'Companies',
    icon: IconBuildingSkyscraper,
    needs: 'company.read',
  },
  { path: '/api/v1/investors', to: '/investors', group: 'Investors', icon: IconUser, needs: 'investor.read' },
] as const;

/** What each list has of the text; nothing from lists that one may not read. */
async function search(text: string, may: (operation: string) => boolean): Promise<Named[][]> {
  const query = { q: text, limit: 6 };
  return Promise.all(
    LISTS.map(async ({ path, needs }) =>
      may(needs) ? (await http.GET(path, { params: { query } })).data!.items : [],
    ),
  );
}

interface Props {
  nav: NavGroup[];
  actions: SpotlightActionGroupData['actions'];
}

/** Finds funds, companies and investors by name on the server, beside pages and actions. */
export function Palette({ nav, actions }: Props) {
  const navigate = useNavigate();
  const may = useAbilities();
  const [text, setText] = useState('');
  const [term] = useDebouncedValue(text.trim(), 150);
  const found = useQuery({
    queryKey: ['palette', term],
    queryFn: () => search(term, may),
    enabled: term.length > 0,
    placeholderData: keepPreviousData,
  });
  const pages = nav.flatMap(({ group, items }) =>
    items.map((item) => ({
      id: item.to,
      label: item.label,
      description: group,
      leftSection: <item.icon size={18} stroke={1.6} />,
      onClick: () => void navigate({ to: item.to }),
    })),
  );
  const records = LISTS.map(({ group, to, icon: Icon }, index) => ({
    group,
    actions: (term ? (found.data?.[index] ?? []) : []).map((record) => ({
      id: `${to}/${record.id}`,
      label: record.name,
      leftSection: <Icon size={18} stroke={1.6} />,
      onClick: () => void navigate({ to: `${to}/${record.id}` }),
    })),
  }));
  const groups = [{ group: 'Go to', actions: pages }, ...records, { group: 'Actions', actions }];
  return (
    <CommandPalette
      groups={groups.filter((group) => group.actions.length > 0)}
      query={text}
      onQuery={setText}
      searching={found.isFetching}
    />
  );
}
