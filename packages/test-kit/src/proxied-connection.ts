import type { Socket } from 'node:net';
import { DelayLine } from './delay-line.js';

/** What a connection asks its proxy for every piece of data. */
export interface ProxyRules {
  delayMs(): number;
  dropping(direction: 'requests' | 'replies'): boolean;
  trapFor(bytes: Buffer): { moment: 'before' | 'after'; sprung: () => void } | undefined;
  closed(): void;
}

/** One client's connection through a `TcpProxy`: two sockets and the pipes between them. */
export class ProxiedConnection {
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #rules: ProxyRules;
  readonly #toServer: DelayLine;
  readonly #toClient: DelayLine;
  #lostAnswer: (() => void) | undefined;
  #destroyed = false;

  constructor(client: Socket, server: Socket, rules: ProxyRules) {
    this.#client = client;
    this.#server = server;
    this.#rules = rules;
    this.#toServer = new DelayLine(server);
    this.#toClient = new DelayLine(client);
    client.setNoDelay(true);
    server.setNoDelay(true);
    client.on('data', (bytes) => this.#request(bytes));
    server.on('data', (bytes) => this.#reply(bytes));
    for (const socket of [client, server]) {
      socket.on('error', () => this.destroy());
      socket.on('close', () => this.destroy());
    }
  }

  /** Stops or starts the flow of each direction. */
  hold({ requests, replies }: { requests: boolean; replies: boolean }): void {
    for (const [socket, held] of [
      [this.#client, requests],
      [this.#server, replies],
    ] as const) {
      if (held) socket.pause();
      else socket.resume();
    }
  }

  /** Ends both sides with a reset. */
  destroy(): void {
    if (this.#destroyed) return;
    this.#destroyed = true;
    this.#toServer.clear();
    this.#toClient.clear();
    this.#client.resetAndDestroy();
    this.#server.resetAndDestroy();
    this.#rules.closed();
  }

  #request(bytes: Buffer) {
    const trap = this.#rules.trapFor(bytes);
    if (trap?.moment === 'before') {
      this.destroy();
      trap.sprung();
      return;
    }
    if (trap) this.#lostAnswer = trap.sprung;
    if (!this.#rules.dropping('requests')) this.#toServer.write(bytes, this.#rules.delayMs());
  }

  #reply(bytes: Buffer) {
    if (this.#lostAnswer) {
      this.destroy();
      this.#lostAnswer();
      return;
    }
    if (!this.#rules.dropping('replies')) this.#toClient.write(bytes, this.#rules.delayMs());
  }
}
