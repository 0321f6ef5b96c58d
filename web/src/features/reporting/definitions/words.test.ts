import { expect, it } from 'vitest';
import type { Definition } from '../queries';
import { bodyOf, EMPTY, keyOf, valuesOf } from './words';

it('proposes a key from the name', () => {
  expect(keyOf('Gross merchandise value (GMV)')).toBe('gross_merchandise_value_gmv');
  expect(keyOf('2nd line, %')).toBe('nd_line');
});

it('sends a formula for what is computed alone, and keeps what no field shows', () => {
  const typed = { ...EMPTY, label: ' Take rate ', formula: ' revenue / gmv ' };
  expect(bodyOf(typed, null)).toMatchObject({ key: 'take_rate', label: 'Take rate', formula: null });
  expect(bodyOf({ ...typed, kind: 'derived' }, null).formula).toBe('revenue / gmv');
  const known = {
    id: 7,
    key: 'gmv',
    label: 'GMV',
    unit: 'money',
    kind: 'flow',
    sign: 'positive',
    aggregation: 'mean',
    fx: 'closing',
    formula: null,
    description: null,
    statement: 'kpi',
    shipped: false,
    version: 2,
    recorded_at: null,
  } satisfies Definition;
  expect(bodyOf(valuesOf(known), known)).toMatchObject({ key: 'gmv', aggregation: 'mean', fx: 'closing' });
  expect(bodyOf({ ...valuesOf(known), kind: 'stock' }, known)).not.toHaveProperty('fx');
});
