/** The periods of a form that asks for one, or for all from one to another; null where they cannot be read. */
export function periodsOf(from: string, to: string): { from: number; to: number } | null {
  const [first, last] = [whole(from), to.trim() === '' ? whole(from) : whole(to)];
  return first === null || last === null || last < first ? null : { from: first, to: last };
}

const LAST = 1199;

function whole(text: string): number | null {
  const number = Number(text.trim());
  return /^\d{1,4}$/.test(text.trim()) && number <= LAST ? number : null;
}
