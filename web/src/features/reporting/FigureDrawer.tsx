import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useMay } from '@/api/abilities';
import { usePeopleNames } from '@/api/people';
import { humanise, periodText } from '@/lib/format';
import {
  Actions,
  Button,
  FormDrawer,
  FormError,
  Loaded,
  Note,
  notify,
  Section,
  Stack,
  StatusPill,
} from '@/ui';
import { SCENARIOS, wholeText } from './figures';
import classes from './FigureDrawer.module.css';
import { FigureMade } from './FigureMade';
import { FigureReports } from './FigureReports';
import {
  approveFigures,
  changeFigures,
  type FigureAsked,
  figureQuery,
  figuresKey,
  type Finding,
  type Line,
  reportsQuery,
} from './queries';

interface Props {
  companyId: string;
  asked: FigureAsked;
  line: Pick<Line, 'label' | 'unit'>;
  /** What a metric is called, for inputs and findings. */
  labels: ReadonlyMap<string, string>;
  findings: Finding[];
  onClose: () => void;
}

/** A figure opened: how it was made, at which rates, what does not agree with it, and what was reported when. */
export function FigureDrawer({ companyId, asked, line, labels, findings, onClose }: Props) {
  const figure = useQuery(figureQuery(companyId, asked));
  const reports = useQuery(reportsQuery(companyId, asked));
  const nameOf = usePeopleNames();
  const found = figure.data;
  return (
    <FormDrawer
      opened
      onClose={onClose}
      title={line.label}
      sub={`${periodText(asked.period)}, ${SCENARIOS[asked.scenario].toLowerCase()}`}
      wide
    >
      <Stack>
        <Loaded query={figure} what="the figure" size="s">
          {() => (
            <div>
              <p className={classes.value}>
                {wholeText(found?.value ?? null, line.unit, found?.currency ?? null)}
              </p>
              {found?.restated && (
                <Note>
                  {found.before === null
                    ? 'Made of figures that were restated.'
                    : `Restated: it was ${wholeText(found.before, line.unit, found.currency)} before.`}
                </Note>
              )}
              {found?.status && found.status !== 'approved' && (
                <StatusPill tone={found.status === 'draft' ? 'neutral' : 'info'}>
                  {humanise(found.status)}
                </StatusPill>
              )}
            </div>
          )}
        </Loaded>
        {findings.map((finding) => (
          <FindingNote
            key={`${finding.kind}-${finding.cells[0]?.metric}`}
            {...{ companyId, finding, labels }}
            scenario={asked.scenario}
          />
        ))}
        {found !== undefined && (
          <Section title="How it was made">
            <FigureMade figure={found} labels={labels} />
          </Section>
        )}
        <Section title="What was reported">
          <Loaded query={reports} what="the reports" size="s">
            {(items) => <FigureReports items={items} unit={line.unit} own={asked.period} nameOf={nameOf} />}
          </Loaded>
        </Section>
        {found?.status && found.status !== 'approved' && !asked.known_at && (
          <Approve companyId={companyId} figure={found} asked={asked} label={line.label} />
        )}
      </Stack>
    </FormDrawer>
  );
}

interface ApproveProps {
  companyId: string;
  figure: { id: number | null; version: number | null };
  asked: FigureAsked;
  label: string;
}

function Approve({ companyId, figure, asked: { period }, label }: ApproveProps) {
  const cache = useQueryClient();
  const mayApprove = useMay('metric.approve');
  const approve = useMutation({
    mutationFn: () => approveFigures(companyId, [{ id: figure.id!, version: figure.version! }]),
    onSuccess: () => notify('Approved', `${label}, ${periodText(period)}`),
    onSettled: () => cache.invalidateQueries({ queryKey: figuresKey(companyId) }),
  });
  if (!mayApprove) return null;
  return (
    <>
      <FormError error={approve.error} />
      <Actions>
        <Button onClick={() => approve.mutate()} loading={approve.isPending}>
          Approve
        </Button>
      </Actions>
    </>
  );
}

interface FindingProps {
  companyId: string;
  finding: Finding;
  labels: ReadonlyMap<string, string>;
  scenario: FigureAsked['scenario'];
}

/** What looks wrong and the figure that would mend it, which is recorded only when somebody says so. */
function FindingNote({ companyId, finding, labels, scenario }: FindingProps) {
  const cache = useQueryClient();
  const mayChange = useMay('metric.change');
  const { mend } = finding;
  const take = useMutation({
    mutationFn: () =>
      changeFigures(
        companyId,
        [{ metric: mend!.metric, period: mend!.period, value: mend!.value!, scenario, status: 'submitted' }],
        [],
      ),
    onSuccess: () => notify('Recorded', 'The earlier figure is kept below.'),
    onSettled: () => cache.invalidateQueries({ queryKey: figuresKey(companyId) }),
  });
  return (
    <div className={classes.finding} data-severity={finding.severity} role="note">
      <p>{finding.message}</p>
      {mend?.value && mayChange && (
        <>
          <FormError error={take.error} />
          <Button size="xs" variant="default" loading={take.isPending} onClick={() => take.mutate()}>
            {`Record ${wholeText(mend.value, 'count', null)} as ${labels.get(mend.metric) ?? mend.metric}`}
          </Button>
        </>
      )}
    </div>
  );
}
