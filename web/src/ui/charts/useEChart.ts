import { useComputedColorScheme } from '@mantine/core';
import { type RefObject, useEffect } from 'react';
import type { EChartsOption } from './echarts';
import { type VizTokens, vizTokens } from './tokens';

export type ChartOption = (tokens: VizTokens, narrow: boolean, hidden: ReadonlySet<string>) => EChartsOption;

const NARROW = 520;

/** Draws into the element, loading ECharts on first use; draws again when the scheme, the width or the data changes. */
export function useEChart(
  ref: RefObject<HTMLDivElement | null>,
  option: ChartOption,
  hidden: ReadonlySet<string>,
  active: boolean,
): void {
  const scheme = useComputedColorScheme('light');
  useEffect(() => {
    const element = ref.current;
    if (!active || !element) return undefined;
    let gone = false;
    let dispose = () => {};
    void import('./echarts').then(({ init }) => {
      if (gone) return;
      const chart = init(element, null, { renderer: 'svg' });
      const isNarrow = () => element.clientWidth < NARROW;
      const draw = () =>
        chart.setOption({ animation: false, ...option(vizTokens(), isNarrow(), hidden) }, true);
      draw();
      let drawnNarrow = isNarrow();
      const observer = new ResizeObserver(() => {
        chart.resize();
        if (isNarrow() !== drawnNarrow) draw();
        drawnNarrow = isNarrow();
      });
      observer.observe(element);
      dispose = () => {
        observer.disconnect();
        chart.dispose();
      };
    });
    // StrictMode mounts twice: the first import must not draw into a chart that is gone.
    return () => {
      gone = true;
      dispose();
    };
  }, [ref, option, hidden, active, scheme]);
}
