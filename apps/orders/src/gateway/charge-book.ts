import { createHash, randomUUID } from 'node:crypto';
import type { Ledger, LedgerEntry } from './ledger.js';
import type { ChargeAnswer, ChargeRequest } from './protocol.js';

interface Charge {
  chargeId: string;
  orderId: string;
  amountCents: number;
  bodyDigest: string;
}

/** Takes money, at most once a key. */
export class ChargeBook {
  private readonly byKey = new Map<string, { bodyDigest: string; charge: Promise<Charge> }>();
  private made = 0;

  constructor(
    private readonly ledger: Ledger,
    entries: readonly LedgerEntry[] = [],
  ) {
    for (const entry of entries) {
      if (entry.type !== 'charge') continue;
      this.made += 1;
      if (entry.key === null) continue;
      const { bodyDigest } = entry;
      this.byKey.set(entry.key, { bodyDigest, charge: Promise.resolve(entry) });
    }
  }

  /** How many charges were made, over all restarts. */
  get count(): number {
    return this.made;
  }

  /** Charges, or answers the first charge of the key, or `'conflict'` when the key came with another body. */
  async charge(
    request: number,
    key: string | null,
    body: ChargeRequest,
  ): Promise<ChargeAnswer | 'conflict'> {
    const bodyDigest = digestOf(body);
    const known = key === null ? undefined : this.byKey.get(key);
    if (known !== undefined) {
      if (known.bodyDigest !== bodyDigest) return 'conflict';
      return answer(await known.charge, true);
    }
    const charge = this.make(request, key, body, bodyDigest);
    if (key !== null) {
      // Known before it is on disk: a twin that comes meanwhile waits for this charge instead of making its own.
      this.byKey.set(key, { bodyDigest, charge });
      charge.catch(() => this.byKey.delete(key));
    }
    return answer(await charge, false);
  }

  private async make(
    request: number,
    key: string | null,
    { orderId, amountCents }: ChargeRequest,
    bodyDigest: string,
  ): Promise<Charge> {
    const charge = { chargeId: `ch_${randomUUID()}`, orderId, amountCents, bodyDigest };
    await this.ledger.append({ type: 'charge', request, atMs: Date.now(), key, ...charge });
    this.made += 1;
    return charge;
  }
}

function answer({ chargeId, orderId, amountCents }: Charge, replayed: boolean): ChargeAnswer {
  return { chargeId, orderId, amountCents, replayed };
}

function digestOf({ orderId, amountCents, currency }: ChargeRequest): string {
  return createHash('sha256')
    .update(JSON.stringify([orderId, amountCents, currency]))
    .digest('base64url');
}
