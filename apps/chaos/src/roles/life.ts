// A process that lives one life of the explorer, through the proxy that stops it.
import { Life } from '../explorer/life.js';
import { Ledger } from '../ledger/ledger.js';
import type { Charge } from '../work/charge.js';
import { play, settings } from './part.js';
import type { RoleSettings } from './protocol.js';

const { redisUrl, prefix, ledgerFile } = settings<RoleSettings>();

play({
  live: ({ input }: { input: Charge }) =>
    new Life({ redisUrl, prefix, ledger: new Ledger(ledgerFile), pid: process.pid }).live(input),
});
