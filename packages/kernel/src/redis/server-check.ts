import type { RedisConnection } from './connection.js';

/** Something about the server that endangers jobs. */
export interface ServerWarning {
  readonly code: 'EVICTION' | 'NO_PERSISTENCE' | 'OLD_SERVER';
  /** What it is, what may happen, and what to do. */
  readonly message: string;
}

/** Oldest server that is tested: 6.2. */
const OLDEST: readonly [number, number] = [6, 2];

/**
 * Looks for settings that lose jobs: a `maxmemory-policy` that evicts keys, no persistence at all, a server older than 6.2. What the
 * server does not tell (INFO and CONFIG may be forbidden) gives no warning.
 */
export async function checkServer({ client }: RedisConnection): Promise<ServerWarning[]> {
  const nodes = 'nodes' in client ? client.nodes('master') : [client];
  const found = await Promise.all(nodes.map(warningsOf));
  const byCode = new Map(found.flat().map((warning) => [warning.code, warning]));
  return [...byCode.values()];
}

/** The two commands that a check needs. */
interface ServerInfo {
  info(): Promise<string>;
  config(subcommand: 'GET', parameter: string): Promise<unknown>;
}

async function warningsOf(server: ServerInfo): Promise<ServerWarning[]> {
  const info = fieldsOf(await allowed(server.info()));
  const save = saveRule(await allowed(server.config('GET', 'save')));
  const warnings = [
    evictionWarning(info.get('maxmemory_policy')),
    persistenceWarning(info.get('aof_enabled'), save),
    versionWarning(info.get('redis_version'), info.get('valkey_version')),
  ];
  return warnings.filter((warning) => warning !== undefined);
}

// Managed servers forbid INFO or CONFIG; a server that is away is noticed by the work itself.
async function allowed<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch {
    return undefined;
  }
}

function fieldsOf(info: string | undefined): ReadonlyMap<string, string> {
  const lines = (info ?? '').split(/\r?\n/).filter((line) => /^\w+:/.test(line));
  return new Map(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon), line.slice(colon + 1)];
    }),
  );
}

// The reply is ['save', '3600 1 …'], or an object under some reply mappings.
function saveRule(reply: unknown): string | undefined {
  const rule: unknown = Array.isArray(reply)
    ? reply[1]
    : (reply as { save?: unknown } | undefined)?.save;
  return typeof rule === 'string' ? rule : undefined;
}

function evictionWarning(policy: string | undefined): ServerWarning | undefined {
  if (policy === undefined || policy === 'noeviction') return undefined;
  return {
    code: 'EVICTION',
    message: `Redis has maxmemory-policy ${policy}: when memory runs out it deletes jobs and records; set maxmemory-policy noeviction`,
  };
}

function persistenceWarning(
  aofEnabled: string | undefined,
  save: string | undefined,
): ServerWarning | undefined {
  if (aofEnabled !== '0' || save !== '') return undefined;
  return {
    code: 'NO_PERSISTENCE',
    message:
      'Redis writes nothing to disk: a restart loses all jobs and records, and effects may repeat; set appendonly yes',
  };
}

function versionWarning(
  redis: string | undefined,
  valkey: string | undefined,
): ServerWarning | undefined {
  const [major = 0, minor = 0] = (redis ?? '').split('.').map(Number);
  const old = major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]);
  if (redis === undefined || valkey !== undefined || !old) return undefined;
  return {
    code: 'OLD_SERVER',
    message: `Redis ${redis} is older than ${OLDEST.join('.')}, the oldest that is tested; upgrade it`,
  };
}
