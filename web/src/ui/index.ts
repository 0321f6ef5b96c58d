/** The design system: features import from here and nowhere else. Only files below `ui/` know Mantine. */
export {
  Alert,
  Anchor,
  Button,
  Checkbox,
  MultiSelect,
  PasswordInput,
  Progress,
  SegmentedControl,
  Select,
  Slider,
  Stepper,
  Switch,
  Table,
  Tabs,
  Textarea,
  TextInput,
} from '@mantine/core';
export {
  IconArrowBackUp,
  IconArrowUp,
  IconBan,
  IconChevronDown,
  IconChevronRight,
  IconEye,
  IconFileImport,
  IconPencil,
  IconPlus,
  IconReportMoney,
  IconTrash,
  IconX,
} from '@tabler/icons-react';
export { ButtonLink } from './ButtonLink';
export { Card } from './Card';
export { CardBody } from './CardBody';
export { CardHead } from './CardHead';
export { axisText, moneyAxis, quarterAxis } from './charts/axes';
export { type Change, ChangeList } from './ChangeList';
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
export { FileButton } from './FileButton';
export { FileDrop } from './FileDrop';
export { FileFields, FileStyle, type WrittenStyle } from './FileStyle';
export { FormDrawer } from './FormDrawer';
export { Irr, type IrrValue } from './Irr';
export { HistoryCard } from './HistoryCard';
export { type Kpi, KpiStrip } from './KpiStrip';
export { Actions, FormStack, Halves, MainAside, Note, Pair, Stack } from './layout';
export { Loaded } from './Loaded';
export { Logo } from './shell/Logo';
export { May } from './May';
export { Money } from './Money';
export { NotAvailable } from './NotAvailable';
export { notify } from './notify';
export { PageHead } from './PageHead';
export { EmptyBlock } from './states/EmptyBlock';
export { ErrorBlock } from './states/ErrorBlock';
export { FormError } from './states/FormError';
export { LoadingBlock } from './states/LoadingBlock';
export { PositionsTable } from './PositionsTable';
export { Qr } from './Qr';
export { RowAction } from './RowAction';
export { ShareBar } from './ShareBar';
export { StatusPill, type Tone } from './StatusPill';
export { DataTable, type TotalsRow } from './table/DataTable';
export type { Column, ServerFacet, ServerList } from './table/features';
export { useServerList } from './table/useServerList';
export { Steps } from './Steps';
export { Timeline, type TimelineItem } from './Timeline';
export { useDebouncedValue } from '@mantine/hooks';
export { useLiveSearch } from './useLiveSearch';
export { useSetSearch } from './useSetSearch';
export { useCut } from './useCut';
export { KeptList } from './KeptList';
export { useRowSteps } from './useRowSteps';
export { CheckList } from './CheckList';
export { RoleAndGrants } from './RoleAndGrants';
export { ConfirmButton } from './ConfirmButton';
export { type ChosenGrant, GrantFields } from './GrantFields';
export { type ListedRow, RowList } from './RowList';
export { SecretBox } from './SecretBox';
export { useTheme } from './useTheme';
export { DownloadLink } from './DownloadLink';
export { ExportButton } from './ExportButton';
export { ChooseFile } from './files/ChooseFile';
export { FileDrawer } from './files/FileDrawer';
export { FileRefused } from './files/FileRefused';
export { RecordedFiles } from './files/RecordedFiles';
export { WayBack } from './files/WayBack';
export { FileMenu } from './FileMenu';
export { FilterBar } from './FilterBar';
export { type Detail, DetailList } from './DetailList';
export { FactButton } from './FactButton';
export { AsideOrDrawer } from './AsideOrDrawer';
export { Section } from './Section';
export { useShortcuts } from './shell/shortcuts';
export { Struck } from './Struck';
export { TabNav } from './TabNav';
export { TextButton } from './TextButton';
export { type VersionItem, VersionList } from './VersionList';
export { EntryForm } from './form/EntryForm';
export { Held } from './form/Held';
export { sortedBy } from './table/server-sorting';
export { type FieldSpec, type FormValues, toBody } from './form/fields';
