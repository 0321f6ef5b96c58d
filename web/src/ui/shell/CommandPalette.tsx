import { Spotlight, type SpotlightActionGroupData } from '@mantine/spotlight';
import { IconSearch } from '@tabler/icons-react';
import classes from './CommandPalette.module.css';

interface Props {
  groups: SpotlightActionGroupData[];
  query: string;
  onQuery: (text: string) => void;
  searching: boolean;
}

/** Ctrl-K or `/`: pages, records and actions by name. */
export function CommandPalette({ groups, query, onQuery, searching }: Props) {
  return (
    <Spotlight
      classNames={{ actionsGroup: classes.group }}
      overlayProps={{ blur: 2, backgroundOpacity: 0.25 }}
      actions={groups}
      query={query}
      onQueryChange={onQuery}
      nothingFound={searching ? 'Searching…' : 'Nothing found'}
      highlightQuery
      scrollable
      maxHeight={420}
      limit={16}
      shortcut={['mod + K', '/']}
      searchProps={{
        leftSection: <IconSearch size={18} aria-hidden />,
        placeholder: 'Search funds, companies, investors, pages…',
        'aria-label': 'Search',
      }}
    />
  );
}
