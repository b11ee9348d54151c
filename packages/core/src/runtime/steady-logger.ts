import type { Logger } from 'pino';

const LEVELS = new Set<string | symbol>(['trace', 'debug', 'info', 'warn', 'error', 'fatal']);

/**
 * A logger whose lines and children's lines never throw: a full disk under it must not fail a job. What it cannot
 * write is lost.
 */
export function steadyLogger(logger: Logger): Logger {
  return new Proxy(logger, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      if (name === 'child') {
        return (...args: Parameters<Logger['child']>) =>
          steadyLogger(target.child(...args) as unknown as Logger);
      }
      if (!LEVELS.has(name)) return value.bind(target);
      return (...line: unknown[]) => {
        try {
          Reflect.apply(value, target, line);
        } catch {
          // There is nobody left to tell.
        }
      };
    },
  });
}
