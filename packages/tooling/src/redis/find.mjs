// Looks for a Redis server program: on PATH, then in the cache that an installation without root fills.
import { access, constants, readdir } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** @typedef {{ command: string, env: Record<string, string> }} ServerProgram */

export const SERVER_NAMES = ['redis-server', 'valkey-server'];

/** Where `apt-get download` and `dpkg -x` put a server when there is no root. */
export const cacheFolder = join(
  dirname(fileURLToPath(import.meta.url)),
  '../../../../node_modules/.cache/bulletproof-redis',
);

/**
 * @param {string} [path] folders to search, as in the PATH variable
 * @param {string} [cache] root of an unpacked package
 * @returns {Promise<ServerProgram | undefined>}
 */
export async function findServer(path = process.env.PATH ?? '', cache = join(cacheFolder, 'root')) {
  for (const name of SERVER_NAMES) {
    const found = await which(name, path);
    if (found) return { command: found, env: {} };
  }
  for (const name of SERVER_NAMES) {
    const command = join(cache, 'usr/bin', name);
    if (await executable(command)) return { command, env: await libraryPath(cache) };
  }
  return undefined;
}

/**
 * The first executable of that name on the path.
 * @param {string} name
 * @param {string} [path]
 */
export async function which(name, path = process.env.PATH ?? '') {
  for (const folder of path.split(delimiter)) {
    const file = join(folder, name);
    if (folder && (await executable(file))) return file;
  }
  return undefined;
}

/** @param {string} file */
async function executable(file) {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/**
 * The unpacked libraries lie in `usr/lib/<machine>`, a name that only Debian knows: take each folder that is there.
 * @param {string} cache
 */
async function libraryPath(cache) {
  const folders = [];
  for (const lib of [join(cache, 'usr/lib'), join(cache, 'lib')]) {
    const entries = await readdir(lib, { withFileTypes: true }).catch(() => []);
    for (const entry of entries) if (entry.isDirectory()) folders.push(join(lib, entry.name));
  }
  return { LD_LIBRARY_PATH: folders.join(':') };
}
