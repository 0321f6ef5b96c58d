/** Passkeys in the browser: options as the server tells them in, what the browser answers out, both as plain JSON. */

type Json = Record<string, unknown>;

/** Whether this browser can make and show passkeys from plain JSON. */
export function passkeysWork(): boolean {
  return (
    typeof PublicKeyCredential === 'function' &&
    typeof PublicKeyCredential.parseCreationOptionsFromJSON === 'function' &&
    typeof PublicKeyCredential.parseRequestOptionsFromJSON === 'function'
  );
}

/** The person turned away from the browser's dialog, or it took too long: nothing to report as a fault. */
export const turnedAway = (error: unknown): boolean =>
  error instanceof DOMException && (error.name === 'NotAllowedError' || error.name === 'AbortError');

/** Asks the browser to make a passkey; the text of what it made. */
export async function makePasskey(options: Json): Promise<string> {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(
    options as unknown as PublicKeyCredentialCreationOptionsJSON,
  );
  return JSON.stringify(await navigator.credentials.create({ publicKey }));
}

/** Asks the browser to show a passkey; the text of what it showed. */
export async function showPasskey(options: Json): Promise<string> {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(
    options as unknown as PublicKeyCredentialRequestOptionsJSON,
  );
  return JSON.stringify(await navigator.credentials.get({ publicKey }));
}
