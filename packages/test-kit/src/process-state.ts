import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { until } from './until.js';

/** What a process is doing; `ended` also when nobody has collected its exit status yet. */
export type ProcessState = 'running' | 'stopped' | 'ended';

/** Asks the operating system about a process id. */
export function processState(pid: number): ProcessState {
  const letter = process.platform === 'linux' ? fromProc(pid) : fromPs(pid);
  if (letter === undefined || letter === 'Z' || letter === 'X') return 'ended';
  return letter === 'T' || letter === 't' ? 'stopped' : 'running';
}

/** Resolves when a process is in that state. */
export async function untilProcess(pid: number, state: ProcessState): Promise<void> {
  await until(() => processState(pid) === state, { what: `process ${pid} to be ${state}` });
}

function fromProc(pid: number) {
  try {
    // The name before the state stands in brackets and may contain anything, brackets too.
    return /^.*\) (\S)/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1];
  } catch {
    return undefined;
  }
}

function fromPs(pid: number) {
  try {
    return execFileSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).trim()[0];
  } catch {
    return undefined;
  }
}
