import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useAbilities } from '@/api/abilities';
import type { MonthlyRound, RoundTransfer } from '@/api/types';
import { formatDate, formatMoney, formatPercent } from '@/lib/format';
import {
  Actions,
  Alert,
  Button,
  type Detail,
  DetailList,
  DownloadLink,
  FormDrawer,
  IconBan,
  Loaded,
  Money,
  RowAction,
  RowList,
  Section,
  Stack,
  Steps,
  VersionList,
} from '@/ui';
import { roundQuery, statementHref } from './queries';
import { StepForm } from './StepForm';
import { TakeBack } from './TakeBack';
import { DO, leadsOn, NEEDS, STATES, type Step, stepTitle, WAY } from './words';

interface Props {
  companyId: string;
  id: number;
  /** The step it was opened for. */
  asked: Step | null;
  onClose: () => void;
}

/** One month: where it stands, its amounts, the money that moved, who did what, and the step that comes next. */
export function RoundDrawer({ companyId, id, asked, onClose }: Props) {
  const round = useQuery(roundQuery(companyId, id));
  const found = round.data;
  return (
    <FormDrawer
      opened
      onClose={onClose}
      wide
      title={found ? `Round of ${formatDate(found.month, 'month')}` : 'Round'}
      sub={found && STATES[found.state]}
    >
      <Loaded query={round} what="this round" size="m">
        {(data) => <Opened companyId={companyId} round={data} asked={asked} onClose={onClose} />}
      </Loaded>
    </FormDrawer>
  );
}

interface OpenedProps {
  companyId: string;
  round: MonthlyRound;
  asked: Step | null;
  onClose: () => void;
}

function Opened({ companyId, round, asked, onClose }: OpenedProps) {
  const may = useAbilities();
  const [step, setStep] = useState<Step | null>(asked !== null && round.next.includes(asked) ? asked : null);
  const [back, setBack] = useState<RoundTransfer | null>(null);
  const steps = round.next.filter((one) => may(NEEDS[one]));
  const first = leadsOn(round, may);
  const current = WAY.indexOf(round.state) + 1; // what is reached is done; a declined plan is at the beginning
  return (
    <Stack>
      <Steps labels={WAY.map((state) => STATES[state])} current={current} />
      {round.findings.map(({ code, message }) => (
        <Alert key={code} color="yellow" variant="light">
          {message}
        </Alert>
      ))}
      {step !== null ? (
        <StepForm
          key={step}
          companyId={companyId}
          round={round}
          step={step}
          onDone={() => (step === 'void' ? onClose() : setStep(null))}
          onCancel={() => setStep(null)}
        />
      ) : (
        steps.length > 0 && (
          <Actions>
            {[...steps.filter((one) => one !== first), ...(first ? [first] : [])].map((one) => (
              <Button key={one} variant={one === first ? 'filled' : 'default'} onClick={() => setStep(one)}>
                {DO[one]}
              </Button>
            ))}
          </Actions>
        )
      )}
      <Section title="Spend and funding">
        <DetailList items={spending(round)} />
      </Section>
      <Section title="Owed and settled">
        <DetailList items={owing(round)} />
      </Section>
      <Section title="Statement">
        <Statements companyId={companyId} id={round.id} />
      </Section>
      {round.transfers.length > 0 && (
        <Section title="Money that moved">
          <RowList
            label="Money that moved"
            rows={round.transfers.map((one) => ({
              key: String(one.id),
              text: `${one.kind === 'funding' ? 'To the company' : 'To the fund'} on ${formatDate(one.paid_on)}`,
              note: formatMoney(one.amount, { currency: round.currency }),
              right: may(NEEDS.settle) && (
                <RowAction
                  label={`Take back the transfer of ${formatDate(one.paid_on)}`}
                  icon={IconBan}
                  onClick={() => setBack(one)}
                />
              ),
            }))}
          />
          {back && <TakeBack companyId={companyId} transfer={back} onClose={() => setBack(null)} />}
        </Section>
      )}
      <Section title="Who did what">
        <VersionList
          label="Steps"
          items={[...round.steps].reverse().map((one) => ({
            key: String(one.version),
            at: one.at,
            title: stepTitle(one, round.currency),
            by: one.reason ? `${one.by}: ${one.reason}` : one.by,
            changes: [],
          }))}
        />
      </Section>
    </Stack>
  );
}

/** Both sides' statement; whoever works for the company has its own alone. */
function Statements({ companyId, id }: { companyId: string; id: number }) {
  const firms = useAbilities()('cohort_portfolio.read');
  const sides = firms ? (['company', 'fund'] as const) : (['company'] as const);
  return (
    <Actions>
      {sides.flatMap((side) =>
        (['pdf', 'xlsx'] as const).map((form) => (
          <DownloadLink key={side + form} href={statementHref(companyId, id, side, form)}>
            {`${firms ? (side === 'fund' ? 'Fund, ' : 'Company, ') : ''}${form.toUpperCase()}`}
          </DownloadLink>
        )),
      )}
    </Actions>
  );
}

function spending(round: MonthlyRound): Detail[] {
  const { currency } = round;
  const share = round.sharing_percentage;
  return [
    { label: 'Planned spend', value: <Money value={round.planned_spend} currency={currency} /> },
    {
      label: share === null ? 'Due by the plan' : `Due by the plan, ${formatPercent(share, { dp: 0 })} of it`,
      value: <Money value={round.funding_due} currency={currency} why="the plan is not approved yet" />,
    },
    { label: 'Funded', value: <Money value={round.funded} currency={currency} /> },
    {
      label: 'Actual spend',
      value: <Money value={round.actual_spend} currency={currency} why="the spend is not reported yet" />,
    },
    {
      label: 'Difference of funding',
      value: (
        <Money
          value={round.funding_difference}
          currency={currency}
          why="known once a plan is approved and the spend reported"
        />
      ),
    },
    {
      label: 'Cap for this spend',
      value: <Money value={round.effective_cap} currency={currency} why="the trade has no cap" />,
    },
  ];
}

function owing(round: MonthlyRound): Detail[] {
  const { currency } = round;
  return [
    { label: 'Open from earlier months', value: <Money value={round.carried} currency={currency} /> },
    round.owed === null
      ? { label: 'Owed, as computed now', value: <Money value={round.owed_now} currency={currency} /> }
      : { label: 'Owed, as stated', value: <Money value={round.owed} currency={currency} /> },
    { label: 'Settled', value: <Money value={round.settled} currency={currency} /> },
    { label: 'Open', value: <Money value={round.balance} currency={currency} /> },
  ];
}
