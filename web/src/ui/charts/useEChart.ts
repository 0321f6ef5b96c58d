import { useComputedColorScheme } from '@mantine/core';
import { type RefObject, useEffect, useRef } from 'react';
import type { EChartsOption } from './echarts';
import { type VizTokens, vizTokens } from './tokens';

export type ChartOption = (tokens: VizTokens, narrow: boolean, hidden: ReadonlySet<string>) => EChartsOption;

const NARROW = 520;

/**
 * Draws into the element, loading ECharts on first use; draws again into the same chart when the scheme, the width or the
 * data changes, so that a slider can move it.
 */
export function useEChart(
  ref: RefObject<HTMLDivElement | null>,
  option: ChartOption,
  hidden: ReadonlySet<string>,
  active: boolean,
): void {
  const scheme = useComputedColorScheme('light');
  const latest = useRef({ option, hidden });
  const redraw = useRef(() => {});
  useEffect(() => {
    latest.current = { option, hidden };
    redraw.current();
  }, [option, hidden, scheme]);
  useEffect(() => {
    const element = ref.current;
    if (!active || !element) return undefined;
    let gone = false;
    let dispose = () => {};
    void import('./echarts').then(({ init }) => {
      if (gone) return;
      const chart = init(element, null, { renderer: 'svg' });
      const isNarrow = () => element.clientWidth < NARROW;
      const draw = () => {
        const now = latest.current;
        chart.setOption({ animation: false, ...now.option(vizTokens(), isNarrow(), now.hidden) }, true);
      };
      redraw.current = draw;
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
      redraw.current = () => {};
      dispose();
    };
  }, [ref, active]);
}
