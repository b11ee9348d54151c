import { BulletproofError } from '@bulletproof/kernel';

/** The tables of this package are not in the database. */
export class MissingMigrationError extends BulletproofError {
  readonly code = 'MISSING_MIGRATION';

  constructor(options?: ErrorOptions) {
    super(
      'The tables of @bulletproof/postgres are missing or too old where this connection looks (search_path): run migrate(database) once before, or apply the files of @bulletproof/postgres/migrations',
      options,
    );
  }
}

/** No transaction is open on the client: what was asked for could not be undone with it. */
export class TransactionClosedError extends BulletproofError {
  readonly code = 'TRANSACTION_CLOSED';

  constructor(options?: ErrorOptions) {
    super(
      'There is no open transaction on this client, so nothing was done: call this between BEGIN and COMMIT, with the client that runs the transaction, and await it before the commit',
      options,
    );
  }
}
