import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { type QueryKey, useMutation, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { Card } from './Card';
import { CardBody } from './CardBody';
import { CardHead } from './CardHead';
import { ConfirmButton } from './ConfirmButton';
import { FormDrawer } from './FormDrawer';
import { notify } from './notify';
import { type ListedRow, RowList } from './RowList';
import { EmptyBlock } from './states/EmptyBlock';
import { FormError } from './states/FormError';
import { TextButton } from './TextButton';

interface Named {
  id: number;
  name: string;
}

interface Props<One extends Named> {
  title: string;
  sub: string;
  /** What its rows are called, for who cannot see the title. */
  label: string;
  /** Shows the rows once they are fetched. */
  fetched: (show: (rows: One[]) => ReactNode) => ReactNode;
  empty: { title: string; hint: string };
  note: (one: One) => ReactNode;
  /** What else can be done with one, at the end of its row. */
  beside?: (one: One) => ReactNode;
  mayChange: boolean;
  /** What the button says that begins a new one. */
  add: string;
  /** How one ends: the word for it, what it does, and what was done. */
  end: { word: string; effect: (one: One) => string; run: (id: number) => Promise<void>; done: string };
  stale: QueryKey;
  /** The form of one, or of a new one. */
  editor: (known: One | null, onDone: () => void) => ReactNode;
}

/** What the firm keeps a few of: each opens to be changed, and ends with a word of warning. */
export function KeptList<One extends Named>(props: Props<One>) {
  const { title, sub, label, fetched, empty, note, beside, mayChange, add, end, stale, editor } = props;
  const cache = useQueryClient();
  const [open, setOpen] = useState<One | 'new' | null>(null);
  const close = () => setOpen(null);
  const ending = useMutation({
    mutationFn: ({ id }: One) => end.run(id),
    onSuccess: async (_, { name }) => {
      notify(end.done, name);
      await cache.invalidateQueries({ queryKey: stale });
    },
  });
  const shown = (one: One): ListedRow => ({
    key: String(one.id),
    text: <TextButton onClick={() => setOpen(one)}>{one.name}</TextButton>,
    note: note(one),
    right: (
      <>
        {beside?.(one)}
        {mayChange && (
          <ConfirmButton size="xs" effect={end.effect(one)} onConfirm={() => ending.mutate(one)}>
            {end.word}
          </ConfirmButton>
        )}
      </>
    ),
  });
  return (
    <>
      <Card>
        <CardHead
          title={title}
          sub={sub}
          right={
            mayChange && (
              <Button size="xs" leftSection={<IconPlus size={14} />} onClick={() => setOpen('new')}>
                {add}
              </Button>
            )
          }
        />
        <CardBody>
          {fetched((rows) =>
            rows.length === 0 ? <EmptyBlock {...empty} /> : <RowList label={label} rows={rows.map(shown)} />,
          )}
          <FormError error={ending.error} />
        </CardBody>
      </Card>
      <FormDrawer
        opened={open !== null}
        onClose={close}
        title={open === 'new' ? add : (open?.name ?? '')}
        wide
      >
        {open !== null && editor(open === 'new' ? null : open, close)}
      </FormDrawer>
    </>
  );
}
