import { useQuery } from '@tanstack/react-query';
import { useMay } from '@/api/abilities';
import { KeptList, Loaded, Stack } from '@/ui';
import { AskNow } from './AskNow';
import { archiveTemplate, reportedQuery, type Template, templatesQuery } from './queries';
import { TemplateEditor } from './TemplateEditor';
import { ladderText, PERIODS } from './words';

/** What companies are asked for, and when. */
export function Templates() {
  const templates = useQuery(templatesQuery);
  const definitions = useQuery(reportedQuery);
  const mayChange = useMay('request_template.change');
  const mayAsk = useMay('data_request.change');
  return (
    <Stack>
      <KeptList<Template>
        title="Templates"
        sub="A mail with a link goes out when a period has ended"
        label="Templates"
        fetched={(show) => (
          <Loaded query={templates} what="the templates" size="m">
            {show}
          </Loaded>
        )}
        empty={{
          title: 'No templates yet',
          hint: 'Say which metrics companies are asked for, and how often.',
        }}
        note={noteOf}
        mayChange={mayChange}
        add="Add a template"
        end={{
          word: 'Archive',
          effect: ({ name }) => `“${name}” asks nobody any more; what was asked goes on.`,
          run: archiveTemplate,
          done: 'Archived',
        }}
        stale={['requests']}
        editor={(known, onDone) => (
          <Loaded query={definitions} what="the metrics" size="m">
            {(all) => (
              <TemplateEditor
                known={known}
                definitions={all.filter(({ kind }) => kind !== 'derived')}
                mayChange={mayChange}
                onDone={onDone}
              />
            )}
          </Loaded>
        )}
      />
      {mayAsk && templates.data && templates.data.length > 0 && <AskNow templates={templates.data} />}
    </Stack>
  );
}

const count = (number: number, one: string, many: string): string => `${number} ${number === 1 ? one : many}`;

const noteOf = (template: Template): string =>
  [
    template.is_scheduled
      ? `Each ${PERIODS[template.period_kind].toLowerCase()}`
      : `A ${PERIODS[template.period_kind].toLowerCase()}, by hand`,
    count(template.metrics.length, 'metric', 'metrics'),
    count(template.questions.length, 'question', 'questions'),
    template.company_ids.length === 0
      ? 'all companies with recipients'
      : count(template.company_ids.length, 'company', 'companies'),
    `due ${count(template.due_days, 'day', 'days')} after the end`,
    ladderText(template.remind_days_before, template.remind_days_after),
  ].join(' · ');
