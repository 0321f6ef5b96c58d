import { useSearch } from '@tanstack/react-router';
import { useMay } from '@/api/abilities';
import { PageHead, Tabs, useSetSearch } from '@/ui';
import { AlertList } from './AlertList';
import { Rules } from './Rules';

/** What should be looked at, and the rules that say when. */
export default function AlertsPage() {
  const { tab = 'alerts' } = useSearch({ from: '/frame/alerts' });
  const setSearch = useSetSearch();
  const seesRules = useMay('alert_rule.read');
  return (
    <>
      <PageHead
        title="Alerts"
        sub="What should be looked at. j and k move, a acknowledges; an alert closes by itself when its cause is gone."
      />
      <Tabs
        value={tab}
        onChange={(value) => setSearch({ tab: value === 'rules' ? 'rules' : undefined, alert: undefined })}
        keepMounted={false}
      >
        {seesRules && (
          <Tabs.List aria-label="Alerts and rules" mb="md">
            <Tabs.Tab value="alerts">Alerts</Tabs.Tab>
            <Tabs.Tab value="rules">Rules</Tabs.Tab>
          </Tabs.List>
        )}
        <Tabs.Panel value="alerts">
          <AlertList />
        </Tabs.Panel>
        <Tabs.Panel value="rules">
          <Rules />
        </Tabs.Panel>
      </Tabs>
    </>
  );
}
