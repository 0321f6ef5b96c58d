import { AppShell, Burger, Kbd, UnstyledButton } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { spotlight } from '@mantine/spotlight';
import { IconSearch } from '@tabler/icons-react';
import { type ReactNode, useEffect } from 'react';
import classes from './Shell.module.css';
import { SideNav, type NavGroup } from './SideNav';

interface Props {
  nav: NavGroup[];
  /** Whose books these are: the menu in the top left. */
  brand: ReactNode;
  user: ReactNode;
  /** The as-of date and the other controls of the top bar. */
  controls: ReactNode;
  /** The current path: the drawer of a phone closes when it changes. */
  path: string;
  /** What stands over every page meanwhile. */
  banner?: ReactNode;
  children: ReactNode;
}

/** Sidebar, top bar and page; on a phone the sidebar is a drawer. */
export function Shell({ nav, brand, user, controls, path, banner, children }: Props) {
  const [opened, { toggle, close }] = useDisclosure(false);
  useEffect(() => close(), [path, close]);
  return (
    <AppShell
      header={{ height: 56 }}
      navbar={{ width: 236, breakpoint: 'sm', collapsed: { mobile: !opened } }}
      padding={0}
      layout="alt"
    >
      <a href="#main" className="skip">
        Skip to content
      </a>
      <AppShell.Navbar className={classes.navbar} aria-label="Main">
        <div className={classes.brandRow}>
          {brand}
          <Burger opened={opened} onClick={toggle} hiddenFrom="sm" size="sm" aria-label="Close menu" />
        </div>
        <SideNav groups={nav} />
        {user}
      </AppShell.Navbar>
      <AppShell.Header className={classes.header}>
        <div className={classes.bar}>
          <div className={classes.left}>
            <Burger opened={opened} onClick={toggle} hiddenFrom="sm" size="sm" aria-label="Open menu" />
            <UnstyledButton
              className={classes.search}
              onClick={() => spotlight.open()}
              aria-keyshortcuts="Control+K Meta+K"
            >
              <IconSearch size={16} aria-hidden />
              <span>Search or jump to…</span>
              <Kbd size="xs" aria-hidden>
                Ctrl K
              </Kbd>
            </UnstyledButton>
          </div>
          <div className={classes.right}>{controls}</div>
        </div>
      </AppShell.Header>
      <AppShell.Main className={classes.main} id="main" tabIndex={-1}>
        {banner}
        <div className={classes.page}>{children}</div>
      </AppShell.Main>
    </AppShell>
  );
}
