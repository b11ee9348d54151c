import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { nowUs } from '../work/now.js';
import type { Stage } from './stage.js';

/** How the service treats who calls it: answers, breaks the connection, or takes the call and says nothing. */
export type Condition = 'alive' | 'dead' | 'hung';

/** A call that has reached the service. */
export interface ReachingCall {
  readonly pid: number;
  /** The fleet's state as its process knew it when it sent the call. */
  readonly state: string;
  readonly epoch: number;
  /** When its process sent it. */
  readonly sentUs: number;
  readonly condition: Condition;
  readonly atUs: number;
}

/** The service that all callers depend on. It runs beside the conductor, and remembers every call that reached it. */
export class Dependency {
  readonly url: string;
  readonly calls: ReachingCall[] = [];
  condition: Condition = 'alive';
  readonly #looking = new Set<() => void>();

  private constructor(url: string) {
    this.url = url;
  }

  /** Opens it on a free port; it ends with the stage. */
  static async open(stage: Stage): Promise<Dependency> {
    const server = createServer({ keepAliveTimeout: 60_000 });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const dependency = new Dependency(`http://127.0.0.1:${port}`);
    server.on('request', (request, response) => dependency.#serve(request, response));
    stage.atEnd(async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    });
    return dependency;
  }

  /** Calls that reached it since then, of those that it did not answer. */
  unanswered(from = 0): ReachingCall[] {
    return this.calls.slice(from).filter(({ condition }) => condition !== 'alive');
  }

  /** The first call of that kind among those from that number on; waits until it is there. */
  async reached(from: number, wanted: (call: ReachingCall) => boolean): Promise<ReachingCall> {
    for (;;) {
      const found = this.calls.slice(from).find(wanted);
      if (found) return found;
      await new Promise<void>((resolve) => this.#looking.add(resolve));
    }
  }

  #serve({ url, socket }: IncomingMessage, response: ServerResponse): void {
    const { condition } = this;
    const told = new URL(url ?? '', this.url).searchParams;
    const numberOf = (name: string): number => Number(told.get(name));
    this.calls.push({
      pid: numberOf('pid'),
      epoch: numberOf('epoch'),
      sentUs: numberOf('sentUs'),
      state: told.get('state') ?? '',
      condition,
      atUs: nowUs(),
    });
    if (condition === 'alive') response.end('fine');
    if (condition === 'dead') socket.destroy();
    for (const look of this.#looking) look();
    this.#looking.clear();
  }
}
