import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import type { Response } from 'express';
import type { Logger } from 'pino';

/** Status of each error that a client can do something about, by its code. */
const STATUS: Readonly<Record<string, number>> = {
  ORDER_CONFLICT: 409,
  ORDER_NOT_FOUND: 404,
  UNKNOWN_FILM: 422,
  IDEMPOTENCY_CONFLICT: 409,
  // Stored or not, asking again with the same id is safe.
  REDIS_UNAVAILABLE: 503,
};

/** Answers every error as `{ error: { code, message } }`; what is not the client's business is logged, not told. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly logger: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const response = host.switchToHttp().getResponse<Response>();
    const { status, code, message } = this.problemOf(error);
    if (status >= 500) this.logger.error({ err: error, status }, 'request failed');
    response.status(status).json({ error: { code, message } });
  }

  private problemOf(error: unknown): { status: number; code: string; message: string } {
    if (error instanceof HttpException) {
      const status = error.getStatus();
      return { status, code: status === 404 ? 'NOT_FOUND' : 'BAD_REQUEST', message: error.message };
    }
    if (error instanceof Error) {
      const code = 'code' in error ? String(error.code) : '';
      const status = STATUS[code];
      if (status !== undefined) return { status, code, message: error.message };
      // Body parsers say the status that they mean: 400 for wrong JSON, 413 for too much of it.
      const parserStatus = 'status' in error ? Number(error.status) : Number.NaN;
      if (parserStatus >= 400 && parserStatus < 500) {
        return { status: parserStatus, code: 'BAD_REQUEST', message: error.message };
      }
    }
    return {
      status: 500,
      code: 'INTERNAL',
      message: 'Something failed here. Asking again is safe.',
    };
  }
}
