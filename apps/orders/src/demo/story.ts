import { setTimeout as delay, setInterval } from 'node:timers/promises';
import { loadFilms } from '../catalogue/films.js';
import { Actor } from './actor.js';
import { BreakerWatch } from './breaker-watch.js';
import { Crew } from './crew.js';
import { drained } from './drain.js';
import {
  type AnsweredPost,
  type Evidence,
  gatherEvidence,
  type Kill,
  type Outage,
} from './evidence.js';
import { GatewayControl } from './gateway-control.js';
import type { DemoOptions } from './options.js';
import type { Picture } from './picture.js';
import { type PlannedPost, planPosts } from './plan.js';
import type { Scene } from './scene.js';
import { postAll } from './traffic.js';

const WORKERS = 2;
const KILLS = 2;
/** The kills part the posts in so many acts of equal length; the last one is played while the gateway is off. */
const ACTS = KILLS + 2;
const OUTAGE_MS = 5_000;
const DRAIN_DEADLINE_MS = 75_000;
const SHOW_EVERY_MS = 200;
const FAULTS = {
  latencyMs: [100, 500] as [number, number],
  errorRate: 0.02,
  cutRate: 0.02,
  doubleRate: 0.01,
};

/** Plays the story on a scene: processes, orders, kills; ends them all and gives what is left to be audited. */
export class Story {
  private readonly actors: Actor[] = [];
  private readonly crew: Crew;
  private gatewayUrl = '';
  private gatewayIsOff = false;
  private watch: BreakerWatch | undefined;
  private readonly answered: AnsweredPost[] = [];
  private readonly starting = new Set<Promise<unknown>>();
  private readonly over = new AbortController();

  constructor(
    private readonly scene: Scene,
    private readonly options: DemoOptions,
    private readonly picture: Picture,
  ) {
    const entry = options.bare ? '../bare/worker.js' : '../worker/main.js';
    this.crew = new Crew(async (name) => (await this.start(name, entry)).actor);
  }

  /** From the first process to the evidence. */
  async play(): Promise<{ evidence: Evidence; seconds: number }> {
    const { scene, picture } = this;
    const { bare, orders, seed } = this.options;
    const { signal } = this.over;
    this.gatewayUrl = (await this.start('gateway', '../gateway/main.js')).url;
    const gateway = new GatewayControl(this.gatewayUrl);
    await gateway.faults({ ...FAULTS, seed });
    const { url } = await this.start('api', bare ? '../bare/api.js' : '../api/main.js');
    for (let worker = 0; worker < WORKERS; worker += 1) await this.crew.add();
    if (!bare) this.watch = this.watchBreaker();

    const plan = planPosts(loadFilms(), { seed, orders });
    const started = performance.now();
    const showing = this.keepShowing(plan, gateway, started);
    try {
      const post = (posts: readonly PlannedPost[]) =>
        postAll(url, posts, { answered: (one) => this.answered.push(one), signal });
      const lastAct = Math.ceil((plan.length * (ACTS - 1)) / ACTS);
      const [, kills] = await Promise.all([
        post(plan.slice(0, lastAct)),
        this.killTwice(plan, gateway),
      ]);
      await this.crew.replaced();
      const [, outage] = await Promise.all([post(plan.slice(lastAct)), this.turnOff(gateway)]);
      const { redisUrl, name: prefix } = scene;
      const inOutbox = () => scene.inOutbox();
      const quiet = await drained({ redisUrl, prefix, inOutbox }, DRAIN_DEADLINE_MS);
      if (!quiet) picture.say('The queues did not come to rest in time.');
      const seconds = (performance.now() - started) / 1_000;
      await this.stop();
      const files = { ledger: scene.ledgerFile, outbox: scene.outboxFile };
      const { runs } = this.crew;
      const books = await gatherEvidence(scene.db, files);
      return { evidence: { posts: this.answered, kills, outage, runs, ...books }, seconds };
    } finally {
      this.over.abort();
      await showing;
    }
  }

  /** Ends all processes of the story; the gateway last, for those that wait for it. */
  async stop(): Promise<void> {
    this.over.abort();
    await Promise.allSettled([...this.starting, this.crew.replaced()]);
    await this.watch?.close();
    const [gateway, ...others] = this.actors;
    await Promise.all(others.map((actor) => actor.stop()));
    await gateway?.stop();
  }

  private async start(name: string, file: string): Promise<{ actor: Actor; url: string }> {
    const starting = Actor.start({
      name,
      entry: new URL(file, import.meta.url),
      env: {
        ...this.scene.env(this.gatewayUrl || 'http://127.0.0.1'),
        LEDGER_FILE: this.scene.ledgerFile,
      },
      logFile: this.scene.logFile(name),
      signal: this.over.signal,
    });
    this.starting.add(starting);
    try {
      const started = await starting;
      this.actors.push(started.actor);
      return started;
    } finally {
      this.starting.delete(starting);
    }
  }

  private watchBreaker(): BreakerWatch {
    const { redisUrl: redis, name: prefix } = this.scene;
    return new BreakerWatch({ redis, prefix }, ({ state }) =>
      this.picture.say(`The breaker is ${state} for all workers.`),
    );
  }

  private async turnOff(gateway: GatewayControl): Promise<Outage> {
    const faults = { ...FAULTS, seed: this.options.seed };
    this.picture.say(`The gateway is off for ${OUTAGE_MS / 1_000} s.`);
    const offAtMs = Date.now();
    await gateway.faults({ ...faults, down: true });
    this.gatewayIsOff = true;
    await delay(OUTAGE_MS, undefined, { signal: this.over.signal });
    const onAtMs = Date.now();
    await gateway.faults(faults);
    this.gatewayIsOff = false;
    this.picture.say('The gateway is back.');
    return { offAtMs, onAtMs, breaker: this.watch?.changes ?? [] };
  }

  private async killTwice(plan: readonly PlannedPost[], gateway: GatewayControl): Promise<Kill[]> {
    const kills: Kill[] = [];
    for (let nth = 1; nth <= KILLS; nth += 1) {
      await this.untilAnswered((plan.length * nth) / ACTS);
      const kill = await this.crew.killOne(gateway);
      kills.push(kill);
      this.picture.say(
        `kill -9 of ${kill.worker}: ${kill.chargesInFlight} charges waited for the gateway, ` +
          `${kill.ordersInFlight.length} orders were in work`,
      );
    }
    return kills;
  }

  private async untilAnswered(posts: number): Promise<void> {
    for await (const _ of setInterval(10, undefined, { signal: this.over.signal }))
      if (this.answered.length >= posts) return;
  }

  private async keepShowing(
    plan: readonly PlannedPost[],
    gateway: GatewayControl,
    started: number,
  ): Promise<void> {
    const orders = new Set(plan.map(({ body }) => body.id)).size;
    try {
      for await (const _ of setInterval(SHOW_EVERY_MS, undefined, { signal: this.over.signal })) {
        const stats = await gateway.stats();
        const [row] = await this.scene.db.query<{ placed: number; confirmed: number }>(
          `SELECT count(*)::int AS placed, (count(*) FILTER (WHERE status = 'confirmed'))::int AS confirmed FROM orders`,
        );
        this.picture.show({
          seconds: (performance.now() - started) / 1_000,
          orders,
          posted: row?.placed ?? 0,
          confirmed: row?.confirmed ?? 0,
          gateway: {
            isOff: this.gatewayIsOff,
            inFlight: Object.values(stats.inFlight).reduce((sum, one) => sum + one, 0),
            requests: stats.requests,
            charges: stats.charges,
          },
          breaker: this.watch?.state,
          workers: this.crew.states,
        });
      }
    } catch {
      // The story is over, or its end took the gateway away; the picture is not what is judged.
    } finally {
      this.picture.clear();
    }
  }
}
