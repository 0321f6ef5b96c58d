import { useMantineColorScheme } from '@mantine/core';
import { IconFileImport, IconMoon, IconPlus } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Outlet, useNavigate, useParams, useRouterState, useSearch } from '@tanstack/react-router';
import { lazy, Suspense, useCallback, useState } from 'react';
import { meQuery, signOut } from '@/api/session';
import { firstFunds, fundQuery } from '@/api/funds';
import type { Me } from '@/api/types';
import { ExplainContext, type FigureRef, figureKey, parseFigureKey } from '@/ui/explain';
import { AsOfPicker } from '@/ui/shell/AsOfPicker';
import { BrandMenu } from '@/ui/shell/BrandMenu';
import { Shell } from '@/ui/shell/Shell';
import { ShortcutHelp } from '@/ui/shell/ShortcutHelp';
import { useShortcuts } from '@/ui/shell/shortcuts';
import { useSetSearch } from '@/ui/useSetSearch';
import { ThemeSwitch } from '@/ui/shell/ThemeSwitch';
import { UserMenu } from '@/ui/shell/UserMenu';
import { humanise } from '@/lib/format';
import { NAV } from './nav';
import { Palette } from './Palette';

const ExplainDrawer = lazy(() => import('@/features/explain/ExplainDrawer'));

/** How many funds the menu shows; the others are found by the palette and the list. */
const IN_MENU = 15;

/** The signed-in frame: navigation, the as-of date, the palette, and the drawer that explains a figure. */
export function Frame() {
  const navigate = useNavigate();
  const cache = useQueryClient();
  const path = useRouterState({ select: (state) => state.location.pathname });
  const search = useSearch({ strict: false });
  const { fundId } = useParams({ strict: false });
  const me = useQuery(meQuery);
  const funds = useQuery(firstFunds(IN_MENU));
  const { toggleColorScheme } = useMantineColorScheme();
  const [help, setHelp] = useState(false);

  const setSearch = useSetSearch();
  const explain = useCallback((ref: FigureRef) => setSearch({ explain: figureKey(ref) }), [setSearch]);
  const go = (to: string) => () => void navigate({ to });
  const shortcuts = [
    ...NAV.flatMap(({ items }) => items).map(({ to, label, key }) => ({
      keys: `g ${key}`,
      label: `Go to ${label.toLowerCase()}`,
      run: go(to),
    })),
    {
      keys: 'n',
      label: 'Record an entry',
      run: () =>
        void navigate({ to: '/ledger', search: { fund: fundId ? Number(fundId) : undefined, new: true } }),
    },
    { keys: '?', label: 'Show these shortcuts', run: () => setHelp(true) },
  ];
  useShortcuts(shortcuts);

  const leave = async () => {
    await signOut();
    cache.clear();
    await navigate({ to: '/sign-in' });
  };
  const open = useQuery({ ...fundQuery(fundId ?? ''), enabled: fundId !== undefined }).data;
  const firm = me.data?.firm;
  return (
    <ExplainContext value={explain}>
      <Shell
        nav={NAV}
        path={path}
        brand={
          <BrandMenu
            title={open?.name ?? firm?.name ?? 'Vestry'}
            sub={open ? `Fund · ${open.currency}` : firmText(firm)}
            funds={(funds.data ?? []).map(({ id, name }) => ({ id: String(id), name }))}
            current={fundId}
            onChoose={(id) => void navigate({ to: '/funds/$fundId', params: { fundId: id } })}
            onAll={go('/funds')}
          />
        }
        user={
          me.data && (
            <UserMenu
              name={me.data.user?.name ?? 'API token'}
              role={humanise(me.data.role)}
              onShortcuts={() => setHelp(true)}
              onSignOut={() => void leave()}
            />
          )
        }
        controls={
          <>
            <AsOfPicker value={{ as_of: search.as_of, known_at: search.known_at }} onChange={setSearch} />
            <ThemeSwitch />
          </>
        }
      >
        <Outlet />
      </Shell>
      <Palette
        actions={[
          {
            id: 'record',
            label: 'Record an entry',
            description: 'Opens the ledger’s entry form',
            leftSection: <IconPlus size={18} />,
            onClick: () => void navigate({ to: '/ledger', search: { new: true } }),
          },
          {
            id: 'import',
            label: 'Import a file',
            leftSection: <IconFileImport size={18} />,
            onClick: () => void navigate({ to: '/imports/$importId', params: { importId: 'new' } }),
          },
          {
            id: 'theme',
            label: 'Switch theme',
            leftSection: <IconMoon size={18} />,
            onClick: toggleColorScheme,
          },
        ]}
      />
      <ShortcutHelp opened={help} onClose={() => setHelp(false)} shortcuts={shortcuts} />
      <Suspense>
        {parseFigureKey(search.explain) && (
          <ExplainDrawer figure={search.explain!} onClose={() => setSearch({ explain: undefined })} />
        )}
      </Suspense>
    </ExplainContext>
  );
}

function firmText(firm: Me['firm'] | undefined): string {
  return [firm?.is_demo ? 'Demo data' : 'All funds', firm?.currency].filter(Boolean).join(' · ');
}
