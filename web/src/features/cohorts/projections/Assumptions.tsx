import type { Scenario } from '@/api/types';
import { formatPercent, humanise } from '@/lib/format';
import { Card, CardBody, SegmentedControl, Select, Slider } from '@/ui';
import { byScenario } from '../assumptions';
import classes from './Projections.module.css';
import type { Assumed } from './queries';

export const HORIZONS = ['12', '24', '36', '48', '60'].map((months) => ({
  value: months,
  label: `${months} months`,
}));

/** So many choices stand beside each other; more are chosen from a list. */
const BESIDE = 5;

interface Props {
  scenarios: readonly Scenario[];
  assumed: Assumed;
  onChange: (change: Partial<Assumed>) => void;
}

/** What months to come go by: the slider's churn, a scenario, or the best model; and how far they go. */
export function Assumptions({ scenarios, assumed, onChange }: Props) {
  const options = [
    { value: 'churn', label: 'Churn' },
    ...scenarios.map(({ name }) => ({ value: byScenario(name), label: humanise(name) })),
    { value: 'model', label: 'Best model' },
  ];
  const { by, churn, horizon } = assumed;
  return (
    <Card>
      <CardBody>
        <div className={`${classes.assumptions} no-print`}>
          {options.length <= BESIDE ? (
            <SegmentedControl
              aria-label="Months to come go by"
              className={classes.choice}
              data={options}
              value={by}
              onChange={(value) => onChange({ by: value })}
            />
          ) : (
            <Select
              aria-label="Months to come go by"
              data={options}
              value={by}
              onChange={(value) => onChange({ by: value ?? 'churn' })}
              allowDeselect={false}
            />
          )}
          <span className={classes.churn}>
            <span aria-hidden>Monthly churn</span>
            <Slider
              className={classes.slider}
              thumbLabel="Monthly churn"
              min={0}
              max={40}
              step={1}
              value={churn}
              disabled={by !== 'churn'}
              onChange={(value) => onChange({ churn: value })}
              label={null}
            />
            <output className="tnum">{by === 'churn' ? formatPercent(churn / 100, { dp: 0 }) : '–'}</output>
          </span>
          <Select
            aria-label="Horizon"
            className={classes.horizon}
            data={HORIZONS}
            value={String(horizon)}
            onChange={(value) => onChange({ horizon: Number(value ?? 36) })}
            allowDeselect={false}
          />
        </div>
      </CardBody>
    </Card>
  );
}
