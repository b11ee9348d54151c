import { randomUUID } from 'node:crypto';
import type { NextFunction, Request, Response } from 'express';
import type { Logger } from 'pino';

/** Logs each request when it was answered, with an id that the answer carries as `x-request-id`. */
export function requestLog(logger: Logger) {
  return (request: Request, response: Response, next: NextFunction): void => {
    const started = performance.now();
    const requestId = request.header('x-request-id') ?? randomUUID();
    response.setHeader('x-request-id', requestId);
    response.once('finish', () => {
      const orderId: unknown = request.body?.id ?? request.header('idempotency-key');
      logger.info(
        {
          requestId,
          orderId,
          method: request.method,
          path: request.path,
          status: response.statusCode,
          ms: Math.round(performance.now() - started),
        },
        'request answered',
      );
    });
    next();
  };
}
