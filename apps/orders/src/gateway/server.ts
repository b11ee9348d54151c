import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { z } from 'zod';
import { ChargeBook } from './charge-book.js';
import { Faults } from './faults.js';
import { Ledger, type Outcome } from './ledger.js';
import { ChargeRequest, FaultPlan, type GatewayStats } from './protocol.js';

const MAX_BODY_BYTES = 64 * 1024;

/**
 * A payment gateway as a foreign company runs it: HTTP, own books, own faults. `POST /charges` takes money and honours
 * `Idempotency-Key`; `PUT /admin/faults` and `GET /admin/stats` are for the one who directs the play.
 */
export class GatewayServer {
  private readonly faults = new Faults();
  private readonly inFlight = new Map<string, number>();
  private readonly connections = new WeakMap<Socket, number>();
  private connected = 0;
  private readonly http: Server;

  private constructor(
    private readonly ledger: Ledger,
    private readonly book: ChargeBook,
    private requests: number,
  ) {
    this.http = createServer((req, res) => {
      this.route(req, res).catch((error: unknown) => {
        if (res.headersSent) res.destroy();
        else send(res, 500, { error: String(error) });
      });
    });
  }

  /** Opens the ledger and listens on 127.0.0.1; port 0 takes a free one. */
  static async start(ledgerFile: string, port = 0): Promise<GatewayServer> {
    const { ledger, entries } = await Ledger.open(ledgerFile);
    const requests = entries.reduce((most, { request }) => Math.max(most, request), 0);
    const gateway = new GatewayServer(ledger, new ChargeBook(ledger, entries), requests);
    await new Promise<void>((listening, failed) => {
      gateway.http.once('error', failed);
      gateway.http.listen(port, '127.0.0.1', listening);
    });
    return gateway;
  }

  /** Where it listens, without a slash at the end. */
  get url(): string {
    const address = this.http.address();
    if (address === null || typeof address === 'string') throw new Error('The gateway is closed.');
    return `http://127.0.0.1:${address.port}`;
  }

  /** Cuts all connections and closes the books. */
  async close(): Promise<void> {
    const closed = new Promise((done) => this.http.close(done));
    this.http.closeAllConnections();
    await closed;
    await this.ledger.close();
  }

  private async route(req: IncomingMessage, res: ServerResponse): Promise<void> {
    switch (`${req.method} ${req.url}`) {
      case 'POST /charges':
        return this.track(req, res);
      case 'PUT /admin/faults':
        return this.switchFaults(req, res);
      case 'GET /admin/stats':
        return send(res, 200, this.stats());
      default:
        return send(res, 404, { error: 'no such address' });
    }
  }

  private connectionOf(socket: Socket): number {
    const known = this.connections.get(socket);
    if (known !== undefined) return known;
    this.connected += 1;
    this.connections.set(socket, this.connected);
    return this.connected;
  }

  private stats(): GatewayStats {
    return {
      inFlight: Object.fromEntries(this.inFlight),
      requests: this.requests,
      charges: this.book.count,
    };
  }

  private async switchFaults(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const plan = parse(FaultPlan, await bodyOf(req));
    if ('error' in plan) return send(res, 400, plan);
    this.faults.switch(plan.value);
    send(res, 200, plan.value);
  }

  private async track(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const caller = header(req, 'x-caller');
    const name = caller ?? 'unnamed';
    this.requests += 1;
    const request = this.requests;
    this.inFlight.set(name, (this.inFlight.get(name) ?? 0) + 1);
    try {
      const outcome = await this.charge(req, res, request, caller);
      await this.ledger.append({ type: 'end', request, atMs: Date.now(), outcome });
    } finally {
      this.inFlight.set(name, (this.inFlight.get(name) ?? 1) - 1);
    }
  }

  private async charge(
    req: IncomingMessage,
    res: ServerResponse,
    request: number,
    caller: string | null,
  ): Promise<Outcome> {
    const key = header(req, 'idempotency-key');
    const body = parse(ChargeRequest, await bodyOf(req));
    const orderId = 'value' in body ? body.value.orderId : null;
    // Written before anything happens: a request that kills the gateway is in its books too.
    await this.ledger.append({
      type: 'request',
      request,
      atMs: Date.now(),
      key,
      caller,
      connection: this.connectionOf(req.socket),
      orderId,
    });
    if ('error' in body) {
      send(res, 400, body);
      return 'invalid';
    }
    if (this.faults.current.down) {
      res.destroy();
      return 'fault-down';
    }
    const { latencyMs, fault } = this.faults.draw();
    await delay(latencyMs / 2);
    if (fault === 'error') {
      send(res, 500, { error: 'the bank does not answer' });
      return 'fault-error';
    }
    // The caller may be gone by now. A real gateway does not notice either, and takes the money.
    const answer = await this.book.charge(request, key, body.value);
    await delay(latencyMs / 2);
    if (this.faults.current.down) {
      res.destroy();
      return 'fault-down';
    }
    if (answer === 'conflict') {
      send(res, 422, { error: 'this Idempotency-Key came with another body before' });
      return 'conflict';
    }
    if (fault === 'cut') {
      res.destroy();
      return 'fault-cut';
    }
    if (res.destroyed) return 'caller-gone';
    const { socket } = res;
    send(res, 201, answer);
    if (fault === 'double') {
      socket?.write(rawAnswer(answer));
      return 'fault-double';
    }
    return answer.replayed ? 'replayed' : 'charged';
  }
}

type Parsed<T> = { value: T } | { error: string };

function parse<T extends z.ZodType>(schema: T, text: string | null): Parsed<z.infer<T>> {
  if (text === null) return { error: `body larger than ${MAX_BODY_BYTES} bytes` };
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { error: 'body is not JSON' };
  }
  const { success, data, error } = schema.safeParse(json);
  return success ? { value: data } : { error: error.message };
}

async function bodyOf(req: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of req as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= MAX_BODY_BYTES) chunks.push(chunk);
  }
  return bytes > MAX_BODY_BYTES ? null : Buffer.concat(chunks).toString('utf8');
}

function header(req: IncomingMessage, name: string): string | null {
  const value = req.headers[name];
  return typeof value === 'string' && value !== '' ? value : null;
}

function send(res: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body);
  res.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
  });
  res.end(text);
}

function rawAnswer(body: unknown): string {
  const text = JSON.stringify(body);
  return `HTTP/1.1 201 Created\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`;
}
