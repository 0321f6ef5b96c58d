import { useMantineColorScheme } from '@mantine/core';
import { IconFileImport, IconMoon, IconPlus, IconUser } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Outlet, useNavigate, useParams, useRouterState, useSearch } from '@tanstack/react-router';
import { lazy, Suspense, useCallback, useState } from 'react';
import { useAbilities } from '@/api/abilities';
import { openAlertsQuery } from '@/api/alerts';
import { waitingQuery } from '@/api/approvals';
import { meQuery, signOut } from '@/api/session';
import { firstFunds, fundQuery } from '@/api/funds';
import type { Me } from '@/api/types';
import { stopViewing, viewedAs } from '@/api/view-as';
import { ExplainContext, type FigureRef, figureKey, parseFigureKey } from '@/ui/explain';
import { AsOfPicker } from '@/ui/shell/AsOfPicker';
import { BrandMenu } from '@/ui/shell/BrandMenu';
import { Shell } from '@/ui/shell/Shell';
import { ShortcutHelp } from '@/ui/shell/ShortcutHelp';
import { useShortcuts } from '@/ui/shell/shortcuts';
import { useSetSearch } from '@/ui/useSetSearch';
import { ThemeSwitch } from '@/ui/shell/ThemeSwitch';
import { ViewBanner } from '@/ui/shell/ViewBanner';
import { UserMenu } from '@/ui/shell/UserMenu';
import { parseFactKey } from '@/lib/facts';
import { humanise } from '@/lib/format';
import { navFor } from './nav';
import { Palette } from './Palette';

const FactDrawer = lazy(() => import('@/features/ledger/facts/FactDrawer'));
const ExplainDrawer = lazy(() => import('@/features/explain/ExplainDrawer'));

/** How many funds the menu shows; the others are found by the palette and the list. */
const IN_MENU = 15;

/** The signed-in frame: navigation, the as-of date, the palette, and the drawer that explains a figure. */
export function Frame() {
  const navigate = useNavigate();
  const cache = useQueryClient();
  const path = useRouterState({ select: (state) => state.location.pathname });
  const search = useSearch({ strict: false });
  const { fundId, companyId } = useParams({ strict: false });
  const me = useQuery(meQuery);
  const funds = useQuery({ ...firstFunds(IN_MENU), enabled: me.data?.abilities.includes('fund.read') });
  const { toggleColorScheme } = useMantineColorScheme();
  const [help, setHelp] = useState(false);

  const may = useAbilities();
  const waiting = useQuery({ ...waitingQuery, enabled: may('approval.change') }).data;
  const alerts = useQuery({ ...openAlertsQuery, enabled: may('alert.read') }).data;
  const counts: Record<string, number | undefined> = { '/approvals': waiting, '/alerts': alerts };
  const nav = navFor(may).map(({ group, items }) => ({
    group,
    items: items.map((item) => ({ ...item, count: counts[item.to] })),
  }));
  const mayRecord = may('capital.change');
  const setSearch = useSetSearch();
  const explain = useCallback((ref: FigureRef) => setSearch({ explain: figureKey(ref) }), [setSearch]);
  const go = (to: string) => () => void navigate({ to });
  const record = () =>
    void navigate({ to: '/ledger', search: { fund: fundId ? Number(fundId) : search.fund, new: true } });
  const shortcuts = [
    ...nav
      .flatMap(({ items }) => items)
      .map(({ to, label, key }) => ({
        keys: `g ${key}`,
        label: `Go to ${label.toLowerCase()}`,
        run: go(to),
      })),
    ...(mayRecord ? [{ keys: 'n', label: 'Record an entry', run: record }] : []),
    { keys: '?', label: 'Show these shortcuts', run: () => setHelp(true) },
  ];
  useShortcuts(shortcuts);

  const leave = async () => {
    stopViewing();
    await signOut();
    cache.clear();
    await navigate({ to: '/sign-in' });
  };
  const stop = async () => {
    stopViewing();
    cache.clear();
    await navigate({ to: '/people' });
  };
  const open = useQuery({ ...fundQuery(fundId ?? ''), enabled: fundId !== undefined }).data;
  const firm = me.data?.firm;
  return (
    <ExplainContext value={explain}>
      <Shell
        nav={nav}
        path={path}
        banner={
          viewedAs() !== null &&
          me.data?.user && (
            <ViewBanner name={me.data.user.name} role={humanise(me.data.role)} onStop={() => void stop()} />
          )
        }
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
              onAccount={go('/account')}
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
        nav={nav}
        actions={[
          ...(mayRecord ? [{ ...RECORD, onClick: record }] : []),
          ...(may('import.change')
            ? [
                {
                  ...IMPORT,
                  onClick: () => void navigate({ to: '/imports/$importId', params: { importId: 'new' } }),
                },
              ]
            : []),
          ...(may('metric.change')
            ? [
                {
                  ...FIGURES,
                  description: companyId ? 'Of this company' : 'Of a company, by file',
                  onClick: () =>
                    void (companyId
                      ? navigate({ to: '/companies/$companyId/financials/import', params: { companyId } })
                      : navigate({ to: '/imports/figures' })),
                },
              ]
            : []),
          { ...THEME, onClick: toggleColorScheme },
          { ...ACCOUNT, onClick: go('/account') },
        ]}
      />
      <ShortcutHelp opened={help} onClose={() => setHelp(false)} shortcuts={shortcuts} />
      <Suspense>
        {parseFigureKey(search.explain) && (
          <ExplainDrawer figure={search.explain!} onClose={() => setSearch({ explain: undefined })} />
        )}
        {parseFactKey(search.fact) && (
          <FactDrawer fact={search.fact!} onClose={() => setSearch({ fact: undefined })} />
        )}
      </Suspense>
    </ExplainContext>
  );
}

const RECORD = {
  id: 'record',
  label: 'Record an entry',
  description: 'Opens the ledger’s entry form',
  leftSection: <IconPlus size={18} />,
};
const IMPORT = { id: 'import', label: 'Import a file', leftSection: <IconFileImport size={18} /> };
const FIGURES = { id: 'figures', label: 'Import figures', leftSection: <IconFileImport size={18} /> };
const THEME = { id: 'theme', label: 'Switch theme', leftSection: <IconMoon size={18} /> };
const ACCOUNT = { id: 'account', label: 'Your account', leftSection: <IconUser size={18} /> };

function firmText(firm: Me['firm'] | undefined): string {
  return [firm?.is_demo ? 'Demo data' : 'All funds', firm?.currency].filter(Boolean).join(' · ');
}
