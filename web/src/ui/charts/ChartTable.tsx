import { Table } from '@mantine/core';

export interface ChartColumn<T> {
  header: string;
  /** The raw value, for the CSV. */
  value: (row: T) => string | number | null;
  text: (row: T) => string;
  numeric?: boolean;
}

/** The numbers of a chart as a table. */
export function ChartTable<T>({ rows, columns }: { rows: T[]; columns: ChartColumn<T>[] }) {
  return (
    <Table stickyHeader fz="sm" verticalSpacing={6}>
      <Table.Thead>
        <Table.Tr>
          {columns.map((column) => (
            <Table.Th key={column.header} className={column.numeric ? 'num' : ''}>
              {column.header}
            </Table.Th>
          ))}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {rows.map((row, index) => (
          <Table.Tr key={index}>
            {columns.map((column) => (
              <Table.Td key={column.header} className={column.numeric ? 'num' : ''}>
                {column.text(row)}
              </Table.Td>
            ))}
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
