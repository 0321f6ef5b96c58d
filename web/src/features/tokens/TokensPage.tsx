import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { useMay } from '@/api/abilities';
import { useScopeNames } from '@/api/scopes';
import type { Token } from '@/api/types';
import { seesWords } from '@/lib/access';
import { formatDate, formatInstant, humanise } from '@/lib/format';
import {
  Button,
  type Column,
  ConfirmButton,
  DataTable,
  EmptyBlock,
  FormError,
  IconPlus,
  Loaded,
  notify,
  PageHead,
  StatusPill,
} from '@/ui';
import { NewToken } from './NewToken';
import { revokeToken, tokensQuery } from './queries';

/** What programs use instead of a password: each its own, with a role, an end, and a last use. */
export default function TokensPage() {
  const tokens = useQuery(tokensQuery);
  const mayChange = useMay('token.change');
  const [adding, setAdding] = useState(false);
  return (
    <>
      <PageHead
        title="API tokens"
        sub="What programs sign in with: each its own, limited and revocable"
        right={
          mayChange && (
            <Button leftSection={<IconPlus size={16} />} onClick={() => setAdding(true)}>
              Create a token
            </Button>
          )
        }
      />
      <Loaded query={tokens} what="the tokens" size="l">
        {(found) => <TokenTable tokens={found} mayChange={mayChange} />}
      </Loaded>
      {adding && <NewToken onClose={() => setAdding(false)} />}
    </>
  );
}

function TokenTable({ tokens, mayChange }: { tokens: Token[]; mayChange: boolean }) {
  const cache = useQueryClient();
  const nameOf = useScopeNames(tokens.flatMap(({ grants }) => grants));
  const { mutate, error } = useMutation({
    mutationFn: (token: Token) => revokeToken(token.id),
    onSuccess: async (_, token) => {
      notify('Revoked', token.name);
      await cache.invalidateQueries({ queryKey: ['tokens'] });
    },
  });
  const columns = useMemo<Column<Token>[]>(
    () => [
      { id: 'name', accessorKey: 'name', size: 200, meta: { label: 'Name', narrow: 120 } },
      {
        id: 'role',
        accessorFn: (token) => humanise(token.role),
        size: 130,
        filterFn: 'arrIncludesSome',
        meta: { label: 'Role', facet: true },
      },
      {
        id: 'sees',
        accessorFn: (token) => seesWords(token.role, token.grants, nameOf),
        size: 220,
        meta: { label: 'Sees' },
        // The names come after the rows, whose values the table keeps.
        cell: ({ row: { original: token } }) => seesWords(token.role, token.grants, nameOf),
      },
      {
        id: 'used_at',
        accessorKey: 'used_at',
        size: 170,
        meta: { label: 'Last used' },
        cell: ({ row: { original: token } }) => (token.used_at ? formatInstant(token.used_at) : 'Never'),
      },
      {
        id: 'expires_at',
        accessorKey: 'expires_at',
        size: 130,
        meta: { label: 'Expires' },
        cell: ({ row: { original: token } }) => (token.expires_at ? formatDate(token.expires_at) : 'Never'),
      },
      {
        id: 'state',
        accessorFn: stateOf,
        size: 110,
        filterFn: 'arrIncludesSome',
        meta: { label: 'State', facet: true, narrow: 90 },
        cell: ({ row: { original: token } }) => {
          const state = stateOf(token);
          return state === 'Active' ? state : <StatusPill tone="neutral">{state}</StatusPill>;
        },
      },
      {
        id: 'actions',
        size: 110,
        meta: { label: 'Actions', csv: false, narrow: 100 },
        enableSorting: false,
        cell: ({ row: { original: token } }) =>
          mayChange &&
          stateOf(token) === 'Active' && (
            <ConfirmButton
              size="xs"
              effect={`Programs that use “${token.name}” are refused from the next request on.`}
              onConfirm={() => mutate(token)}
            >
              Revoke
            </ConfirmButton>
          ),
      },
    ],
    [nameOf, mayChange, mutate],
  );
  return (
    <>
      <FormError error={error} />
      <DataTable
        data={tokens}
        columns={columns}
        label="API tokens"
        fileName="api-tokens"
        rowId={(token) => String(token.id)}
        empty={<EmptyBlock title="No tokens yet" hint="A program that reads or records here needs one." />}
      />
    </>
  );
}

function stateOf(token: Token): 'Active' | 'Revoked' | 'Expired' {
  if (token.revoked_at) return 'Revoked';
  return token.expires_at && Date.parse(token.expires_at) < Date.now() ? 'Expired' : 'Active';
}
