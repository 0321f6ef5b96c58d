import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useMay } from '@/api/abilities';
import { searchBy } from '@/api/entities';
import {
  Actions,
  Button,
  Card,
  CardBody,
  CardHead,
  EntitySelect,
  FormError,
  Held,
  Loaded,
  notify,
  Stack,
  Textarea,
} from '@/ui';
import { type Recipient, recipientsQuery, saveRecipients } from './queries';

/** Who of a company is asked, by mail. */
export function Recipients() {
  const [company, setCompany] = useState('');
  return (
    <Card>
      <CardHead title="Recipients" sub="They get a link by mail and need no account" />
      <CardBody>
        <Stack>
          <EntitySelect
            label="Company"
            name="companies"
            placeholder="Choose a company"
            load={searchBy('/api/v1/companies')}
            value={company}
            onChange={setCompany}
          />
          {company && <OfCompany key={company} id={Number(company)} />}
        </Stack>
      </CardBody>
    </Card>
  );
}

function OfCompany({ id }: { id: number }) {
  const recipients = useQuery(recipientsQuery(id));
  return (
    <Loaded query={recipients} what="the recipients" size="s">
      {(found) => <Addresses id={id} known={found} />}
    </Loaded>
  );
}

function Addresses({ id, known }: { id: number; known: Recipient[] }) {
  const cache = useQueryClient();
  const mayChange = useMay('data_request.change');
  const [text, setText] = useState(known.map(({ email }) => email).join('\n'));
  const emails = text.split(/[\s,;]+/).filter(Boolean);
  const save = useMutation({
    mutationFn: () => saveRecipients(id, emails),
    onSuccess: async () => {
      notify('Saved', `${emails.length} recipients`);
      await cache.invalidateQueries({ queryKey: ['requests'] });
    },
  });
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <Held pending={save.isPending} stacked>
        <Textarea
          label="Mail addresses"
          description="One a line"
          autosize
          minRows={3}
          value={text}
          readOnly={!mayChange}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <FormError error={save.error} />
        {mayChange && (
          <Actions>
            <Button type="submit" loading={save.isPending}>
              Save
            </Button>
          </Actions>
        )}
      </Held>
    </form>
  );
}
