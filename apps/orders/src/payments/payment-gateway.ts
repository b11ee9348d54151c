import { ChargeAnswer, type ChargeRequest } from '../gateway/protocol.js';
import { GatewayUnavailableError, PaymentRefusedError } from './errors.js';

/** Where the gateway is and how long to wait for it. */
export interface PaymentGatewayOptions {
  /** Address without a slash at the end. */
  url: string;
  /** Longest time of one request in milliseconds. @default 5000 */
  timeoutMs?: number;
  /** Sent as `x-caller`, so that the gateway's statistics tell callers apart. @default 'orders' */
  caller?: string;
}

/** What is charged. */
export type OrderToCharge = Omit<ChargeRequest, 'currency'>;

/** How one capture is made. */
export interface CaptureOptions {
  /** Names the effect: the gateway charges once a key, however often it is asked. */
  idempotencyKey?: string | undefined;
  /** Gives up early, such as at the job's time-out. */
  signal?: AbortSignal | undefined;
}

/** Our side of the payment gateway. */
export class PaymentGateway {
  constructor(private readonly options: PaymentGatewayOptions) {}

  /**
   * Takes the money of an order.
   * @throws {GatewayUnavailableError} when the outcome is unknown; code `GATEWAY_UNAVAILABLE`
   * @throws {PaymentRefusedError} when the gateway said no; code `PAYMENT_REFUSED`
   */
  async capture(
    order: OrderToCharge,
    { idempotencyKey, signal }: CaptureOptions,
  ): Promise<ChargeAnswer> {
    const { url, timeoutMs = 5_000, caller = 'orders' } = this.options;
    const { orderId, amountCents } = order;
    const limit = AbortSignal.timeout(timeoutMs);
    let status: number;
    let body: unknown;
    try {
      const response = await fetch(`${url}/charges`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'x-caller': caller,
          ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
        },
        body: JSON.stringify({ orderId, amountCents, currency: 'EUR' } satisfies ChargeRequest),
        signal: signal === undefined ? limit : AbortSignal.any([limit, signal]),
      });
      status = response.status;
      body = await response.json();
    } catch (cause) {
      throw new GatewayUnavailableError(orderId, reasonOf(cause), { cause });
    }
    if (status >= 500) throw new GatewayUnavailableError(orderId, `status ${status}`);
    if (status >= 400) throw new PaymentRefusedError(orderId, status, errorOf(body));
    const answer = ChargeAnswer.safeParse(body);
    // An answer to another question (a proxy that doubles answers) must not pass for ours.
    if (!answer.success || answer.data.orderId !== orderId) {
      throw new GatewayUnavailableError(orderId, 'it answered something else than was asked');
    }
    return answer.data;
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}

function errorOf(body: unknown): string {
  if (typeof body === 'object' && body !== null && 'error' in body) return String(body.error);
  return 'no reason given';
}
