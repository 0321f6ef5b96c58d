import { QueryClient } from '@tanstack/react-query';
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
  retainSearchParams,
} from '@tanstack/react-router';
import { ApiError, whenSignedOut } from '@/api/client';
import { meQuery } from '@/api/session';
import { EmptyBlock } from '@/ui/states/EmptyBlock';
import { ErrorBlock } from '@/ui/states/ErrorBlock';
import { Frame } from './Frame';
import { ledgerSearch, listSearch, rootSearch, signInSearch } from './search';

export const cache = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      refetchOnWindowFocus: false,
      // An answer below 500 is the server's decision: asking again changes nothing.
      retry: (count, error) => count < 2 && !(error instanceof ApiError && error.status < 500),
    },
  },
});

const root = createRootRouteWithContext<{ cache: QueryClient }>()({
  component: Outlet,
  notFoundComponent: () => (
    <EmptyBlock title="Page not found" hint="The address may be old or mistyped. Press Ctrl K to search." />
  ),
  errorComponent: ({ error, reset }) => <ErrorBlock error={error} what="this page" onRetry={reset} />,
});

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: signInSearch,
  component: lazyRouteComponent(() => import('@/features/identity/SignInPage')),
});

/** Everything behind the sign-in; keeps the as-of date in every address below it. */
const frame = createRoute({
  getParentRoute: () => root,
  id: 'frame',
  validateSearch: rootSearch,
  search: { middlewares: [retainSearchParams(['as_of', 'known_at'])] },
  beforeLoad: async ({ context, location }) => {
    await context.cache.ensureQueryData(meQuery).catch((error: unknown) => {
      if (error instanceof ApiError && error.status === 401)
        throw redirect({ to: '/sign-in', search: { next: location.href } });
      throw error;
    });
  },
  component: Frame,
});

const home = createRoute({
  getParentRoute: () => frame,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/funds' });
  },
});

const funds = createRoute({
  getParentRoute: () => frame,
  path: '/funds',
  validateSearch: listSearch,
  component: lazyRouteComponent(() => import('@/features/funds/FundsPage')),
});

const warmChart = () => void import('@/ui/charts/echarts');

const fund = createRoute({
  getParentRoute: () => frame,
  path: '/funds/$fundId',
  loader: warmChart,
  component: lazyRouteComponent(() => import('@/features/funds/FundPage')),
});

const ledger = createRoute({
  getParentRoute: () => frame,
  path: '/ledger',
  validateSearch: ledgerSearch,
  component: lazyRouteComponent(() => import('@/features/ledger/LedgerPage')),
});

const companies = createRoute({
  getParentRoute: () => frame,
  path: '/companies',
  validateSearch: listSearch,
  component: lazyRouteComponent(() => import('@/features/companies/CompaniesPage')),
});

const company = createRoute({
  getParentRoute: () => frame,
  path: '/companies/$companyId',
  loader: warmChart,
  component: lazyRouteComponent(() => import('@/features/companies/CompanyPage')),
});

const investors = createRoute({
  getParentRoute: () => frame,
  path: '/investors',
  validateSearch: listSearch,
  component: lazyRouteComponent(() => import('@/features/investors/InvestorsPage')),
});

const investor = createRoute({
  getParentRoute: () => frame,
  path: '/investors/$investorId',
  component: lazyRouteComponent(() => import('@/features/investors/InvestorPage')),
});

const imports = createRoute({
  getParentRoute: () => frame,
  path: '/imports',
  component: lazyRouteComponent(() => import('@/features/imports/ImportsPage')),
});

const importWizard = createRoute({
  getParentRoute: () => frame,
  path: '/imports/$importId',
  component: lazyRouteComponent(() => import('@/features/imports/ImportPage')),
});

const pages = [home, funds, fund, ledger, companies, company, investors, investor, imports, importWizard];

export const router = createRouter({
  routeTree: root.addChildren([signIn, frame.addChildren(pages)]),
  context: { cache },
  defaultPreload: 'intent',
  scrollRestoration: true,
});

whenSignedOut(() => {
  cache.clear();
  void router.navigate({ to: '/sign-in', search: { next: router.state.location.href } });
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
