import { ActionIcon, Menu } from '@mantine/core';
import { IconDotsVertical, IconDownload, IconTable } from '@tabler/icons-react';
import { type ReactNode, useId, useRef, useState } from 'react';
import { downloadCsv, toCsv } from '@/lib/csv';
import { NOTHING_TO_EXPORT } from '../ExportButton';
import classes from './Chart.module.css';
import { type ChartColumn, ChartTable } from './ChartTable';
import { Legend, type LegendItem } from './Legend';
import { type ChartOption, useEChart } from './useEChart';

interface Props<T> {
  title: string;
  subtitle?: string;
  /** The chart in a sentence or two, read aloud. */
  summary: string;
  size?: 's' | 'm' | 'l';
  rows: T[];
  columns: ChartColumn<T>[];
  option: ChartOption;
  controls?: ReactNode;
  fileName: string;
  legend?: LegendItem[];
}

/** A chart is a figure: a name, a spoken summary, the same numbers as a table, and a CSV. */
export function Chart<T>(props: Props<T>) {
  const { title, subtitle, summary, size = 'm', rows, columns, option, controls, fileName, legend } = props;
  const id = useId();
  const box = useRef<HTMLDivElement>(null);
  const [asTable, setAsTable] = useState(false);
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  useEChart(box, option, hidden, !asTable);
  const toggle = (name: string) =>
    setHidden(hidden.has(name) ? without(hidden, name) : new Set([...hidden, name]));
  const download = () => {
    const header = columns.map((column) => column.header);
    downloadCsv(
      `${fileName}.csv`,
      toCsv(
        header,
        rows.map((row) => columns.map((column) => column.value(row))),
      ),
    );
  };
  return (
    <figure className={classes.figure} aria-labelledby={`${id}-t`} aria-describedby={`${id}-s`}>
      <div className={classes.head}>
        <div>
          <h2 id={`${id}-t`} className={classes.title}>
            {title}
          </h2>
          {subtitle && <p className={classes.sub}>{subtitle}</p>}
        </div>
        <div className={`${classes.controls} no-print`}>
          {controls}
          <Menu position="bottom-end" shadow="md" width={190}>
            <Menu.Target>
              <ActionIcon aria-label={`${title}: more`}>
                <IconDotsVertical size={16} />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item leftSection={<IconTable size={16} />} onClick={() => setAsTable(!asTable)}>
                {asTable ? 'Show as chart' : 'Show as table'}
              </Menu.Item>
              <Menu.Item
                leftSection={<IconDownload size={16} />}
                onClick={download}
                disabled={rows.length === 0}
              >
                {rows.length === 0 ? NOTHING_TO_EXPORT : 'Download CSV'}
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
        </div>
      </div>
      <figcaption id={`${id}-s`} className="sr-only">
        {summary}
      </figcaption>
      {legend && !asTable && (
        <Legend label={`${title}: series`} items={legend} hidden={hidden} onToggle={toggle} />
      )}
      {/* Distinct keys: were the element reused for the table, disposing the chart would empty it. */}
      {asTable ? (
        <div
          key="table"
          className={`${classes.table} ${classes[size]}`}
          tabIndex={0}
          role="region"
          aria-label={`${title}, as a table`}
        >
          <ChartTable rows={rows} columns={columns} />
        </div>
      ) : (
        <div
          key="chart"
          ref={box}
          className={classes[size]}
          role="img"
          aria-labelledby={`${id}-t`}
          aria-describedby={`${id}-s`}
        />
      )}
    </figure>
  );
}

function without(set: ReadonlySet<string>, name: string): ReadonlySet<string> {
  return new Set([...set].filter((item) => item !== name));
}
