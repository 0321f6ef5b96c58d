import { MutationCache, notifyManager, QueryClient } from '@tanstack/react-query';
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
  retainSearchParams,
} from '@tanstack/react-router';
import { ApiError, AwaitsApproval, whenSignedOut } from '@/api/client';
import { meQuery } from '@/api/session';
import { stopViewing, viewedAs } from '@/api/view-as';
import { EmptyBlock } from '@/ui/states/EmptyBlock';
import { ErrorBlock } from '@/ui/states/ErrorBlock';
import { LoadingBlock } from '@/ui/states/LoadingBlock';
import { Frame } from './Frame';
import { navFor } from './nav';
import {
  alertsSearch,
  approvalsSearch,
  figureImportsSearch,
  figuresSearch,
  fxSearch,
  auditSearch,
  cohortsSearch,
  inboxSearch,
  compareSearch,
  jobsSearch,
  ledgerSearch,
  letterSearch,
  listSearch,
  matrixSearch,
  metricsSearch,
  nextSearch,
  owedSearch,
  roundsSearch,
  paymentsSearch,
  peopleSearch,
  projectionsSearch,
  requestsSearch,
  rootSearch,
  signInSearch,
  termsSearch,
  tradesSearch,
} from './search';

// What was asked for shows before the next click or key can ask for it again: a button that waits is then off already.
notifyManager.setScheduler(queueMicrotask);

export const cache: QueryClient = new QueryClient({
  mutationCache: new MutationCache({
    onError: (error) => {
      if (error instanceof AwaitsApproval) void cache.invalidateQueries({ queryKey: ['approvals'] });
    },
  }),
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      refetchOnWindowFocus: false,
      // An answer below 500 is the server's decision: asking again changes nothing.
      retry: (count, error) => count < 2 && !(error instanceof ApiError && error.status < 500),
    },
  },
});

/** Until the frame stands, the outline of `index.html` is seen behind it. */
const Nothing = () => null;

/** Where a page will stand whose code or data is on its way. */
const Coming = () => <LoadingBlock size="l" label="the page" />;

const root = createRootRouteWithContext<{ cache: QueryClient }>()({
  component: Outlet,
  pendingComponent: Nothing,
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

const secondStep = createRoute({
  getParentRoute: () => root,
  path: '/second-step',
  validateSearch: nextSearch,
  component: lazyRouteComponent(() => import('@/features/identity/SecondStepPage')),
});

const forgotten = createRoute({
  getParentRoute: () => root,
  path: '/forgot-password',
  component: lazyRouteComponent(() => import('@/features/identity/ForgotPasswordPage')),
});

const newPassword = createRoute({
  getParentRoute: () => root,
  path: '/new-password',
  validateSearch: letterSearch,
  component: lazyRouteComponent(() => import('@/features/identity/NewPasswordPage')),
});

const invitation = createRoute({
  getParentRoute: () => root,
  path: '/invitation',
  validateSearch: letterSearch,
  component: lazyRouteComponent(() => import('@/features/identity/InvitationPage')),
});

/** What a company fills in by the link it was mailed: no account, and not the firm's frame. */
const form = createRoute({
  getParentRoute: () => root,
  path: '/form',
  validateSearch: letterSearch,
  component: lazyRouteComponent(() => import('@/features/requests/FormPage')),
});

/** Everything behind the sign-in; keeps the as-of date in every address below it. */
const frame = createRoute({
  getParentRoute: () => root,
  id: 'frame',
  validateSearch: rootSearch,
  search: { middlewares: [retainSearchParams(['as_of', 'known_at'])] },
  beforeLoad: async ({ context, location }) => {
    await context.cache.ensureQueryData(meQuery).catch((error: unknown) => {
      if (viewedAs() !== null) {
        // Whoever was looked as is gone, or one may look no more.
        stopViewing();
        throw redirect({ to: '/' });
      }
      if (error instanceof ApiError && error.status === 401)
        throw redirect({ to: '/sign-in', search: { next: location.href } });
      throw error;
    });
  },
  component: Frame,
  pendingComponent: Nothing,
});

const home = createRoute({
  getParentRoute: () => frame,
  path: '/',
  beforeLoad: ({ context }) => {
    const me = context.cache.getQueryData(meQuery.queryKey);
    const first = navFor((operation) => me?.abilities.includes(operation) ?? false)[0]?.items[0]?.to;
    throw redirect({ to: (first ?? '/account') as '/funds' });
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

const financials = createRoute({
  getParentRoute: () => frame,
  path: '/companies/$companyId/financials',
  validateSearch: figuresSearch,
  component: lazyRouteComponent(() => import('@/features/reporting/FinancialsPage')),
});

const figureImports = createRoute({
  getParentRoute: () => frame,
  path: '/companies/$companyId/financials/import',
  validateSearch: figureImportsSearch,
  component: lazyRouteComponent(() => import('@/features/reporting/imports/ImportFiguresPage')),
});

const kpis = createRoute({
  getParentRoute: () => frame,
  path: '/companies/$companyId/kpis',
  validateSearch: figuresSearch,
  loader: warmChart,
  component: lazyRouteComponent(() => import('@/features/reporting/KpisPage')),
});

const reporting = createRoute({
  getParentRoute: () => frame,
  path: '/reporting',
  validateSearch: matrixSearch,
  component: lazyRouteComponent(() => import('@/features/reporting/MatrixPage')),
});

const metrics = createRoute({
  getParentRoute: () => frame,
  path: '/definitions',
  validateSearch: metricsSearch,
  component: lazyRouteComponent(() => import('@/features/reporting/definitions/MetricsPage')),
});

const comparison = createRoute({
  getParentRoute: () => frame,
  path: '/reporting/compare',
  validateSearch: compareSearch,
  loader: warmChart,
  component: lazyRouteComponent(() => import('@/features/reporting/ComparePage')),
});

const cohorts = createRoute({
  getParentRoute: () => frame,
  path: '/companies/$companyId/cohorts',
  validateSearch: cohortsSearch,
  beforeLoad: (asked) => firmsView(asked),
  component: lazyRouteComponent(() => import('@/features/cohorts/CohortsPage')),
});

const projections = createRoute({
  getParentRoute: () => frame,
  path: '/companies/$companyId/cohorts/projections',
  validateSearch: projectionsSearch,
  loader: warmChart,
  component: lazyRouteComponent(() => import('@/features/cohorts/projections/ProjectionsPage')),
});

const cohortTerms = createRoute({
  getParentRoute: () => frame,
  path: '/companies/$companyId/cohorts/terms',
  beforeLoad: (asked) => firmsView(asked),
  validateSearch: termsSearch,
  loader: warmChart,
  component: lazyRouteComponent(() => import('@/features/cohorts/terms/TermsPage')),
});

const trades = createRoute({
  getParentRoute: () => frame,
  path: '/cohorts',
  validateSearch: tradesSearch,
  loader: warmChart,
  component: lazyRouteComponent(() => import('@/features/cohorts/portfolio/PortfolioPage')),
});

/** What the firm sees of a company's cohorts is not for the company itself: it has a page of its own. */
const firmsView = ({
  context,
  params,
}: {
  context: { cache: QueryClient };
  params: { companyId: string };
}) => {
  const may = context.cache.getQueryData(meQuery.queryKey)?.abilities;
  if (may?.includes('cohort.read') && !may.includes('cohort_portfolio.read'))
    throw redirect({ to: '/companies/$companyId/cohorts/owed', params });
};

const payments = createRoute({
  getParentRoute: () => frame,
  path: '/companies/$companyId/cohorts/payments',
  validateSearch: paymentsSearch,
  component: lazyRouteComponent(() => import('@/features/cohorts/payments/PaymentsPage')),
});

const thresholds = createRoute({
  getParentRoute: () => frame,
  path: '/companies/$companyId/cohorts/thresholds',
  beforeLoad: (asked) => firmsView(asked),
  component: lazyRouteComponent(() => import('@/features/cohorts/thresholds/ThresholdsPage')),
});

const rounds = createRoute({
  getParentRoute: () => frame,
  path: '/companies/$companyId/cohorts/rounds',
  validateSearch: roundsSearch,
  component: lazyRouteComponent(() => import('@/features/cohorts/rounds/RoundsPage')),
});

const owed = createRoute({
  getParentRoute: () => frame,
  path: '/companies/$companyId/cohorts/owed',
  validateSearch: owedSearch,
  component: lazyRouteComponent(() => import('@/features/cohorts/owed/OwedPage')),
});

const owing = createRoute({
  getParentRoute: () => frame,
  path: '/owed',
  component: lazyRouteComponent(() => import('@/features/cohorts/owed/OwingPage')),
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

const figuresOfWhom = createRoute({
  getParentRoute: () => frame,
  path: '/imports/figures',
  component: lazyRouteComponent(() => import('@/features/reporting/imports/ChooseCompanyPage')),
});

const account = createRoute({
  getParentRoute: () => frame,
  path: '/account',
  component: lazyRouteComponent(() => import('@/features/identity/account/AccountPage')),
});

const people = createRoute({
  getParentRoute: () => frame,
  path: '/people',
  validateSearch: peopleSearch,
  component: lazyRouteComponent(() => import('@/features/people/PeoplePage')),
});

const tokens = createRoute({
  getParentRoute: () => frame,
  path: '/tokens',
  component: lazyRouteComponent(() => import('@/features/tokens/TokensPage')),
});

const jobs = createRoute({
  getParentRoute: () => frame,
  path: '/jobs',
  validateSearch: jobsSearch,
  component: lazyRouteComponent(() => import('@/features/jobs/JobsPage')),
});

const approvals = createRoute({
  getParentRoute: () => frame,
  path: '/approvals',
  validateSearch: approvalsSearch,
  component: lazyRouteComponent(() => import('@/features/approvals/ApprovalsPage')),
});

const alerts = createRoute({
  getParentRoute: () => frame,
  path: '/alerts',
  validateSearch: alertsSearch,
  component: lazyRouteComponent(() => import('@/features/alerts/AlertsPage')),
});

const requests = createRoute({
  getParentRoute: () => frame,
  path: '/requests',
  validateSearch: requestsSearch,
  component: lazyRouteComponent(() => import('@/features/requests/RequestsPage')),
});

const inbox = createRoute({
  getParentRoute: () => frame,
  path: '/inbox',
  validateSearch: inboxSearch,
  component: lazyRouteComponent(() => import('@/features/requests/InboxPage')),
});

const fx = createRoute({
  getParentRoute: () => frame,
  path: '/fx',
  validateSearch: fxSearch,
  component: lazyRouteComponent(() => import('@/features/fx/FxPage')),
});

const settings = createRoute({
  getParentRoute: () => frame,
  path: '/settings',
  component: lazyRouteComponent(() => import('@/features/settings/SettingsPage')),
});

const audit = createRoute({
  getParentRoute: () => frame,
  path: '/audit',
  validateSearch: auditSearch,
  component: lazyRouteComponent(() => import('@/features/audit/AuditPage')),
});

const pages = [
  home,
  funds,
  fund,
  ledger,
  companies,
  company,
  financials,
  figureImports,
  kpis,
  reporting,
  metrics,
  comparison,
  cohorts,
  projections,
  cohortTerms,
  trades,
  payments,
  thresholds,
  rounds,
  owed,
  owing,
  investors,
  investor,
  imports,
  importWizard,
  figuresOfWhom,
  approvals,
  alerts,
  requests,
  inbox,
  fx,
  jobs,
  settings,
  people,
  tokens,
  audit,
  account,
];

export const router = createRouter({
  routeTree: root.addChildren([
    signIn,
    secondStep,
    forgotten,
    newPassword,
    invitation,
    form,
    frame.addChildren(pages),
  ]),
  context: { cache },
  defaultPreload: 'intent',
  defaultPendingComponent: Coming,
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
