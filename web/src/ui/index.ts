/** The design system: features import from here and nowhere else. Only files below `ui/` know Mantine. */
export {
  Alert,
  Anchor,
  Button,
  Checkbox,
  PasswordInput,
  Progress,
  SegmentedControl,
  Select,
  Stepper,
  Switch,
  Table,
  Tabs,
  Textarea,
  TextInput,
} from '@mantine/core';
export {
  IconArrowBackUp,
  IconBan,
  IconChevronRight,
  IconFileImport,
  IconPlus,
  IconReportMoney,
} from '@tabler/icons-react';
export { ButtonLink } from './ButtonLink';
export { Card } from './Card';
export { CardHead } from './CardHead';
export { axisText, moneyAxis, quarterAxis } from './charts/axes';
export { Chart } from './charts/Chart';
export type { ChartColumn } from './charts/ChartTable';
export type { LegendItem } from './charts/Legend';
export { ValueBars } from './charts/ValueBars';
export { Sparkline } from './charts/Sparkline';
export { tipHtml, tipStyle, type VizTokens } from './charts/tokens';
export type { ChartOption } from './charts/useEChart';
export { type FigureRef, figureKey, parseFigureKey, type Subject } from './explain';
export { DateField } from './fields/DateField';
export { type EntityOption, EntitySelect, newName } from './fields/EntitySelect';
export { MoneyField } from './fields/MoneyField';
export { PercentField } from './fields/PercentField';
export { Figure } from './Figure';
export { FileDrop } from './FileDrop';
export { FormDrawer } from './FormDrawer';
export { Irr, type IrrValue } from './Irr';
export { HistoryCard } from './HistoryCard';
export { type Kpi, KpiStrip } from './KpiStrip';
export { Actions, FormStack, Halves, MainAside, Note, Pair, Stack } from './layout';
export { Loaded } from './Loaded';
export { Logo } from './shell/Logo';
export { Money } from './Money';
export { NotAvailable } from './NotAvailable';
export { notify } from './notify';
export { PageHead } from './PageHead';
export { EmptyBlock } from './states/EmptyBlock';
export { ErrorBlock } from './states/ErrorBlock';
export { FormError } from './states/FormError';
export { LoadingBlock } from './states/LoadingBlock';
export { PositionsTable } from './PositionsTable';
export { RowAction } from './RowAction';
export { StatusPill, type Tone } from './StatusPill';
export { DataTable, type TotalsRow } from './table/DataTable';
export type { Column, ServerFacet, ServerList } from './table/features';
export { useServerList } from './table/useServerList';
export { Steps } from './Steps';
export { Timeline, type TimelineItem } from './Timeline';
export { useSetSearch } from './useSetSearch';
export { useCut } from './useCut';
export { EntryForm } from './form/EntryForm';
export { type FieldSpec, type FormValues, toBody } from './form/fields';
