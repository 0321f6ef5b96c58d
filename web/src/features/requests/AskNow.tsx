import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
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
  Note,
  Pair,
  RowList,
  Select,
  TextInput,
} from '@/ui';
import { ask, type Template } from './queries';

/** Ask for a period now, whatever the schedule says. */
export function AskNow({ templates }: { templates: Template[] }) {
  const cache = useQueryClient();
  const [template, setTemplate] = useState(String(templates[0]!.id));
  const [period, setPeriod] = useState('');
  const [company, setCompany] = useState('');
  const now = useMutation({
    mutationFn: () => ask(Number(template), period.trim(), company ? [Number(company)] : []),
    onSuccess: () => cache.invalidateQueries({ queryKey: ['requests'] }),
  });
  const done = now.data;
  return (
    <Card>
      <CardHead title="Ask now" sub="Each company once for a period; whoever was asked before is left out" />
      <CardBody>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (period.trim()) now.mutate();
          }}
        >
          <Held pending={now.isPending} stacked>
            <Pair>
              <Select
                label="Template"
                allowDeselect={false}
                data={templates.map(({ id, name }) => ({ value: String(id), label: name }))}
                value={template}
                onChange={(value) => setTemplate(value ?? template)}
              />
              <TextInput
                label="Period"
                placeholder="2024-Q3 or 2024-09"
                maxLength={20}
                value={period}
                onChange={(event) => setPeriod(event.currentTarget.value)}
              />
            </Pair>
            <EntitySelect
              label="Company"
              name="companies"
              placeholder="All of the template"
              clearable
              load={searchBy('/api/v1/companies')}
              value={company}
              onChange={setCompany}
            />
            <FormError error={now.error} />
            {done && <Note>{`${done.asked.length} asked, ${done.skipped.length} left out.`}</Note>}
            {done && done.skipped.length > 0 && (
              <RowList
                label="Left out"
                rows={done.skipped.map((one) => ({
                  key: String(one.company_id),
                  text: one.company,
                  note: one.reason,
                }))}
              />
            )}
            <Actions>
              <Button type="submit" variant="default" loading={now.isPending} disabled={!period.trim()}>
                Ask
              </Button>
            </Actions>
          </Held>
        </form>
      </CardBody>
    </Card>
  );
}
