import { setInterval } from 'node:timers/promises';
import { loadFilms } from '../catalogue/films.js';
import { Actor } from './actor.js';
import { Crew } from './crew.js';
import { drained } from './drain.js';
import { type AnsweredPost, type Evidence, gatherEvidence, type Kill } from './evidence.js';
import { GatewayControl } from './gateway-control.js';
import type { DemoOptions } from './options.js';
import type { Picture } from './picture.js';
import { type PlannedPost, planPosts } from './plan.js';
import type { Scene } from './scene.js';
import { postAll } from './traffic.js';

const WORKERS = 2;
const KILLS = 2;
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

    const plan = planPosts(loadFilms(), { seed, orders });
    const started = performance.now();
    const showing = this.keepShowing(plan, gateway, started);
    try {
      const [posts, kills] = await Promise.all([
        postAll(url, plan, { answered: (one) => this.answered.push(one), signal }),
        this.killTwice(plan, gateway),
      ]);
      await this.crew.replaced();
      const { redisUrl, name: prefix } = scene;
      const inOutbox = () => scene.inOutbox();
      const quiet = await drained({ redisUrl, prefix, inOutbox }, DRAIN_DEADLINE_MS);
      if (!quiet) picture.say('The queues did not come to rest in time.');
      const seconds = (performance.now() - started) / 1_000;
      await this.stop();
      const files = { ledger: scene.ledgerFile, outbox: scene.outboxFile };
      return { evidence: { posts, kills, ...(await gatherEvidence(scene.db, files)) }, seconds };
    } finally {
      this.over.abort();
      await showing;
    }
  }

  /** Ends all processes of the story; the gateway last, for those that wait for it. */
  async stop(): Promise<void> {
    this.over.abort();
    await Promise.allSettled([...this.starting, this.crew.replaced()]);
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

  private async killTwice(plan: readonly PlannedPost[], gateway: GatewayControl): Promise<Kill[]> {
    const kills: Kill[] = [];
    for (let nth = 1; nth <= KILLS; nth += 1) {
      await this.untilAnswered((plan.length * nth) / (KILLS + 1));
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
            inFlight: Object.values(stats.inFlight).reduce((sum, one) => sum + one, 0),
            requests: stats.requests,
            charges: stats.charges,
          },
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
