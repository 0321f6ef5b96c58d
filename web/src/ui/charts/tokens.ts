export interface VizTokens {
  font: string;
  text: string;
  muted: string;
  grid: string;
  axis: string;
  surface: string;
  border: string;
  other: string;
  viz: [string, string, string, string, string, string];
}

/** The design tokens as a canvas needs them. The font is named: with `inherit` ECharts mis-measures its text. */
export function vizTokens(): VizTokens {
  const style = getComputedStyle(document.documentElement);
  const token = (name: string) => style.getPropertyValue(name).trim();
  return {
    font: "'Inter Variable', system-ui, sans-serif",
    text: token('--c-text'),
    muted: token('--c-text-3'),
    grid: token('--viz-grid'),
    axis: token('--viz-axis'),
    surface: token('--c-surface'),
    border: token('--c-border'),
    other: token('--viz-other'),
    viz: [1, 2, 3, 4, 5, 6].map((n) => token(`--viz-${n}`)) as VizTokens['viz'],
  };
}

/** The tooltip every chart shares; `rows` are in series order. */
export function tipHtml(title: string, rows: readonly (readonly [string, string])[]): string {
  const body = rows.map(([name, value]) => `<tr><td>${escape(name)}</td><td>${escape(value)}</td></tr>`);
  return `<b>${escape(title)}</b><table class="chart-tip">${body.join('')}</table>`;
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}

export function tipStyle(t: VizTokens) {
  return {
    confine: true,
    backgroundColor: t.surface,
    borderColor: t.border,
    padding: [10, 12],
    textStyle: { color: t.text, fontSize: 12.5, fontFamily: t.font },
  };
}
