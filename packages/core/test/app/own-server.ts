import { type OwnRedis, type OwnRedisOptions, ownRedis } from '@bulletproof/test-kit';
import { afterEach } from '@jest/globals';

/** Servers of a test's own, ended after it (and so: set up before the file's `trial()`, whose apps end first). */
export function ownServers(): (options?: OwnRedisOptions) => Promise<OwnRedis> {
  const servers: OwnRedis[] = [];
  afterEach(async () => {
    for (const server of servers.splice(0).reverse()) await server.stop();
  });
  return async (options) => {
    const server = await ownRedis(options);
    servers.push(server);
    return server;
  };
}
