import type { Cashflows, Scenario } from '@/api/types';
import { formatDate } from '@/lib/format';
import { MoneyField, PercentField, Select } from '@/ui';
import { assumptionOptions } from '../assumptions';
import { type Aims, HORIZONS } from './aims';
import classes from './Simulator.module.css';

interface Props {
  data: Cashflows;
  scenarios: readonly Scenario[];
  aims: Aims;
  onChange: (change: Partial<Aims>) => void;
}

/** Of which cohort, under which assumption, with which aims, or with which terms. */
export function AimFields({ data, scenarios, aims, onChange }: Props) {
  const { currency } = data;
  const recorded = data.cohorts.find(({ cohort_month }) => cohort_month === aims.cohort)?.spend;
  return (
    <div className={classes.form}>
      <Select
        label="Cohort"
        data={[
          { value: 'new', label: 'One still to come' },
          ...data.cohorts.map(({ cohort_month }) => ({
            value: cohort_month,
            label: formatDate(cohort_month, 'month'),
          })),
        ]}
        value={aims.cohort || 'new'}
        onChange={(value) => onChange({ cohort: !value || value === 'new' ? '' : value })}
        allowDeselect={false}
        description={aims.cohort ? 'What was paid so far are facts' : 'It starts as the others did'}
      />
      <MoneyField
        label="Spend"
        currency={currency}
        value={aims.spend}
        onChange={(spend) => onChange({ spend })}
        required={!recorded}
        description={recorded ? 'Left empty: as recorded' : 'What is to be spent on the cohort'}
      />
      <Select
        label="Months to come"
        data={assumptionOptions(scenarios)}
        value={aims.by}
        onChange={(by) => onChange({ by: by ?? 'model' })}
        allowDeselect={false}
        description="What they go by"
      />
      {aims.by === 'churn' ? (
        <PercentField
          label="Monthly churn"
          value={aims.churn}
          onChange={(churn) => onChange({ churn })}
          description="Lost each month"
        />
      ) : (
        <PercentField
          label="First month"
          value={aims.m0}
          onChange={(m0) => onChange({ m0 })}
          description="First payments ÷ spend. Left empty: as usual"
        />
      )}
      <Select
        label="Horizon"
        data={HORIZONS}
        value={aims.horizon}
        onChange={(horizon) => onChange({ horizon: horizon ?? '36' })}
        allowDeselect={false}
        description="What comes later is not counted"
      />
      <PercentField
        label="Target IRR"
        value={aims.target_irr}
        onChange={(target_irr) => onChange({ target_irr })}
        description="A year, in half of the futures or more"
      />
      <PercentField
        label="Largest probability of loss"
        value={aims.largest_chance_of_loss}
        onChange={(largest_chance_of_loss) => onChange({ largest_chance_of_loss })}
        description="That the outlay does not come back"
      />
      <PercentField
        label="Share"
        value={aims.sharing_percentage}
        onChange={(sharing_percentage) => onChange({ sharing_percentage })}
        description="To try; proposed from the aims"
      />
      <MoneyField
        label="Cap"
        currency={currency}
        value={aims.cash_cap}
        onChange={(cash_cap) => onChange({ cash_cap })}
        description="To try. Left empty: no cap"
      />
    </div>
  );
}
