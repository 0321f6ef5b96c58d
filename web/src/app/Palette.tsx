import { useDebouncedValue } from '@mantine/hooks';
import type { SpotlightActionGroupData } from '@mantine/spotlight';
import { IconBuildingBank, IconBuildingSkyscraper, IconUser } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { http } from '@/api/client';
import { CommandPalette } from '@/ui/shell/CommandPalette';
import { NAV } from './nav';

interface Named {
  id: number;
  name: string;
}

const LISTS = [
  { path: '/api/v1/funds', to: '/funds', group: 'Funds', icon: IconBuildingBank },
  { path: '/api/v1/companies', to: '/companies', group: 'Companies', icon: IconBuildingSkyscraper },
  { path: '/api/v1/investors', to: '/investors', group: 'Investors', icon: IconUser },
] as const;

async function search(text: string): Promise<Named[][]> {
  const query = { q: text, limit: 6 };
  const pages = await Promise.all(LISTS.map(({ path }) => http.GET(path, { params: { query } })));
  return pages.map((page) => page.data!.items);
}

interface Props {
  actions: SpotlightActionGroupData['actions'];
}

/** Finds funds, companies and investors by name on the server, beside pages and actions. */
export function Palette({ actions }: Props) {
  const navigate = useNavigate();
  const [text, setText] = useState('');
  const [term] = useDebouncedValue(text.trim(), 150);
  const found = useQuery({
    queryKey: ['palette', term],
    queryFn: () => search(term),
    enabled: term.length > 0,
    placeholderData: keepPreviousData,
  });
  const pages = NAV.flatMap(({ group, items }) =>
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
