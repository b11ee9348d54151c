import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { type Command, Requests } from './requests.js';

/** On which side of a command its client is stopped: it was not sent, or it was done and its reply is lost. */
export type Side = 'before' | 'after';

/** A command that blocks is answered late: it has reached the server by then. */
const BLOCKED_MS = 200;

/** A proxy before Redis that numbers the commands of all its connections, and stops everything at one of them. */
export class BoundaryProxy {
  readonly #server: Server;
  readonly #target: { readonly host: string; readonly port: number };
  readonly #open = new Set<Connection>();
  readonly #names: string[] = [];
  #trap: Trap | undefined;
  #isHeld = false;
  #isDead = false;

  private constructor(server: Server, target: URL) {
    this.#server = server;
    this.#target = { host: target.hostname, port: Number(target.port) };
    server.on('connection', (client) => this.#accept(client));
  }

  static async open(targetUrl: string): Promise<BoundaryProxy> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new BoundaryProxy(server, new URL(targetUrl));
  }

  get url(): string {
    return `redis://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Names of the commands that have come, in their order. */
  get names(): readonly string[] {
    return this.#names;
  }

  /** Holds everything at the command of that number, from 1. Resolves when it has come. */
  stopAt(number: number, side: Side): Promise<void> {
    return new Promise((resolve) => {
      this.#trap = { number, side, sprung: resolve };
    });
  }

  /** The client's machine is gone: whatever it had not sent yet is lost, and nothing more comes. */
  die(): void {
    this.#isDead = true;
    for (const connection of this.#open) connection.destroy();
  }

  /** Only the connection of that command is lost; everything else goes on. */
  goOn(): void {
    this.#isHeld = false;
    for (const connection of this.#open) connection.goOn();
  }

  async close(): Promise<void> {
    this.die();
    const closed = once(this.#server, 'close');
    this.#server.close();
    await closed;
  }

  #accept(client: Socket) {
    if (this.#isDead) {
      client.on('error', () => {});
      client.resetAndDestroy();
      return;
    }
    const connection = new Connection(client, connect(this.#target), {
      isHeld: () => this.#isHeld,
      trapFor: (command) => this.#trapFor(command),
      closed: () => this.#open.delete(connection),
    });
    this.#open.add(connection);
  }

  #trapFor({ name }: Command): Trap | undefined {
    this.#names.push(name);
    const trap = this.#trap;
    if (trap?.number !== this.#names.length) return undefined;
    this.#trap = undefined;
    this.#isHeld = true;
    return trap;
  }
}

interface Trap {
  readonly number: number;
  readonly side: Side;
  readonly sprung: () => void;
}

interface Rules {
  isHeld(): boolean;
  trapFor(command: Command): Trap | undefined;
  closed(): void;
}

class Connection {
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #rules: Rules;
  readonly #requests = new Requests();
  #waiting: Command[] = [];
  #isTrapped = false;
  /** Looks at replies that the client does not get any more. */
  #onReply: ((bytes: Buffer) => void) | undefined;

  constructor(client: Socket, server: Socket, rules: Rules) {
    this.#client = client;
    this.#server = server;
    this.#rules = rules;
    client.setNoDelay(true);
    server.setNoDelay(true);
    client.on('data', (bytes) => this.#take(this.#requests.push(bytes)));
    server.on('data', (bytes) => {
      if (this.#onReply) this.#onReply(bytes);
      else this.#client.write(bytes);
    });
    for (const socket of [client, server]) {
      socket.on('error', () => this.destroy());
      socket.on('close', () => this.destroy());
    }
  }

  destroy(): void {
    this.#isTrapped = true;
    this.#waiting = [];
    this.#client.resetAndDestroy();
    this.#server.destroy();
    this.#rules.closed();
  }

  goOn(): void {
    if (this.#isTrapped) {
      this.destroy();
      return;
    }
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#take(waiting);
  }

  #take(commands: readonly Command[]) {
    for (const command of commands) {
      if (this.#isTrapped) return;
      if (this.#rules.isHeld()) this.#waiting.push(command);
      else this.#pass(command);
    }
  }

  #pass(command: Command) {
    const trap = this.#rules.trapFor(command);
    if (!trap) {
      this.#server.write(command.bytes);
      return;
    }
    this.#isTrapped = true;
    if (trap.side === 'before') {
      trap.sprung();
      return;
    }
    // Redis answers a connection in order: when it answers this, it has done what came before.
    const done = randomUUID();
    const timer = setTimeout(trap.sprung, BLOCKED_MS);
    let heard = '';
    this.#onReply = (bytes) => {
      heard = (heard + bytes.toString('latin1')).slice(-2 * done.length - bytes.length);
      if (!heard.includes(done)) return;
      clearTimeout(timer);
      trap.sprung();
    };
    this.#server.write(command.bytes);
    this.#server.write(`*2\r\n$4\r\nECHO\r\n$${done.length}\r\n${done}\r\n`);
  }
}
