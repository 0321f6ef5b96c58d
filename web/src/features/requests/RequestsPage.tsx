import { useSearch } from '@tanstack/react-router';
import { PageHead, Tabs, useSetSearch } from '@/ui';
import { Completion } from './Completion';
import { Recipients } from './Recipients';
import { Templates } from './Templates';

/** Who was asked for what, how far everybody is, and what is asked next. */
export default function RequestsPage() {
  const { tab = 'completion' } = useSearch({ from: '/frame/requests' });
  const setSearch = useSetSearch();
  return (
    <>
      <PageHead title="Requests" sub="Companies are asked by mail and answer on a form without an account." />
      <Tabs
        value={tab}
        onChange={(value) =>
          setSearch({ tab: value === 'completion' ? undefined : value, request: undefined })
        }
        keepMounted={false}
      >
        <Tabs.List aria-label="Requests" mb="md">
          <Tabs.Tab value="completion">Who is how far</Tabs.Tab>
          <Tabs.Tab value="templates">What is asked</Tabs.Tab>
          <Tabs.Tab value="recipients">Who is asked</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="completion">
          <Completion />
        </Tabs.Panel>
        <Tabs.Panel value="templates">
          <Templates />
        </Tabs.Panel>
        <Tabs.Panel value="recipients">
          <Recipients />
        </Tabs.Panel>
      </Tabs>
    </>
  );
}
