import { useState } from 'react';
import { Actions, Card, CardBody, CardHead, DownloadLink, FileFields, Note, Select } from '@/ui';
import { KINDS, SCENARIOS } from '../figures';
import { templateHref } from './queries';

const LENGTHS = (['month', 'quarter', 'year'] as const).map((value) => ({ value, label: KINDS[value] }));
const AHEAD = ['1', '2', '3', '4'];

/** A workbook made for the company, to be filled offline and chosen here again. */
export function FillTemplate({ companyId }: { companyId: string }) {
  const [asked, setAsked] = useState({ period: 'quarter', ahead: '1', scenario: 'actual' });
  const set = (change: Partial<typeof asked>) => setAsked({ ...asked, ...change });
  return (
    <Card>
      <CardHead title="A workbook to fill in" sub="The last four periods as reported, the next ones empty" />
      <CardBody>
        <FileFields>
          <Select
            label="Periods of"
            allowDeselect={false}
            data={LENGTHS}
            value={asked.period}
            onChange={(period) => period && set({ period })}
          />
          <Select
            label="To be filled"
            allowDeselect={false}
            data={AHEAD}
            value={asked.ahead}
            onChange={(ahead) => ahead && set({ ahead })}
          />
          <Select
            label="Scenario"
            allowDeselect={false}
            data={Object.entries(SCENARIOS).map(([value, label]) => ({ value, label }))}
            value={asked.scenario}
            onChange={(scenario) => scenario && set({ scenario })}
          />
        </FileFields>
        <Note>It says what each metric means, and its own sums show whether the statements agree.</Note>
        <Actions>
          <DownloadLink href={templateHref(companyId, asked)}>Workbook</DownloadLink>
        </Actions>
      </CardBody>
    </Card>
  );
}
