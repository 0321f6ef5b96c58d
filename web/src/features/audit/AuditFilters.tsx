import { useState } from 'react';
import { usePeople } from '@/api/people';
import { Button, DateField, FilterBar, Select, TextInput, useSetSearch } from '@/ui';
import type { AuditQuery } from './queries';
import { ACTIONS } from './words';

/** Which part of the trail: by record, person, action and days. All of it stands in the address. */
export function AuditFilters({ query }: { query: AuditQuery }) {
  const setSearch = useSetSearch();
  const people = usePeople();
  const [record, setRecord] = useState(query.record ?? '');
  const set = (change: object) => setSearch(change, true);
  const any = Object.values(query).some((value) => value !== undefined);
  const clear = () => {
    setRecord('');
    set({ record: undefined, person: undefined, action: undefined, since: undefined, until: undefined });
  };
  return (
    <FilterBar label="Filters">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          set({ record: record.trim() || undefined });
        }}
      >
        <TextInput
          label="Record"
          placeholder="transaction:12"
          value={record}
          onChange={(event) => setRecord(event.currentTarget.value)}
          onBlur={() => set({ record: record.trim() || undefined })}
        />
      </form>
      {people && (
        <Select
          label="Person"
          placeholder="Anyone"
          clearable
          searchable
          data={people.map(({ id, name }) => ({ value: String(id), label: name }))}
          value={query.person ? String(query.person) : null}
          onChange={(value) => set({ person: value ? Number(value) : undefined })}
        />
      )}
      <Select
        label="What"
        placeholder="Anything"
        clearable
        data={Object.entries(ACTIONS).map(([value, label]) => ({ value, label }))}
        value={query.action ?? null}
        onChange={(value) => set({ action: value ?? undefined })}
      />
      <DateField
        label="From"
        value={query.since ?? ''}
        onChange={(since) => set({ since: since || undefined })}
      />
      <DateField
        label="To"
        value={query.until ?? ''}
        onChange={(until) => set({ until: until || undefined })}
      />
      {any && (
        <Button variant="subtle" onClick={clear}>
          Clear
        </Button>
      )}
    </FilterBar>
  );
}
