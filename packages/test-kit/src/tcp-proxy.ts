import { once } from 'node:events';
import {
  type AddressInfo,
  createServer,
  connect as dial,
  type Server,
  type Socket,
} from 'node:net';
import { PATIENCE_MS } from './patience.js';
import { ProxiedConnection } from './proxied-connection.js';

/** Which way bytes flow: to the server, back to the client, or either. */
export type Direction = 'requests' | 'replies' | 'both';

/** A TCP proxy on 127.0.0.1 that misbehaves on demand. */
export class TcpProxy {
  readonly #server: Server;
  readonly #target: { host: string; port: number };
  readonly #open = new Set<ProxiedConnection>();
  readonly #frozen = { requests: false, replies: false };
  readonly #dropping = { requests: false, replies: false };
  #delayMs = 0;
  #refusing = false;
  #traps: Trap[] = [];
  /** The target's URL with this proxy's address in it. */
  readonly url: string;

  private constructor(server: Server, target: URL) {
    this.#server = server;
    this.#target = { host: target.hostname, port: Number(target.port) };
    const own = new URL(target);
    own.hostname = '127.0.0.1';
    own.port = String(this.port);
    this.url = own.href;
    server.on('connection', (client) => this.#accept(client));
  }

  /** Opens a proxy before a server such as `redis://127.0.0.1:6379`. */
  static async open(targetUrl: string): Promise<TcpProxy> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new TcpProxy(server, new URL(targetUrl));
  }

  /** The port it listens on. */
  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** How many connections are open. */
  get connections(): number {
    return this.#open.size;
  }

  /** Ends all open connections with a reset; new ones are accepted. */
  cut(): void {
    for (const connection of this.#open) connection.destroy();
  }

  /** Ends all open connections and every new one at once, until `accept`. */
  refuse(): void {
    this.#refusing = true;
    this.cut();
  }

  /** Ends `refuse`. */
  accept(): void {
    this.#refusing = false;
  }

  /** Holds the bytes of one or both directions back, connections stay open, until `thaw`. */
  freeze(direction: Direction = 'both'): void {
    set(this.#frozen, direction, true);
    this.#refresh();
  }

  /** Ends `freeze`; what was held back flows. */
  thaw(): void {
    set(this.#frozen, 'both', false);
    this.#refresh();
  }

  /** Throws the bytes of one or both directions away until `drop('nothing')`. Cut afterwards: the stream is broken. */
  drop(direction: Direction | 'nothing' = 'both'): void {
    set(this.#dropping, 'both', false);
    if (direction !== 'nothing') set(this.#dropping, direction, true);
  }

  /** Adds that many milliseconds to each way, for bytes that arrive from now on. 0 ends it. */
  delay(ms: number): void {
    this.#delayMs = ms;
  }

  /**
   * Cuts the connection on which the next request with that text comes (ASCII, such as a command's name; letter case does not matter).
   * `'before'`: the server never sees the request. `'after'`: the server answers, and the answer is lost.
   * Resolves when it is cut.
   * @throws Error when no such request comes within 10 s.
   */
  cutAt(text: string, moment: 'before' | 'after'): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#traps = this.#traps.filter((other) => other !== trap);
        reject(new Error(`No request with ${JSON.stringify(text)} came within ${PATIENCE_MS} ms.`));
      }, PATIENCE_MS);
      const sprung = () => {
        clearTimeout(timer);
        resolve();
      };
      const trap: Trap = { text: text.toLowerCase(), moment, sprung };
      this.#traps.push(trap);
    });
  }

  /** Ends all connections and the proxy. */
  async close(): Promise<void> {
    this.cut();
    const closed = once(this.#server, 'close');
    this.#server.close();
    await closed;
  }

  #accept(client: Socket) {
    if (this.#refusing) {
      client.on('error', () => {});
      client.resetAndDestroy();
      return;
    }
    const connection = new ProxiedConnection(client, dial(this.#target), {
      delayMs: () => this.#delayMs,
      dropping: (direction) => this.#dropping[direction],
      trapFor: (bytes) => this.#trapFor(bytes),
      closed: () => this.#open.delete(connection),
    });
    this.#open.add(connection);
    connection.hold(this.#frozen);
  }

  #trapFor(bytes: Buffer): Trap | undefined {
    if (this.#traps.length === 0) return undefined;
    const text = bytes.toString('latin1').toLowerCase();
    const trap = this.#traps.find((candidate) => text.includes(candidate.text));
    if (trap) this.#traps = this.#traps.filter((other) => other !== trap);
    return trap;
  }

  #refresh() {
    for (const connection of this.#open) connection.hold(this.#frozen);
  }
}

interface Trap {
  text: string;
  moment: 'before' | 'after';
  sprung: () => void;
}

function set(flags: { requests: boolean; replies: boolean }, direction: Direction, value: boolean) {
  if (direction !== 'replies') flags.requests = value;
  if (direction !== 'requests') flags.replies = value;
}
