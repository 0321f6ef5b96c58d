import { useMutation, useQuery } from '@tanstack/react-query';
import { http } from '@/api/client';
import { Button, FormError, FormStack } from '@/ui';

const fetchDirectories = async () => (await http.GET('/api/v1/auth/oidc')).data!;

async function leaveFor(provider_id: number): Promise<void> {
  const params = { path: { provider_id } };
  const { data } = await http.POST('/api/v1/auth/oidc/{provider_id}/begin', {
    params,
    body: { link: false },
  });
  window.location.assign(data!.authorization_url);
}

/** A button for each directory that people may sign in by; nothing where there is none. */
export function Directories() {
  const directories = useQuery({ queryKey: ['directories'], queryFn: fetchDirectories, retry: false });
  const leave = useMutation({ mutationFn: leaveFor });
  if (!directories.data?.length) return null;
  return (
    <FormStack>
      {directories.data.map(({ id, name }) => (
        <Button
          key={id}
          variant="default"
          fullWidth
          loading={leave.isPending}
          onClick={() => leave.mutate(id)}
        >
          {`Sign in by ${name}`}
        </Button>
      ))}
      <FormError error={leave.error} />
    </FormStack>
  );
}
