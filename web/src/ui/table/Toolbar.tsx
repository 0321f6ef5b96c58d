import { ActionIcon, Button, Checkbox, Menu, MultiSelect, TextInput } from '@mantine/core';
import { IconColumns3, IconFilter, IconSearch, IconX } from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import { formatInt } from '@/lib/format';
import { ExportButton } from '../ExportButton';
import classes from './Toolbar.module.css';

export interface ToolbarFacet {
  id: string;
  label: string;
  options: { value: string; label: string; count?: number }[];
  value: string[];
  onChange: (value: string[]) => void;
}

/** Title and subtitle of a table that is one card among several. */
export interface TableHeading {
  title: string;
  sub?: ReactNode;
  right?: ReactNode;
}

interface Props {
  heading?: TableHeading;
  label: string;
  search: string;
  /** Absent where there is nothing to search by. */
  onSearch?: (text: string) => void;
  facets: ToolbarFacet[];
  columns: { id: string; label: string; visible: boolean; toggle: () => void }[];
  narrow: boolean;
  /** Absent where the page hands the rows over itself. */
  onCsv?: () => void;
  exporting: boolean;
  /** Nothing is left to put into a file. */
  isEmpty: boolean;
  actions?: ReactNode;
  /** There is too little to search, filter or choose columns of. */
  bare?: boolean;
}

/** Search, filters, columns and CSV; on a phone the filters fold away. */
export function Toolbar({
  heading,
  label,
  search,
  onSearch,
  facets,
  columns,
  narrow,
  onCsv,
  exporting,
  isEmpty,
  actions,
  bare = false,
}: Props) {
  const [open, setOpen] = useState(false);
  const active = facets.filter((facet) => facet.value.length > 0);
  const shown = !narrow || open;
  const clear = () => {
    onSearch?.('');
    active.forEach((facet) => facet.onChange([]));
  };
  const clearSearch = (
    <ActionIcon size="sm" onClick={() => onSearch?.('')} aria-label="Clear search">
      <IconX size={14} />
    </ActionIcon>
  );
  return (
    <div className={classes.bar} data-heading={heading ? true : undefined}>
      {heading && (
        <div className={classes.heading}>
          <h2>{heading.title}</h2>
          {heading.sub && <p>{heading.sub}</p>}
        </div>
      )}
      {heading?.right}
      {!bare && onSearch && (
        <TextInput
          value={search}
          onChange={(event) => onSearch(event.currentTarget.value)}
          placeholder="Search"
          aria-label={`Search ${label}`}
          leftSection={<IconSearch size={15} aria-hidden />}
          rightSection={search ? clearSearch : null}
          className={classes.search}
        />
      )}
      {narrow && !bare && facets.length > 0 && (
        <Button
          variant={open ? 'light' : 'default'}
          leftSection={<IconFilter size={16} />}
          aria-expanded={open}
          onClick={() => setOpen(!open)}
        >
          {active.length ? `Filters (${active.length})` : 'Filters'}
        </Button>
      )}
      {shown && !bare && facets.map((facet) => <FacetSelect key={facet.id} facet={facet} />)}
      {(search || active.length > 0) && (
        <Button variant="subtle" onClick={clear}>
          Clear
        </Button>
      )}
      {!heading && <span className={classes.grow} />}
      {!narrow && !bare && (
        <Menu shadow="md" closeOnItemClick={false} position="bottom-end">
          <Menu.Target>
            <Button variant="default" leftSection={<IconColumns3 size={16} />}>
              Columns
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            {columns.map((column) => (
              <Menu.Item
                key={column.id}
                role="menuitemcheckbox"
                aria-checked={column.visible}
                onClick={column.toggle}
                leftSection={<Checkbox.Indicator size="xs" checked={column.visible} />}
              >
                {column.label}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      )}
      {onCsv && (
        <ExportButton onClick={onCsv} loading={exporting} isEmpty={isEmpty}>
          CSV
        </ExportButton>
      )}
      {actions}
    </div>
  );
}

function FacetSelect({ facet }: { facet: ToolbarFacet }) {
  const counts = new Map(facet.options.map((option) => [option.value, option.count]));
  return (
    <MultiSelect
      size="sm"
      aria-label={`Filter by ${facet.label}`}
      placeholder={facet.value.length ? undefined : facet.label}
      data={facet.options.map(({ value, label }) => ({ value, label }))}
      value={facet.value}
      onChange={facet.onChange}
      clearable
      searchable
      className={classes.facet}
      comboboxProps={{ shadow: 'md', width: 230, position: 'bottom-start' }}
      renderOption={({ option }) => (
        <span className={classes.option}>
          <span>{option.label}</span>
          {counts.get(option.value) !== undefined && (
            <em className="tnum">{formatInt(counts.get(option.value))}</em>
          )}
        </span>
      )}
    />
  );
}
