import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { type Finding, findingsQuery, type PeriodKind, type Scenario } from './queries';

/** What does not agree in a company's figures of one length of period: all of it, and by the cell it is about. */
export function useCellFindings(companyId: string, scenario: Scenario, kind: PeriodKind) {
  const { data } = useQuery(findingsQuery(companyId, scenario));
  return useMemo(() => {
    const items = (data ?? []).filter(({ period_kind }) => period_kind === kind);
    const byCell = new Map<string, Finding[]>();
    for (const finding of items)
      for (const { metric } of finding.cells) {
        const key = `${metric}@${finding.period}`;
        const others = byCell.get(key) ?? [];
        // What is said of the figure itself comes before what it is only a part of.
        byCell.set(key, metric === finding.cells[0]?.metric ? [finding, ...others] : [...others, finding]);
      }
    return { items, byCell };
  }, [data, kind]);
}
