import type { AuditRow } from '@/api/types';
import { changesOf } from '@/lib/changes';
import { humanise } from '@/lib/format';

export const ACTIONS: Record<AuditRow['action'], string> = {
  create: 'Recorded',
  change: 'Changed',
  delete: 'Removed',
  import: 'Imported',
  bulk: 'Changed many',
  refuse: 'Refused',
  export: 'Exported',
  sign_in: 'Signed in',
  sign_in_failed: 'Sign-in failed',
  sign_out: 'Signed out',
};

/** "Valuation mark 12", or what kind of record it was where it is about no single one. */
export function recordWords(row: Pick<AuditRow, 'noun' | 'record_id'>): string {
  const noun = humanise(row.noun);
  return row.record_id === null ? noun : `${noun} ${row.record_id}`;
}

/** "Ada Lovelace (administrator)", or which of our own programs it was. */
export function actorWords(row: Pick<AuditRow, 'actor_kind' | 'actor_name' | 'actor_role'>): string {
  const role = row.actor_role ? ` (${humanise(row.actor_role).toLowerCase()})` : '';
  const person = row.actor_kind === 'user' || row.actor_kind === 'token';
  const name = row.actor_name && !person ? humanise(row.actor_name) : row.actor_name;
  return `${name || 'Nobody signed in'}${role}`;
}

/** Why something was refused or how somebody signed in is noted as a code, a file by its name. */
export const noteWords = (note: string): string => (/^[a-z_]+$/.test(note) ? humanise(note) : note);

/** One line of what happened: the first few changes, and how many more. */
export function shortChanges(row: AuditRow): string {
  if (row.note) return noteWords(row.note);
  if (row.rows !== null && row.rows !== undefined) return row.rows === 1 ? '1 row' : `${row.rows} rows`;
  const changes = changesOf(row);
  const shown = changes
    .slice(0, 2)
    .map(
      ({ label, before, after }) =>
        `${label}: ${[before, after ?? '–'].filter((text) => text !== null).join(' → ')}`,
    );
  return [...shown, changes.length > 2 ? `${changes.length - 2} more` : ''].filter(Boolean).join('; ');
}
