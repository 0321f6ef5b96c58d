import classes from './Steps.module.css';

/** Where one stands on a way of several steps. */
export function Steps({ labels, current }: { labels: string[]; current: number }) {
  return (
    <ol className={classes.steps} aria-label="Steps">
      {labels.map((label, index) => (
        <li
          key={label}
          className={classes.step}
          data-done={index < current}
          aria-current={index === current ? 'step' : undefined}
        >
          <i aria-hidden>{index + 1}</i>
          {label}
        </li>
      ))}
    </ol>
  );
}
