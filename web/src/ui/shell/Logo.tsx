import classes from './Logo.module.css';

export function Logo({ size = 28 }: { size?: number }) {
  return (
    <svg viewBox="0 0 32 32" width={size} height={size} className={classes.logo} aria-hidden>
      <rect width="32" height="32" rx="8" />
      <path d="M7 23 14 9l4 8 3-5 4 11" />
    </svg>
  );
}
