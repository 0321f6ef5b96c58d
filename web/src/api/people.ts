import { queryOptions, useQuery } from '@tanstack/react-query';
import { useMay } from './abilities';
import { http } from './client';
import { meQuery } from './session';

const peopleNames = queryOptions({
  queryKey: ['people', 'names'],
  queryFn: async () => (await http.GET('/api/v1/users')).data!.map(({ id, name }) => ({ id, name })),
  staleTime: 5 * 60_000,
});

/** The people of the firm, for whoever may see them. */
export function usePeople(): { id: number; name: string }[] | undefined {
  return useQuery({ ...peopleNames, enabled: useMay('user.read') }).data;
}

/** The names of those who did things, for whoever may see them; the others read "a colleague". */
export function usePeopleNames(): (id: number | null) => string {
  const me = useQuery(meQuery);
  const people = usePeople();
  return (id) => {
    if (id === null) return 'by an API token or a command';
    if (id === me.data?.user?.id) return 'by you';
    const name = people?.find((person) => person.id === id)?.name;
    return name ? `by ${name}` : 'by a colleague';
  };
}
