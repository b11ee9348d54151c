import { setTimeout as delay } from 'node:timers/promises';
import { Actor } from './actor.js';
import type { Kill, RunEnd } from './evidence.js';
import type { GatewayControl } from './gateway-control.js';

/** A kill counts only if so many charges of the worker wait for the gateway. */
const CHARGES_IN_FLIGHT = 3;
const PATIENCE_MS = 30_000;
const LOOK_EVERY_MS = 5;
const RESTART_AFTER_MS = 500;

/** The workers of a story: started, killed while they work, replaced. Whoever starts them ends them. */
export class Crew {
  private readonly all: { actor: Actor; state: string }[] = [];
  private readonly replacements: Promise<unknown>[] = [];
  private started = 0;

  constructor(private readonly startWorker: (name: string) => Promise<Actor>) {}

  /** Starts one more worker. */
  async add(): Promise<Actor> {
    this.started += 1;
    const actor = await this.startWorker(`worker-${this.started}`);
    this.all.push({ actor, state: 'works' });
    return actor;
  }

  /** Each worker and how it is. */
  get states(): { name: string; state: string }[] {
    return this.all.map(({ actor, state }) => ({ name: actor.name, state }));
  }

  /** Runs that have ended, of all workers. */
  get runs(): RunEnd[] {
    return this.all.flatMap(({ actor }) => actor.runs);
  }

  /**
   * Waits until the oldest living worker has charges in flight and kills it with `kill -9`. Another one is started half a
   * second later; `replaced` waits for it.
   */
  async killOne(gateway: GatewayControl): Promise<Kill> {
    const member = this.all.find(({ state }) => state === 'works');
    if (member === undefined) throw new Error('No worker is left to be killed.');
    const { actor } = member;
    const chargesInFlight = await waitForCharges(actor.name, gateway);
    const atMs = Date.now();
    await actor.kill();
    member.state = `killed with ${chargesInFlight} charges in flight`;
    const { name: worker, ordersInFlight } = actor;
    const replacement = delay(RESTART_AFTER_MS).then(() => this.add());
    replacement.catch(() => {}); // heard by whoever waits in `replaced`
    this.replacements.push(replacement);
    return { worker, atMs, chargesInFlight, ordersInFlight };
  }

  /** Waits until every worker that was killed has been replaced. */
  async replaced(): Promise<void> {
    await Promise.all(this.replacements);
  }
}

async function waitForCharges(caller: string, gateway: GatewayControl): Promise<number> {
  const until = performance.now() + PATIENCE_MS;
  while (performance.now() < until) {
    const { inFlight } = await gateway.stats();
    const waiting = inFlight[caller] ?? 0;
    if (waiting >= CHARGES_IN_FLIGHT) return waiting;
    await delay(LOOK_EVERY_MS);
  }
  throw new Error(`${caller} never had ${CHARGES_IN_FLIGHT} charges in flight: nothing to kill.`);
}
