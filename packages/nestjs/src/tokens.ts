/** Under which the module's options are provided; a registered symbol, so that copies of this package agree. */
export const MODULE_OPTIONS: unique symbol = Symbol.for('bulletproof.nestjs.options');
