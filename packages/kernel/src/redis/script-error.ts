import { BulletproofError } from '../errors.js';
import type { AnyScript } from './script.js';

/** A script failed inside Redis, or was called or answered against its declaration; code `SCRIPT_FAILED`. */
export class ScriptError extends BulletproofError {
  readonly code = 'SCRIPT_FAILED';
  /** Name of the script. */
  readonly script: string;
  /** Place in our source, such as `claim.lua:17`, when known. */
  readonly line: string | undefined;
  /** What went wrong, without the place; begins with Redis's own code (such as `OOM`) when a command failed. */
  readonly reason: string;

  constructor(script: string, { reason, line }: { reason: string; line?: string | undefined }) {
    super(`Script ${script} failed${line === undefined ? '' : ` at ${line}`}: ${reason}`);
    this.script = script;
    this.line = line;
    this.reason = reason;
  }
}

// Redis 7: 'user_script:17: …'; older: '… @user_script: 17: …', sometimes both after each other.
const PLACE = /@?user_script:\s?(\d+):\s*/;
const NOISE = /^(?:ERR )?(?:Error (?:running|compiling) script \([^)]*\):\s*)?/;

/** Makes the error of a failed script from Redis's message, with the place in our own files. */
export function scriptErrorFrom(script: AnyScript, message: string): ScriptError {
  const place = PLACE.exec(message);
  const reason = message.replace(NOISE, '').replaceAll(new RegExp(PLACE, 'g'), '');
  return new ScriptError(script.name, {
    reason: reason.replace(/^-/, '').trim(),
    line: place === null ? undefined : sourceLine(script, Number(place[1])),
  });
}

/** Tells whether an error of EVAL or EVALSHA came from the script itself and not from the server or the connection. */
export function isFromScript(error: unknown): error is Error {
  return error instanceof Error && PLACE.test(error.message);
}

function sourceLine({ lines, name }: AnyScript, emitted: number): string | undefined {
  const range = lines.findLast(([first]) => first <= emitted);
  if (range === undefined) return undefined;
  const [first, file, line] = range;
  return file === '' ? `generated code of ${name}` : `${file}:${line + emitted - first}`;
}
