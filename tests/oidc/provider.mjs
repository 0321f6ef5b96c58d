// A certified OpenID provider on loopback, for tests: any login name is an account, whose claims the test writes into
// the file CLAIMS before it signs in. PORT, CLIENT_ID, CLIENT_SECRET and REDIRECT come from the environment.
import { readFileSync } from 'node:fs';
import { Provider } from 'oidc-provider';

const { PORT, CLIENT_ID, CLIENT_SECRET, REDIRECT, CLAIMS } = process.env;
const issuer = `http://127.0.0.1:${PORT}`;
const provider = new Provider(issuer, {
  clients: [
    {
      client_id: CLIENT_ID,
      client_secret: CLIENT_SECRET,
      redirect_uris: [REDIRECT],
      grant_types: ['authorization_code'],
      response_types: ['code'],
    },
  ],
  pkce: { required: () => true },
  claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'groups'] },
  features: { devInteractions: { enabled: true } },
  cookies: { keys: ['only-for-tests'] },
  async findAccount(_context, id) {
    const known = JSON.parse(readFileSync(CLAIMS, 'utf8'));
    return { accountId: id, claims: async () => ({ sub: id, ...(known[id] ?? {}) }) };
  },
});
provider.listen(Number(PORT), '127.0.0.1', () => console.log('listening'));
