import type { LoggerService } from '@nestjs/common';
import { type Logger, pino } from 'pino';
import type { Config } from './config.js';

/**
 * The process's logger: JSON lines on stdout, each with the name of the process. The destination is given, because pino's own one flushes at
 * the exit, again and again without end when nobody reads any more: the process would never be gone.
 */
export function createLogger({
  LOG_LEVEL,
  PROCESS_NAME,
}: Pick<Config, 'LOG_LEVEL' | 'PROCESS_NAME'>): Logger {
  const stdout = pino.destination({ dest: process.stdout.fd, sync: true });
  return pino({ level: LOG_LEVEL, base: { process: PROCESS_NAME } }, stdout);
}

/** Lets NestJS log through pino; its context becomes a field. */
export class NestLogger implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(message: unknown, ...rest: unknown[]): void {
    this.logger.debug(contextOf(rest), String(message));
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.logger.warn(contextOf(rest), String(message));
  }

  error(message: unknown, ...rest: unknown[]): void {
    const err = message instanceof Error ? message : undefined;
    this.logger.error({ ...contextOf(rest), err }, String(message));
  }
}

/** Nest gives the context as the last argument. */
function contextOf(rest: readonly unknown[]): { context?: string } {
  const last = rest.at(-1);
  return typeof last === 'string' ? { context: last } : {};
}
