import type { ReactNode } from 'react';
import { Sparkline } from './charts/Sparkline';
import classes from './KpiStrip.module.css';

export interface Kpi {
  key: string;
  label: string;
  value: ReactNode;
  note?: ReactNode;
  /** Recent values, oldest first; a gap is null. */
  trend?: (number | null)[];
}

export function KpiStrip({ items, label = 'Key figures' }: { items: Kpi[]; label?: string }) {
  return (
    <ul className={classes.strip} data-count={items.length} aria-label={label}>
      {items.map((item) => (
        <li key={item.key} className={classes.tile}>
          <div className={classes.label}>{item.label}</div>
          <div className={classes.value}>{item.value}</div>
          <div className={classes.note}>{item.note}</div>
          {item.trend && item.trend.length > 1 && (
            <div className={classes.spark}>
              <Sparkline
                data={item.trend}
                width={150}
                height={30}
                label={`${item.label}, last ${item.trend.length} quarters`}
              />
            </div>
          )}
        </li>
      ))}
    </ul>
  );
}
