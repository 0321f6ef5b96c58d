import { Button, Select } from '@mantine/core';
import { useState } from 'react';
import { searchScopes } from '@/api/entities';
import { kindsFor, type ScopeKind } from '@/lib/access';
import { humanise } from '@/lib/format';
import { EntitySelect } from './fields/EntitySelect';
import classes from './GrantFields.module.css';

export interface ChosenGrant {
  scope_kind: ScopeKind;
  scope_id: number | null;
  name: string;
}

interface Props {
  role: string;
  onAdd: (grant: ChosenGrant) => void;
  pending?: boolean;
}

/** Chooses one part of the firm that means something to a role. */
export function GrantFields({ role, onAdd, pending }: Props) {
  const kinds = kindsFor(role);
  const [chosen, setChosen] = useState<ScopeKind>('fund');
  const kind = kinds.includes(chosen) ? chosen : kinds[0]!;
  const [scope, setScope] = useState<{ id: string; name: string } | null>(null);
  const choose = (next: string | null) => {
    setChosen((next ?? 'fund') as ScopeKind);
    setScope(null);
  };
  const add = () => {
    onAdd({
      scope_kind: kind,
      scope_id: scope ? Number(scope.id) : null,
      name: scope?.name ?? 'The whole firm',
    });
    setScope(null);
  };
  return (
    <div className={classes.fields}>
      <Select
        label="Part"
        data={kinds.map((value) => ({ value, label: value === 'firm' ? 'Whole firm' : humanise(value) }))}
        value={kind}
        onChange={choose}
      />
      {kind !== 'firm' && (
        <EntitySelect
          key={`${kind}-${scope?.id ?? ''}`}
          label={humanise(kind)}
          name={`scope-${kind}`}
          load={searchScopes(kind)}
          value={scope?.id ?? ''}
          initial={scope ? { value: scope.id, label: scope.name } : undefined}
          onChange={(id, option) => setScope(option ? { id, name: option.label } : null)}
        />
      )}
      <Button variant="default" onClick={add} disabled={kind !== 'firm' && !scope} loading={pending}>
        Add
      </Button>
    </div>
  );
}
