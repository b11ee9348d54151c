// Relays the outbox until SIGTERM, or until it is killed at the boundary that it was told.
import { Bulletproof } from '@bulletproof/core';
import { OutboxRelay } from '@bulletproof/postgres';
import { pino } from 'pino';
import { type Crash, crashAt, watched } from '../postgres/boundaries.js';
import { poolOf } from '../postgres/database.js';
import { note } from '../work/order-note.js';
import { play, settings } from './part.js';
import type { RoleSettings } from './protocol.js';

/** What a relay is told. */
export interface OutboxRelaySettings extends RoleSettings {
  readonly databaseUrl: string;
  readonly batch: number;
  readonly crash?: Crash;
}

const { databaseUrl, redisUrl, prefix, batch, crash } = settings<OutboxRelaySettings>();
const logger = pino({ level: 'error' });
const pool = poolOf(databaseUrl, 3);
const app = new Bulletproof({ redis: redisUrl, prefix, logger });
const database = watched(pool, crashAt(crash));
const relay = new OutboxRelay({ app, jobs: [note], database, batch, logger });

process.on('SIGTERM', () => {
  void relay
    .close()
    .then(() => app.close())
    .then(() => pool.end())
    .finally(() => process.exit(0));
});
play();
relay.start();
