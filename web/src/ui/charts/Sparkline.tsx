import { NotAvailable } from '../NotAvailable';
import classes from './Sparkline.module.css';

interface Props {
  data: (number | null)[];
  width?: number;
  height?: number;
  label: string;
}

const PAD = 3;

/** A trend the size of a word: 60 bytes of SVG a point, instead of a chart library. */
export function Sparkline({ data, width = 88, height = 26, label }: Props) {
  const points = data.flatMap((value, index) => (value === null ? [] : [[index, value] as const]));
  if (points.length < 2) return <NotAvailable why={`${label}: not enough history`} />;
  const values = points.map((point) => point[1]);
  const low = Math.min(...values);
  const span = Math.max(...values) - low || 1;
  const x = (index: number) => PAD + (index / (data.length - 1)) * (width - 2 * PAD);
  const y = (value: number) => PAD + (1 - (value - low) / span) * (height - 2 * PAD);
  const line = points.map(([i, v], n) => `${n ? 'L' : 'M'}${x(i).toFixed(1)} ${y(v).toFixed(1)}`).join('');
  const [first, last] = [x(points[0]![0]), x(points[points.length - 1]![0])];
  return (
    <svg
      className={classes.spark}
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      <path d={`${line}L${last} ${height}L${first} ${height}Z`} fill="currentColor" opacity={0.09} />
      <path
        d={line}
        fill="none"
        stroke="currentColor"
        strokeWidth={1.6}
        vectorEffect="non-scaling-stroke"
        strokeLinejoin="round"
        strokeLinecap="round"
      />
    </svg>
  );
}
