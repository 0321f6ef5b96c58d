import { useEffect, useRef, useState } from 'react';

/** Which rows of a table's body are on the screen; all of them until that is known. */
export function useSeenRows(count: number) {
  const body = useRef<HTMLTableSectionElement>(null);
  const [seen, setSeen] = useState<ReadonlySet<number>>();
  useEffect(() => {
    if (!body.current || !('IntersectionObserver' in window)) return;
    const now = new Set<number>();
    const observer = new IntersectionObserver((changed) => {
      for (const { target, isIntersecting } of changed) {
        const index = (target as HTMLTableRowElement).sectionRowIndex;
        if (isIntersecting) now.add(index);
        else now.delete(index);
      }
      setSeen(new Set(now));
    });
    for (const row of body.current.rows) observer.observe(row);
    return () => observer.disconnect();
  }, [count]);
  return { body, isSeen: (index: number) => seen?.has(index) ?? true };
}
