import { QueryClient } from '@tanstack/react-query';
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from '@tanstack/react-router';
import { z } from 'zod';
import { ApiError, whenSignedOut } from '@/api/client';
import { EmptyBlock } from '@/ui/states/EmptyBlock';
import { ErrorBlock } from '@/ui/states/ErrorBlock';

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
  validateSearch: z.object({ token: z.string().optional(), next: z.string().optional() }),
  component: lazyRouteComponent(() => import('@/features/identity/SignInPage')),
});

const home = createRoute({
  getParentRoute: () => root,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/sign-in' });
  },
});

export const router = createRouter({
  routeTree: root.addChildren([home, signIn]),
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
