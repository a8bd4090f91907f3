// Tokens as Haven's backend makes them, by the real server SDK.
import { AccessToken } from 'livekit-server-sdk';
import { API_KEY, API_SECRET } from './server.mjs';

export async function tokenFor(identity, room, grant = {}, options = {}) {
  const token = new AccessToken(API_KEY, API_SECRET, { identity, name: identity, ttl: '10m', ...options });
  token.addGrant({
    roomJoin: true, room, canPublish: true, canSubscribe: true, canUpdateOwnMetadata: true, ...grant,
  });
  return token.toJwt();
}
