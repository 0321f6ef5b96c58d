import { correction, generate } from 'lean-qr';
import { toSvgPath } from 'lean-qr/extras/svg';
import { useMemo } from 'react';
import classes from './QrCode.module.css';

/** Modules of quiet around the code, which readers need. */
const MARGIN = 4;

/** A QR code, drawn here: what it holds goes to no other server. */
export default function QrCode({ text, label }: { text: string; label: string }) {
  const code = useMemo(() => generate(text, { minCorrectionLevel: correction.M }), [text]);
  const side = code.size + 2 * MARGIN;
  return (
    <svg
      viewBox={`${-MARGIN} ${-MARGIN} ${side} ${side}`}
      className={classes.code}
      role="img"
      aria-label={label}
    >
      <rect x={-MARGIN} y={-MARGIN} width={side} height={side} className={classes.paper} />
      <path d={toSvgPath(code)} className={classes.ink} />
    </svg>
  );
}
