import classes from './StatementGrid.module.css';

/** What the marks in a grid of figures mean. */
export function GridLegend() {
  return (
    <div className={classes.legend} aria-hidden>
      <span>
        <i className={classes.key} data-restated /> restated
      </span>
      <span>
        <i className={classes.key} data-finding="error" /> does not agree
      </span>
      <span>
        <i className={classes.key} data-finding="warning" /> worth a look
      </span>
      <span>
        <em>1,234</em> not approved yet
      </span>
      <span>
        <span className={classes.draft}>1,234</span> a draft
      </span>
    </div>
  );
}
