import {
  type ColumnDef,
  columnFacetingFeature,
  columnFilteringFeature,
  columnSizingFeature,
  columnVisibilityFeature,
  createFacetedRowModel,
  createFacetedUniqueValues,
  createFilteredRowModel,
  createSortedRowModel,
  filterFn_arrIncludesSome,
  filterFn_includesString,
  globalFilteringFeature,
  rowSortingFeature,
  sortFn_basic,
  sortFn_text,
  tableFeatures,
} from '@tanstack/react-table';

export interface ColumnMeta {
  label: string;
  align?: 'right';
  /** Offer the column's values as a filter (tables that hold all their rows). */
  facet?: boolean;
  /** Its text may take several lines: a reason, a sentence. */
  wrap?: true;
  /** Leave out of the CSV. */
  csv?: false;
  /** Kept on a phone: who, when, how much; a number is its share of the width there. */
  narrow?: boolean | number;
  /** The server's name of the field to sort by; `false` where it cannot. */
  sort?: string | false;
}

export const features = tableFeatures({
  columnFilteringFeature,
  globalFilteringFeature,
  filteredRowModel: createFilteredRowModel(),
  filterFns: { includesString: filterFn_includesString, arrIncludesSome: filterFn_arrIncludesSome },
  rowSortingFeature,
  sortedRowModel: createSortedRowModel(),
  sortFns: { text: sortFn_text, basic: sortFn_basic },
  columnFacetingFeature,
  facetedRowModel: createFacetedRowModel(),
  facetedUniqueValues: createFacetedUniqueValues(),
  columnVisibilityFeature,
  columnSizingFeature,
  columnMeta: {} as ColumnMeta,
});

export type Features = typeof features;
// The value type differs from column to column.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Column<T extends object> = ColumnDef<Features, T, any>;

/** A filter the server applies. */
export interface ServerFacet {
  id: string;
  label: string;
  options: { value: string; label: string }[];
  value: string[];
  onChange: (value: string[]) => void;
}

/** A list the server sorts, searches, filters, totals and pages; the table only shows what it was given. */
export interface ServerList<T> {
  total: number;
  /** `field`, or `-field` for descending. */
  sort: string | undefined;
  /** A column's header was clicked. */
  onSort: (field: string) => void;
  /** Absent where the list cannot be searched by text. */
  search?: string;
  onSearch?: (text: string) => void;
  facets?: ServerFacet[];
  hasMore: boolean;
  onMore: () => void;
  loading: boolean;
  /** Every row of the filtered set, for the CSV. */
  all: () => Promise<T[]>;
}

export function rawValue<T extends object>(column: Column<T>, row: T, index: number): unknown {
  if ('accessorFn' in column && column.accessorFn) return column.accessorFn(row, index);
  if ('accessorKey' in column && column.accessorKey)
    return (row as Record<string, unknown>)[String(column.accessorKey)];
  return null;
}

export const columnMeta = <T extends object>(column: Column<T>): ColumnMeta =>
  column.meta ?? { label: column.id ?? '' };
