import { createTheme, type CSSVariablesResolver, type MantineColorsTuple } from '@mantine/core';

const brand: MantineColorsTuple = [
  '#eef1fc',
  '#dce2f8',
  '#b7c3f0',
  '#8fa1f2',
  '#6d84e1',
  '#566fdc',
  '#3f59cb',
  '#2f47b8',
  '#273b9c',
  '#1e2e7d',
];
const dark: MantineColorsTuple = [
  '#eceff4',
  '#c0c8d4',
  '#98a2b3',
  '#6b7686',
  '#3b4554',
  '#262d38',
  '#1b212b',
  '#14181f',
  '#0f131a',
  '#0d1117',
];
const gray: MantineColorsTuple = [
  '#f6f7f9',
  '#eef0f4',
  '#e1e5eb',
  '#c5ccd7',
  '#a9b2c0',
  '#8a93a3',
  '#5b6472',
  '#424b5a',
  '#2a323e',
  '#111722',
];

/** What the calendar's own buttons say to a screen reader. */
const CALENDAR_LABELS = {
  previousMonth: 'Previous month',
  nextMonth: 'Next month',
  previousYear: 'Previous year',
  nextYear: 'Next year',
  previousDecade: 'Previous decade',
  nextDecade: 'Next decade',
  monthLevelControl: 'Choose month',
  yearLevelControl: 'Choose year',
};

export const theme = createTheme({
  primaryColor: 'brand',
  colors: { brand, dark, gray },
  // autoContrast would choose white on a light shade of the brand in the dark scheme.
  primaryShade: { light: 7, dark: 6 },
  autoContrast: true,
  fontFamily: "'Inter Variable', system-ui, -apple-system, 'Segoe UI', sans-serif",
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, Consolas, monospace',
  headings: { fontFamily: "'Inter Variable', system-ui, sans-serif", fontWeight: '600' },
  fontSizes: { xs: '12px', sm: '13px', md: '14px', lg: '16px', xl: '18px' },
  spacing: { xs: '8px', sm: '12px', md: '16px', lg: '24px', xl: '32px' },
  radius: { xs: '3px', sm: '4px', md: '8px', lg: '12px', xl: '16px' },
  defaultRadius: 'md',
  respectReducedMotion: true,
  cursorType: 'pointer',
  components: {
    Tooltip: { defaultProps: { withArrow: true, openDelay: 250, fz: 12 } },
    ActionIcon: { defaultProps: { variant: 'subtle', color: 'gray' } },
    Button: { defaultProps: { size: 'sm', fw: 550 } },
    InputWrapper: { defaultProps: { inputWrapperOrder: ['label', 'input', 'description', 'error'] } },
    TextInput: { defaultProps: { size: 'sm' } },
    // Red weekends fail contrast and mean nothing here.
    DatePicker: { defaultProps: { weekendDays: [], ariaLabels: CALENDAR_LABELS } },
    DateInput: { defaultProps: { weekendDays: [], ariaLabels: CALENDAR_LABELS } },
    Select: { defaultProps: { size: 'sm', allowDeselect: false, comboboxProps: { shadow: 'md' } } },
    SegmentedControl: { defaultProps: { size: 'xs' } },
  },
});

/** Points Mantine's own variables at our tokens, so that no component carries a colour of its own. */
export const cssVariablesResolver: CSSVariablesResolver = () => {
  const shared = {
    '--mantine-color-body': 'var(--c-surface)',
    '--mantine-color-text': 'var(--c-text)',
    '--mantine-color-dimmed': 'var(--c-text-3)',
    '--mantine-color-default': 'var(--c-surface)',
    '--mantine-color-default-hover': 'var(--c-hover)',
    '--mantine-color-default-border': 'var(--c-border)',
    '--mantine-color-default-color': 'var(--c-text)',
    '--mantine-color-placeholder': 'var(--c-text-3)',
    '--mantine-color-error': 'var(--c-neg)',
    '--mantine-color-gray-light-color': 'var(--c-text-2)',
    '--mantine-color-gray-outline': 'var(--c-text-3)',
    '--mantine-color-brand-light-color': 'var(--c-brand)',
    '--mantine-color-brand-light': 'var(--c-brand-soft)',
    '--mantine-color-yellow-light': 'var(--c-warn-soft)',
    '--mantine-color-yellow-light-color': 'var(--c-warn)',
  };
  return { variables: {}, light: shared, dark: shared };
};
