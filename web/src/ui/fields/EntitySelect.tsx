import { Select } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';

export interface EntityOption {
  value: string;
  label: string;
}

interface Props {
  label: string;
  /** Names the list, for the cache. */
  name: string;
  value: string;
  onChange: (value: string, option: EntityOption | null) => void;
  /** The options whose name contains the text, a screenful of them. */
  load: (text: string) => Promise<EntityOption[]>;
  error?: string;
  description?: string;
  required?: boolean;
  clearable?: boolean;
  placeholder?: string;
  hideLabel?: boolean;
  /** Offer what was typed as a new record; its value is then `new:` and the name. */
  creatable?: boolean;
  /** The record that is chosen at first, by name. */
  initial?: EntityOption;
}

const NEW = 'new:';

/** The name of a record that is to be made, or null where an existing one was chosen. */
export const newName = (value: string): string | null =>
  value.startsWith(NEW) ? value.slice(NEW.length) : null;

/** Chooses one of many records: the server searches, however many there are. */
export function EntitySelect(props: Props) {
  const { label, name, value, onChange, load, error, description, required, clearable, hideLabel } = props;
  const [text, setText] = useState(props.initial?.label ?? '');
  const [picked, setPicked] = useState<EntityOption | null>(props.initial ?? null);
  const [term] = useDebouncedValue(picked && text === picked.label ? '' : text, 200);
  const query = useQuery({
    queryKey: ['entity-select', name, term],
    queryFn: () => load(term),
    placeholderData: keepPreviousData,
  });
  const found = query.data ?? [];
  const typed = props.creatable && text !== picked?.label ? text.trim() : '';
  const options = withNew(typed, withPicked(picked, found));
  const choose = (id: string | null) => {
    const option = options.find((item) => item.value === id) ?? null;
    setPicked(option);
    onChange(id ?? '', option);
  };
  return (
    <Select
      label={hideLabel ? undefined : label}
      aria-label={hideLabel ? label : undefined}
      placeholder={props.placeholder ?? 'Type to search'}
      searchable
      clearable={clearable}
      // The server has already searched: every option it gave matches.
      filter={({ options: all }) => all}
      data={options}
      value={value || null}
      onChange={choose}
      onSearchChange={setText}
      nothingFoundMessage={
        query.isError ? 'Could not load the list' : query.isPending ? 'Loading…' : 'Nothing found'
      }
      error={error}
      description={description}
      withAsterisk={required}
    />
  );
}

function withPicked(picked: EntityOption | null, found: EntityOption[]): EntityOption[] {
  return picked && !found.some((option) => option.value === picked.value) ? [picked, ...found] : found;
}

function withNew(name: string, options: EntityOption[]): EntityOption[] {
  const value = NEW + name;
  const same = (option: EntityOption) =>
    option.value === value || option.label.toLowerCase() === name.toLowerCase();
  return name === '' || options.some(same) ? options : [...options, { value, label: `${name} (new)` }];
}
