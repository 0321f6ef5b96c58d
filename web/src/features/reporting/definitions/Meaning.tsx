import { DetailList, FormStack, Note } from '@/ui';
import type { Definition } from '../queries';
import { FX, KINDS, OVER_TIME, SIGNS, STATEMENTS, UNITS } from './words';

/** What a metric means, for reading. */
export function Meaning({ one, all }: { one: Definition; all: readonly Definition[] }) {
  const needing = all.filter(({ formula }) => formula !== null && names(formula).has(one.key));
  return (
    <FormStack>
      {one.shipped && <Note>It ships with Vestry and means the same everywhere.</Note>}
      <DetailList
        items={[
          { label: 'Key', value: one.key },
          { label: 'Kind', value: KINDS[one.kind] },
          { label: 'Unit', value: UNITS[one.unit] },
          { label: 'Sign', value: SIGNS[one.sign] },
          { label: 'Over time', value: OVER_TIME[one.aggregation] },
          { label: 'Converted at', value: FX[one.fx] },
          { label: 'Statement', value: STATEMENTS[one.statement] },
          ...(one.formula ? [{ label: 'Formula', value: one.formula }] : []),
          ...(one.description ? [{ label: 'Description', value: one.description }] : []),
          ...(needing.length > 0
            ? [{ label: 'Needed by', value: needing.map(({ label }) => label).join(', ') }]
            : []),
        ]}
      />
    </FormStack>
  );
}

const names = (formula: string): Set<string> => new Set(formula.match(/[a-z][a-z0-9_]*/g));
