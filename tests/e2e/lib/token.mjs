// Tokens as Haven's backend makes them, by the real server SDK.
import { AccessToken } from 'livekit-server-sdk';
import { API_KEY, API_SECRET } from './server.mjs';

// `credentials` is the key and secret of a server that has others than the tests' own.
export async function tokenFor(identity, room, grant = {}, { credentials, ...options } = {}) {
  const { key, secret } = credentials ?? { key: API_KEY, secret: API_SECRET };
  const token = new AccessToken(key, secret, { identity, name: identity, ttl: '10m', ...options });
  token.addGrant({
    roomJoin: true, room, canPublish: true, canSubscribe: true, canUpdateOwnMetadata: true, ...grant,
  });
  return token.toJwt();
}
