import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useMay } from '@/api/abilities';
import { formatInstant, periodText } from '@/lib/format';
import {
  Actions,
  AsideOrDrawer,
  Button,
  DetailList,
  FormError,
  Held,
  notify,
  Stack,
  Textarea,
  TextInput,
  useShortcuts,
} from '@/ui';
import { changeText, figureText } from './figures';
import { approve, type FormField, reject, remark, type SentValue } from './queries';
import { FilesOfRequest } from './SentFiles';
import { DECISIONS } from './words';

interface Props {
  value: SentValue;
  label: string;
  unit: FormField['unit'];
  /** It was decided: the next one. */
  onDone: () => void;
  onClose: () => void;
}

/** One value with what it is judged by, and the decision. */
export function ValueCard({ value, label, unit, onDone, onClose }: Props) {
  const mayReview = useMay('submission.review');
  const text = (figure: string | null) => figureText(figure, unit, value.currency);
  const details = [
    { label: 'Value', value: value.figures.value === null ? 'None' : text(value.figures.value) },
    ...(value.figures.corrected ? [{ label: 'Approved as', value: text(value.figures.corrected) }] : []),
    { label: 'Period before', value: text(value.figures.previous) },
    { label: 'Change', value: changeText(value.figures.change) },
    ...(value.figures.asks ? [{ label: 'Was asked', value: value.figures.asks }] : []),
    { label: 'Note of the company', value: value.note ?? 'None' },
    { label: 'State', value: DECISIONS[value.state] },
    ...(value.reason ? [{ label: 'Reason', value: value.reason }] : []),
    ...(value.comment ? [{ label: 'Comment', value: value.comment }] : []),
    ...(value.decided_by
      ? [{ label: 'Decided by', value: `${value.decided_by}, ${formatInstant(value.decided_at)}` }]
      : []),
  ];
  return (
    <AsideOrDrawer title={label} sub={`${value.company}, ${periodText(value.period)}`} onClose={onClose}>
      <Stack>
        <DetailList items={details} />
        <FilesOfRequest id={value.data_request_id} />
        {mayReview && <Decide value={value} onDone={onDone} />}
      </Stack>
    </AsideOrDrawer>
  );
}

const ASKS = {
  edit: {
    label: 'The figure as it should be',
    description: 'Typed as on the form. It is approved as this; what was sent stays beside it.',
    submit: 'Approve as this',
  },
  reject: { label: 'Why it goes back', description: 'The company reads it.', submit: 'Send back' },
  remark: { label: 'Comment', description: 'The company reads it if its form comes back.', submit: 'Keep' },
};

function Decide({ value, onDone }: { value: SentValue; onDone: () => void }) {
  const cache = useQueryClient();
  const mayChange = useMay('metric.change');
  const [writing, setWriting] = useState<keyof typeof ASKS | null>(null);
  const [text, setText] = useState('');
  const settled = () => cache.invalidateQueries({ queryKey: ['requests'] });
  const decided = (what: string) => () => {
    notify(what, `${value.company}, ${periodText(value.period)}`);
    onDone();
  };
  const agree = useMutation({
    mutationFn: () => approve(value.id),
    onSuccess: decided('Approved'),
    onSettled: settled,
  });
  const refuse = useMutation({
    mutationFn: () => reject(value.id, text.trim()),
    onSuccess: decided('Sent back'),
    onSettled: settled,
  });
  const correct = useMutation({
    mutationFn: () => approve(value.id, text.trim()),
    onSuccess: decided('Approved as corrected'),
    onSettled: settled,
  });
  const say = useMutation({
    mutationFn: () => remark(value.id, text.trim()),
    onSuccess: () => {
      notify('Kept', 'The comment');
      setWriting(null);
    },
    onSettled: settled,
  });
  const isOpen = value.state === 'submitted';
  const write = (what: keyof typeof ASKS) => {
    setText({ remark: value.comment, edit: value.figures.value, reject: null }[what] ?? '');
    setWriting(what);
  };
  useShortcuts([
    ...(isOpen
      ? [
          { keys: 'a', label: 'Approve', run: () => !agree.isPending && agree.mutate() },
          { keys: 'r', label: 'Send back', run: () => write('reject') },
          ...(mayChange ? [{ keys: 'e', label: 'Correct and approve', run: () => write('edit') }] : []),
        ]
      : []),
    { keys: 'c', label: 'Comment', run: () => write('remark') },
  ]);
  if (writing) {
    const act = { reject: refuse, remark: say, edit: correct }[writing];
    const field = {
      label: ASKS[writing].label,
      description: ASKS[writing].description,
      required: true,
      autoFocus: true,
      value: text,
    };
    return (
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (text.trim() && !act.isPending) act.mutate();
        }}
      >
        <Held pending={act.isPending} stacked>
          {writing === 'edit' ? (
            <TextInput
              {...field}
              maxLength={60}
              autoComplete="off"
              onFocus={(event) => event.currentTarget.select()}
              onChange={(event) => setText(event.currentTarget.value)}
              onKeyDown={(event) => {
                if (event.key === 'Escape') setWriting(null);
              }}
            />
          ) : (
            <Textarea
              {...field}
              autosize
              minRows={2}
              maxLength={1000}
              onChange={(event) => setText(event.currentTarget.value)}
              onKeyDown={(event) => {
                if (event.key === 'Escape') setWriting(null);
                if (event.key === 'Enter' && (event.ctrlKey || event.metaKey))
                  event.currentTarget.form?.requestSubmit();
              }}
            />
          )}
          <FormError error={act.error} />
          <Actions>
            <Button variant="default" onClick={() => setWriting(null)}>
              Leave it
            </Button>
            <Button type="submit" loading={act.isPending} disabled={!text.trim()}>
              {ASKS[writing].submit}
            </Button>
          </Actions>
        </Held>
      </form>
    );
  }
  return (
    <>
      <FormError error={agree.error} />
      <Actions>
        <Button variant="default" onClick={() => write('remark')}>
          Comment…
        </Button>
        {isOpen && (
          <>
            {mayChange && (
              <Button variant="default" onClick={() => write('edit')}>
                Correct…
              </Button>
            )}
            <Button variant="default" onClick={() => write('reject')}>
              Send back…
            </Button>
            <Button onClick={() => agree.mutate()} loading={agree.isPending}>
              Approve
            </Button>
          </>
        )}
      </Actions>
    </>
  );
}
