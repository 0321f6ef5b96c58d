import { Note, RowList, Section, Stack } from '@/ui';
import type { BackTest } from './queries';

/** How often a rule would have fired, and in which periods of which companies. */
export function BackTested({ found }: { found: BackTest }) {
  const times = found.times === 1 ? '1 time' : `${found.times} times`;
  const periods = found.looked_at === 1 ? '1 period' : `${found.looked_at} periods`;
  return (
    <Section title={`Would have fired ${times}`}>
      <Stack>
        <Note>{`In ${periods} with a figure, or that were due.`}</Note>
        {found.companies.map(({ company_id: id, company, times: fired, periods: those }) => (
          <RowList
            key={id}
            label={company}
            rows={those.map(({ period, says }) => ({
              key: period,
              text: `${company}, ${period}`,
              note: says,
              right: those[0]?.period === period ? <span className="tnum">{fired}×</span> : undefined,
            }))}
          />
        ))}
      </Stack>
    </Section>
  );
}
