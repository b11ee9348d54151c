import { type Keyspace, type ScriptRunner, TAG_COUNT } from '@bulletproof/kernel';
import { parseAddress } from '../address.js';
import { RecordKeys } from '../keys.js';
import {
  admit,
  brief,
  bury,
  cancel,
  claim,
  complete,
  discard,
  inspect,
  list,
  point,
  redeliver,
  release,
  renew,
  revive,
  step,
  survey,
  undo,
} from '../lua/scripts.generated.js';
import type {
  AdmitReply,
  AdmitRequest,
  BuryReply,
  CancelReply,
  CancelRequest,
  ClaimReply,
  CompleteReply,
  DeadEntry,
  InspectReply,
  Move,
  OpenRecord,
  RecordAddress,
  RecordStore,
  RedeliverReply,
  ReleaseReply,
  RenewReply,
  ReviveReply,
  ReviveRequest,
  RunRef,
  StepReply,
  UndoReply,
} from '../store.js';

/** About as many records are listed with one command. */
const SURVEY_PAGE = 200;

/** The record store in Redis: one script a transition, on the server's clock. */
export class RedisRecordStore implements RecordStore {
  readonly #scripts: ScriptRunner;
  readonly #keys: RecordKeys;
  readonly #now: (() => number) | undefined;

  /** @param now replaces the server's clock (epoch ms); for tests only */
  constructor(scripts: ScriptRunner, keyspace: Keyspace, now?: () => number) {
    this.#scripts = scripts;
    this.#keys = new RecordKeys(keyspace);
    this.#now = now;
  }

  // This and complete() run once a call: they name their arguments, because spreading an object costs as much as sending it.
  admit({ address, id, digest, queue, envelope }: AdmitRequest): Promise<AdmitReply> {
    return this.#scripts.run(admit, {
      keys: this.#openKeys(address),
      args: {
        id,
        digest,
        queue,
        envelope,
        member: this.#keys.member(address),
        nowMs: this.#now?.(),
      },
    });
  }

  claim({ address, ...run }: RunRef, leaseMs: number): Promise<ClaimReply> {
    return this.#scripts.run(claim, {
      keys: this.#openKeys(address),
      args: { ...run, leaseMs, member: this.#keys.member(address), ...this.#at() },
    });
  }

  renew({ address, ...run }: RunRef, leaseMs: number): Promise<RenewReply> {
    return this.#scripts.run(renew, {
      keys: { record: this.#keys.record(address) },
      args: { ...run, leaseMs, ...this.#at() },
    });
  }

  step(
    { address, ...run }: RunRef,
    name: string,
    value: string | undefined,
    leaseMs: number,
  ): Promise<StepReply> {
    return this.#scripts.run(step, {
      keys: this.#openKeys(address),
      args: {
        ...run,
        name,
        value: value ?? '',
        leaseMs,
        member: this.#keys.member(address),
        ...this.#at(),
      },
    });
  }

  release(
    { address, ...run }: RunRef,
    { untilMs, create }: { readonly untilMs?: number; readonly create: boolean },
  ): Promise<ReleaseReply> {
    return this.#scripts.run(release, {
      keys: this.#openKeys(address),
      args: {
        ...run,
        create: create ? 1 : 0,
        member: this.#keys.member(address),
        ...(untilMs === undefined ? {} : { untilMs }),
        ...this.#at(),
      },
    });
  }

  complete(run: RunRef, result = '', keepForMs: number): Promise<CompleteReply> {
    const { address, id, digest, queue, generation, start, token } = run;
    const member = this.#keys.member(address);
    const nowMs = this.#now?.();
    return this.#scripts.run(complete, {
      keys: this.#openKeys(address),
      args: { id, digest, queue, generation, start, token, result, keepForMs, member, nowMs },
    });
  }

  bury({ address, ...run }: RunRef, story: string, keepMs: number): Promise<BuryReply> {
    return this.#scripts.run(bury, {
      keys: { ...this.#openKeys(address), ...this.#deadKeys(address, run.id) },
      args: { ...run, story, keepMs, member: this.#keys.member(address), ...this.#at() },
    });
  }

  undo(address: RecordAddress, id: string, keepMs: number): Promise<UndoReply> {
    return this.#scripts.run(undo, {
      keys: { record: this.#keys.record(address) },
      args: { id, keepMs, ...this.#at() },
    });
  }

  cancel({ address, create, idle, ...args }: CancelRequest): Promise<CancelReply> {
    return this.#scripts.run(cancel, {
      keys: { ...this.#openKeys(address), gone: this.#keys.gone(address, args.id) },
      args: {
        ...args,
        keyed: address.kind === 'key' ? 1 : 0,
        create: create ? 1 : 0,
        idle: idle ? 1 : 0,
        member: this.#keys.member(address),
        ...this.#at(),
      },
    });
  }

  revive({ address, ...args }: ReviveRequest): Promise<ReviveReply> {
    return this.#scripts.run(revive, {
      keys: { ...this.#openKeys(address), ...this.#deadKeys(address, args.id) },
      args: {
        ...args,
        keyed: address.kind === 'key' ? 1 : 0,
        member: this.#keys.member(address),
        ...this.#at(),
      },
    });
  }

  redeliver(
    address: RecordAddress,
    id: string,
    generation: number,
    move?: Move,
  ): Promise<RedeliverReply> {
    return this.#scripts.run(redeliver, {
      keys: { record: this.#keys.record(address) },
      args: { id, generation, ...move, ...this.#at() },
    });
  }

  async *survey(beforeMs: number): AsyncGenerator<readonly OpenRecord[]> {
    for (let tag = 0; tag < TAG_COUNT; tag += 1) {
      const keys = { open: this.#keys.openOfTag(tag) };
      let cursor = '0';
      do {
        const args = { beforeMs, cursor, count: SURVEY_PAGE };
        const page = await this.#scripts.run(survey, { keys, args });
        const found = await Promise.all(page.members.map((member) => this.#brief(member)));
        yield found.filter((record) => record !== undefined);
        cursor = page.cursor;
      } while (cursor !== '0');
    }
  }

  async #brief(member: string): Promise<OpenRecord | undefined> {
    const address = parseAddress(member);
    const reply = await this.#scripts.run(brief, {
      keys: { record: this.#keys.record(address), open: this.#keys.open(address) },
      args: { member },
    });
    if (reply.tag === 'ended') return undefined;
    const { id, queue, generation } = reply;
    return { address, id, queue, generation };
  }

  async discard(address: RecordAddress, id: string): Promise<boolean> {
    const keys = this.#deadKeys(address, id);
    const reply = await this.#scripts.run(discard, { keys, args: { id } });
    return reply.tag === 'discarded';
  }

  inspect(address: RecordAddress, id: string): Promise<InspectReply> {
    return this.#scripts.run(inspect, {
      keys: {
        record: this.#keys.record(address),
        dead: this.#keys.dead(address, id),
        gone: this.#keys.gone(address, id),
      },
      args: this.#at(),
    });
  }

  async point(id: string, target: RecordAddress, ttlMs: number): Promise<boolean> {
    const reply = await this.#scripts.run(point, {
      keys: { pointer: this.#keys.record({ kind: 'call', name: id }) },
      args: { address: this.#keys.member(target), ttlMs },
    });
    return reply.tag === 'pointed';
  }

  async listDead({
    beforeMs,
    count,
  }: {
    readonly beforeMs?: number;
    readonly count: number;
  }): Promise<DeadEntry[]> {
    const before = beforeMs === undefined ? '+inf' : String(beforeMs);
    const args = { before, count, ...this.#at() };
    const pages = await Promise.all(
      Array.from({ length: TAG_COUNT }, (_, tag) =>
        this.#scripts.run(list, { keys: this.#keys.deadsOfTag(tag), args }),
      ),
    );
    return pages
      .flatMap(({ entries }) => toEntries(entries))
      .sort((a, b) => b.diedAtMs - a.diedAtMs || (a.id < b.id ? 1 : -1))
      .slice(0, count);
  }

  #openKeys(address: RecordAddress): { record: string; open: string } {
    return { record: this.#keys.record(address), open: this.#keys.open(address) };
  }

  #deadKeys(address: RecordAddress, id: string): { dead: string; deads: string; ends: string } {
    return {
      dead: this.#keys.dead(address, id),
      deads: this.#keys.deads(address),
      ends: this.#keys.ends(address),
    };
  }

  #at(): { nowMs?: number } {
    return this.#now === undefined ? {} : { nowMs: this.#now() };
  }
}

function toEntries(flat: readonly string[]): DeadEntry[] {
  const entries: DeadEntry[] = [];
  for (let at = 0; at + 1 < flat.length; at += 2) {
    entries.push({ id: flat[at] ?? '', diedAtMs: Number(flat[at + 1]) });
  }
  return entries;
}
