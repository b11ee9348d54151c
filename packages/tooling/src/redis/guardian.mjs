// Ends the server when this process ends in whatever way, `kill -9` included.
import { spawn } from 'node:child_process';

/** @typedef {{ watch(pid: number): void, rest(): void, end(): void }} Guardian */

// The shell reads process ids until its input ends, which is when we are gone; `-` stands for "none is running".
const SCRIPT = `
p=-
while read -r line; do p=$line; done
[ "$p" = - ] || kill -9 "$p"
[ -z "$1" ] || rm -rf "$1"
`;

/**
 * @param {string} temporaryDir folder to remove at the end, or ''
 * @returns {Guardian}
 */
export function guardian(temporaryDir) {
  const shell = spawn('sh', ['-c', SCRIPT, 'redis-guardian', temporaryDir], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true, // else Ctrl-C would end it before it has done its work
  });
  const { stdin } = shell;
  shell.on('error', () => {});
  stdin.on('error', () => {});
  shell.unref();
  if ('unref' in stdin && typeof stdin.unref === 'function') stdin.unref();
  return {
    watch: (pid) => void stdin.write(`${pid}\n`),
    rest: () => void stdin.write('-\n'),
    end: () => void stdin.end(),
  };
}
