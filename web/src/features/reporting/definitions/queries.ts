import { http } from '@/api/client';
import type { components } from '@/api/schema';
import type { Definition } from '../queries';

type Schemas = components['schemas'];
export type DefinitionBody = Schemas['DefinitionIn'];
export type Moves = Schemas['MetricsPreviewOut'];

/** What a new or changed definition would move, before anybody stores it. */
export async function previewMoves(body: DefinitionBody): Promise<Moves> {
  return (await http.POST('/api/v1/metrics/definition-previews', { body })).data!;
}

export async function saveDefinition(known: Definition | null, body: DefinitionBody): Promise<void> {
  if (known === null) {
    await http.POST('/api/v1/metrics/definitions', { body });
    return;
  }
  const { key: _, ...fields } = body;
  await http.PUT('/api/v1/metrics/definitions/{definition_id}', {
    params: { path: { definition_id: known.id! }, header: { 'if-match': `"${known.version}"` } },
    body: fields,
  });
}

export async function withdrawDefinition(definition_id: number, reason: string): Promise<void> {
  await http.POST('/api/v1/metrics/definitions/{definition_id}/void', {
    params: { path: { definition_id } },
    body: { reason },
  });
}
