// The payment gateway's own process: `LEDGER_FILE` is its books, `PORT` where it listens (default: a free one).
import { announceReady, endWithParent, onTermination } from '../process-life.js';
import { GatewayServer } from './server.js';

const ledgerFile = process.env.LEDGER_FILE;
if (!ledgerFile) throw new Error('LEDGER_FILE is not set: name the file that the gateway writes.');

const gateway = await GatewayServer.start(ledgerFile, Number(process.env.PORT ?? 0));
onTermination(() => gateway.close());
endWithParent();
announceReady({ url: gateway.url });
