import classes from './matrix.module.css';

/** What the marks in the matrix mean. */
export function MatrixLegend() {
  return (
    <p className={classes.legend} aria-hidden>
      <span>
        <i className={classes.mark} data-status="ahead" /> better than plan
      </span>
      <span>
        <i className={classes.mark} data-status="on_plan" /> within 2% of it
      </span>
      <span>
        <i className={classes.mark} data-status="behind" /> worse than plan
      </span>
      <span>
        <span className={classes.value} data-draft>
          1,234
        </span>{' '}
        a draft
      </span>
      <span>
        <i className={classes.alert}>!</i> beyond a rule of yours
      </span>
    </p>
  );
}
